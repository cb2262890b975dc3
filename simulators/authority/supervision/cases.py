"""Cases: what supervisors have to look into, each with an owner, a deadline in working days and an outcome.

A case belongs to the supervisors of its region until one takes it; what is overdue goes up to the head of the region.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, RowMapping, and_, bindparam, insert, select, update

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.working_days import national
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.orders import Subject
from simulators.authority.supervision.refusal import Problem, Refused
from simulators.authority.tables.service_line import StaffRole, staff
from simulators.authority.tables.supervision import CaseKind, CaseState, Matter, case_events, cases

TERMS: Final = Path(__file__).with_name("cases.toml")

_OPEN = insert(cases)
_EVENT = insert(case_events)
_FIND_OPEN = select(cases.c.id).where(
    cases.c.subject == bindparam("subject"), cases.c.kind == bindparam("kind"), cases.c.state != CaseState.CLOSED
)

_COLLEAGUE = select(staff.c.region).where(
    staff.c.id == bindparam("id"), staff.c.role == StaffRole.SUPERVISOR, staff.c.disabled.is_(False)
)


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `subject` is whom or what it is about, `outcome` is there once it is closed."""

    id: int
    kind: CaseKind
    matter: Matter
    subject: str
    region: str
    text: str
    state: CaseState
    owner: str
    opened_at: datetime
    due: datetime
    escalated_at: datetime | None
    closed_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened to a case."""

    at: datetime
    actor: str
    event: str
    text: str


def open_case(
    connection: Connection,
    actor: Actor,
    at: datetime,
    kind: CaseKind,
    subject: Subject | str,
    region: str,
    text: str,
    *,
    statement_sealed: bytes | None = None,
    contact_sealed: bytes | None = None,
) -> int:
    """A new case, or one more event of the open case of this kind and subject; its id. `text` names no person."""
    known = connection.scalar(_FIND_OPEN, {"subject": str(subject), "kind": kind})
    if known is not None and statement_sealed is None:
        _add_event(connection, int(known), actor, at, "again", text)
        return int(known)
    days, matter = _terms()[kind]
    region = pooling_region(region)
    inserted = connection.execute(
        _OPEN,
        {
            "kind": kind,
            "matter": matter,
            "subject": str(subject),
            "region": region,
            "text": text[:200],
            "statement_sealed": statement_sealed,
            "contact_sealed": contact_sealed,
            "state": CaseState.OPEN,
            "owner": f"supervisors of {region}",
            "opened_at": at.isoformat(),
            "opened_by": actor.id,
            "due": national().deadline(at, days).isoformat(),
        },
    ).inserted_primary_key
    assert inserted is not None
    case_id = int(inserted[0])
    _add_event(connection, case_id, actor, at, "opened", text)
    note(connection, at, actor, "case_opened", f"case:{case_id}", {"kind": kind, "of": str(subject)})
    return case_id


def take_report(
    connection: Connection,
    hsm: SoftHsm,
    at: datetime,
    region: str,
    statement: str,
    *,
    about: str = "unknown",
    contact: str | None = None,
    promotion: bool = False,
) -> int:
    """Somebody tells of misuse, with or without a name; a case of its own. Raises Refused for an empty statement.

    `promotion`: somebody offers cash for cards, or an enterprise, employer or merchant takes part. `about` is a subject
    such as "provider:371000000000001"; statement and contact are sealed.
    """
    if not statement.strip():
        raise Refused([Problem("statement", "supervision.report.empty")])
    kind = CaseKind.PROMOTION if promotion else CaseKind.REPORT
    whistle_blower = Actor(Role.PERSON, "anonymous" if contact is None else "reporter")
    return open_case(
        connection,
        whistle_blower,
        at,
        kind,
        about[:64],
        region,
        "a report was handed in",
        statement_sealed=hsm.seal(statement.strip()),
        contact_sealed=None if contact is None else hsm.seal(contact),
    )


def read_report(connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, case_id: int) -> str:
    """What a report says; read by supervisors only, and each reading is noted. Raises Refused."""
    row = _row(connection, case_id)
    _only_supervisors(actor, row["region"])
    if row["statement_sealed"] is None:
        raise Refused([Problem("case", "supervision.case.no_statement")])
    note(connection, at, actor, "report_read", f"case:{case_id}")
    return hsm.unseal(row["statement_sealed"])


def take_case(connection: Connection, actor: Actor, at: datetime, case_id: int) -> None:
    """A supervisor takes it in hand, perhaps from another. Raises Refused."""
    row = _row(connection, case_id)
    _only_supervisors(actor, row["region"])
    if row["state"] == CaseState.CLOSED:
        raise Refused([Problem("case", "supervision.case.closed")])
    _change(connection, case_id, state=CaseState.IN_HAND, owner=actor.id)
    _add_event(connection, case_id, actor, at, "taken", "")
    note(connection, at, actor, "case_taken", f"case:{case_id}")


def assign_case(connection: Connection, actor: Actor, at: datetime, case_id: int, to: str) -> None:
    """Put a case into another supervisor's hands, one of the staff for this region. Raises Refused."""
    row = _row(connection, case_id)
    _only_supervisors(actor, row["region"])
    if row["state"] == CaseState.CLOSED:
        raise Refused([Problem("case", "supervision.case.closed")])
    found = connection.execute(_COLLEAGUE, {"id": to}).first()
    if found is None or (found.region is not None and pooling_region(found.region) != row["region"]):
        raise Refused([Problem("to", "supervision.case.nobody_to_assign_to")])
    _change(connection, case_id, state=CaseState.IN_HAND, owner=to)
    _add_event(connection, case_id, actor, at, "assigned", to)
    note(connection, at, actor, "case_assigned", f"case:{case_id}", {"to": to})


def escalate_case(connection: Connection, actor: Actor, at: datetime, case_id: int, why: str) -> None:
    """A supervisor hands a case up before its deadline. Raises Refused."""
    row = _row(connection, case_id)
    _only_supervisors(actor, row["region"])
    problems = []
    if row["state"] == CaseState.CLOSED:
        problems.append(Problem("case", "supervision.case.closed"))
    elif row["escalated_at"] is not None:
        problems.append(Problem("case", "supervision.case.escalated"))
    if not why.strip():
        problems.append(Problem("text", "supervision.reason.missing"))
    if problems:
        raise Refused(problems)
    _escalate(connection, actor, at, case_id, row["region"], why.strip())


def add_note(connection: Connection, actor: Actor, at: datetime, case_id: int, text: str) -> None:
    """What was found out. Raises Refused."""
    _only_supervisors(actor, _row(connection, case_id)["region"])
    _add_event(connection, case_id, actor, at, "note", text)


def close_case(connection: Connection, actor: Actor, at: datetime, case_id: int, outcome: str) -> None:
    """End a case with what came of it. Raises Refused: only its owner, and not without words."""
    row = _row(connection, case_id)
    _only_supervisors(actor, row["region"])
    problems = []
    if row["state"] == CaseState.CLOSED:
        problems.append(Problem("case", "supervision.case.closed"))
    elif row["owner"] != actor.id:
        problems.append(Problem("actor", "supervision.case.not_the_owner"))
    if not outcome.strip():
        problems.append(Problem("outcome", "supervision.case.outcome_missing"))
    if problems:
        raise Refused(problems)
    _change(connection, case_id, state=CaseState.CLOSED, outcome=outcome.strip()[:200], closed_at=at.isoformat())
    _add_event(connection, case_id, actor, at, "closed", outcome)
    note(connection, at, actor, "case_closed", f"case:{case_id}")


def escalate_overdue(connection: Connection, at: datetime, actor: Actor = SYSTEM) -> int:
    """Cases past their deadline go up to the head of their region, once; how many did."""
    late = and_(cases.c.state != CaseState.CLOSED, cases.c.due < at.isoformat(), cases.c.escalated_at.is_(None))
    rows = connection.execute(select(cases.c.id, cases.c.region).where(late)).all()
    for case_id, region in rows:
        _escalate(connection, actor, at, case_id, region, "past its deadline")
    return len(rows)


def is_flagged(connection: Connection, person_id: int, _at: datetime) -> bool:
    """Is there an open case about this person, so that reviewers look twice?"""
    of_person = and_(cases.c.subject == str(Subject.person(person_id)), cases.c.state != CaseState.CLOSED)
    return connection.scalar(select(cases.c.id).where(of_person).limit(1)) is not None


def find_case(connection: Connection, case_id: int) -> Case:
    """One case. Raises Refused for a number that no case has."""
    return _case(_row(connection, case_id))


def all_cases(
    connection: Connection, *, region: str | None = None, subject: str | None = None, still_open: bool = False
) -> tuple[Case, ...]:
    """Cases, oldest first."""
    query = select(cases).order_by(cases.c.id)
    if region is not None:
        query = query.where(cases.c.region == pooling_region(region))
    if subject is not None:
        query = query.where(cases.c.subject == subject)
    if still_open:
        query = query.where(cases.c.state != CaseState.CLOSED)
    return tuple(_case(row) for row in connection.execute(query).mappings())


def events_of(connection: Connection, case_id: int) -> tuple[CaseEvent, ...]:
    """What happened to a case, oldest first."""
    query = select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.id)
    return tuple(
        CaseEvent(datetime.fromisoformat(row["at"]), row["actor"], row["event"], row["text"])
        for row in connection.execute(query).mappings()
    )


@cache
def _terms() -> Mapping[CaseKind, tuple[int, Matter]]:
    tables = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    return {kind: (tables["working_days"][kind], Matter(tables["matters"][kind])) for kind in CaseKind}


def _only_supervisors(actor: Actor, region: str) -> None:
    if actor.role is not Role.SUPERVISOR:
        raise Refused([Problem("actor", "supervision.only_supervisors")])
    if actor.region is not None and pooling_region(actor.region) != region:
        raise Refused([Problem("actor", "supervision.only_in_the_own_region")])


def _row(connection: Connection, case_id: int) -> RowMapping:
    row = connection.execute(select(cases).where(cases.c.id == case_id)).mappings().first()
    if row is None:
        raise Refused([Problem("case", "supervision.case.unknown")])
    return row


def _change(connection: Connection, case_id: int, **values: str) -> None:
    connection.execute(update(cases).where(cases.c.id == case_id).values(**values))


def _escalate(connection: Connection, actor: Actor, at: datetime, case_id: int, region: str, why: str) -> None:
    _change(connection, case_id, escalated_at=at.isoformat(), owner=f"head of {region}")
    _add_event(connection, case_id, actor, at, "escalated", why)
    note(connection, at, actor, "case_escalated", f"case:{case_id}")


def _add_event(connection: Connection, case_id: int, actor: Actor, at: datetime, event: str, text: str) -> None:
    row = {"case_id": case_id, "at": at.isoformat(), "role": actor.role, "actor": actor.id, "event": event}
    connection.execute(_EVENT, row | {"text": text[:200]})


def _case(row: RowMapping) -> Case:
    return Case(
        id=row["id"],
        kind=CaseKind(row["kind"]),
        matter=Matter(row["matter"]),
        subject=row["subject"],
        region=row["region"],
        text=row["text"],
        state=CaseState(row["state"]),
        owner=row["owner"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
        due=datetime.fromisoformat(row["due"]),
        escalated_at=None if row["escalated_at"] is None else datetime.fromisoformat(row["escalated_at"]),
        closed_at=None if row["closed_at"] is None else datetime.fromisoformat(row["closed_at"]),
        outcome=row["outcome"],
    )
