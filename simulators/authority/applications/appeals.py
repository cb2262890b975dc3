"""Objections: to a refusal, a rejection, a recovery, a penalty. Another person than the first decider answers in time.

The rules of this file: an appeal is made by the person it concerns, once while one is open, within the days that the
home policy gives; it has a number and a deadline in working days; whoever handles it is a reviewer of the home region
who decided nothing of its subject and is neither the person nor a relative. UPHELD opens the way for a new decision;
what was decided before stays on record.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.applications.numbers import NumberKind, next_number
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused, refused
from simulators.authority.applications.relatives import relatives_of
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import history
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision import audit
from simulators.authority.tables.applications import AppealState, appeals, application_refusals, applications
from simulators.authority.tables.people import persons

_DECIDING = frozenset({Event.APPROVE, Event.CONCUR, Event.REJECT, Event.RETURN, Event.CANCEL, Event.SUSPEND})
_OPEN = (AppealState.OPEN, AppealState.IN_HAND)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is objected to: its kind and id as in the audit chain, whose it is, who decided, when (None: not yet)."""

    kind: str
    id: int
    person_id: int
    deciders: tuple[Actor, ...]
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """One objection."""

    id: int
    number: str
    person_id: int
    region: str
    subject: str
    state: AppealState
    filed_at: datetime
    due: datetime
    handler: str | None
    decided_at: datetime | None
    outcome: str | None
    grounds_sealed: bytes = field(repr=False)
    first_deciders: tuple[Actor, ...]


def subject_application(connection: Connection, application_id: int) -> Subject:
    """An application's last decision. Raises LookupError."""
    row = connection.execute(select(applications).where(applications.c.id == application_id)).mappings().first()
    if row is None:
        raise LookupError(f"no application {application_id}")
    made = [entry for entry in history(connection, application_id) if entry.event in _DECIDING]
    deciders = {
        (entry.role, entry.actor): Actor(entry.role, entry.actor, None, entry.actor_person_id) for entry in made
    }
    decided_at = made[-1].at if made else None
    return Subject("application", application_id, row["person_id"], tuple(deciders.values()), decided_at)


def subject_refusal(connection: Connection, refusal_id: int) -> Subject:
    """A form that rules refused. Raises LookupError."""
    found = select(application_refusals).where(application_refusals.c.id == refusal_id)
    row = connection.execute(found).mappings().first()
    if row is None:
        raise LookupError(f"no refusal {refusal_id}")
    return Subject("refusal", refusal_id, row["person_id"], (), datetime.fromisoformat(row["at"]))


def file_appeal(
    connection: Connection, office: Office, subject: Subject, grounds: str, actor: Actor, at: datetime
) -> Appeal | Refused:
    """Take an objection in."""
    region = connection.scalar(select(persons.c.region).where(persons.c.id == subject.person_id))
    home = None if region is None else office.policies.in_force(region, at.date())
    problems = []
    if actor.role is not Role.TELLER and actor.person_id != subject.person_id:
        problems.append(Problem("actor", "not_of_person"))
    if not grounds.strip():
        problems.append(Problem("grounds", "missing"))
    if home is None:
        problems.append(Problem("region", "no_policy", region or ""))
    elif subject.decided_at is None:
        problems.append(Problem("appeal", "not_decided"))
    elif at > subject.decided_at + timedelta(days=home.review.appeal_within_days):
        problems.append(Problem("appeal", "too_late", str(home.review.appeal_within_days)))
    same = (appeals.c.subject_kind == subject.kind) & (appeals.c.subject_id == subject.id)
    if connection.scalar(select(appeals.c.id).where(same, appeals.c.state.in_(_OPEN))) is not None:
        problems.append(Problem("appeal", "open_already"))
    if problems or home is None or region is None:
        return refused(problems)
    number = next_number(connection, NumberKind.APPEAL, pooling_region(region), at.date())
    due = office.calendar_of(home).deadline(at, home.review.appeal_working_days)
    connection.execute(
        insert(appeals).values(
            number=number,
            person_id=subject.person_id,
            region=pooling_region(region),
            subject_kind=subject.kind,
            subject_id=subject.id,
            first_deciders=json.dumps([[each.role, each.id, each.person_id] for each in subject.deciders]),
            grounds_sealed=office.hsm.seal(grounds.strip()),
            state=AppealState.OPEN,
            filed_at=at.isoformat(),
            due=due.isoformat(),
        )
    )
    made = appeal_by_number(connection, number)
    assert made is not None
    audit.note(connection, at, actor, "appeal filed", f"appeal:{made.id}", {"against": made.subject})
    gaps: dict[str, str | int] = {"number": number, "due": due.isoformat()}
    notify(connection, made.person_id, Notice.APPEAL_FILED, f"appeal:{made.id}", at, gaps)
    return made


def appeal_by_number(connection: Connection, number: str) -> Appeal | None:
    """The appeal with this number."""
    row = connection.execute(select(appeals).where(appeals.c.number == number)).mappings().first()
    return None if row is None else _appeal(row)


def grounds_of(hsm: SoftHsm, appeal: Appeal) -> str:
    """What the person says."""
    return hsm.unseal(appeal.grounds_sealed)


def take_in_hand(connection: Connection, appeal: Appeal, reviewer: Actor, at: datetime) -> Appeal | Refused:
    """A reviewer who has decided nothing of it begins."""
    problems = _may_not_handle(connection, appeal, reviewer)
    if appeal.state is not AppealState.OPEN:
        problems.append(Problem("state", "not_possible", appeal.state))
    if problems:
        return _told(connection, appeal, reviewer, at, problems)
    changed = update(appeals).where(appeals.c.id == appeal.id)
    connection.execute(changed.values(state=AppealState.IN_HAND, handler=reviewer.id))
    audit.note(connection, at, reviewer, "appeal taken in hand", f"appeal:{appeal.id}")
    return _again(connection, appeal)


def decide_appeal(
    connection: Connection, appeal: Appeal, reviewer: Actor, at: datetime, *, upheld: bool, outcome: str
) -> Appeal | Refused:
    """Answer it; `outcome` names why, by the key of a text."""
    problems = _may_not_handle(connection, appeal, reviewer)
    if appeal.state not in _OPEN:
        problems.append(Problem("state", "not_possible", appeal.state))
    if not outcome:
        problems.append(Problem("outcome", "missing"))
    if problems:
        return _told(connection, appeal, reviewer, at, problems)
    state = AppealState.UPHELD if upheld else AppealState.DISMISSED
    changed = update(appeals).where(appeals.c.id == appeal.id)
    connection.execute(changed.values(state=state, handler=reviewer.id, decided_at=at.isoformat(), outcome=outcome))
    audit.note(connection, at, reviewer, f"appeal {state}", f"appeal:{appeal.id}", {"outcome": outcome})
    gaps = {"number": appeal.number, "outcome": outcome}
    kind = Notice.APPEAL_UPHELD if upheld else Notice.APPEAL_DISMISSED
    notify(connection, appeal.person_id, kind, f"appeal:{appeal.id}", at, gaps)
    return _again(connection, appeal)


def escalate_overdue_appeals(connection: Connection, at: datetime, actor: Actor) -> int:
    """Bring appeals that nobody answered in time before a supervisor, once; how many."""
    fresh = appeals.c.state.in_(_OPEN) & (appeals.c.due < at.isoformat()) & appeals.c.escalated_at.is_(None)
    late = connection.scalars(select(appeals.c.id).where(fresh)).all()
    for appeal_id in late:
        connection.execute(update(appeals).where(appeals.c.id == appeal_id).values(escalated_at=at.isoformat()))
        audit.note(connection, at, actor, "appeal escalated", f"appeal:{appeal_id}")
    return len(late)


def _may_not_handle(connection: Connection, appeal: Appeal, reviewer: Actor) -> list[Problem]:
    found = []
    of_home = reviewer.region is not None and pooling_region(reviewer.region) == appeal.region
    if reviewer.role is not Role.REVIEWER or not of_home:
        found.append(Problem("actor", "not_a_reviewer_of_the_home_region"))
    if any(reviewer.is_same_human(each) for each in appeal.first_deciders):
        found.append(Problem("actor", "decided_before"))
    if reviewer.person_id is not None:
        if reviewer.person_id == appeal.person_id:
            found.append(Problem("actor", "is_applicant"))
        if appeal.person_id in relatives_of(connection, reviewer.person_id):
            found.append(Problem("actor", "is_relative"))
    return found


def _told(connection: Connection, appeal: Appeal, actor: Actor, at: datetime, problems: Sequence[Problem]) -> Refused:
    told = refused(problems)
    audit.note(connection, at, actor, "appeal refused", f"appeal:{appeal.id}", {"keys": ",".join(sorted(told.keys))})
    return told


def _again(connection: Connection, appeal: Appeal) -> Appeal:
    return _appeal(connection.execute(select(appeals).where(appeals.c.id == appeal.id)).mappings().one())


def _appeal(row: RowMapping) -> Appeal:
    return Appeal(
        id=row["id"],
        number=row["number"],
        person_id=row["person_id"],
        region=row["region"],
        subject=f"{row['subject_kind']}:{row['subject_id']}",
        state=AppealState(row["state"]),
        filed_at=datetime.fromisoformat(row["filed_at"]),
        due=datetime.fromisoformat(row["due"]),
        handler=row["handler"],
        decided_at=None if row["decided_at"] is None else datetime.fromisoformat(row["decided_at"]),
        outcome=row["outcome"],
        grounds_sealed=row["grounds_sealed"],
        first_deciders=tuple(
            Actor(Role(role), who, None, person) for role, who, person in json.loads(row["first_deciders"])
        ),
    )
