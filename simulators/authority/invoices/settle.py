"""Settlement: the advance is netted with what the person paid himself, once, and the rest is paid or asked back.

    advanced    what was paid out in advance, less what came back after a count
    self-paid   the sum of accepted invoices, less the share of the pooled fund and of third parties
    reimbursable the share of the pooled fund: by a normal claim, as if there had been no advance; not paid here

    self-paid > advanced   PAY_DIFFERENCE, as far as the personal account can bear it
    self-paid = advanced   NOTHING
    self-paid < advanced   RECOVER the difference

What an invoice proves beyond its own case proves other cases of the same person and place first: nobody is paid on one
payout and asked to pay back on the next. What was paid or came back in an earlier settlement of the case counts.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import (
    Case,
    case_of_id,
    case_subject,
    cases_of,
    change,
    locked_case,
    only_reviewers,
)
from simulators.authority.invoices.payments import pay, payable_fen, take_in
from simulators.authority.invoices.refusal import Key, Problem, Refused
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.audit import note
from simulators.authority.tables.invoices import CaseState, InvoiceState, Result, invoice_shares, invoices


@dataclass(frozen=True, slots=True)
class Settled:
    """What came out. `difference_fen` is to be paid or recovered; `unpaid_fen` the account could not bear."""

    case: Case
    result: Result
    reimbursable_fen: int
    self_paid_fen: int
    advanced_fen: int
    difference_fen: int
    unpaid_fen: int = 0


def settle(
    connection: Connection, hsm: SoftHsm, policies: PolicyBook, actor: Actor, at: datetime, number: str
) -> Settled:
    """Close a case on what was handed in; a reviewer does, never for himself. Raises Refused."""
    case = locked_case(connection, policies, number)
    only_reviewers(actor, case)
    if case.is_settled:
        raise Refused([Problem("case", Key.CASE_SETTLED)])
    _lend_surplus(connection, policies, case)
    case = case_of_id(connection, case.id)
    balance = case.proven_fen - case.paid_fen + case.repaid_fen - case.advanced_fen
    unpaid = 0
    if balance > 0:
        result, bearable = Result.PAY_DIFFERENCE, min(balance, payable_fen(connection, case.person_id))
        unpaid = balance - bearable
        if bearable:
            pay(connection, hsm, case, bearable, at)
        change(connection, case, paid_fen=case.paid_fen + bearable, recover_fen=0)
    elif balance < 0:
        result = Result.RECOVER
        change(connection, case, recover_fen=case.repaid_fen - balance)
    else:
        result = Result.NOTHING
        change(connection, case, recover_fen=0)
    state = CaseState.RECOVERING if result is Result.RECOVER else CaseState.SETTLED
    change(connection, case, state=state, result=result, settled_at=at.isoformat(), settled_by=actor.id)
    told = {"case": case.number, "result": f"settled_{result}"}
    notify(connection, case.person_id, Notice.SETTLED, case_subject(case), at, told)
    note(connection, at, actor, "settled", case_subject(case), {"result": result, "difference_fen": abs(balance)})
    return Settled(
        case=case_of_id(connection, case.id),
        result=result,
        reimbursable_fen=reimbursable_fen(connection, case),
        self_paid_fen=case.proven_fen,
        advanced_fen=case.advanced_fen,
        difference_fen=abs(balance),
        unpaid_fen=unpaid,
    )


def repay(
    connection: Connection,
    policies: PolicyBook,
    actor: Actor,
    at: datetime,
    number: str,
    fen: int,
    person_id: int | None = None,
) -> Case:
    """A counter has taken back `fen` of what was asked. With the last of it the case is settled. Raises Refused.

    `person_id` is whom the counter knows; the case must be that person's. A reviewer enters it for the home region.
    """
    case = locked_case(connection, policies, number)
    if actor.role is Role.REVIEWER:
        only_reviewers(actor, case)
    elif actor.role not in (Role.TELLER, Role.SYSTEM):
        raise Refused([Problem("actor", Key.ONLY_COUNTERS)])
    if person_id not in (None, case.person_id):
        raise Refused([Problem("case", Key.NOT_FOR_YOU)])
    if case.owed_fen == 0:
        raise Refused([Problem("case", Key.NOTHING_TO_REPAY)])
    if not 0 < fen <= case.owed_fen:
        raise Refused([Problem("fen", Key.REPAID_TOO_MUCH)])
    take_in(connection, case, fen, at)
    change(connection, case, repaid_fen=case.repaid_fen + fen)
    if fen == case.owed_fen:
        change(connection, case, state=CaseState.SETTLED, result=Result.RECOVER)
    note(connection, at, actor, "paid back", case_subject(case), {"fen": fen})
    return case_of_id(connection, case.id)


def reimbursable_fen(connection: Connection, case: Case) -> int:
    """The pooled fund's share of the invoices of a case; a normal claim pays it."""
    query = select(func.coalesce(func.sum(invoices.c.pooled_fen), 0)).where(
        invoices.c.case_id == case.id, invoices.c.state == InvoiceState.ACCEPTED
    )
    return int(connection.scalar(query) or 0)


def _lend_surplus(connection: Connection, policies: PolicyBook, case: Case) -> None:
    """Let what is proven too much here prove what is missing in other cases that the same invoices fit."""
    surplus = case.proven_fen - case.paid_fen - case.advanced_fen + case.repaid_fen
    for other in cases_of(connection, policies, case.person_id):
        fits = other.id != case.id and pooling_region(other.place) == pooling_region(case.place)
        if surplus <= 0 or not fits or other.is_settled or other.detail not in (None, case.detail):
            continue
        wanted = min(surplus, other.missing_fen)
        for invoice_id, fen in _surplus_shares(connection, case, other):
            moved = min(fen, wanted)
            if moved > 0:
                rows = [
                    {"invoice_id": invoice_id, "case_id": case.id, "fen": -moved},
                    {"invoice_id": invoice_id, "case_id": other.id, "fen": moved},
                ]
                connection.execute(insert(invoice_shares), rows)
                wanted -= moved
                surplus -= moved


def _surplus_shares(connection: Connection, case: Case, other: Case) -> list[tuple[int, int]]:
    """What each invoice proves in `case`, of those in the period of `other`, the newest first."""
    query = (
        select(invoices.c.id, func.sum(invoice_shares.c.fen))
        .select_from(invoice_shares.join(invoices))
        .where(
            invoice_shares.c.case_id == case.id,
            invoices.c.state == InvoiceState.ACCEPTED,
            invoices.c.issued_on.between(other.opened_on, other.due),
        )
        .group_by(invoices.c.id)
        .order_by(invoices.c.id.desc())
    )
    return [(int(invoice_id), int(fen)) for invoice_id, fen in connection.execute(query).all()]
