"""The person in front of the devices of a bench: one call for each deed, whoever's hands do it."""

from collections.abc import Mapping, Sequence

import pytest

from simulators.hil.file import LoadedCard
from simulators.hil.hands import Hands


class Customer:
    """Acts with simulated hands on simulated devices, and asks the tester to act on real ones.

    Every method is awaited, and may run beside a driver's command that waits for a person.
    """

    def __init__(self, hands: Mapping[str, Hands], cards: Sequence[LoadedCard]) -> None:
        self._hands = hands
        self.cards = tuple(cards)

    def card(self, *, chip: bool | None = None, stripe: bool | None = None) -> str:
        """The name of a card at this bench that is like this (None: either way). Without one the test is skipped."""
        for card in self.cards:
            if chip in (None, card.chip) and stripe in (None, card.stripe):
                return card.name
        wanted = [
            f"{'a' if has else 'no'} {what}" for what, has in (("chip", chip), ("stripe", stripe)) if has is not None
        ]
        pytest.skip(f"this bench has no card with {' and '.join(wanted) or 'anything on it'}")

    async def insert_card(self, card: str | None = None, *, wrong_way: bool = False) -> None:
        """Put a card into the reader as soon as it takes one: by name, or the first one."""
        await self._hands["card_reader"].insert_card(card or self.card(), wrong_way=wrong_way)

    async def take_card(self) -> None:
        """Take the card that stands at the slot, or will in a moment."""
        await self._hands["card_reader"].take_card()

    async def press(self, *keys: str) -> None:
        """Press keys on the PIN pad: `press("123456", "enter")`; also `clear` and `cancel`."""
        await self._hands["pin_pad"].press(*keys)

    async def notes_at_exit(self) -> int:
        """Count the notes that lie in reach, without taking them."""
        return await self._hands["cash_dispenser"].notes_at_exit()

    async def take_notes(self, number: int | None = None) -> int:
        """Take notes from the exit, all by default; how many were taken."""
        return await self._hands["cash_dispenser"].take_notes(number)

    async def empty_cassette(self, unit: str) -> None:
        """Take all notes out of a cassette."""
        await self._hands["cash_dispenser"].empty_cassette(unit)

    async def refill(self, unit: str, notes: int) -> None:
        """Put notes (on a real bench: test notes) into a cassette."""
        await self._hands["cash_dispenser"].refill(unit, notes)

    async def remove_cassette(self, unit: str) -> None:
        """Pull a cassette out."""
        await self._hands["cash_dispenser"].remove_cassette(unit)

    async def insert_cassette(self, unit: str) -> None:
        """Put a cassette back."""
        await self._hands["cash_dispenser"].insert_cassette(unit)

    async def tear_off(self, *showing: str) -> bool:
        """Take the receipt; True when it is cut and shows each of these texts."""
        return await self._hands["receipt_printer"].tear_off(showing)

    async def paper_at_slot(self) -> bool:
        """Does a receipt hang at the slot?"""
        return await self._hands["receipt_printer"].paper_at_slot()

    async def remove_paper(self) -> None:
        """Take the paper out of the printer."""
        await self._hands["receipt_printer"].remove_paper()

    async def load_paper(self) -> None:
        """Put a full roll into the printer."""
        await self._hands["receipt_printer"].load_paper()

    async def open_cover(self) -> None:
        """Open the printer's cover."""
        await self._hands["receipt_printer"].open_cover()

    async def close_cover(self) -> None:
        """Close the printer's cover."""
        await self._hands["receipt_printer"].close_cover()
