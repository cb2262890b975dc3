"""Holds whose confirm or reversal never came: the authority asks, it does not release.

The terminal may have paid without being able to say so: money that is free again too early could be drawn twice. When
a hold is older than its lifetime an enquiry is opened, with a deadline; the money stays on hold. What ends an enquiry:

    OPEN     | the advice comes late            | SETTLED, by what it says
             | the deadline passes              | OVERDUE, told to supervision; the money stays on hold
             | two people decide after a count  | DECIDED: a confirm of what was paid, or a reversal
    OVERDUE  | as OPEN

An advice that comes after a decision meets a draw that has ended, and `draws` has the row for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.ledger import DrawState, EnquiryState, draws, enquiries

_UNDECIDED = (EnquiryState.OPEN, EnquiryState.OVERDUE)

# A statement that is made once is compiled once.
_PAYER = func.coalesce(draws.c.terminal, draws.c.provider).label("payer")
_CLOSE = update(enquiries).where(enquiries.c.draw_id == bindparam("draw"), enquiries.c.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One question to the keeper of a terminal or counter: what became of this hold? Times are ISO 8601."""

    id: int
    draw_id: int
    payer: str
    amount_fen: int
    state: EnquiryState
    opened_at: str
    deadline: str
    closed_at: str | None
    ending: str | None


def open_due(connection: Connection, at: datetime, lifetime: timedelta, answer_within: timedelta) -> int:
    """Open an enquiry for every hold older than `lifetime`, and mark those past their deadline; how many are new."""
    due = (
        select(draws.c.id, draws.c.terminal)
        .select_from(draws.outerjoin(enquiries, enquiries.c.draw_id == draws.c.id))
        .where(draws.c.state == DrawState.HELD, draws.c.at <= (at - lifetime).isoformat(), enquiries.c.id.is_(None))
        .order_by(draws.c.id)
    )
    new = connection.execute(due).all()
    for draw_id, terminal in new:
        connection.execute(
            insert(enquiries).values(
                draw_id=draw_id,
                state=EnquiryState.OPEN,
                opened_at=at.isoformat(),
                deadline=(at + answer_within).isoformat(),
            )
        )
        note_incident(connection, at, "hold expired", "no confirm or reversal came: enquiry", terminal, draw_id)
    late = (
        select(enquiries.c.id, draws.c.terminal, enquiries.c.draw_id)
        .select_from(enquiries.join(draws))
        .where(enquiries.c.state == EnquiryState.OPEN, enquiries.c.deadline <= at.isoformat())
    )
    for enquiry_id, terminal, draw_id in connection.execute(late).all():
        connection.execute(update(enquiries).where(enquiries.c.id == enquiry_id).values(state=EnquiryState.OVERDUE))
        note_incident(connection, at, "enquiry overdue", "nobody has said what was paid", terminal, draw_id)
    return len(new)


def settle(connection: Connection, draw_id: int, at: datetime, ending: str) -> None:
    """The advice of a draw has come; its enquiry, if there is one, is settled."""
    _close(connection, draw_id, EnquiryState.SETTLED, at, ending)


def mark_decided(connection: Connection, draw_id: int, at: datetime, ending: str) -> None:
    """People have decided; `ending` says what, and who."""
    _close(connection, draw_id, EnquiryState.DECIDED, at, ending)


def all_enquiries(connection: Connection, *, undecided: bool = False) -> Sequence[Enquiry]:
    """All enquiries or those that wait, oldest first."""
    query = select(enquiries, _PAYER, draws.c.amount_fen).select_from(enquiries.join(draws))
    if undecided:
        query = query.where(enquiries.c.state.in_(_UNDECIDED))
    return [
        Enquiry(
            row["id"],
            row["draw_id"],
            row["payer"],
            row["amount_fen"],
            EnquiryState(row["state"]),
            row["opened_at"],
            row["deadline"],
            row["closed_at"],
            row["ending"],
        )
        for row in connection.execute(query.order_by(enquiries.c.id)).mappings()
    ]


def _close(connection: Connection, draw_id: int, state: EnquiryState, at: datetime, ending: str) -> None:
    values = {"draw": draw_id, "state": state, "closed_at": at.isoformat(), "ending": ending[:200]}
    connection.execute(_CLOSE, values)
