"""What is recorded of a person: contributions month by month, groups, health, documents, guardians."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.refusal import Key, Problem, Refused
from simulators.authority.policy.question import Contribution, Diagnosis, HealthStatus
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import (
    DocumentKind,
    contributions,
    guardianships,
    health_records,
    identity_documents,
    person_groups,
)

_ENTERS = frozenset({Role.TELLER, Role.REVIEWER, Role.SYSTEM})


def add_contributions(
    connection: Connection, actor: Actor, at: datetime, person_id: int, months: Iterable[Contribution]
) -> None:
    """Enter months that were paid for; a month can't be entered twice. Raises Refused."""
    _check(actor)
    new = {each.month.replace(day=1): each.repaired_on for each in months}
    known = set(connection.scalars(select(contributions.c.month).where(contributions.c.person_id == person_id)))
    if not known.isdisjoint(new):
        raise Refused([Problem("month", Key.MONTH_TWICE)])
    rows = [{"person_id": person_id, "month": month, "repaired_on": day} for month, day in sorted(new.items())]
    if rows:
        connection.execute(insert(contributions), rows)
        note(connection, at, actor, "contributions entered", f"person:{person_id}", {"months": len(rows)})


def add_group(
    connection: Connection,
    actor: Actor,
    at: datetime,
    person_id: int,
    code: str,
    valid_from: date,
    valid_to: date | None = None,
) -> None:
    """Enter a person into a group, such as those filed for treatment elsewhere. Raises Refused."""
    _check(actor)
    row = {"person_id": person_id, "code": code, "valid_from": valid_from, "valid_to": valid_to}
    connection.execute(insert(person_groups), row)
    note(connection, at, actor, "group entered", f"person:{person_id}", {"group": code})


def add_health(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, person_id: int, found: HealthStatus | Diagnosis
) -> None:
    """Enter a health status or a diagnosis; what it is stays sealed. Raises Refused."""
    _check(actor)
    if isinstance(found, Diagnosis):
        is_diagnosis, words, as_of = True, [found.icd10], found.issued_on
    else:
        is_diagnosis, words, as_of = False, [found.code, found.source], found.as_of
    row = {
        "person_id": person_id,
        "sealed": hsm.seal(json.dumps(words)),
        "is_diagnosis": is_diagnosis,
        "as_of": as_of,
        "valid_to": found.valid_to,
    }
    connection.execute(insert(health_records), row)
    note(connection, at, actor, "health entered", f"person:{person_id}")


def add_document(
    connection: Connection,
    actor: Actor,
    at: datetime,
    person_id: int,
    kind: DocumentKind,
    valid_from: date,
    valid_to: date | None = None,
) -> None:
    """Enter an identity document that was issued to a person. Raises Refused."""
    _check(actor)
    row = {"person_id": person_id, "kind": kind, "valid_from": valid_from, "valid_to": valid_to}
    connection.execute(insert(identity_documents), row)
    note(connection, at, actor, "document entered", f"person:{person_id}", {"kind": kind})


def add_guardian(
    connection: Connection,
    actor: Actor,
    at: datetime,
    person_id: int,
    guardian_id: int,
    valid_from: date,
    valid_to: date | None = None,
) -> None:
    """Enter who stands up for a minor, or for somebody who can't. Raises Refused."""
    _check(actor)
    row = {"person_id": person_id, "guardian_id": guardian_id, "valid_from": valid_from, "valid_to": valid_to}
    connection.execute(insert(guardianships), row)
    note(connection, at, actor, "guardian entered", f"person:{person_id}", {"guardian": guardian_id})


def _check(actor: Actor) -> None:
    if actor.role not in _ENTERS:
        raise Refused([Problem("actor", Key.ONLY_AUTHORITY)])
