"""The workbench's hands on one simulated kiosk: its devices, its host, and the people's cards."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from drivers.trace import Tracer, TraceRecord
from protocol.money_line import CashRequest
from simulators.authority.host_line import LineFaults
from simulators.devices.escpos import EscPosPrinter
from simulators.devices.note_dispenser import NoteDispenser
from simulators.devices.note_path import Upset
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.devices.szzt_zt598 import SzztZt598
from simulators.workbench.bench import Fault, Shown
from simulators.world.cards import VirtualCard, issue
from simulators.world.people import Person, load_people
from simulators.world.scene import Scene
from terminal.journal import Journal, Record
from terminal.view import ScreenSession


class Mains(Protocol):
    """What has a plug."""

    def power_off(self) -> None:
        """Pull it."""

    def power_on(self) -> None:
        """Put it back."""


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


@dataclass(slots=True)
class Desk:
    """A `Bench` of devices that are given. `run` serves the whole kiosk until cancelled."""

    session: ScreenSession
    scene: Scene
    reader: SankyoIct3q8
    pad: SzztZt598
    dispenser: NoteDispenser[Any]
    printer: EscPosPrinter
    journal: Journal
    tracer: Tracer
    host_faults: LineFaults
    run: Callable[[], Coroutine[Any, Any, None]]
    people: Sequence[Person] = field(default_factory=load_people)
    devices: Mapping[str, Shown] = field(init=False)
    faults: Sequence[Fault] = field(init=False)
    _cards: Mapping[str, VirtualCard] = field(init=False, repr=False)
    _in_hand: dict[str, bool] = field(init=False)

    def __post_init__(self) -> None:
        self._cards = {person.id: issue(person) for person in self.people}
        self._in_hand = dict.fromkeys(self._cards, True)
        self.devices = {"reader": self.reader, "pad": self.pad, "dispenser": self.dispenser, "printer": self.printer}
        self.faults = self._all_faults()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have `watcher` called whenever something visible changes."""
        self.scene.watch(watcher)

    def watch_wire(self, sink: Callable[[TraceRecord], None]) -> None:
        """Have `sink` called with every message on a wire."""
        self.tracer.add(sink)

    def journal_after(self, seq: int) -> Iterable[Record]:
        """The journal's records after number `seq`."""
        return self.journal.records(after=seq)

    def insert_card(self, person: Person) -> bool:
        """Put the person's card into the slot; False when the slot is closed or the card is not in the hand."""
        inserted = self._in_hand[person.id] and self.reader.insert_card(self._cards[person.id])
        if inserted:
            self._in_hand[person.id] = False
        return inserted

    def take_card(self) -> bool:
        """Take the card that sticks out and give it to its owner."""
        if self.reader.card_at_gate is None:
            return False
        taken = self.reader.take_card()
        for owner, card in self._cards.items():
            if card is taken:
                self._in_hand[owner] = True
        return True

    def press(self, key: str) -> None:
        """Press a key of the PIN pad."""
        self.pad.press(key)

    def take_notes(self) -> bool:
        """Take all notes in reach."""
        return bool(self.dispenser.notes_at_exit) and bool(self.dispenser.take_notes())

    def tear_off(self) -> str | None:
        """Take the printed receipt; what it says, or None when there is none."""
        receipt = self.printer.tear_off()
        return None if receipt is None else receipt.text

    def _all_faults(self) -> Sequence[Fault]:
        mains: Mapping[str, Mains] = {
            "card reader": self.reader,
            "PIN pad": self.pad,
            "dispenser": self.dispenser,
            "printer": self.printer,
        }
        host = self.host_faults
        return (
            *(Switch(f"{name} without power", device.power_off, device.power_on) for name, device in mains.items()),
            Switch("printer cover open", self.printer.open_cover, self.printer.close_cover),
            Once("cassette 1: next pick fails", lambda: self.dispenser.upset(Upset.PICK_FAILURE, 1)),
            Once("cassette 1: next note jams at the exit", lambda: self.dispenser.upset(Upset.JAM_AT_EXIT, 1)),
            Once("host does not hear the next withdrawal", lambda: host.silent_on.update({CashRequest: 1})),
            Once("host's next approval is lost on the way", lambda: host.lose_reply_on.update({CashRequest: 1})),
        )
