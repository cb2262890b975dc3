"""What the account has: the balance, what of it can be had, and what binds it."""

from collections.abc import Mapping

from protocol.money_line import AmountType
from terminal.pages.page import Page, page, to_menu
from terminal.view import Fen, Screen, View, Words

LINES = (
    (AmountType.LEDGER, "account.balance"),
    (AmountType.AVAILABLE, "account.available"),
    (AmountType.MAXIMUM_DRAW, "account.maximum"),
    (AmountType.REST_OF_DAY, "account.day_left"),
    (AmountType.REST_OF_YEAR, "account.year_left"),
    (AmountType.REST_OF_APPLICATION, "account.application_left"),
)
"""What the host tells with a quote, in the order in which it is read."""


def balance(amounts: Mapping[AmountType, int]) -> Page:
    """What the quote told."""
    lines = tuple(Words(key, {"amount": Fen(amounts[kind])}) for kind, key in LINES if kind in amounts)
    return page(View(Screen.ACCOUNT, Words("account.title"), lines, can_cancel=True), to_menu())
