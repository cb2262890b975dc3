"""Whether the host judges PINs as it should: a wrong one gets nothing, and a card has all its tries and no more.

Knows what was typed, as nobody but the customer does. A request may be lost, and so may an answer: between the wrong
PINs that the host has answered and those that were sent lies what it may have counted.
"""

from collections import Counter
from datetime import date
from typing import Final

from protocol.money_line import ResponseCode
from simulators.world.people import Person

WITH_A_PIN: Final = ("QuoteRequest", "CashRequest", "TransferRequest")
"""Requests that carry one, by the name that their record has."""

TRIES: Final = 3
"""Wrong PINs after which a card is refused, by the regions' policies; in some until the next day."""

TOO_MANY: Final = (ResponseCode.PIN_TRIES_EXCEEDED, ResponseCode.PIN_TRIES_CAPTURE)


class PinTries:
    """Follows the requests of all customers and their answers."""

    def __init__(self) -> None:
        self._sent: dict[int, tuple[Person, bool]] = {}
        self._at_most = Counter[str]()
        self._at_least = Counter[tuple[str, date]]()

    def asked(self, stan: int, person: Person, typed: str, day: date) -> None:
        """A request leaves under this trace number, with the PIN that was `typed` last."""
        is_right = typed == person.pin
        self._sent[stan] = person, is_right
        if not is_right:
            self._at_most[person.id] += 1
        elif self._at_least[person.id, day] < TRIES:
            del self._at_least[person.id, day]

    def none_asked(self, stan: int) -> None:
        """A request without a PIN has this trace number, which a journal before may have used."""
        self._sent.pop(stan, None)

    def answered(self, stan: int, code: str, day: date) -> str:
        """What is wrong with this answer, in words; nothing: ''."""
        if stan not in self._sent:
            return ""
        person, is_right = self._sent[stan]
        sent, refused = self._at_most[person.id], self._at_least[person.id, day]
        if code == ResponseCode.APPROVED:
            self._at_most[person.id] = 0
            if not is_right:
                return f"approved for {person.id}, who typed a wrong PIN"
            return f"approved for {person.id} after {refused} wrong PINs" if refused >= TRIES else ""
        if code == ResponseCode.WRONG_PIN and is_right:
            return f"{person.id} typed the right PIN, and it counts as wrong"
        if code in (ResponseCode.WRONG_PIN, *TOO_MANY) and not is_right:
            self._at_least[person.id, day] += 1
        if code in TOO_MANY and sent < TRIES:
            return f"{person.id} is refused after {sent} wrong PINs"
        return ""
