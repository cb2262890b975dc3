"""The hands of the people at a bench: what a person or staff standing there can do, and nothing else.

Every act happens, or raises `CantBe` (the world says no) or `NotThere` (no such thing), and then nothing happened. Each
device has a room of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.bench.events import EventLog
from simulators.bench.hands.card_reader import AtCardReader
from simulators.bench.hands.cash_dispenser import AtCashDispenser
from simulators.bench.hands.devices import HAND, CantBe, NotThere
from simulators.bench.hands.pin_pad import KEYS, AtPinPad
from simulators.bench.hands.receipt_printer import AtReceiptPrinter
from simulators.bench.hardware import Hardware
from simulators.world.custody import CustodyBroken, Note
from simulators.world.people import Person

__all__ = ["HAND", "KEYS", "CantBe", "Hands", "Inventory", "NotThere"]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Where everything is: notes by place, cards by name; `problem` is what is wrong with it, empty when nothing is.

    `made`: notes that were ever put into this world.
    """

    notes: Mapping[str, Sequence[Note]]
    cards: Mapping[str, str]
    made: int
    problem: str = ""


class Hands(AtCardReader, AtPinPad, AtCashDispenser, AtReceiptPrinter):
    """Acts on one bench, and the cards of its people."""

    def __init__(self, hardware: Hardware, log: EventLog, people: Sequence[Person]) -> None:
        super().__init__(hardware, log, people)
        self.people: Mapping[str, Person] = {person.id: person for person in people}

    def pin_of(self, person: str) -> Sequence[str]:
        """The digits a person has in mind. Raises NotThere."""
        if person not in self.people:
            raise NotThere(f"no person {person!r}; there are {', '.join(self.people)}")
        return tuple(self.people[person].pin)

    def inventory(self) -> Inventory:
        """Count everything there is."""
        custody = self.hardware.custody
        notes = {place: custody.at(place) for place in custody.places()}
        cards = self.cards()
        problem = ""
        try:
            custody.check()
            self.hardware.reader.cards.check()
        except CustodyBroken as error:
            problem = str(error)
        counted = sum(map(len, notes.values()))
        if counted != self._made:
            problem = f"{self._made} notes were put into this world, {counted} are in it"
        return Inventory(notes, cards, self._made, problem)
