"""What a dispenser leaves in reach of the customer, on a whole kiosk: only a person who counts decides about it."""

import asyncio
from pathlib import Path

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.view import Screen
from terminal.visit import Ending

SEVERAL_RETRIES = 300.0
"""Seconds in which a closed kiosk starts again a few times."""


@pytest.mark.parametrize("model", ["puloon-lcdm-2000", "puloon-lcdm-4000"])
@pytest.mark.parametrize("pick", [1, 3])
async def test_a_note_jammed_at_the_exit_is_suspended_and_no_start_pushes_it_out(
    model: str, pick: int, tmp_path: Path
) -> None:
    file = load_bench()
    dispenser = file.cash_dispenser.model_copy(update={"model": model})
    bench = Bench(file.model_copy(update={"cash_dispenser": dispenser}), folder=tmp_path, seed=1)
    bench.dispenser.ailments()["C3"].happen(cassette=1, pick=pick, at_exit=True)
    who = person("jia")
    customer = Customer(who, issue(who), bench.surroundings(), bench.world.chance("customer"))
    running = asyncio.ensure_future(bench.run())
    try:
        await customer.visit(Plan(amount=500))
        await asyncio.sleep(SEVERAL_RETRIES)

        assert bench.session.view.screen is Screen.OUT_OF_SERVICE
        assert bench.equipment.closed_because == "count_needed"
        assert [bench.authority.account_debit_fen(who.pan), bench.authority.held_fen(who.pan)] == [0, 500_00]
        endings = [record.data["ending"] for record in bench.journal.records() if record.kind == "visit_ended"]
        assert endings == [Ending.SUSPENSE]
        assert len(bench.custody.at("dispenser/throat")) == 1
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()
