"""Settlement cases: one for each payout, with a due date, what it advanced and what is proven.

A case follows from its payout and the policy in force that day, so it need not be opened in the moment of paying:
whoever looks at cases opens those that are missing first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.invoices.refusal import Key, Problem, Refused
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.sections import Settlement
from simulators.authority.supervision.audit import note
from simulators.authority.tables.applications import applications
from simulators.authority.tables.invoices import (
    CaseState,
    Result,
    invoice_shares,
    settlement_cases,
)
from simulators.authority.tables.ledger import DrawState, draws

_PROVEN = (
    select(func.coalesce(func.sum(invoice_shares.c.fen), 0))
    .where(invoice_shares.c.case_id == settlement_cases.c.id)
    .correlate(settlement_cases)
    .scalar_subquery()
)
_CASES = (
    select(
        settlement_cases,
        (draws.c.confirmed_fen - draws.c.given_back_fen).label("advanced_fen"),
        _PROVEN.label("proven_fen"),
    )
    .select_from(settlement_cases.join(draws))
    .order_by(settlement_cases.c.id)
)
_MISSING = (
    select(
        draws.c.id,
        draws.c.person_id,
        draws.c.business_date,
        draws.c.home,
        draws.c.purpose,
        draws.c.place,
        applications.c.place.label("treated_at"),
        applications.c.purpose_detail,
    )
    .select_from(
        draws.outerjoin(settlement_cases, settlement_cases.c.draw_id == draws.c.id).outerjoin(
            applications, applications.c.id == draws.c.application_id
        )
    )
    .where(
        draws.c.state == DrawState.CONFIRMED,
        draws.c.confirmed_fen > draws.c.given_back_fen,
        settlement_cases.c.id.is_(None),
    )
    .order_by(draws.c.id)
)
_CHANGE = update(settlement_cases).where(settlement_cases.c.id == bindparam("case"))

DEFAULTS = Settlement()
"""For a region whose policy is no longer there."""


@dataclass(frozen=True, slots=True)
class Case:
    """One payout and what has been proven of it. `advanced_fen` is what was paid, less what came back after a count.

    `place` and `detail` are those of the application behind it; without one, where it was paid, and anything.
    """

    id: int
    number: str
    draw_id: int
    person_id: int
    home: str
    place: str
    purpose: str | None
    detail: str | None
    opened_on: date
    due: date
    extensions: int
    state: CaseState
    result: Result | None
    advanced_fen: int
    proven_fen: int
    paid_fen: int
    recover_fen: int
    repaid_fen: int

    @property
    def is_settled(self) -> bool:
        """Nothing is awaited any more, unless something is to be paid back."""
        return self.state is CaseState.SETTLED

    @property
    def missing_fen(self) -> int:
        """What was paid, as advance or difference, and is neither proven nor paid back."""
        return max(0, self.advanced_fen + self.paid_fen - self.proven_fen - self.repaid_fen)

    @property
    def owed_fen(self) -> int:
        """What was asked back and has not come."""
        return max(0, self.recover_fen - self.repaid_fen)


def open_cases(connection: Connection, policies: PolicyBook, person_id: int | None = None) -> int:
    """Open the cases that payouts (of one person, or of all) still lack; how many."""
    query = _MISSING if person_id is None else _MISSING.where(draws.c.person_id == person_id)
    rows = [_opened(policies, row) for row in connection.execute(query).mappings()]
    if rows:
        connection.execute(insert(settlement_cases), rows)
    return len(rows)


def cases_of(connection: Connection, policies: PolicyBook, person_id: int) -> tuple[Case, ...]:
    """All cases of a person, oldest first."""
    open_cases(connection, policies, person_id)
    return _read(connection.execute(_CASES.where(settlement_cases.c.person_id == person_id)).mappings())


def unsettled(connection: Connection, policies: PolicyBook) -> tuple[Case, ...]:
    """All cases for which something is awaited."""
    open_cases(connection, policies)
    waiting = _CASES.where(
        (settlement_cases.c.state != CaseState.SETTLED)
        | (settlement_cases.c.recover_fen > settlement_cases.c.repaid_fen)
    )
    return _read(connection.execute(waiting).mappings())


def find_case(connection: Connection, policies: PolicyBook, number: str) -> Case:
    """The case with this number. Raises Refused."""
    query = _CASES.where(settlement_cases.c.number == number)
    found = _read(connection.execute(query).mappings())
    if not found and open_cases(connection, policies):
        found = _read(connection.execute(query).mappings())
    if not found:
        raise Refused([Problem("case", Key.NO_SUCH_CASE)])
    return found[0]


def locked_case(connection: Connection, policies: PolicyBook, number: str) -> Case:
    """As `find_case`, in one hand until the transaction ends: two clerks can't settle, or be repaid, at once."""
    lock_person(connection, find_case(connection, policies, number).person_id)
    return find_case(connection, policies, number)


def case_of_id(connection: Connection, case_id: int) -> Case:
    """The case as it is now."""
    return _read(connection.execute(_CASES.where(settlement_cases.c.id == case_id)).mappings())[0]


def extend(connection: Connection, policies: PolicyBook, actor: Actor, at: datetime, number: str, reason: str) -> Case:
    """Put the due date off, for sickness or a stay in hospital that goes on; dunning begins anew. Raises Refused."""
    case = locked_case(connection, policies, number)
    only_reviewers(actor, case)
    rules = rules_of(policies, case)
    if case.is_settled:
        raise Refused([Problem("case", Key.CASE_SETTLED)])
    if case.extensions >= rules.extensions:
        raise Refused([Problem("case", Key.NO_MORE_EXTENSIONS)])
    due = max(case.due, at.date()) + timedelta(days=rules.extension_days)
    change(connection, case, due=due, extensions=case.extensions + 1, state=CaseState.OPEN, recover_fen=0)
    note(
        connection, at, actor, "settlement extended", case_subject(case), {"due": due.isoformat(), "why": reason[:200]}
    )
    return case_of_id(connection, case.id)


def rules_of(policies: PolicyBook, case: Case) -> Settlement:
    """What the home policy of the day of the payout says."""
    return _rules(policies, case.home, case.opened_on)


def only_reviewers(actor: Actor, case: Case) -> None:
    """Raises Refused for anybody but a reviewer of the home region (or of all) who is not the person."""
    if actor.role is not Role.REVIEWER:
        raise Refused([Problem("actor", Key.ONLY_REVIEWERS)])
    if actor.region is not None and pooling_region(actor.region) != pooling_region(case.home):
        raise Refused([Problem("actor", Key.OTHER_REGION)])
    if actor.person_id == case.person_id:
        raise Refused([Problem("actor", Key.OWN_CASE)])


def change(connection: Connection, case: Case, **values: object) -> None:
    """Set columns of a case."""
    connection.execute(_CHANGE, {"case": case.id, **values})


def case_subject(case: Case) -> str:
    """How the audit chain calls a case."""
    return f"settlement_case:{case.id}"


def _opened(policies: PolicyBook, draw: RowMapping) -> dict[str, object]:
    day: date = draw["business_date"]
    rules = _rules(policies, draw["home"], day)
    return {
        "number": f"S{pooling_region(draw['home'])}{day:%y%m%d}{draw['id']:06d}",
        "draw_id": draw["id"],
        "person_id": draw["person_id"],
        "home": draw["home"],
        "place": draw["treated_at"] or draw["place"],
        "purpose": draw["purpose"],
        "detail": draw["purpose_detail"],
        "opened_on": day,
        "due": day + timedelta(days=rules.due_days),
        "state": CaseState.OPEN,
    }


def _rules(policies: PolicyBook, home: str, on: date) -> Settlement:
    policy = policies.in_force(home, on)
    return DEFAULTS if policy is None else policy.settlement


def _read(rows: Iterable[RowMapping]) -> tuple[Case, ...]:
    return tuple(
        Case(
            id=row["id"],
            number=row["number"],
            draw_id=row["draw_id"],
            person_id=row["person_id"],
            home=row["home"],
            place=row["place"],
            purpose=row["purpose"],
            detail=row["detail"],
            opened_on=row["opened_on"],
            due=row["due"],
            extensions=row["extensions"],
            state=CaseState(row["state"]),
            result=None if row["result"] is None else Result(row["result"]),
            advanced_fen=row["advanced_fen"],
            proven_fen=int(row["proven_fen"]),
            paid_fen=row["paid_fen"],
            recover_fen=row["recover_fen"],
            repaid_fen=row["repaid_fen"],
        )
        for row in rows
    )
