"""What a bench needs of a simulated device: its line and mains, and what people can see of it and do to it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from simulators.devices.receipt import Receipt
from simulators.world.cards import VirtualCard
from simulators.world.custody import Custody, Note
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd


class Simulated(Protocol):
    """What every simulated device can do."""

    async def serve(self, line: LineEnd) -> None:
        """Speak on a line until it goes down or the task is cancelled; what is physically there stays."""

    def snapshot(self) -> Mapping[str, str]:
        """How it is, in a few words for each thing there is to know."""

    def power_off(self) -> None:
        """Mains fail."""

    def power_on(self) -> None:
        """Mains return."""

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with it, by the fault's id."""


class SimulatedReader(Simulated, Protocol):
    """A card reader as people know it."""

    @property
    def card_at_gate(self) -> VirtualCard | None:
        """The card that stands out of the slot, to be taken."""

    @property
    def card_inside(self) -> VirtualCard | None:
        """The card in the transport, out of reach."""

    @property
    def card_in_slot(self) -> VirtualCard | None:
        """The card on its way in, which a person can still hold on to."""

    @property
    def takes_cards(self) -> bool:
        """Would a card be taken in now?"""

    @property
    def cards(self) -> Custody[VirtualCard]:
        """Every card this reader ever saw; `hand` is the place of those that are not in it."""

    @property
    def captured(self) -> tuple[VirtualCard, ...]:
        """The cards in the capture box."""

    def insert_card(self, card: VirtualCard, *, wrong_way: bool = False) -> bool:
        """Push a card into the slot; False when it stays in the hand."""

    def take_card(self) -> VirtualCard | None:
        """Pull at the card; what is in the hand then."""

    def empty_bin(self) -> list[VirtualCard]:
        """Staff take the captured cards."""


class SimulatedPad(Simulated, Protocol):
    """A PIN pad as people know it."""

    @property
    def listening(self) -> bool:
        """A key that is pressed now does something."""

    def press(self, key: str) -> None:
        """Press a key: `0` to `9`, `enter`, `clear`, `cancel`."""

    def commission(self) -> None:
        """Staff load the keys that it was put into service with, or put such a pad in its place."""


class SimulatedDispenser(Simulated, Protocol):
    """A cash dispenser as customer and staff know it. Cassettes are counted from 1, the top one."""

    @property
    def notes_at_exit(self) -> tuple[Note, ...]:
        """Notes within the customer's reach."""

    def take_notes(self, number: int | None = None) -> list[Note]:
        """The customer takes notes from the exit, all by default."""

    def cassette_place(self, position: int) -> str:
        """The custody's name for a cassette."""

    def remove_cassette(self, position: int) -> None:
        """Pull a cassette out; its notes stay in it."""

    def insert_cassette(self, position: int) -> None:
        """Put a cassette back."""

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Staff put notes into a cassette."""

    def clear_jam(self) -> list[Note]:
        """Staff open the dispenser and take out what is stuck."""


class SimulatedPrinter(Simulated, Protocol):
    """A receipt printer as customer and staff know it."""

    @property
    def receipt_at_slot(self) -> Receipt | None:
        """The receipt that can be torn off now."""

    def tear_off(self) -> Receipt | None:
        """Take the oldest receipt from the slot; None when no cut one hangs there."""

    def load_paper(self, lines: int) -> None:
        """Put in a roll of `lines` lines."""

    def open_cover(self) -> None:
        """Printing stops."""

    def close_cover(self) -> None:
        """Printing goes on."""

    def clear_jam(self) -> None:
        """Remove the jammed paper."""
