"""What customers come for besides cash: transfers, pages behind the PIN, and what can be read without a card."""

import random
from typing import Final, TypedDict

from simulators.bench.customer import FIRST
from terminal.pages.page import MENU
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

APPLIES: Final = (
    "application",
    "apply",
    "440300",
    "TREATMENT_AWAY",
    "DRUGS",
    "type",
    "#{yuan}",
    "type",
    "#13800000000",
)
HANDS_IN: Final = ("invoices", FIRST, "hand_in", "DRUGS", "type", "#{number}", "type", "#20261123", "type", "#{fen}")
"""Ways to the last page of what is done once, with what is typed left open."""

REPORTS: Final = ("loss", "report", "return_card")
"""Whoever reports the card that is inside gets nothing with it any more."""

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
LOOKS: Final = 0.12
WRITES: Final = 0.15
REPORTED: Final = 0.15
READS: Final = 0.15
RATES: Final = 0.2
COPIES: Final = 0.15
"""How many visits; `REPORTED`: of those that write."""


class Errand(TypedDict):
    """Those fields of a `Visit`."""

    path: tuple[str, ...]
    amount: int
    reads: tuple[str, ...]
    stars: int | None
    copies: bool


def errand(chance: random.Random, cash: int, *, service_line: bool) -> Errand:
    """What a customer comes for who would take so many yuan in cash."""
    kind, amount = chance.random(), cash
    path: tuple[str, ...] = ()
    if kind < TRANSFERS:
        path = ("transfer", "type", f"#{chance.choice(YUAN)}", PAY, *chance.choice(AFTERWARDS))
        amount = chance.choice((0, cash))
    elif service_line and kind < TRANSFERS + WRITES:
        path = _writes(chance)
        amount = chance.choice((0, cash, cash))
    elif kind < TRANSFERS + WRITES + LOOKS:
        path = chance.choice(PAGES if service_line else BY_ITSELF)
        amount = chance.choice((0, cash))
    reads: tuple[str, ...] = chance.choice(GUIDE) if chance.random() < READS else ()
    stars = chance.randint(1, 5) if service_line and chance.random() < RATES else None
    copies = chance.random() < COPIES
    return {"path": path, "amount": amount, "reads": reads, "stars": stars, "copies": copies}


def _writes(chance: random.Random) -> tuple[str, ...]:
    """Now and then the same invoice comes twice; it may count once only."""
    if chance.random() < REPORTED:
        return REPORTS
    applies = chance.random() < 0.5
    typed = {"yuan": chance.choice(YUAN), "number": chance.randint(1, 4), "fen": chance.choice((100, 12_300, 99_999))}
    way = tuple(step.format(**typed) for step in (APPLIES if applies else HANDS_IN))
    return (*way, "submit" if applies else "only_me", chance.choice((MENU, "print")))
