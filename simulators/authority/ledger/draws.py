"""Approvals and what became of them: hold, confirm of the true amount, reversal, correction after a count.

A hold is not a posting: it makes money unavailable until it is confirmed or reversed. The table of the file, where
"confirm x" reports that x fen were paid out and DONE, CONFLICT, NOT_FOUND, TOO_MUCH are `Ending`:

    state      | confirm x                            | reverse
    none       | tombstone, x to suspense, NOT_FOUND  | tombstone, NOT_FOUND
    HELD       | x <= hold: debit x, CONFIRMED, DONE  | REVERSED, DONE
               | x > hold: TOO_MUCH                   |
    CONFIRMED  | same x: DONE; another: CONFLICT      | 0 was paid: DONE; else CONFLICT
    REVERSED   | x = 0: DONE; else suspense, CONFLICT | DONE
    TOMBSTONE  | x to suspense once, NOT_FOUND        | NOT_FOUND

So whatever the order and number of messages, a person is debited at most once per approval, and every fen that a
terminal reports as paid stands on the person's account or in suspense.
"""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import Connection

from simulators.authority.ledger.draw_rows import (
    Approval,
    Draw,
    ExchangeKey,
    Key,
    MessageKey,
    draw_by_id,
    find_draw,
    insert_draw,
    rows_around,
)
from simulators.authority.ledger.enquiries import all_enquiries, mark_decided, settle
from simulators.authority.ledger.ledger import LedgerError
from simulators.authority.ledger.payout_entries import capture, count_for_regions, give_back, release, suspend
from simulators.authority.ledger.usage import has_held, held_fen, unheld_fen, used_fen
from simulators.authority.tables.ledger import DrawState

__all__ = [
    "Approval",
    "Draw",
    "Ending",
    "ExchangeKey",
    "Key",
    "MessageKey",
    "confirm",
    "decide_enquiry",
    "find_draw",
    "give_back",
    "has_held",
    "held_fen",
    "hold",
    "reverse",
    "rows_around",
    "unheld_fen",
    "used_fen",
]


class Ending(StrEnum):
    """How a confirm or reversal was taken."""

    DONE = auto()  # so it is, now or since an earlier copy
    CONFLICT = auto()  # the draw had ended in another way; nothing was posted to the person
    NOT_FOUND = auto()  # no such approval; a tombstone now refuses it
    TOO_MUCH = auto()  # more than was held; nothing changed


def hold(connection: Connection, key: Key, approval: Approval, at: datetime) -> int:
    """Set the amount aside; the draw's id. The caller has decided and has checked that the key is new."""
    if approval.amount_fen <= 0:
        raise LedgerError("a hold needs a positive amount")
    draw_id = insert_draw(connection, key, DrawState.HELD, approval.place, at, approval)
    count_for_regions(connection, draw_by_id(connection, draw_id), approval.amount_fen)
    return draw_id


def confirm(connection: Connection, key: Key, paid_fen: int, place: str, at: datetime) -> Ending:
    """The terminal reports that `paid_fen` (0 or more) of an approval were paid out; see the table above."""
    draw = find_draw(connection, key, lock=True) or _bury(connection, key, place, at)
    match draw.state:
        case DrawState.HELD:
            if paid_fen > draw.amount_fen:
                return Ending.TOO_MUCH
            capture(connection, draw, paid_fen, at)
            settle(connection, draw.id, at, f"confirm of {paid_fen} fen")
            return Ending.DONE
        case DrawState.CONFIRMED:
            return Ending.DONE if paid_fen == draw.confirmed_fen else Ending.CONFLICT
        case DrawState.REVERSED:
            suspend(connection, draw, paid_fen, at)
            return Ending.CONFLICT if paid_fen else Ending.DONE
        case DrawState.TOMBSTONE:
            suspend(connection, draw, paid_fen, at)
            return Ending.NOT_FOUND


def reverse(connection: Connection, key: Key, place: str, at: datetime) -> Ending:
    """The terminal reports that nothing of an approval was paid out; see the table above."""
    draw = find_draw(connection, key, lock=True)
    if draw is None:
        _bury(connection, key, place, at)
        return Ending.NOT_FOUND
    match draw.state:
        case DrawState.HELD:
            release(connection, draw)
            settle(connection, draw.id, at, "reversal")
            return Ending.DONE
        case DrawState.CONFIRMED:
            return Ending.CONFLICT if draw.confirmed_fen else Ending.DONE
        case DrawState.REVERSED:
            return Ending.DONE
        case DrawState.TOMBSTONE:
            return Ending.NOT_FOUND


def decide_enquiry(connection: Connection, enquiry_id: int, paid_fen: int, by: tuple[str, str], at: datetime) -> Ending:
    """Two people have had the terminal counted: `paid_fen` were paid of a hold that no advice has ended.

    DONE, or TOO_MUCH for more than is held. Raises LedgerError for one person, and where nothing waits.
    """
    first, second = (name.strip().lower() for name in by)
    if not first or not second or first == second:
        raise LedgerError("an enquiry is decided by two people")
    if paid_fen < 0:
        raise LedgerError("nobody pays less than nothing")
    waiting = next((each for each in all_enquiries(connection, undecided=True) if each.id == enquiry_id), None)
    if waiting is None:
        raise LedgerError(f"enquiry {enquiry_id} does not wait for a decision")
    draw = draw_by_id(connection, waiting.draw_id, lock=True)
    if paid_fen > draw.amount_fen:
        return Ending.TOO_MUCH
    mark_decided(connection, draw.id, at, f"{paid_fen} fen were paid, by {first} and {second}")
    if paid_fen:
        return confirm(connection, draw.key, paid_fen, draw.place, at)
    return reverse(connection, draw.key, draw.place, at)


def _bury(connection: Connection, key: Key, place: str, at: datetime) -> Draw:
    return draw_by_id(connection, insert_draw(connection, key, DrawState.TOMBSTONE, place, at, None))
