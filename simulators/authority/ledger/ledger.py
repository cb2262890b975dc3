"""The personal-account ledger: balanced entries that are never changed. Amounts are integer fen.

A personal account is what the fund owes a person, so its credits minus its debits are the person's balance. Terminal
cash and clearing accounts carry the other side. Functions work on one connection inside the caller's transaction;
`reference` makes each movement happen once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.ledger import PERSONAL_FUND, AccountKind, EntryKind, accounts, entries, postings

_POSTED = select(entries.c.id).where(entries.c.reference == bindparam("reference"))
_ENTER = insert(entries)
_POST = insert(postings)
_OPEN = insert(accounts)
_OF_ACCOUNT = (accounts.c.kind == bindparam("kind"), accounts.c.owner == bindparam("owner"))
_ACCOUNT = select(accounts.c.id).where(*_OF_ACCOUNT)
_BALANCE = (
    select(func.coalesce(func.sum(postings.c.credit_fen - postings.c.debit_fen), 0))
    .select_from(postings.join(accounts))
    .where(*_OF_ACCOUNT)
)


class LedgerError(Exception):
    """A movement that the ledger refuses; nothing was posted."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its kind, and whose it is (person id, terminal id or pooling region)."""

    kind: AccountKind
    owner: str

    @classmethod
    def personal(cls, person_id: int) -> "Account":
        """What the fund owes a person."""
        return cls(AccountKind.PERSONAL, str(person_id))

    @classmethod
    def terminal_cash(cls, terminal: str) -> "Account":
        """Notes in a terminal."""
        return cls(AccountKind.TERMINAL_CASH, terminal)

    @classmethod
    def clearing(cls, region: str) -> "Account":
        """What a pooling region owes others, or others owe it."""
        return cls(AccountKind.CLEARING, pooling_region(region))

    @classmethod
    def suspense(cls, terminal: str) -> "Account":
        """Money of a terminal that awaits a decision."""
        return cls(AccountKind.SUSPENSE, terminal)


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry; exactly one of the two amounts is not 0."""

    account: Account
    debit_fen: int = 0
    credit_fen: int = 0


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


def post(connection: Connection, reference: str, kind: EntryKind, lines: Sequence[Line], movement: Movement) -> bool:
    """Post a balanced entry once; False when `reference` is posted already. Raises LedgerError when unbalanced."""
    if not lines or sum(line.debit_fen - line.credit_fen for line in lines) != 0:
        raise LedgerError(f"entry {reference} is not balanced")
    if any(min(line.debit_fen, line.credit_fen) != 0 or line.debit_fen + line.credit_fen <= 0 for line in lines):
        raise LedgerError(f"entry {reference}: each line needs one positive amount")
    if connection.scalar(_POSTED, {"reference": reference}) is not None:
        return False
    entry_id = connection.execute(
        _ENTER,
        {
            "reference": reference,
            "kind": kind,
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
    rows = [
        {
            "entry_id": entry_id[0],
            "account_id": _account_id(connection, line.account),
            "debit_fen": line.debit_fen,
            "credit_fen": line.credit_fen,
        }
        for line in lines
    ]
    connection.execute(_POST, rows)
    return True


def credit_person(connection: Connection, reference: str, person_id: int, region: str, fen: int, at: datetime) -> bool:
    """Post a contribution, transfer-in or interest to a person of `region`; once per reference."""
    lines = (Line(Account.clearing(region), debit_fen=fen), Line(Account.personal(person_id), credit_fen=fen))
    return post(connection, reference, EntryKind.CREDIT, lines, Movement(at, "credit to the personal account"))


def load_cash(connection: Connection, reference: str, terminal: str, region: str, fen: int, at: datetime) -> bool:
    """Notes worth `fen` were put into a terminal; once per reference."""
    lines = (Line(Account.terminal_cash(terminal), debit_fen=fen), Line(Account.clearing(region), credit_fen=fen))
    return post(connection, reference, EntryKind.LOAD_CASH, lines, Movement(at, "cash loaded", terminal, region))


def balance_fen(connection: Connection, account: Account) -> int:
    """Credits minus debits of an account: positive is owed to its owner."""
    total = connection.scalar(_BALANCE, {"kind": account.kind, "owner": account.owner})
    return int(total or 0)


def ledger_balanced(connection: Connection) -> bool:
    """Every entry has postings, and their debits equal their credits."""
    totals = (
        select(entries.c.id)
        .select_from(entries.outerjoin(postings))
        .group_by(entries.c.id)
        .having(func.coalesce(func.sum(postings.c.debit_fen), -1) != func.coalesce(func.sum(postings.c.credit_fen), 0))
    )
    return connection.execute(totals).first() is None


def _account_id(connection: Connection, account: Account) -> int:
    """The account's row, opened at its first use."""
    named = {"kind": account.kind, "owner": account.owner}
    found = connection.scalar(_ACCOUNT, named)
    if found is None:
        fund = PERSONAL_FUND if account.kind is AccountKind.PERSONAL else None
        connection.execute(_OPEN, {**named, "fund": fund})
        found = connection.scalar(_ACCOUNT, named)
    assert found is not None
    return int(found)
