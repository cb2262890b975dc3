"""What people do at a bench: hands that act on simulated devices. `simulators.hil.tester` has those of a person."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

from simulators.bench import hands as bench
from simulators.bench.events import EventLog
from simulators.bench.hardware import Hardware
from simulators.devices.escpos import FULL_ROLL
from simulators.world.people import load_people

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds until somebody who waits for a device gives up."""

BETWEEN_KEYS: Final = 0.1
"""Seconds from one key to the next."""


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
    """The hands of a simulated bench, with the patience of somebody who waits for the device."""

    def __init__(self, hardware: Hardware) -> None:
        log = EventLog(lambda: hardware.world.now().isoformat(timespec="milliseconds"))
        self._hardware = hardware
        self._hands = bench.Hands(hardware, log, load_people())

    async def insert_card(self, card: str, *, wrong_way: bool) -> None:
        """Push it in; a reader that is not ready is waited for."""
        await self._until(lambda: self._hardware.reader.takes_cards, "the reader takes cards")
        with _the_world_permitting():
            self._hands.insert_card(card, wrong_way=wrong_way)

    async def take_card(self) -> None:
        """Pull it out."""
        await self._until(lambda: self._hardware.reader.card_at_gate, "a card stands at the slot")
        with _the_world_permitting():
            self._hands.take_card()

    async def press(self, *keys: str) -> None:
        """One after the other, as soon as the pad listens to each."""
        for word in keys:
            for key in word if word.isdigit() else (word,):
                await self._until(lambda: self._hardware.pad.listening, "the pad listens to keys")
                await self._hands.type_keys((key,), 0)
                await asyncio.sleep(BETWEEN_KEYS)

    async def notes_at_exit(self) -> int:
        """Look into the exit."""
        return len(self._hardware.dispenser.notes_at_exit)

    async def take_notes(self, number: int | None) -> int:
        """Grasp what is there."""
        await self._until(lambda: self._hardware.dispenser.notes_at_exit, "notes lie at the exit")
        with _the_world_permitting():
            return len(self._hands.take_notes(number))

    async def empty_cassette(self, unit: str) -> None:
        """All of it goes to the staff."""
        with _the_world_permitting():
            self._hands.empty_cassette(_position(unit))

    async def refill(self, unit: str, notes: int) -> None:
        """New notes of the denomination that belongs there."""
        position = _position(unit)
        denomination = self._hardware.file.cash_dispenser.cassettes[position - 1].denomination
        with _the_world_permitting():
            self._hands.refill_cassette(position, denomination, notes)

    async def remove_cassette(self, unit: str) -> None:
        """It stays beside the machine."""
        with _the_world_permitting():
            self._hands.insert_cassette(_position(unit), inserted=False)

    async def insert_cassette(self, unit: str) -> None:
        """With the notes that were in it."""
        with _the_world_permitting():
            self._hands.insert_cassette(_position(unit), inserted=True)

    async def tear_off(self, showing: Sequence[str]) -> bool:
        """Only a receipt that was cut can be taken."""
        await self._until(lambda: self._hardware.printer.receipt_at_slot, "a receipt hangs at the slot")
        with _the_world_permitting():
            receipt = self._hands.tear_off()
        return all(text in receipt.text for text in showing)

    async def paper_at_slot(self) -> bool:
        """Look at the slot."""
        return self._hardware.printer.receipt_at_slot is not None

    async def remove_paper(self) -> None:
        """Nothing is left on it."""
        with _the_world_permitting():
            self._hands.load_paper(0)

    async def load_paper(self) -> None:
        """A new one."""
        with _the_world_permitting():
            self._hands.load_paper(FULL_ROLL)

    async def open_cover(self) -> None:
        """The printer goes offline."""
        with _the_world_permitting():
            self._hands.open_cover(is_open=True)

    async def close_cover(self) -> None:
        """The printer comes back."""
        with _the_world_permitting():
            self._hands.open_cover(is_open=False)

    async def _until(self, look: Callable[[], T | None], what: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._hardware.scene.until(look)
        except TimeoutError:
            raise GaveUp(f"waited {PATIENCE:.0f} s in vain until {what}") from None


@contextmanager
def _the_world_permitting() -> Iterator[None]:
    """What can't be done fails the test, in the world's own words."""
    try:
        yield
    except (bench.CantBe, bench.NotThere) as refused:
        raise GaveUp(str(refused)) from None


def _position(unit: str) -> int:
    return int(unit.removeprefix("unit"))
