"""The workbench's hands on one simulated kiosk: its devices, its host, and the people's cards."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from drivers.trace import TraceRecord
from protocol.money_line import CashRequest
from simulators.bench.bench import Bench
from simulators.bench.events import EventLog, Watch
from simulators.bench.faults import CUSTOMER, Target
from simulators.bench.hands import CantBe, Hands
from simulators.bench.visitor import Visitor
from simulators.workbench.desk import Fault, Shown
from simulators.world.people import Person
from terminal.journal import Record


@dataclass(slots=True)
class Switch:
    """A fault that stays until it is mended."""

    name: str
    break_: Callable[[], None]
    mend: Callable[[], None]
    on: bool = False

    def toggle(self) -> None:
        """Break it, or mend it."""
        self.on = not self.on
        (self.break_ if self.on else self.mend)()


@dataclass(frozen=True, slots=True)
class Once:
    """A fault that happens once, at the next chance."""

    name: str
    arm: Callable[[], None]
    on: bool = False

    def toggle(self) -> None:
        """Let it happen."""
        self.arm()


class BenchDesk:
    """A `Desk` with a bench on it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        log = EventLog(lambda: bench.world.now().isoformat(timespec="milliseconds"))
        Watch(bench, log)
        self.hands = Hands(bench, log, bench.people)
        self.session = bench.session
        self.people = bench.people
        self.devices: Mapping[str, Shown] = bench.simulated
        self.faults = _faults(bench, self.hands)
        self.injector = bench.injector
        visitor = Visitor(self.hands, bench.surroundings(), bench.world.chance("visitor"))
        bench.injector.add(CUSTOMER, Target(visitor.ailments()))
        self.run = bench.run

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have `watcher` called whenever something visible changes."""
        self._bench.scene.watch(watcher)

    def watch_wire(self, sink: Callable[[TraceRecord], None]) -> None:
        """Have `sink` called with every message on a wire."""
        self._bench.tracer.add(sink)

    def journal_after(self, seq: int) -> Iterable[Record]:
        """The journal's records after number `seq`."""
        return self._bench.journal.records(after=seq)

    def insert_card(self, person: Person) -> bool:
        """Put the person's card into the slot; False when the slot is closed or the card is not in the hand."""
        try:
            self.hands.insert_card(person.id)
        except CantBe:
            return False
        return True

    def take_card(self) -> bool:
        """Take the card that sticks out and give it to its owner."""
        try:
            self.hands.take_card()
        except CantBe:
            return False
        return True

    def press(self, key: str) -> None:
        """Press a key of the PIN pad."""
        self._bench.pad.press(key)

    def take_notes(self) -> bool:
        """Take all notes in reach."""
        return bool(self._bench.dispenser.notes_at_exit) and bool(self._bench.dispenser.take_notes())

    def tear_off(self) -> str | None:
        """Take the printed receipt; what it says, or None when there is none."""
        try:
            return self.hands.tear_off().text
        except CantBe:
            return None


def _faults(bench: Bench, hands: Hands) -> Sequence[Fault]:
    host = bench.authority.faults
    return (
        *(
            Switch(
                f"{role.replace('_', ' ')} without power",
                partial(hands.power, role, on=False),
                partial(hands.power, role, on=True),
            )
            for role in bench.simulated
        ),
        Switch("printer cover open", bench.printer.open_cover, bench.printer.close_cover),
        Once("host does not hear the next withdrawal", lambda: host.silent_on.update({CashRequest: 1})),
        Once("host's next approval is lost on the way", lambda: host.lose_reply_on.update({CashRequest: 1})),
    )
