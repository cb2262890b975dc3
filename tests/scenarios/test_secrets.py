"""The canary test: what people and keys are made of, searched for in every byte that a run leaves or shows.

A PIN in clear, a clear or enciphered PIN block, a full card number, a track, an ID number, a name, a key: none may be
found, in no spelling. That the search bites is shown by planting each of them.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType

import pytest

from drivers.interfaces import PinFormat
from drivers.trace import JsonLinesSink
from protocol import pin_block
from protocol.pin_block import PinBlockFormat
from simulators.bench.bench import Bench
from simulators.bench.customer import Plan
from simulators.bench.file import load_bench
from simulators.bench.play import Result, play
from simulators.bench.scenarios import APPLY, SCENARIOS, Scenario
from simulators.devices.szzt_zt598 import SzztZt598
from simulators.world.cards import issue
from simulators.world.people import Person, person
from terminal.texts import languages, render
from terminal.view import Screen, View
from terminal.visit import Ending

STORIES: Mapping[str, Scenario] = {
    **{
        name: SCENARIOS[name]
        for name in ("withdraw", "wrong-pin-then-right", "card-left-behind", "cassette-runs-empty", "reply-lost")
    },
    "other business": SCENARIOS["apply-and-transfer"],
    "cancelled": replace(
        SCENARIOS["withdraw"], plan=Plan(cancels_at=Screen.CONFIRM), ending=Ending.CANCELLED, amount_paid=0
    ),
}


PHONE = APPLY[-2].removeprefix("#")
"""What is typed into an application."""

OURS = ("terminal", "drivers", "protocol")
"""Packages whose objects are a kiosk."""


@dataclass
class Run:
    """Everything that one run left behind or showed."""

    result: Result
    secrets: Mapping[str, list[bytes]]
    places: dict[str, bytes] = field(default_factory=dict)
    reachable: list[tuple[str, bytes]] = field(default_factory=list)
    cleared_after: list[float] = field(default_factory=list)

    def found(self) -> list[str]:
        return [f"{name} in {place}" for place, data in self.places.items() for name in named_in(data, self.secrets)]


def spellings(secret: str | bytes) -> list[bytes]:
    """How a secret may look: as text, as packed digits, and both in hex, with and without spaces."""
    raws = [secret] if isinstance(secret, bytes) else [secret.encode("utf-8"), secret.encode("gb18030")]
    if isinstance(secret, str) and secret.isdecimal():
        raws.append(bytes.fromhex(secret + "f" * (len(secret) % 2)))
    texts = [raw.hex(*separator) for raw in raws for separator in ((), (" ",))]
    return [*raws, *(text.encode() for text in texts), *(text.upper().encode() for text in texts)]


def named_in(data: bytes, secrets: Mapping[str, list[bytes]]) -> list[str]:
    return [name for name, looks in secrets.items() if any(look in data for look in looks)]


def of_person(who: Person) -> dict[str, str | bytes]:
    track2 = issue(who).tracks[2]
    clear = pin_block.encode(who.pin, pin_block.pan12(who.pan), PinBlockFormat.ISO_0)
    return {
        "PIN": who.pin,
        "clear PIN block": clear,
        "PAN": who.pan,
        "track": track2,
        "discretionary data": track2.partition("=")[2],
        "ID number": who.id_number,
        "name": who.name,
        "phone": PHONE,
    }


class Watch:
    """Follows a bench: views, traces, blocks, and how its objects describe themselves at every screen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.shown: list[str] = []
        self.described: list[str] = []
        self.blocks: list[bytes] = []
        self.keys: dict[str, bytes] = {}
        self.bench: Bench | None = None

    def __call__(self, bench: Bench) -> None:
        self.bench = bench
        self.sink = JsonLinesSink(self._folder / "trace.jsonl")
        bench.tracer.add(self.sink)
        bench.session.subscribe(self._see)
        pad, made = bench.equipment.pad, bench.equipment.pad.get_pin_block

        async def overheard(customer_data: str, fmt: PinFormat = PinFormat.ISO0) -> bytes:
            self.blocks.append(await made(customer_data, fmt))
            return self.blocks[-1]

        pad.get_pin_block = overheard  # type: ignore[method-assign]

    def _see(self, view: View) -> None:
        assert self.bench is not None
        words = [view.title, *view.lines, *(choice.words for choice in view.choices)]
        self.shown += [render(each, language) for each in words for language in languages()]
        self.shown.append(view.entry.shown if view.entry and view.screen is Screen.PIN else "")
        session, equipment = self.bench.session, self.bench.equipment
        visit = session._customer.visit
        parts = (view, session, equipment, visit, visit.card, visit.withdrawal, self.bench, self.bench.authority)
        self.described += [repr(part) for part in (*parts, *self.bench.simulated.values(), *vars(equipment.money))]
        assert isinstance(self.bench.pad, SzztZt598)
        stored = self.bench.pad._vault._keys
        self.keys |= {f"key {slot:02x}": key.value for slot, key in stored.items()}


def run(name: str, folder: Path, caplog: pytest.LogCaptureFixture) -> Run:
    caplog.set_level(logging.DEBUG)
    watch, scenario = Watch(folder), STORIES[name]
    reachable: list[tuple[str, bytes]] = []
    deadlines: list[float] = []
    cleared_after: list[float] = []

    def follow(bench: Bench) -> None:
        watch(bench)
        bench.session.subscribe(lambda view: at_rest(bench, view))

    def at_rest(bench: Bench, view: View) -> None:
        if view.screen in (Screen.FINISHED, Screen.SORRY) and view.deadline is not None:
            deadlines[:] = [view.deadline]
        if view.screen in (Screen.STARTING, Screen.IDLE) and bench.equipment.visits:
            cleared_after.extend(asyncio.get_running_loop().time() - deadline for deadline in deadlines)
            deadlines.clear()
            reachable.extend(reached(bench.session))

    result = play(name, load_bench(), scenario=scenario, folder=folder, follow=follow)
    watch.sink.close()
    assert "a subscriber failed" not in caplog.text, "the watch must see everything"
    secrets = of_person(person(scenario.person)) | watch.keys
    secrets |= {f"enciphered PIN block {number}": block for number, block in enumerate(watch.blocks)}
    assert len(watch.keys) == 3
    run = Run(result, {name: spellings(secret) for name, secret in secrets.items()}, {}, reachable, cleared_after)
    run.places = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    run.places |= {
        "screens": "\n".join(watch.shown).encode(),
        "receipts": "\n".join(result.receipts).encode(),
        "log": caplog.text.encode(),
        "repr": "\n".join(watch.described).encode(),
        "result": repr(result).encode(),
    }
    return run


def reached(root: object) -> Iterator[tuple[str, bytes]]:
    """Every text and byte string that can be reached from `root` inside the terminal and its drivers.

    What only leads on is told too, without bytes.
    """
    seen, open_ends = {id(root)}, [("", root)]
    while open_ends:
        parent, thing = open_ends.pop()
        path = f"{parent}.{type(thing).__name__}"
        if isinstance(thing, str):
            yield path, thing.encode(errors="replace")
        elif isinstance(thing, bytes | bytearray):
            yield path, bytes(thing)
        elif followed(thing):
            yield path, b""
            for part in gc.get_referents(thing):
                if id(part) not in seen:
                    seen.add(id(part))
                    open_ends.append((path, part))


def followed(thing: object) -> bool:
    """Ours, or something that only holds things together; simulators, modules, classes and globals are not."""
    if isinstance(thing, type | ModuleType | FunctionType | BuiltinMethodType):
        return False
    if isinstance(thing, dict | list | tuple | set | frozenset | MethodType):
        return True
    module = type(thing).__module__
    return module.partition(".")[0] in OURS or module in ("collections", "functools", "asyncio.queues", "asyncio.locks")


@pytest.mark.req("S1-08", "S1-67")
@pytest.mark.parametrize("name", STORIES)
def test_no_secret_of_a_person_or_a_key_is_left_or_shown_anywhere(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = run(name, tmp_path, caplog)

    assert told.result.ok
    assert {"journal.db", "authority.db", "trace.jsonl"} <= set(told.places)
    assert all(
        len(told.places[place]) > 100 for place in ("journal.db", "authority.db", "trace.jsonl", "screens", "repr")
    )
    assert told.found() == []


@pytest.mark.req("S1-68")
@pytest.mark.parametrize("name", STORIES)
def test_nothing_of_the_last_person_can_be_reached_a_second_after_the_end_nor_when_the_next_one_is_invited(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = run(name, tmp_path, caplog)

    paths = "\n".join(path for path, _ in told.reachable)
    for passed in ("SankyoIct3q8", "SzztZt598", "PuloonLcdm4000", "EscPos", "Decoder", "MoneyLine", "HostMemory"):
        assert passed in paths
    assert told.cleared_after
    assert all(0 <= late <= 1 for late in told.cleared_after)
    secrets = {key: looks for key, looks in told.secrets.items() if not key.startswith("key")}
    assert [(path, named_in(data, secrets)) for path, data in told.reachable if named_in(data, secrets)] == []


@pytest.mark.parametrize("place", ["journal.db", "trace.jsonl", "screens", "log", "repr"])
def test_the_search_bites(place: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each secret, planted in each of its spellings, is found."""
    told = run("withdraw", tmp_path, caplog)
    clean = told.places[place]
    assert {"PIN", "PAN", "track", "name", "clear PIN block", "enciphered PIN block 0"} <= set(told.secrets)
    for name, looks in told.secrets.items():
        for look in looks:
            told.places[place] = clean + b"..." + look + b"..."
            assert f"{name} in {place}" in told.found()


def test_the_walk_finds_what_a_driver_keeps() -> None:
    class Keeper:
        def __init__(self) -> None:
            self.kept: dict[str, Callable[[], str] | list[str]] = {"deep": ["6217000000000000012"]}

    Keeper.__module__ = "drivers.keeper"
    assert b"6217000000000000012" in [data for _, data in reached(Keeper())]
