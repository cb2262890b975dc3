"""A desk that only remembers what was done to it, for tests of the workbench alone."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.trace import TraceRecord
from simulators.bench.faults import Injector, Target
from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment
from simulators.world.people import Person, load_people
from tests.terminal.kiosk.sample_views import ScriptedSession


@dataclass
class Part:
    """A device with a fixed snapshot."""

    words: Mapping[str, str]

    def snapshot(self) -> Mapping[str, str]:
        return self.words


@dataclass
class Breakage:
    """A fault that does nothing."""

    name: str
    on: bool = False

    def toggle(self) -> None:
        self.on = not self.on


@dataclass(frozen=True)
class Entry:
    """A journal record."""

    seq: int
    time: str
    kind: str
    data: Mapping[str, Any]


@dataclass
class ScriptedDesk:
    """Records hands in `done`; the test speaks through `wire`, `entries` and `session`."""

    session: ScriptedSession = field(default_factory=ScriptedSession)
    done: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    sinks: list[Callable[[TraceRecord], None]] = field(default_factory=list)
    watchers: list[Callable[[], None]] = field(default_factory=list)
    running: bool = False

    def __post_init__(self) -> None:
        self.people = load_people()
        self.faults = [Breakage("paper out"), Breakage("host silent")]
        self.injector = Injector(lambda: random.Random(1))
        self.injector.add(
            "dispenser",
            Target(
                {"C1": Ailment(self._miss, limits={"cassette": Whole(1, 4)}), "C6": Ailment(self._pull, self._push)}
            ),
        )
        self.injector.add("printer", Target({"C21": Ailment(lambda: self.done.append("paper out"))}))
        self.devices = {
            "reader": Part({"card": "none", "shutter": "closed"}),
            "pad": Part({"keys": "PIK MAK", "mode": "idle"}),
            "dispenser": Part({"cassette 1": "100 × 480", "cassette 2": "50 × 500", "exit": "empty"}),
            "printer": Part({"paper": "ok"}),
        }

    def _miss(self, cassette: int = 1) -> None:
        self.done.append(f"no pick from {cassette}")

    def _pull(self) -> None:
        self.done.append("cassette out")

    def _push(self) -> None:
        self.done.append("cassette in")

    async def run(self) -> None:
        self.running = True
        await asyncio.Event().wait()

    def watch(self, watcher: Callable[[], None]) -> None:
        self.watchers.append(watcher)

    def watch_wire(self, sink: Callable[[TraceRecord], None]) -> None:
        self.sinks.append(sink)

    def journal_after(self, seq: int) -> Iterable[Entry]:
        return [entry for entry in self.entries if entry.seq > seq]

    def insert_card(self, person: Person) -> bool:
        self.done.append(f"insert {person.id}")
        return True

    def take_card(self) -> bool:
        self.done.append("take card")
        return False

    def press(self, key: str) -> None:
        self.done.append(f"press {key}")

    def take_notes(self) -> bool:
        self.done.append("take notes")
        return True

    def tear_off(self) -> str | None:
        self.done.append("tear off")
        return "取现成功\n500.00"
