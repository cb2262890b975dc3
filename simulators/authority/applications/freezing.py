"""A person dies, loses the insurance, moves away, or comes under investigation: what is open stands still at once.

A payout that was authorised before is carried through by the ledger; this room only sees to it that nothing new begins.
After a death what is left goes to the heirs by the inheritance path, so the applications end.
"""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import Connection

from simulators.authority.actors import Actor
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.applications.states import IN_REVIEW, OPEN, Event
from simulators.authority.applications.store import Application, move, of_person
from simulators.authority.tables.applications import ApplicationState as S


class Cause(StrEnum):
    """Why somebody's applications stand still."""

    DEATH = auto()
    INSURANCE_ENDED = auto()
    MOVED_OUT = auto()
    LEGAL_HOLD = auto()
    SUSPENSION = auto()
    PAPERS = auto()  # of one application: what was to follow did not come


def freeze(connection: Connection, person_id: int, cause: Cause, actor: Actor, at: datetime) -> tuple[Application, ...]:
    """Suspend everything that is open; what was frozen before stays as it was."""
    frozen = []
    for each in of_person(connection, person_id):
        if each.state in OPEN:
            frozen.append(move(connection, each, Event.SUSPEND, actor, at, {"cause": cause}))
            notify(connection, person_id, Notice.SUSPENDED, each.subject, at, {"number": each.number, "cause": cause})
    return tuple(frozen)


def thaw(connection: Connection, person_id: int, cause: Cause, actor: Actor, at: datetime) -> tuple[Application, ...]:
    """Let go on what was frozen for this cause. A review whose deadline passed meanwhile is due at once."""
    going_on = []
    for each in of_person(connection, person_id):
        if each.state is S.SUSPENDED and each.suspended_for == cause:
            late = each.suspended_from in IN_REVIEW and each.review_due is not None and each.review_due < at
            changes = {"review_due": at.isoformat()} if late else {}
            going_on.append(move(connection, each, Event.RESUME, actor, at, {"cause": cause}, **changes))
            notify(connection, person_id, Notice.RESUMED, each.subject, at, {"number": each.number})
    return tuple(going_on)


def end(connection: Connection, person_id: int, cause: Cause, actor: Actor, at: datetime) -> tuple[Application, ...]:
    """Cancel what was frozen for this cause, since it will not go on."""
    ended = []
    for each in of_person(connection, person_id):
        if each.state is S.SUSPENDED and each.suspended_for == cause:
            ended.append(move(connection, each, Event.CANCEL, actor, at, {"cause": cause}, review_due=None))
            notify(connection, person_id, Notice.CANCELLED, each.subject, at, {"number": each.number, "cause": cause})
    return tuple(ended)
