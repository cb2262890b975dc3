"""What the authority posts to personal accounts: nobody can pay in. Amounts are integer fen, each reference once."""

from datetime import date, datetime

from sqlalchemy import Connection, select

from simulators.authority.ledger.fund_parts import FundRule, Share, add, take, take_back
from simulators.authority.ledger.ledger import Account, LedgerError, Line, Movement, balance_fen, is_posted, post
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.people.low_balance import debited
from simulators.authority.tables.ledger import CreditKind, EntryKind, fund_parts


def credit_person(
    connection: Connection,
    reference: str,
    person_id: int,
    region: str,
    fen: int,
    at: datetime,
    kind: CreditKind = CreditKind.CONTRIBUTION,
    vintage: date | None = None,
) -> bool:
    """Post a credit to a person of `region`; it settles a debt first. False when `reference` is posted already.

    `vintage` is the day on which it counts as credited, None the day of `at`. Raises LedgerError for nothing or less.
    """
    if fen <= 0:
        raise LedgerError("a credit needs a positive amount; a correction may take money away")
    lock_person(connection, person_id)
    if is_posted(connection, reference):
        return False
    account = Account.personal(person_id)
    debt_fen = -balance_fen(connection, account)
    shares = add(connection, reference, person_id, kind, fen, vintage or at.date(), debt_fen, at.date())
    lines = (Line(Account.clearing(region), debit_fen=fen), *credit_lines(account, shares))
    return post(connection, reference, EntryKind.CREDIT, lines, _movement(kind, at))


def correct_person(
    connection: Connection, reference: str, person_id: int, region: str, fen: int, at: datetime, of: str | None = None
) -> bool:
    """Post a correction: more (a credit), or less than nothing, as when a contribution is refunded.

    `of` is the reference of the credit that was wrong: what is left of it goes first, then the newest parts. What can't
    be taken any more is a debt; holds stay as they are. False when posted already. Raises LedgerError for nothing.
    """
    if fen == 0:
        raise LedgerError("a correction of nothing")
    if fen > 0:
        return credit_person(connection, reference, person_id, region, fen, at, CreditKind.CORRECTION)
    lock_person(connection, person_id)
    if is_posted(connection, reference):
        return False
    wrong = select(fund_parts.c.id).where(fund_parts.c.reference == of, fund_parts.c.person_id == person_id)
    first = None if of is None else connection.scalar(wrong)
    shares = take_back(connection, person_id, -fen, at.date(), first)
    lines = (*debit_lines(Account.personal(person_id), shares), Line(Account.clearing(region), credit_fen=-fen))
    post(connection, reference, EntryKind.CREDIT, lines, _movement(CreditKind.CORRECTION, at))
    debited(connection, person_id, -fen, at)
    return True


def debit_person(
    connection: Connection, reference: str, kind: EntryKind, person_id: int, fen: int, to: Account, movement: Movement
) -> bool:
    """Pay `fen` out of a person's parts, the oldest first, to another account; False when posted already.

    For what is no draw. The caller has looked at what is unheld; what the parts lack is a debt.
    """
    lock_person(connection, person_id)
    if is_posted(connection, reference):
        return False
    shares = take(connection, person_id, fen, FundRule(), movement.at.date())
    lines = (*debit_lines(Account.personal(person_id), shares), Line(to, credit_fen=fen))
    post(connection, reference, kind, lines, movement)
    debited(connection, person_id, fen, movement.at)
    return True


def debt_fen(connection: Connection, person_id: int) -> int:
    """What a person owes the fund: a correction came after the money was drawn."""
    return max(0, -balance_fen(connection, Account.personal(person_id)))


def credit_lines(account: Account, shares: list[Share]) -> tuple[Line, ...]:
    """A line for each part that is credited."""
    return tuple(Line(account, credit_fen=share.fen, part=share.part, part_id=share.part_id) for share in shares)


def debit_lines(account: Account, shares: list[Share]) -> tuple[Line, ...]:
    """A line for each part that is debited."""
    return tuple(Line(account, debit_fen=share.fen, part=share.part, part_id=share.part_id) for share in shares)


def _movement(kind: CreditKind, at: datetime) -> Movement:
    return Movement(at, f"{kind.replace('_', ' ')} to the personal account", credit_kind=kind)
