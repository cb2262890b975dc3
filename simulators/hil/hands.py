"""What people do at a bench: hands that act on simulated devices. `simulators.hil.tester` has those of a person."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, Protocol, TypeVar

from simulators.bench.hardware import Hardware
from simulators.world.cards import VirtualCard, issue
from simulators.world.custody import new_notes
from simulators.world.people import person

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds until somebody who waits for a device gives up."""

BETWEEN_KEYS: Final = 0.1
"""Seconds from one key to the next."""

FULL_ROLL: Final = 5000
"""Lines of paper."""


class GaveUp(AssertionError):
    """What a person was waiting for did not happen."""


class Hands(Protocol):
    """What can be done by hand. Everything waits until the device lets it happen, and ends with GaveUp if it doesn't.

    Units are named as in the drivers: `unit1` is the top cassette.
    """

    async def insert_card(self, card: str, *, wrong_way: bool) -> None:
        """Put the card of that name into the slot, as soon as the reader takes one."""

    async def take_card(self) -> None:
        """Take the card that stands at the slot."""

    async def press(self, *keys: str) -> None:
        """Press keys: each of the digits of a word of digits, or `enter`, `clear`, `cancel`."""

    async def notes_at_exit(self) -> int:
        """Count the notes in reach."""

    async def take_notes(self, number: int | None) -> int:
        """Take so many notes from the exit (None: all); how many were taken."""

    async def empty_cassette(self, unit: str) -> None:
        """Take all notes out of a cassette."""

    async def refill(self, unit: str, notes: int) -> None:
        """Put notes into a cassette."""

    async def remove_cassette(self, unit: str) -> None:
        """Pull a cassette out."""

    async def insert_cassette(self, unit: str) -> None:
        """Put a cassette back."""

    async def tear_off(self, showing: Sequence[str]) -> bool:
        """Take the receipt; whether it is cut and shows these texts."""

    async def paper_at_slot(self) -> bool:
        """Does a receipt hang there?"""

    async def remove_paper(self) -> None:
        """Take the roll out."""

    async def load_paper(self) -> None:
        """Put a full roll in."""

    async def open_cover(self) -> None:
        """Open the printer's cover."""

    async def close_cover(self) -> None:
        """Close it."""


class SimulatedHands:
    """Hands on simulated devices."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._cards: dict[str, VirtualCard] = {}
        self._series = count(1)

    async def insert_card(self, card: str, *, wrong_way: bool) -> None:
        """Push it in; a reader that is not ready is waited for."""
        reader = self._hardware.reader
        plastic = self._cards.get(card) or self._cards.setdefault(card, issue(person(card)))
        await self._until(lambda: reader.takes_cards, "the reader takes cards")
        if not reader.insert_card(plastic, wrong_way=wrong_way):
            raise GaveUp("the slot is shut")

    async def take_card(self) -> None:
        """Pull it out."""
        reader = self._hardware.reader
        await self._until(lambda: reader.card_at_gate, "a card stands at the slot")
        if reader.take_card() is None:
            raise GaveUp("the reader holds on to the card")

    async def press(self, *keys: str) -> None:
        """One after the other, as soon as the pad listens to each."""
        pad = self._hardware.pad
        for word in keys:
            for key in word if word.isdigit() else (word,):
                await self._until(lambda: pad.listening, "the pad listens to keys")
                pad.press(key)
                await asyncio.sleep(BETWEEN_KEYS)

    async def notes_at_exit(self) -> int:
        """Look into the exit."""
        return len(self._hardware.dispenser.notes_at_exit)

    async def take_notes(self, number: int | None) -> int:
        """Grasp what is there."""
        dispenser = self._hardware.dispenser
        await self._until(lambda: dispenser.notes_at_exit, "notes lie at the exit")
        return len(dispenser.take_notes(number))

    async def empty_cassette(self, unit: str) -> None:
        """All of it goes to the staff."""
        custody = self._hardware.custody
        for note in custody.at(self._hardware.dispenser.cassette_place(_position(unit))):
            custody.move(note, "staff")
        self._hardware.scene.changed()

    async def refill(self, unit: str, notes: int) -> None:
        """New notes of the denomination that belongs there."""
        position = _position(unit)
        denomination = self._hardware.file.cash_dispenser.cassettes[position - 1].denomination
        new = new_notes(denomination, notes, f"R{next(self._series)}-{position}-")
        self._hardware.custody.put("staff", new)
        self._hardware.dispenser.refill(position, new)

    async def remove_cassette(self, unit: str) -> None:
        """It stays beside the machine."""
        self._hardware.dispenser.remove_cassette(_position(unit))

    async def insert_cassette(self, unit: str) -> None:
        """With the notes that were in it."""
        self._hardware.dispenser.insert_cassette(_position(unit))

    async def tear_off(self, showing: Sequence[str]) -> bool:
        """Only a receipt that was cut can be taken."""
        printer = self._hardware.printer
        await self._until(lambda: printer.receipt_at_slot, "a receipt hangs at the slot")
        receipt = printer.tear_off()
        return receipt is not None and all(text in receipt.text for text in showing)

    async def paper_at_slot(self) -> bool:
        """Look at the slot."""
        return self._hardware.printer.receipt_at_slot is not None

    async def remove_paper(self) -> None:
        """Nothing is left on it."""
        self._hardware.printer.load_paper(0)

    async def load_paper(self) -> None:
        """A new one."""
        self._hardware.printer.load_paper(FULL_ROLL)

    async def open_cover(self) -> None:
        """The printer goes offline."""
        self._hardware.printer.open_cover()

    async def close_cover(self) -> None:
        """The printer comes back."""
        self._hardware.printer.close_cover()

    async def _until(self, look: Callable[[], T | None], what: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._hardware.scene.until(look)
        except TimeoutError:
            raise GaveUp(f"waited {PATIENCE:.0f} s in vain until {what}") from None


def _position(unit: str) -> int:
    return int(unit.removeprefix("unit"))
