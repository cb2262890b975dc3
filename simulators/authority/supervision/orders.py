"""What supervisors order against a provider, terminal, region or person, and whether anything stands against a request.

An order counts from the next authorisation on: one already given is carried through, and advices are always taken.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import Connection, RowMapping, and_, bindparam, insert, or_, select, update

from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import Actor, Role
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.refusal import Problem, Refused
from simulators.authority.tables.money_line import terminals
from simulators.authority.tables.people import persons
from simulators.authority.tables.supervision import Measure, ProviderState, providers, suspensions


class Target(StrEnum):
    """What an order can be against."""

    PROVIDER = auto()
    TERMINAL = auto()
    REGION = auto()
    PERSON = auto()


@dataclass(frozen=True, slots=True)
class Subject:
    """One provider (merchant of field 42), terminal, region (six digits) or person (its number)."""

    target: Target
    id: str

    def __str__(self) -> str:
        return f"{self.target}:{self.id}"

    @classmethod
    def provider(cls, merchant: str) -> "Subject":
        """All terminals of a provider."""
        return cls(Target.PROVIDER, merchant)

    @classmethod
    def terminal(cls, terminal: str) -> "Subject":
        """One terminal."""
        return cls(Target.TERMINAL, terminal)

    @classmethod
    def region(cls, region: str) -> "Subject":
        """The pooling region that `region` lies in, for those who are insured there and those who draw there."""
        return cls(Target.REGION, pooling_region(region))

    @classmethod
    def person(cls, person_id: int) -> "Subject":
        """One insured person, at every channel."""
        return cls(Target.PERSON, str(person_id))


class Bar(StrEnum):
    """Why nothing is paid."""

    NO_PROVIDER = auto()
    NOT_YET_AUTHORISED = auto()
    NO_LONGER_AUTHORISED = auto()
    SUSPENDED = auto()
    LEGAL_HOLD = auto()


@dataclass(frozen=True, slots=True)
class Standstill:
    """What stands against a request: the bar, against whom, the code of field 39, and the order where there is one."""

    bar: Bar
    subject: Subject
    code: Code
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `to_at` None lasts until it is lifted."""

    id: int
    subject: Subject
    measure: Measure
    from_at: datetime
    to_at: datetime | None
    reason: str
    ordered_by: str
    lifted_at: datetime | None
    lifted_by: str | None

    def counts_at(self, at: datetime) -> bool:
        """Is it in force?"""
        return self.lifted_at is None and self.from_at <= at and (self.to_at is None or at < self.to_at)


_STOPPING = (Measure.SUSPENSION, Measure.LEGAL_HOLD)
_IN_FORCE = and_(
    suspensions.c.subject.in_([bindparam(name) for name in ("provider", "terminal", "home", "place", "person")]),
    suspensions.c.lifted_at.is_(None),
    suspensions.c.measure.in_(_STOPPING),
    suspensions.c.from_at <= bindparam("at"),
    or_(suspensions.c.to_at.is_(None), suspensions.c.to_at > bindparam("at")),
)
_ORDERS = select(suspensions.c.id, suspensions.c.subject, suspensions.c.measure).where(_IN_FORCE)
_PROVIDER_AND_ORDERS = (
    select(
        providers.c.state,
        providers.c.authorised_from,
        providers.c.authorised_to,
        suspensions.c.id,
        suspensions.c.subject,
        suspensions.c.measure,
    )
    .select_from(providers.outerjoin(suspensions, _IN_FORCE))
    .where(providers.c.id == bindparam("provider_id"))
)
_ORDER = insert(suspensions)
_NOBODY = ""


def suspended(
    connection: Connection,
    at: datetime,
    *,
    provider: str | None = None,
    terminal: str | None = None,
    home: str | None = None,
    place: str | None = None,
    person_id: int | None = None,
) -> Standstill | None:
    """What stands against a request of these, in one statement; None when nothing does.

    A named provider must be in the register and authorised on the day. The first of provider (03), terminal (58), place
    (58), home (57) and person (62) answers.
    """
    subjects = {
        "provider": None if provider is None else Subject.provider(provider),
        "terminal": None if terminal is None else Subject.terminal(terminal),
        "place": None if place is None else Subject.region(place),
        "home": None if home is None else Subject.region(home),
        "person": None if person_id is None else Subject.person(person_id),
    }
    parameters = {name: _NOBODY if subject is None else str(subject) for name, subject in subjects.items()}
    parameters["at"] = at.isoformat()
    if provider is None:
        rows = connection.execute(_ORDERS, parameters).mappings().all()
    else:
        rows = connection.execute(_PROVIDER_AND_ORDERS, parameters | {"provider_id": provider}).mappings().all()
        if bar := _provider_barred(rows[0] if rows else None, at):
            return Standstill(bar, Subject.provider(provider), Code.INVALID_MERCHANT)
    orders = {row["subject"]: row for row in rows if row["id"] is not None}
    for name, subject in subjects.items():
        if subject is not None and (row := orders.get(str(subject))) is not None:
            bar = Bar.LEGAL_HOLD if row["measure"] == Measure.LEGAL_HOLD else Bar.SUSPENDED
            return Standstill(bar, subject, _CODES[name], row["id"])
    return None


_CODES = {
    "provider": Code.INVALID_MERCHANT,
    "terminal": Code.NOT_PERMITTED_TERMINAL,
    "place": Code.NOT_PERMITTED_TERMINAL,
    "home": Code.NOT_PERMITTED_HOLDER,
    "person": Code.RESTRICTED_CARD,
}


def _provider_barred(row: RowMapping | None, at: datetime) -> Bar | None:
    if row is None:
        return Bar.NO_PROVIDER
    if at.date() < row["authorised_from"]:
        return Bar.NOT_YET_AUTHORISED
    ended = row["authorised_to"] is not None and row["authorised_to"] < at.date()
    if ended or row["state"] != ProviderState.AUTHORISED:
        return Bar.NO_LONGER_AUTHORISED
    return None


def persons_on_hold(connection: Connection, at: datetime) -> frozenset[int]:
    """Everybody whose money a legal hold keeps where it is."""
    held = connection.scalars(
        select(suspensions.c.subject).where(
            suspensions.c.measure == Measure.LEGAL_HOLD,
            suspensions.c.lifted_at.is_(None),
            suspensions.c.from_at <= at.isoformat(),
            or_(suspensions.c.to_at.is_(None), suspensions.c.to_at > at.isoformat()),
        )
    )
    return frozenset(int(subject.partition(":")[2]) for subject in held)


def order(
    connection: Connection,
    actor: Actor,
    at: datetime,
    subject: Subject,
    measure: Measure,
    reason: str,
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
) -> int:
    """A supervisor's order, from `from_at` (or at once) until `to_at` (or until it is lifted); its id. Raises Refused.

    The supervisor of a region orders there; one without a region orders everywhere.
    """
    begins = from_at or at
    problems = list(_may_order(connection, actor, subject))
    if not reason.strip():
        problems.append(Problem("reason", "supervision.reason.missing"))
    if to_at is not None and to_at <= begins:
        problems.append(Problem("to_at", "supervision.order.ends_before_it_begins"))
    if measure is Measure.LEGAL_HOLD and subject.target is not Target.PERSON:
        problems.append(Problem("subject", "supervision.order.legal_hold_is_of_a_person"))
    if measure is Measure.RECTIFICATION and subject.target not in (Target.PROVIDER, Target.TERMINAL):
        problems.append(Problem("subject", "supervision.order.rectification_is_of_a_provider"))
    if problems:
        raise Refused(problems)
    inserted = connection.execute(
        _ORDER,
        {
            "subject": str(subject),
            "measure": measure,
            "from_at": begins.isoformat(),
            "to_at": None if to_at is None else to_at.isoformat(),
            "reason": reason.strip()[:200],
            "ordered_at": at.isoformat(),
            "ordered_by": actor.id,
        },
    ).inserted_primary_key
    assert inserted is not None
    order_id = int(inserted[0])
    note(connection, at, actor, f"{measure}_ordered", f"suspension:{order_id}", {"of": str(subject)})
    return order_id


def lift(connection: Connection, actor: Actor, at: datetime, order_id: int) -> None:
    """End an order before its time. Raises Refused."""
    row = connection.execute(select(suspensions).where(suspensions.c.id == order_id)).mappings().first()
    if row is None or row["lifted_at"] is not None:
        raise Refused([Problem("order", "supervision.order.not_in_force")])
    if problems := _may_order(connection, actor, _order(row).subject):
        raise Refused(problems)
    lifted = update(suspensions).where(suspensions.c.id == order_id)
    connection.execute(lifted.values(lifted_at=at.isoformat(), lifted_by=actor.id))
    note(connection, at, actor, "order_lifted", f"suspension:{order_id}")


def orders_of(connection: Connection, subject: Subject | None = None) -> tuple[Order, ...]:
    """All orders, or those against one subject, oldest first."""
    query = select(suspensions).order_by(suspensions.c.id)
    if subject is not None:
        query = query.where(suspensions.c.subject == str(subject))
    return tuple(_order(row) for row in connection.execute(query).mappings())


def region_of(connection: Connection, subject: Subject) -> str | None:
    """The region of whom or what an order is against; None for somebody unknown."""
    match subject.target:
        case Target.REGION:
            return subject.id
        case Target.PROVIDER:
            return connection.scalar(select(providers.c.region).where(providers.c.id == subject.id))
        case Target.TERMINAL:
            return connection.scalar(select(terminals.c.region).where(terminals.c.id == subject.id))
        case Target.PERSON:
            return connection.scalar(select(persons.c.region).where(persons.c.id == int(subject.id)))


def _may_order(connection: Connection, actor: Actor, subject: Subject) -> tuple[Problem, ...]:
    if actor.role not in (Role.SUPERVISOR, Role.SYSTEM):
        return (Problem("actor", "supervision.only_supervisors"),)
    region = region_of(connection, subject)
    if region is None:
        return (Problem("subject", "supervision.order.nobody_there"),)
    if actor.region is not None and pooling_region(actor.region) != pooling_region(region):
        return (Problem("actor", "supervision.only_in_the_own_region"),)
    return ()


def _order(row: RowMapping) -> Order:
    target, _, name = row["subject"].partition(":")
    return Order(
        id=row["id"],
        subject=Subject(Target(target), name),
        measure=Measure(row["measure"]),
        from_at=datetime.fromisoformat(row["from_at"]),
        to_at=None if row["to_at"] is None else datetime.fromisoformat(row["to_at"]),
        reason=row["reason"],
        ordered_by=row["ordered_by"],
        lifted_at=None if row["lifted_at"] is None else datetime.fromisoformat(row["lifted_at"]),
        lifted_by=row["lifted_by"],
    )
