"""The inheritance path: what is left on the account of somebody who died goes to the heir's own bank account.

A counter takes the claim in with the heir's document; two reviewers, neither of them the heir, approve it; then all of
the balance is paid at once. Nothing is paid while a payout that was authorised before the death is still open.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.bank import find_account
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.credits import debit_person
from simulators.authority.ledger.draws import held_fen
from simulators.authority.ledger.ledger import Account, Movement, balance_fen
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.people.accounts import state_of
from simulators.authority.people.identity import Identity
from simulators.authority.people.numbers import cleaned, id_number_problems
from simulators.authority.people.powers import not_of_home
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.audit import note
from simulators.authority.tables.ledger import EntryKind
from simulators.authority.tables.people import ClaimState, PersonState, inheritance_claims, persons
from simulators.authority.tables.service_line import staff

_IS_HEIR = (
    select(persons.c.id)
    .join(inheritance_claims, inheritance_claims.c.heir_index == persons.c.id_index)
    .where(inheritance_claims.c.id == bindparam("claim"), persons.c.id == bindparam("person"))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One heir's claim; `paid_fen` once it is paid."""

    id: int
    person_id: int
    payee_account_id: int
    state: ClaimState
    filed_at: datetime
    first_reviewer: str | None
    paid_fen: int


def file_claim(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, person_id: int, heir: Identity, account: str
) -> Claim:
    """Take a claim in; `account` is the number of the heir's own bank account. Raises Refused."""
    problems = []
    if actor.role not in (Role.TELLER, Role.REVIEWER):
        problems.append(Problem("actor", Key.ONLY_AT_THE_COUNTER))
    problems += not_of_home(connection, actor, person_id)
    if state_of(connection, person_id) is not PersonState.DECEASED:
        problems.append(Problem("person", Key.NOT_DECEASED))
    if id_number_problems(cleaned(heir.id_number), at.date()):
        problems.append(Problem("heir", Key.ID_CHECK_DIGIT))
    if heir.document is None:
        problems.append(Problem("document", Key.DOCUMENT_MISSING))
    elif heir.valid_to is not None and heir.valid_to < at.date():
        problems.append(Problem("document", Key.DOCUMENT_EXPIRED))
    payee = find_account(connection, hsm, account)
    heir_index = hsm.index(cleaned(heir.id_number))
    if payee is None or not payee.is_open or not payee.is_of(heir_index, heir.name):
        problems.append(Problem("account", Key.ACCOUNT_NOT_OF_HEIR))
    waiting = select(inheritance_claims.c.id).where(
        inheritance_claims.c.person_id == person_id, inheritance_claims.c.state != ClaimState.PAID
    )
    if connection.scalar(waiting) is not None:
        problems.append(Problem("person", Key.CLAIM_OPEN))
    refuse_if(problems)
    assert payee is not None
    inserted = connection.execute(
        insert(inheritance_claims).values(
            person_id=person_id,
            heir_index=heir_index,
            heir_name_sealed=hsm.seal(heir.name),
            payee_account_id=payee.id,
            state=ClaimState.FILED,
            filed_at=at.isoformat(),
        )
    ).inserted_primary_key
    assert inserted is not None
    note(connection, at, actor, "inheritance claimed", f"person:{person_id}", {"claim": inserted[0]})
    return claim_of_id(connection, int(inserted[0]))


def approve_claim(connection: Connection, actor: Actor, at: datetime, claim_id: int) -> Claim:
    """One of two reviewers approves; with the second all of the balance is paid. Raises Refused."""
    lock_person(connection, claim_of_id(connection, claim_id).person_id)
    claim = claim_of_id(connection, claim_id)
    problems = []
    if actor.role is not Role.REVIEWER:
        problems.append(Problem("actor", Key.ONLY_AUTHORITY))
    problems += not_of_home(connection, actor, claim.person_id)
    if claim.state is ClaimState.PAID:
        problems.append(Problem("claim", Key.CLAIM_PAID))
    elif state_of(connection, claim.person_id) is not PersonState.DECEASED:  # the register was corrected meanwhile
        problems.append(Problem("person", Key.NOT_DECEASED))
    if actor.person_id is not None and connection.scalar(_IS_HEIR, {"claim": claim_id, "person": actor.person_id}):
        problems.append(Problem("actor", Key.NOT_FOR_YOU))
    if _has_approved(connection, claim, actor):
        problems.append(Problem("actor", Key.SAME_REVIEWER))
    if claim.state is ClaimState.APPROVED_ONCE and held_fen(connection, claim.person_id):
        problems.append(Problem("account", Key.MONEY_HELD))
    refuse_if(problems)
    changed = update(inheritance_claims).where(inheritance_claims.c.id == claim_id)
    if claim.state is ClaimState.FILED:
        connection.execute(changed.values(state=ClaimState.APPROVED_ONCE, first_reviewer=actor.id))
    else:
        fen = max(0, balance_fen(connection, Account.personal(claim.person_id)))
        if fen:
            to = Account.bank(claim.payee_account_id)
            movement = Movement(at, "paid to the heir")
            debit_person(
                connection, f"inheritance:{claim_id}", EntryKind.INHERITANCE, claim.person_id, fen, to, movement
            )
        connection.execute(changed.values(state=ClaimState.PAID, second_reviewer=actor.id, paid_fen=fen))
    note(connection, at, actor, "inheritance approved", f"person:{claim.person_id}", {"claim": claim_id})
    return claim_of_id(connection, claim_id)


def waiting_claims(connection: Connection, region: str | None = None) -> tuple[Claim, ...]:
    """Claims that are not paid, oldest first; of those insured in the pooling region of `region`, or of all."""
    query = (
        select(inheritance_claims, persons.c.region)
        .join(persons, persons.c.id == inheritance_claims.c.person_id)
        .where(inheritance_claims.c.state != ClaimState.PAID)
        .order_by(inheritance_claims.c.id)
    )
    pool = None if region is None else pooling_region(region)
    rows = connection.execute(query).mappings()
    return tuple(_claim(row) for row in rows if pool in (None, pooling_region(row["region"])))


def claim_of_id(connection: Connection, claim_id: int) -> Claim:
    """The claim as it is now. Raises Refused."""
    query = select(inheritance_claims).where(inheritance_claims.c.id == claim_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise Refused([Problem("claim", Key.NO_SUCH_CLAIM)])
    return _claim(row)


def _claim(row: RowMapping) -> Claim:
    return Claim(
        row["id"],
        row["person_id"],
        row["payee_account_id"],
        ClaimState(row["state"]),
        datetime.fromisoformat(row["filed_at"]),
        row["first_reviewer"],
        row["paid_fen"],
    )


def _has_approved(connection: Connection, claim: Claim, actor: Actor) -> bool:
    """Is the first approval this human's, perhaps under another account?"""
    if claim.first_reviewer is None:
        return False
    first = connection.scalar(select(staff.c.person_id).where(staff.c.id == claim.first_reviewer))
    return actor.is_same_human(Actor(Role.REVIEWER, claim.first_reviewer, person_id=first))
