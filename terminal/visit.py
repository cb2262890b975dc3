"""What a kiosk knows about the person in front of it; forgotten as a whole when the person leaves."""

from dataclasses import dataclass, field

from terminal.card import Card
from terminal.view import Words
from terminal.visit_ending import Ending
from terminal.withdrawal import Withdrawal

__all__ = ["Ending", "Visit"]


@dataclass(slots=True)
class Visit:
    """One person's stay, from card in to card out or capture. The card and the withdrawal are never written down.

    `begun` and `ended` say what the journal has of it.
    """

    id: str = ""
    begun: bool = False
    card: Card | None = field(default=None, repr=False)
    notice_acknowledged: bool = False
    pin_tries_left: int | None = None
    withdrawal: Withdrawal | None = field(default=None, repr=False)
    hint: Words | None = None
    reasons: tuple[Words, ...] = ()
    ending: Ending | None = None
    ended: bool = False
    card_gone: bool = False
    card_retained: bool = False
    receipt_printed: bool = False
