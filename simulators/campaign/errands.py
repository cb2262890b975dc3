"""What customers come for besides cash: transfers, pages behind the PIN, and what can be read without a card."""

import random
from typing import Final, TypedDict

from terminal.pages.transfer import PAY

PAGES: Final = (
    ("account", "print", "menu"),
    ("account", "history", "credits", "back", "print", "menu"),
    ("account", "history", "draws", "menu"),
    ("application", "status", "menu"),
    ("application", "status", "print", "menu"),
    ("policy", "440300", "combined", "up", "checklist", "print", "menu"),
    ("invoices", "menu"),
    ("print", "print", "menu"),
)
"""Ways through the pages; whoever does not find one goes back to the menu, or leaves."""

BY_ITSELF: Final = PAGES[:1]
"""What a kiosk knows without a service line."""

GUIDE: Final = (
    ("information", "topics", "risks", "back", "back", "close"),
    ("information", "questions", "who"),
    ("information", "problems"),
    ("information", "policy", "440300", "print"),
    ("information",),
)
"""Ways through what can be read without a card; not everybody closes it before the card is inserted."""

YUAN: Final = (1, 50, 200, 500, 500, 1_000, 2_500, 5_000, 6_000)
"""Sums that are to be transferred; the last is more than anybody may."""

AFTERWARDS: Final = ((), (), ("return_card",), ("print", "return_card"), ("print", "return_card"))
"""What whoever has transferred money touches next."""

TRANSFERS: Final = 0.25
LOOKS: Final = 0.2
READS: Final = 0.15
RATES: Final = 0.2
"""How many visits."""


class Errand(TypedDict):
    """Those fields of a `Visit`."""

    path: tuple[str, ...]
    amount: int
    reads: tuple[str, ...]
    stars: int | None


def errand(chance: random.Random, cash: int, *, service_line: bool) -> Errand:
    """What a customer comes for who would take so many yuan in cash."""
    kind, amount = chance.random(), cash
    path: tuple[str, ...] = ()
    if kind < TRANSFERS:
        path = ("transfer", "type", f"#{chance.choice(YUAN)}", PAY, *chance.choice(AFTERWARDS))
        amount = chance.choice((0, cash))
    elif kind < TRANSFERS + LOOKS:
        path = chance.choice(PAGES if service_line else BY_ITSELF)
        amount = chance.choice((0, cash))
    reads: tuple[str, ...] = chance.choice(GUIDE) if chance.random() < READS else ()
    stars = chance.randint(1, 5) if service_line and chance.random() < RATES else None
    return {"path": path, "amount": amount, "reads": reads, "stars": stars}
