"""One visit with one fault of the catalogue on one device: no note is lost, given away or paid twice."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.faults import CUSTOMER, Target
from simulators.bench.file import BenchFile, load_bench
from simulators.bench.hardware import Hardware
from simulators.world import virtual_time
from simulators.world.cards import issue
from simulators.world.fault_options import Option
from simulators.world.faults import Trigger, Where
from simulators.world.people import person
from terminal.assembly import ROLES
from terminal.journal import Entry
from terminal.view import Screen

PATIENCE = 600.0
"""Seconds after which whatever still goes on is looked at as it is."""

AFTERWARDS = 150.0
"""Seconds for advices to be sent and for starts to be tried again."""

IN_REACH = ("customer", "dispenser/exit", "dispenser/throat")
"""Where notes are that left the kiosk, or that a hand can pull out."""

NOTE_FEN = 100_00
"""What the terminal takes a note of the top cassette for; faults C7 and C8 put others there."""

DISPENSERS: Mapping[str, Mapping[str, Option]] = {
    "puloon-lcdm-4000": {},
    "puloon-lcdm-2000": {},
    "fujitsu-f56": {"extensions": True, "shutter_closed_bit": 21},
}
"""The models, and what a bench has to say of them."""

NUMBERED: Mapping[str, Option] = {"numbered_dispense": True}
"""For an LCDM-4000 whose dispenses carry numbers."""

HIT_BY_NUMBERS = ("B3", "B4", "B7", "B13", "B16", "B17", "B20", "B22", "B23")
"""Faults after which a number decides whose answer an answer is."""

IN_THE_MIDDLE: Mapping[str, Mapping[str, Option]] = {"B20": {"after": 0.8}, "B22": {"after": 0.8}}
"""Some notes have left a dispenser by then, and some have not."""

TO_PRINTER = ("B2", "B6")
"""Faults that need more than a byte or two, which a printer's replies do not have."""

NEVER_SAID = {
    ("receipt_printer", "B16"): "its replies are single bytes",
    ("receipt_printer", "B17"): "its replies are single bytes",
    ("card_reader", "B14"): "it sends EOT only to clear the line",
}
"""Faults of what a visit never brings onto a line."""

TRIGGERS = {
    **{f"command {number}": Trigger(command=number) for number in (2, 3)},
    "by chance": Trigger(chance=0.2, times=0),
}


def bench_file(dispenser: str, options: Mapping[str, Option] | None = None) -> BenchFile:
    file = load_bench()
    told = dict(DISPENSERS[dispenser] if options is None else options)
    changed = file.cash_dispenser.model_copy(update={"model": dispenser, "options": told})
    return file.model_copy(update={"cash_dispenser": changed})


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What one disturbed visit came to, in fen; `paid` is what the customer has or has in reach."""

    paid: int
    debit: int
    held: int
    suspended: bool
    advices_open: bool
    conserved: bool
    fired: int

    @property
    def safe(self) -> bool:
        """Debit = notes paid, or an open item says that somebody has to look and the host keeps what may be owed."""
        settled = self.paid == self.debit and not self.held
        kept_open = (self.suspended or self.advices_open) and self.paid <= self.debit + self.held
        return self.conserved and (settled or kept_open)


def notes_in(bench: Bench) -> int:
    """All notes of the world, wherever they are."""
    return sum(bench.custody.number(place) for place in bench.custody.places())


async def disturbed_visit(file: BenchFile, folder: Path, role: str, fault: str, trigger: Trigger) -> Aftermath:
    """The visit of one person, with a fault that is armed as the card goes in."""
    bench = Bench(file, folder=folder, seed=3)
    loaded = notes_in(bench)
    who = person("jia")
    customer = Customer(who, issue(who), bench.surroundings(), bench.world.chance("customer"))
    bench.injector.add(CUSTOMER, Target(customer.ailments()))
    running = asyncio.ensure_future(bench.run())
    await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)
    options = dict(IN_THE_MIDDLE.get(fault, {}))
    if fault == "B21":
        options["other"] = next(each for each in ROLES if each != role)
    if role == "receipt_printer" and fault in TO_PRINTER:
        options["direction"] = "to_device"
    armed = bench.injector.arm(fault, role, trigger=trigger, options=options)
    visit = asyncio.ensure_future(customer.visit(Plan(amount=500)))
    try:
        await asyncio.wait((visit, running), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        bench.injector.disarm(armed.number)
        await asyncio.wait((visit,), timeout=AFTERWARDS)
        await asyncio.sleep(AFTERWARDS)
        bench.custody.check()
        return Aftermath(
            paid=sum(len(bench.custody.at(place)) for place in IN_REACH) * NOTE_FEN,
            debit=bench.authority.account_debit_fen(who.pan),
            held=bench.authority.held_fen(who.pan),
            suspended=any(bench.journal.records(Entry.SUSPENSE_OPENED)),
            advices_open=bool(bench.equipment.money.open_advices),
            conserved=notes_in(bench) == loaded,
            fired=len(armed.fired),
        )
    finally:
        for task in (visit, running):
            task.cancel()
        await asyncio.gather(visit, running, return_exceptions=True)
        bench.close()


async def _cases() -> list[tuple[str, str, str]]:
    """Every device of every bench with every fault that it can suffer; what does not depend on the dispenser, once."""
    cases: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for dispenser in DISPENSERS:
        for each in Hardware(bench_file(dispenser)).injector.possible():
            for role in each.devices if each.where is not Where.PERSON else ():
                model = dispenser if role == "cash_dispenser" else ""
                cases.setdefault((role, each.fault, model), (role, each.fault, dispenser))
    return list(cases.values())


@pytest.mark.parametrize(("role", "fault", "dispenser"), virtual_time.run(_cases()))
async def test_no_fault_of_a_line_or_device_loses_or_doubles_a_note(
    role: str, fault: str, dispenser: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = bench_file(dispenser)
    ended = {
        words: await disturbed_visit(file, tmp_path_factory.mktemp("visit"), role, fault, trigger)
        for words, trigger in TRIGGERS.items()
    }

    assert {words: aftermath for words, aftermath in ended.items() if not aftermath.safe} == {}
    assert any(aftermath.fired for aftermath in ended.values()) is ((role, fault) not in NEVER_SAID)


@pytest.mark.parametrize("fault", HIT_BY_NUMBERS)
async def test_numbered_dispenses_lose_and_double_no_note(fault: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = bench_file("puloon-lcdm-4000", NUMBERED)
    ended = {
        words: await disturbed_visit(file, tmp_path_factory.mktemp("visit"), "cash_dispenser", fault, trigger)
        for words, trigger in TRIGGERS.items()
    }

    assert {words: aftermath for words, aftermath in ended.items() if not aftermath.safe} == {}
    assert any(aftermath.fired for aftermath in ended.values())


async def test_a_number_that_wraps_neither_stops_a_dispense_nor_answers_for_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = bench_file("puloon-lcdm-4000", NUMBERED)
    wrapped = await disturbed_visit(file, tmp_path_factory.mktemp("visit"), "cash_dispenser", "B23", Trigger())

    assert (wrapped.paid, wrapped.debit, wrapped.suspended) == (500_00, 500_00, False)


MOMENTS = {f"after {seconds} s": Trigger(at=seconds) for seconds in (0.0, 4.0, 8.0, 12.0, 15.0, 17.0)}
"""From the card to the cash, a visit takes about 20 s."""


@pytest.mark.parametrize("fault", ["G1", "G2", "G4", "G6", "G7", "G8"])
@pytest.mark.parametrize("dispenser", ["puloon-lcdm-4000", "fujitsu-f56"])
async def test_whatever_a_person_does_what_is_paid_is_what_is_debited(
    fault: str, dispenser: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = bench_file(dispenser)
    ended = {
        words: await disturbed_visit(file, tmp_path_factory.mktemp("visit"), CUSTOMER, fault, trigger)
        for words, trigger in MOMENTS.items()
    }

    assert {words: aftermath for words, aftermath in ended.items() if not aftermath.safe} == {}
    assert any(aftermath.fired for aftermath in ended.values())
