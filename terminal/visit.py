"""What a kiosk knows about the person in front of it; forgotten as a whole when the person leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from protocol.money_line import AmountType
from terminal.card import Card
from terminal.host_answers import Declined, NoAnswer, Transferred
from terminal.pages.page import Page, Step
from terminal.view import Words
from terminal.visit_ending import Ending
from terminal.withdrawal import Withdrawal

__all__ = ["Ending", "Visit"]


@dataclass(slots=True)
class Visit:
    """One person's stay, from card in to card out or capture. The card and the withdrawal are never written down.

    `begun` and `ended` say what the journal has of it. `first_time`: nobody has acknowledged the texts with this card
    here; `closed_until`: there is no cash by the clock, here or `at_home`. `amounts` is what the host told of the
    account once the PIN was right, `reference` that answer's number, by which the service line knows the person,
    and `no_cash` why there is none to be had. `refusal` is the host's last one of money or of the quote. `page` is
    what is being read, `step` where its reader wants to go. `copies` of the receipt were asked for, and
    `copy_printed` says of the last one whether it came.
    """

    id: str = ""
    begun: bool = False
    card: Card | None = field(default=None, repr=False)
    first_time: bool = False
    closed_until: datetime | None = None
    closed_at_home_until: datetime | None = None
    notice_acknowledged: bool = False
    pin_tries_left: int | None = None
    withdrawal: Withdrawal | None = field(default=None, repr=False)
    amounts: Mapping[AmountType, int] = field(default_factory=dict, repr=False)
    reference: str = ""
    pin_block: bytes = field(default=b"", repr=False)
    transfer_fen: int = 0
    transferred: Transferred | None = None
    no_cash: tuple[Words, ...] = ()
    refusal: Declined | NoAnswer | None = None
    page: Page | None = field(default=None, repr=False)
    step: Step | None = field(default=None, repr=False)
    hint: Words | None = None
    reasons: tuple[Words, ...] = ()
    ending: Ending | None = None
    ended: bool = False
    card_gone: bool = False
    card_retained: bool = False
    receipt_at: datetime | None = None
    receipt_printed: bool = False
    copies: int = 0
    copy_printed: bool | None = None
    stars: int | None = None
