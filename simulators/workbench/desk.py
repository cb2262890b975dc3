"""What the workbench needs: a kiosk to look at, hands to act with, and what to follow."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from drivers.trace import TraceRecord
from simulators.bench.faults import Injector
from simulators.world.people import Person
from terminal.view import ScreenSession


class Shown(Protocol):
    """A simulated device that can be looked at."""

    def snapshot(self) -> Mapping[str, str]:
        """A few words for each thing there is to know: sensors, counters, positions."""


class JournalRecord(Protocol):
    """One record of the terminal's journal."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def time(self) -> str:
        """When, ISO 8601."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The particulars."""


class Fault(Protocol):
    """Something that can be broken and mended again."""

    @property
    def name(self) -> str:
        """What breaks."""

    @property
    def on(self) -> bool:
        """It is broken now."""

    def toggle(self) -> None:
        """Break it, or mend it."""


class Desk(Protocol):
    """One kiosk with its devices, its host, and a person before it. A hand that finds nothing to do returns False."""

    @property
    def session(self) -> ScreenSession:
        """The kiosk's session."""

    @property
    def devices(self) -> Mapping[str, Shown]:
        """The devices by port name, in the order in which to show them."""

    @property
    def people(self) -> Sequence[Person]:
        """Who can come to the kiosk."""

    @property
    def faults(self) -> Sequence[Fault]:
        """What can be broken by hand and is not in the fault catalogue."""

    @property
    def injector(self) -> Injector:
        """The fault catalogue, and what of it is armed."""

    async def run(self) -> None:
        """Start everything and serve until cancelled."""

    def watch(self, watcher: Callable[[], None], /) -> None:
        """Have `watcher` called whenever something visible changes."""

    def watch_wire(self, sink: Callable[[TraceRecord], None], /) -> None:
        """Have `sink` called with every message on a wire."""

    def journal_after(self, seq: int, /) -> Iterable[JournalRecord]:
        """The journal's records after number `seq`."""

    def insert_card(self, person: Person, /) -> bool:
        """Put the person's card into the slot."""

    def take_card(self) -> bool:
        """Take the card that sticks out."""

    def press(self, key: str, /) -> None:
        """Press a key of the PIN pad: `0` to `9`, `enter`, `clear`, `cancel`."""

    def take_notes(self) -> bool:
        """Take the notes in reach."""

    def tear_off(self) -> str | None:
        """Take the printed receipt; what it says, or None when there is none."""
