"""Somebody who comes to a kiosk to do what a fault says that a person does, and otherwise behaves."""

import asyncio
import random
from collections.abc import Callable, Mapping
from functools import wraps

from simulators.bench.customer import Customer, Plan, Surroundings
from simulators.bench.hands import Hands
from simulators.world.faults import Ailment, FaultRefused
from terminal.view import Screen


class Visitor:
    """Comes when a fault of a person strikes and goes when the visit is over; the first whose card is in their hand."""

    def __init__(self, hands: Hands, place: Surroundings, chance: random.Random) -> None:
        self.visit: asyncio.Task[None] | None = None
        self._hands = hands
        self._place = place
        self._chance = chance
        self._customer = self._somebody()

    def ailments(self) -> Mapping[str, Ailment]:
        """What this person may do otherwise, by the fault's id."""
        return {
            fault: Ailment(self._coming(fault, ailment.happen), self._mending(fault), ailment.limits, ailment.differ)
            for fault, ailment in self._customer.ailments().items()
        }

    def _coming(self, fault: str, happen: Callable[..., object]) -> Callable[..., object]:
        @wraps(happen)
        def come(**options: object) -> object:
            if self.visit is None or self.visit.done():
                self._customer = self._somebody()
                self.visit = asyncio.ensure_future(self._when_free(self._customer))
            return self._customer.ailments()[fault].happen(**options)

        return come

    async def _when_free(self, customer: Customer) -> None:
        """Whoever is at the kiosk already ends first."""
        place = self._place
        await place.scene.until(lambda: place.session.view.screen is Screen.IDLE and place.reader.takes_cards)
        await customer.visit(Plan())

    def _mending(self, fault: str) -> Callable[[], None] | None:
        if self._customer.ailments()[fault].mend is None:
            return None

        def mend() -> None:
            if (mend := self._customer.ailments()[fault].mend) is not None:
                mend()

        return mend

    def _somebody(self) -> Customer:
        """Raises FaultRefused."""
        for person in self._hands.people.values():
            if (card := self._hands.card_in_hand(person.id)) is not None:
                return Customer(person, card, self._place, self._chance)
        raise FaultRefused("nobody has a card in their hand who could come to the kiosk")
