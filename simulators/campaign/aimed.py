"""Faults where they hurt: power cuts between a motion and its record, and lost or doubled messages about money."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from simulators.campaign.tape import Act, Visit
from simulators.world.fault_options import Option
from simulators.world.faulty_line import Direction
from terminal.journal import Entry

CARD: Final = (Entry.CARD_READ, Entry.CARD_TAKEN, Entry.CARD_LEFT, Entry.CAPTURE_INTENT, Entry.HOST_REPLY)
"""Records after which a card is on its way."""

MONEY: Final = (
    (Entry.HOST_REQUEST, 2),
    (Entry.HOST_REQUEST, 2),
    (Entry.HOST_REPLY, 2),
    (Entry.ADVICE_STORED, 1),
    (Entry.ADVICE_ANSWERED, 1),
    (Entry.HOST_REQUEST, 1),
)
"""Records after which a message about money is on its way: the first request of a visit is the quote."""

LOSSES: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("D1", {"reply": True}),
    ("D1", {"reply": True}),
    ("D1", {"reply": False}),
    ("D2", {"seconds": 45.0}),
    ("D3", {}),
    ("D4", {}),
    ("D10", {"reply": True}),
    ("D11", {"reply": False}),
    ("D13", {"byte": 30, "reply": True}),
    ("A6", {}),
    ("A7", {}),
    ("A8", {}),
)
"""What becomes of the message about money that follows on the quote."""

BANKS: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("D24", {"seconds": 300.0}),
    ("D24", {"seconds": 3_000.0}),
    ("D25", {"after": False}),
    ("D25", {"after": True}),
)
"""What else becomes of a transfer."""

NEAR: Final = 40
"""Steps and bytes that lie close to a record."""


def cut_at(chance: random.Random, notes: Sequence[Entry], visit: Visit) -> Act:
    """A cut at a moment of this visit; `notes` are the records after which its notes move."""
    kind = chance.random()
    if kind < 0.55 and visit.amount:
        at, nth, role = chance.choice(notes), 1, "cash_dispenser"
        where = chance.choice(("A10", "A12")) if chance.random() < 0.2 else ""
    elif kind < 0.75:
        at, nth, role = chance.choice(CARD), 1, "card_reader"
        where = "A11" if chance.random() < 0.3 else ""
    else:
        (at, nth), role, where = chance.choice(MONEY), "pin_pad", ""
    fault = where or chance.choice(("A1", "A1", "A2", "A3", "A3", "A4", "A9", "A14"))
    seconds = round(chance.uniform(0, 20), 3)
    return Act(fault=fault, at=at, nth=nth, after=_after(chance, fault), options=_options(chance, fault, role, seconds))


def loss(chance: random.Random, visit: Visit) -> Act:
    """The request for money of this visit, or its answer, does not come as it should."""
    fault, options = chance.choice((*LOSSES, *BANKS) if visit.transfer_fen else LOSSES)
    return Act(fault=fault, at=Entry.HOST_REPLY, options=dict(options))


def _after(chance: random.Random, fault: str) -> float:
    """A watchdog knows no place; everything else has one of its own, counted from the record."""
    return round(chance.uniform(0, 4), 3) if fault == "A14" else 0.0


def _options(chance: random.Random, fault: str, role: str, seconds: float) -> dict[str, str | float]:
    match fault:
        case "A1":
            return {"step": chance.randint(1, NEAR), "seconds": seconds}
        case "A2":
            direction = chance.choice(tuple(Direction))
            return {"role": role, "byte": chance.randint(1, NEAR), "direction": direction, "seconds": seconds}
        case "A3" | "A4":
            return {"number": chance.choice((1, 1, 1, 2, 3)), "seconds": seconds}
        case "A9":
            return {"step": chance.randint(1, NEAR), "second": chance.randint(1, 150), "seconds": seconds}
        case "A10" | "A11" | "A12":
            return {"after": round(chance.uniform(0, 3), 3), "seconds": seconds}
        case _:
            return {"seconds": seconds}
