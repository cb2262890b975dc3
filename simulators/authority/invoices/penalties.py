"""Penalties: a credit record that reviewers enter, and after it a suspension of networked settlement by a supervisor.

No clock comes here: each is entered by somebody who has looked at the case, and can be appealed against.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.business_time import SHANGHAI
from simulators.authority.invoices.cases import Case
from simulators.authority.invoices.refusal import Key, Problem, Refused
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.orders import Subject, order
from simulators.authority.tables.invoices import CreditEvent, credit_records
from simulators.authority.tables.people import persons
from simulators.authority.tables.supervision import Measure

SHORTEST, LONGEST = 3, 12
"""Months for which networked settlement can be suspended (State Council Order 735, article 41)."""


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of a person's credit record."""

    at: datetime
    event: CreditEvent
    reason: str
    case_id: int | None


def enter_credit_record(
    connection: Connection,
    actor: Actor,
    at: datetime,
    person_id: int,
    event: CreditEvent,
    reason: str,
    case: Case | None = None,
) -> None:
    """A reviewer enters what was found, never about himself. Raises Refused."""
    if actor.role is not Role.REVIEWER:
        raise Refused([Problem("actor", Key.ONLY_REVIEWERS)])
    if actor.person_id == person_id:
        raise Refused([Problem("actor", Key.OWN_CASE)])
    home = connection.scalar(select(persons.c.region).where(persons.c.id == person_id))
    if actor.region is not None and (home is None or pooling_region(actor.region) != pooling_region(home)):
        raise Refused([Problem("actor", Key.OTHER_REGION)])
    if not reason.strip():
        raise Refused([Problem("reason", Key.NO_REVIEW)])
    row = {
        "person_id": person_id,
        "at": at.isoformat(),
        "event": event,
        "case_id": None if case is None else case.id,
        "reason": reason.strip()[:200],
        "actor": actor.id,
    }
    connection.execute(insert(credit_records), row)
    note(connection, at, actor, "credit record", f"person:{person_id}", {"event": event})


def credit_record(connection: Connection, person_id: int) -> tuple[CreditEntry, ...]:
    """What a person's record holds, oldest first."""
    query = select(credit_records).where(credit_records.c.person_id == person_id).order_by(credit_records.c.id)
    return tuple(
        CreditEntry(
            datetime.fromisoformat(row["at"]).astimezone(SHANGHAI),
            CreditEvent(row["event"]),
            row["reason"],
            row["case_id"],
        )
        for row in connection.execute(query).mappings()
    )


def suspend_settlement(
    connection: Connection, actor: Actor, at: datetime, person_id: int, months: int, reason: str
) -> int:
    """A supervisor suspends settlement, and draws with it, for 3 to 12 months; the order's id.

    Raises Refused where no reviewer has entered anything, or where somebody would judge himself; of the orders' room,
    its own Refused.
    """
    problems = []
    if not SHORTEST <= months <= LONGEST:
        problems.append(Problem("months", Key.SUSPENSION_MONTHS))
    found = [entry for entry in credit_record(connection, person_id) if entry.event is not CreditEvent.REPAIRED]
    if not found:
        problems.append(Problem("person", Key.NO_REVIEW))
    if actor.person_id == person_id:
        problems.append(Problem("actor", Key.OWN_CASE))
    if problems:
        raise Refused(problems)
    until = _months_later(at, months)
    return order(connection, actor, at, Subject.person(person_id), Measure.SUSPENSION, reason, to_at=until)


def _months_later(at: datetime, months: int) -> datetime:
    """The same day and time; the last day of a month that has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in (at.day, 30, 29, 28):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
