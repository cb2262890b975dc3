"""The personal-account ledger: balanced entries that are never changed. Amounts are integer fen.

A personal account is what the fund owes a person, so its credits minus its debits are the person's balance. Terminal
cash and clearing accounts carry the other side. Functions work on one connection inside the caller's transaction;
`reference` makes each movement happen once.

An account that belongs to one person carries its balance, so that an authorisation does not add up a lifetime; the
others would be a queue for everybody, and are added up. `wrong_balances` proves what is carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import (
    PERSONAL_FUND,
    AccountKind,
    CreditKind,
    EntryKind,
    Part,
    accounts,
    entries,
    postings,
)

CARRIED = (AccountKind.PERSONAL, AccountKind.BANK)
"""Kinds of account whose balance is carried in their row: they are written under the lock of one person."""

_POSTED = select(entries.c.id).where(entries.c.reference == bindparam("reference"))
_ENTER = insert(entries)
_POST = insert(postings)
_OPEN = insert(accounts)
_OF_ACCOUNT = (accounts.c.kind == bindparam("kind"), accounts.c.owner == bindparam("owner"))
_ACCOUNT = select(accounts.c.id).where(*_OF_ACCOUNT)
_CARRY = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(balance_fen=accounts.c.balance_fen + bindparam("fen"))
)
_CARRIED_BALANCE = select(accounts.c.balance_fen).where(*_OF_ACCOUNT)
_BALANCE = (
    select(total(postings.c.credit_fen - postings.c.debit_fen)).select_from(postings.join(accounts)).where(*_OF_ACCOUNT)
)


class LedgerError(Exception):
    """A movement that the ledger refuses; nothing was posted."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its kind, and whose it is (person, bank account, terminal, provider or pooling region)."""

    kind: AccountKind
    owner: str

    @classmethod
    def personal(cls, person_id: int) -> "Account":
        """What the fund owes a person."""
        return cls(AccountKind.PERSONAL, str(person_id))

    @classmethod
    def bank(cls, payee_account_id: int) -> "Account":
        """What was credited to a person's own bank account."""
        return cls(AccountKind.BANK, str(payee_account_id))

    @classmethod
    def transfer(cls, payee_account_id: int) -> "Account":
        """What has left the fund for a bank account and is not credited there yet."""
        return cls(AccountKind.TRANSFER, str(payee_account_id))

    @classmethod
    def terminal_cash(cls, terminal: str) -> "Account":
        """Notes in a terminal."""
        return cls(AccountKind.TERMINAL_CASH, terminal)

    @classmethod
    def counter_cash(cls, provider: str) -> "Account":
        """Notes paid out at the counters of a provider."""
        return cls(AccountKind.COUNTER_CASH, provider)

    @classmethod
    def clearing(cls, region: str) -> "Account":
        """What a pooling region owes others, or others owe it."""
        return cls(AccountKind.CLEARING, pooling_region(region))

    @classmethod
    def suspense(cls, payer: str) -> "Account":
        """Money of a terminal or provider that awaits a decision."""
        return cls(AccountKind.SUSPENSE, payer)


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry; exactly one of the two amounts is not 0. On a personal account it names the part."""

    account: Account
    debit_fen: int = 0
    credit_fen: int = 0
    part: Part | None = None
    part_id: int | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """When, where and what for money moves; kept with every entry. `counts_on` None: the day of `at`."""

    at: datetime
    text: str
    terminal: str | None = None
    place: str | None = None
    purpose: str | None = None
    draw_id: int | None = None
    counts_on: date | None = None
    credit_kind: CreditKind | None = None


def is_posted(connection: Connection, reference: str) -> bool:
    """Has a movement with this reference been posted?"""
    return connection.scalar(_POSTED, {"reference": reference}) is not None


def post(connection: Connection, reference: str, kind: EntryKind, lines: Sequence[Line], movement: Movement) -> bool:
    """Post a balanced entry once; False when `reference` is posted already. Raises LedgerError when unbalanced."""
    if not lines or sum(line.debit_fen - line.credit_fen for line in lines) != 0:
        raise LedgerError(f"entry {reference} is not balanced")
    if any(min(line.debit_fen, line.credit_fen) != 0 or line.debit_fen + line.credit_fen <= 0 for line in lines):
        raise LedgerError(f"entry {reference}: each line needs one positive amount")
    if any((line.account.kind is AccountKind.PERSONAL) is (line.part is None) for line in lines):
        raise LedgerError(f"entry {reference}: a line of a personal account names its part, and no other line does")
    if is_posted(connection, reference):
        return False
    entry_id = connection.execute(
        _ENTER,
        {
            "reference": reference,
            "kind": kind,
            "credit_kind": movement.credit_kind,
            "posted_at": movement.at.isoformat(),
            "business_date": movement.counts_on or movement.at.date(),
            "draw_id": movement.draw_id,
            "terminal": movement.terminal,
            "place": movement.place,
            "purpose": movement.purpose,
            "text": movement.text,
        },
    ).inserted_primary_key
    assert entry_id is not None
    ids = {account: _account_id(connection, account) for account in dict.fromkeys(line.account for line in lines)}
    rows = [
        {
            "entry_id": entry_id[0],
            "account_id": ids[line.account],
            "debit_fen": line.debit_fen,
            "credit_fen": line.credit_fen,
            "part": line.part,
            "part_id": line.part_id,
        }
        for line in lines
    ]
    connection.execute(_POST, rows)
    for account, account_id in ids.items():
        if account.kind in CARRIED:
            fen = sum(line.credit_fen - line.debit_fen for line in lines if line.account == account)
            connection.execute(_CARRY, {"account": account_id, "fen": fen})
    return True


def load_cash(connection: Connection, reference: str, terminal: str, region: str, fen: int, at: datetime) -> bool:
    """Notes worth `fen` were put into a terminal; once per reference."""
    lines = (Line(Account.terminal_cash(terminal), debit_fen=fen), Line(Account.clearing(region), credit_fen=fen))
    return post(connection, reference, EntryKind.LOAD_CASH, lines, Movement(at, "cash loaded", terminal, region))


def balance_fen(connection: Connection, account: Account) -> int:
    """Credits minus debits of an account: positive is owed to its owner, negative is owed by them."""
    query = _CARRIED_BALANCE if account.kind in CARRIED else _BALANCE
    return int(connection.scalar(query, {"kind": account.kind, "owner": account.owner}) or 0)


def ledger_balanced(connection: Connection) -> bool:
    """Every entry has postings, and their debits equal their credits."""
    totals = (
        select(entries.c.id)
        .select_from(entries.outerjoin(postings))
        .group_by(entries.c.id)
        .having(func.coalesce(func.sum(postings.c.debit_fen), -1) != func.coalesce(func.sum(postings.c.credit_fen), 0))
    )
    return connection.execute(totals).first() is None


def wrong_balances(connection: Connection) -> list[str]:
    """The accounts whose carried balance is not what their postings say; none, where nothing is wrong."""
    posted = total(postings.c.credit_fen - postings.c.debit_fen)
    wrong = (
        select(accounts.c.kind, accounts.c.owner)
        .select_from(accounts.outerjoin(postings))
        .where(accounts.c.kind.in_(CARRIED))
        .group_by(accounts.c.id, accounts.c.kind, accounts.c.owner, accounts.c.balance_fen)
        .having(posted != accounts.c.balance_fen)
        .order_by(accounts.c.id)
    )
    return [f"{row.kind}:{row.owner}" for row in connection.execute(wrong)]


def insert_unless_there(connection: Connection, statement: Executable, row: dict[str, Any]) -> bool:
    """Insert a row that somebody else may insert at the same moment; False where it is there already."""
    try:
        with connection.begin_nested():
            connection.execute(statement, row)
    except IntegrityError:
        return False
    return True


def _account_id(connection: Connection, account: Account) -> int:
    """The account's row, opened at its first use."""
    named = {"kind": account.kind, "owner": account.owner}
    found = connection.scalar(_ACCOUNT, named)
    if found is None:
        fund = PERSONAL_FUND if account.kind is AccountKind.PERSONAL else None
        insert_unless_there(connection, _OPEN, {**named, "fund": fund})
        found = connection.scalar(_ACCOUNT, named)
    assert found is not None
    return int(found)
