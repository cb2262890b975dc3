"""Invoices: each is checked when it is handed in, counts once for ever, and proves what the person paid himself."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import Case, case_of_id, case_subject, change, locked_case, only_reviewers
from simulators.authority.invoices.refusal import Key, Problem, Refused
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.people.names import same_name
from simulators.authority.people.numbers import cleaned
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import PurposeDetail
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.invoices import (
    CaseState,
    InvoiceState,
    invoice_shares,
    invoices,
    refused_invoices,
    settlement_cases,
)
from simulators.authority.tables.people import persons

LONGEST_NUMBER = 32


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is handed in. `third_party` None: not declared; `region` is where it was issued."""

    number: str
    issued_on: date
    region: str
    institution: str
    detail: PurposeDetail
    amount_fen: int
    payer_name: str = field(repr=False)
    pooled_fen: int = 0
    third_party: bool | None = None
    third_party_fen: int = 0

    @property
    def self_paid_fen(self) -> int:
        """What the person paid himself. Until it is known what a third party pays, nothing of it."""
        if self.third_party and not self.third_party_fen:
            return 0
        return self.amount_fen - self.pooled_fen - self.third_party_fen


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The case afterwards; with `problems` the invoice does not count."""

    case: Case
    problems: tuple[Problem, ...] = ()


def hand_in(
    connection: Connection,
    hsm: SoftHsm,
    policies: PolicyBook,
    actor: Actor,
    at: datetime,
    case_number: str,
    invoice: Invoice,
    person_id: int | None = None,
) -> HandedIn:
    """Add an invoice to a case. One that is refused is kept with all its problems, and one used before is a clue.

    `person_id` is who stands behind a channel that acts for somebody; the case must be that person's.

    Raises Refused where there is no such case, for a settled one, and for somebody else's.
    """
    case = locked_case(connection, policies, case_number)
    own = actor.person_id if actor.role is Role.PERSON else person_id
    if own != case.person_id and (actor.role is Role.PERSON or person_id is not None):
        raise Refused([Problem("actor", Key.NOT_FOR_YOU)])
    if case.is_settled:
        raise Refused([Problem("case", Key.CASE_SETTLED)])
    index = hsm.index(f"invoice/{cleaned(invoice.number)}")
    problems = _problems(connection, hsm, case, invoice, index, at.date())
    if problems:
        _keep_refused(connection, actor, at, case, index, problems)
        return HandedIn(case, problems)
    inserted = connection.execute(
        insert(invoices).values(
            number_index=index,
            number_sealed=hsm.seal(cleaned(invoice.number)),
            case_id=case.id,
            handed_in_at=at.isoformat(),
            issued_on=invoice.issued_on,
            region=invoice.region,
            institution=invoice.institution,
            detail=invoice.detail,
            amount_fen=invoice.amount_fen,
            pooled_fen=invoice.pooled_fen,
            third_party=bool(invoice.third_party),
            third_party_fen=invoice.third_party_fen,
            state=InvoiceState.ACCEPTED,
        )
    ).inserted_primary_key
    assert inserted is not None
    if invoice.self_paid_fen:
        share = {"invoice_id": inserted[0], "case_id": case.id, "fen": invoice.self_paid_fen}
        connection.execute(insert(invoice_shares), share)
    note(connection, at, actor, "invoice handed in", case_subject(case), {"invoice": inserted[0]})
    return HandedIn(case_of_id(connection, case.id))


def cancel_invoice(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, number: str, why: str
) -> tuple[Case, ...]:
    """A red invoice took this one back, or it was found false: it proves nothing any more, and settled cases reopen.

    Its number stays used. The cases that it had counted in. Raises Refused.
    """
    if actor.role not in (Role.REVIEWER, Role.SYSTEM):
        raise Refused([Problem("actor", Key.ONLY_REVIEWERS)])
    index = hsm.index(f"invoice/{cleaned(number)}")
    row = connection.execute(select(invoices).where(invoices.c.number_index == index)).mappings().first()
    if row is None:
        raise Refused([Problem("invoice", Key.NO_SUCH_INVOICE)])
    if actor.role is Role.REVIEWER:
        only_reviewers(actor, case_of_id(connection, row["case_id"]))
    lock_person(connection, case_of_id(connection, row["case_id"]).person_id)
    if row["state"] == InvoiceState.CANCELLED:
        raise Refused([Problem("invoice", Key.INVOICE_CANCELLED)])
    connection.execute(update(invoices).where(invoices.c.id == row["id"]).values(state=InvoiceState.CANCELLED))
    counted = select(invoice_shares.c.case_id, func.sum(invoice_shares.c.fen)).where(
        invoice_shares.c.invoice_id == row["id"]
    )
    touched = []
    for case_id, fen in connection.execute(counted.group_by(invoice_shares.c.case_id)).all():
        if fen:
            taken = {"invoice_id": row["id"], "case_id": case_id, "fen": -int(fen)}
            connection.execute(insert(invoice_shares), taken)
        case = case_of_id(connection, case_id)
        if case.is_settled:
            change(connection, case, state=CaseState.REOPENED)
        note(connection, at, actor, "invoice cancelled", case_subject(case), {"invoice": row["id"], "why": why[:200]})
        touched.append(case_of_id(connection, case_id))
    return tuple(touched)


def _problems(
    connection: Connection, hsm: SoftHsm, case: Case, invoice: Invoice, index: str, today: date
) -> tuple[Problem, ...]:
    found: list[tuple[bool, str, Key]] = [
        (not 1 <= len(cleaned(invoice.number)) <= LONGEST_NUMBER, "invoice", Key.NUMBER_MISSING),
        (_is_used(connection, index), "invoice", Key.NUMBER_USED),
        (invoice.issued_on < case.opened_on, "issued_on", Key.BEFORE_THE_PAYOUT),
        (invoice.issued_on > today, "issued_on", Key.ISSUED_LATER),
        (case.due < invoice.issued_on <= today, "issued_on", Key.AFTER_THE_PERIOD),
        (not same_name(invoice.payer_name, _name(connection, hsm, case)), "payer_name", Key.OTHER_NAME),
        (invoice.amount_fen <= 0, "amount_fen", Key.AMOUNT),
        (not 0 <= invoice.pooled_fen <= invoice.amount_fen, "pooled_fen", Key.POOLED_AMOUNT),
        (pooling_region(invoice.region) != pooling_region(case.place), "region", Key.OTHER_PLACE),
        (case.detail is not None and case.detail != invoice.detail, "detail", Key.OTHER_PURPOSE),
        (invoice.third_party is None, "third_party", Key.THIRD_PARTY_UNDECLARED),
        (_third_party_is_wrong(invoice), "third_party_fen", Key.THIRD_PARTY_AMOUNT),
    ]
    return tuple(Problem(where, key) for wrong, where, key in found if wrong)


def _third_party_is_wrong(invoice: Invoice) -> bool:
    rest = invoice.amount_fen - max(0, invoice.pooled_fen)
    return not 0 <= invoice.third_party_fen <= max(0, rest) or (invoice.third_party_fen > 0 and not invoice.third_party)


def _is_used(connection: Connection, index: str) -> bool:
    """By anybody, anywhere, ever."""
    return connection.scalar(select(invoices.c.id).where(invoices.c.number_index == index)) is not None


def _name(connection: Connection, hsm: SoftHsm, case: Case) -> str:
    return hsm.unseal(
        connection.execute(select(persons.c.name_sealed).where(persons.c.id == case.person_id)).scalar_one()
    )


def _keep_refused(
    connection: Connection, actor: Actor, at: datetime, case: Case, index: str, problems: tuple[Problem, ...]
) -> None:
    row = {
        "at": at.isoformat(),
        "case_id": case.id,
        "number_index": index,
        "problems": json.dumps([[problem.field, problem.key] for problem in problems]),
        "role": actor.role,
        "actor": actor.id,
    }
    connection.execute(insert(refused_invoices), row)
    if any(problem.key is Key.NUMBER_USED for problem in problems):
        owner = (
            select(settlement_cases.c.person_id)
            .select_from(invoices.join(settlement_cases))
            .where(invoices.c.number_index == index)
        )
        again = "by the same person" if connection.scalar(owner) == case.person_id else "by another person"
        note_incident(connection, at, "invoice twice", f"{again}, case {case.number}", draw_id=case.draw_id)
