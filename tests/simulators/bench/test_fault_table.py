"""The table of docs/faults.md against what can be armed on every bench there is."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Customer
from simulators.bench.faults import CUSTOMER, Target
from simulators.bench.file import load_bench
from simulators.bench.registry import CARD_READERS, CASH_DISPENSERS, PIN_PADS, RECEIPT_PRINTERS
from simulators.world.cards import issue
from simulators.world.fault_options import Option
from simulators.world.faults import CATALOGUE, NOT_MODELLED
from simulators.world.people import person

DOCUMENT = Path(__file__).parents[3] / "docs" / "faults.md"

FULLY_FITTED: Mapping[str, Mapping[str, Option]] = {"fujitsu-f56": {"extensions": True}}
"""Options without which a model lacks parts."""

MODELS = (*CARD_READERS, *PIN_PADS, *CASH_DISPENSERS, *RECEIPT_PRINTERS)


@pytest.fixture
async def suffering(tmp_path: Path) -> Mapping[str, set[str]]:
    """Fault -> what can suffer it on some bench."""
    able: dict[str, set[str]] = {fault: set() for fault in CATALOGUE}
    file = load_bench()
    for model in CASH_DISPENSERS:
        (folder := tmp_path / model).mkdir()
        dispenser = file.cash_dispenser.model_copy(
            update={"model": model, "options": dict(FULLY_FITTED.get(model, {}))}
        )
        bench = Bench(file.model_copy(update={"cash_dispenser": dispenser}), folder=folder, seed=1)
        who = person("jia")
        customer = Customer(who, issue(who), bench.surroundings(), random.Random(1))
        bench.injector.add(CUSTOMER, Target(customer.ailments()))
        names = {**{role: device.model for role, device in bench.configured.items()}, CUSTOMER: "a person"}
        for each in bench.injector.possible():
            able[each.fault] |= {names[role] for role in each.devices}
        bench.close()
    return able


async def test_every_fault_can_be_armed_somewhere_or_has_a_reason_why_not(
    suffering: Mapping[str, set[str]],
) -> None:
    assert [fault for fault, able in suffering.items() if not able] == []
    assert suffering.keys() & NOT_MODELLED.keys() == set()
    assert all(NOT_MODELLED.values())


async def test_the_table_says_what_each_fault_can_be_armed_on(suffering: Mapping[str, set[str]]) -> None:
    rows = [
        f"| {fault} | {words} | {'every device' if able == set(MODELS) else ', '.join(_sorted(able))} |"
        for fault, (_, words) in CATALOGUE.items()
        for able in (suffering[fault],)
    ]
    rows += [f"| {fault} | | nothing: {why} |" for fault, why in NOT_MODELLED.items()]
    written = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line[:3] in ("| B", "| C", "| G")]

    assert written == rows


def _sorted(able: set[str]) -> list[str]:
    return sorted(able, key=lambda model: (*MODELS, "a person").index(model))
