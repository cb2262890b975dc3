"""What the authority does by itself as time passes: escalate, remind, let expire, freeze, follow a new policy.

Each function takes the instant and does what is due by then, once; running it late or twice changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.drawn import drawn_fen, held_still
from simulators.authority.applications.freezing import Cause, freeze, thaw
from simulators.authority.applications.notifications import Notice, notify, was_told
from simulators.authority.applications.office import Office
from simulators.authority.applications.policy_changes import apply_changes
from simulators.authority.applications.states import IN_REVIEW, OPEN, Event
from simulators.authority.applications.store import Application, as_application, in_states, move
from simulators.authority.ledger.releases import post_release
from simulators.authority.supervision.orders import persons_on_hold
from simulators.authority.tables.applications import ApplicationState as S
from simulators.authority.tables.applications import applications

REMIND_BEFORE = timedelta(days=7)
"""How long before its last day a person hears of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many applications or persons each duty touched."""

    escalated: int
    expired: int
    frozen: int
    held: int  # frozen for a legal hold, or let go on after one
    reminded: int
    told_of_policy: int  # what is open under it went where the new version says


def run(connection: Connection, office: Office, at: datetime) -> Done:
    """All duties, in an order in which none undoes another."""
    return Done(
        told_of_policy=apply_changes(connection, office, at).told,
        escalated=escalate_overdue(connection, at),
        expired=expire(connection, at),
        frozen=freeze_for_papers(connection, at),
        held=follow_legal_holds(connection, at),
        reminded=remind(connection, at),
    )


def overdue(connection: Connection, at: datetime) -> tuple[Application, ...]:
    """Applications that nobody decided in time, the oldest deadline first."""
    late = applications.c.state.in_(tuple(IN_REVIEW)) & (applications.c.review_due < at.isoformat())
    rows = connection.execute(select(applications).where(late).order_by(applications.c.review_due, applications.c.id))
    return tuple(as_application(row) for row in rows.mappings())


def escalate_overdue(connection: Connection, at: datetime) -> int:
    """Bring what is overdue before a supervisor, once a round; how many."""
    late = [each for each in overdue(connection, at) if each.escalated_at is None]
    for each in late:
        assert each.review_due is not None
        due = {"due": each.review_due.isoformat()}
        move(connection, each, Event.ESCALATE, SYSTEM, at, due, escalated_at=at.isoformat())
    return len(late)


def expire(connection: Connection, at: datetime) -> int:
    """End approvals after their last day, and what was returned or left incomplete after the day it was called for.

    The rest of an approval is nobody's any more, and posted as released; a hold that is open is carried through.
    """
    today = at.date()
    approved = applications.c.state.in_((S.APPROVED, S.SUSPENDED)) & (applications.c.valid_until < today)
    waiting = (applications.c.state == S.RETURNED) & (applications.c.filing_due < today)
    incomplete = (
        (applications.c.state == S.SUBMITTED) & applications.c.complete.is_(False) & (applications.c.filing_due < today)
    )
    expired = 0
    for known in _where(connection, approved | waiting | incomplete):
        each = held_still(connection, known.id)
        if each != known:
            continue  # somebody was quicker; the next run looks again
        rest = 0 if each.approved_fen is None else each.approved_fen - drawn_fen(connection, each.id)
        if rest > 0:
            post_release(connection, at, each.person_id, rest, application_id=each.id)
        gone = move(
            connection, each, Event.EXPIRE, SYSTEM, at, {"released_fen": rest}, review_due=None, filing_due=None
        )
        notify(connection, gone.person_id, Notice.EXPIRED, gone.subject, at, {"number": gone.number, "rest_fen": rest})
        expired += 1
    return expired


def freeze_for_papers(connection: Connection, at: datetime) -> int:
    """Papers of an emergency that were to follow and did not: no more money until they come."""
    lacking = (
        (applications.c.state == S.APPROVED)
        & applications.c.complete.is_(False)
        & (applications.c.filing_due < at.date())
    )
    found = _where(connection, lacking)
    for each in found:
        move(connection, each, Event.SUSPEND, SYSTEM, at, {"cause": Cause.PAPERS})
        gaps = {"number": each.number, "cause": Cause.PAPERS}
        notify(connection, each.person_id, Notice.SUSPENDED, each.subject, at, gaps)
    return len(found)


def follow_legal_holds(connection: Connection, at: datetime) -> int:
    """While a person's money is on hold nothing that is open goes on; afterwards it does, whoever ended the hold."""
    held = persons_on_hold(connection, at)
    suspended = in_states(connection, (S.SUSPENDED,))
    free = {each.person_id for each in suspended if each.suspended_for == Cause.LEGAL_HOLD} - held
    stopped = sum(len(freeze(connection, person, Cause.LEGAL_HOLD, SYSTEM, at)) for person in sorted(held))
    return stopped + sum(len(thaw(connection, person, Cause.LEGAL_HOLD, SYSTEM, at)) for person in sorted(free))


def remind(connection: Connection, at: datetime) -> int:
    """Tell people of a last day that comes near; once for each."""
    soon = at.date() + REMIND_BEFORE
    told = 0
    for each in _where(connection, applications.c.state.in_(tuple(OPEN))):
        for kind, day in ((Notice.EXPIRING, each.valid_until), (Notice.FILING_DUE, each.filing_due)):
            if day is None or day > soon or was_told(connection, each.person_id, kind, each.subject):
                continue
            gaps = {"number": each.number, "until": day.isoformat()}
            told += notify(connection, each.person_id, kind, each.subject, at, gaps)
    return told


def _where(connection: Connection, condition: object) -> tuple[Application, ...]:
    rows = connection.execute(select(applications).where(condition).order_by(applications.c.id))  # type: ignore[arg-type]
    return tuple(as_application(row) for row in rows.mappings())
