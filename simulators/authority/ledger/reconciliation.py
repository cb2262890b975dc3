"""Is every fen accounted for? Account debits = notes paid + transfers credited + open exceptions.

Debits are read from the personal accounts, notes and transfers from the accounts that they went to: a difference means
that somebody touched the books. Nothing is added up from what programs remember.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, String, case, cast, func, select

from simulators.authority.ledger.exceptions import LedgerException, open_exceptions
from simulators.authority.ledger.fund_parts import wrong_parts
from simulators.authority.ledger.ledger import ledger_balanced, wrong_balances
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import AccountKind, accounts, draws, entries, postings


class By(StrEnum):
    """What a row of a reconciliation is about."""

    ALL = "all"
    DAY = "day"  # business date
    REGION = "region"  # pooling region of the people
    PLACE = "place"  # pooling region of the payout
    PAYER = "payer"  # terminal or provider


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of some payouts, fen."""

    of: str
    debited_fen: int
    notes_fen: int
    credited_fen: int  # by banks
    pending_fen: int  # exception: transfers under way
    suspense_fen: int  # exception: paid and debited to nobody

    @property
    def difference_fen(self) -> int:
        """0, unless somebody touched the books."""
        return self.debited_fen - self.notes_fen - self.credited_fen - self.pending_fen + self.suspense_fen


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a look at the books found; `faults` are words for people."""

    rows: tuple[Sums, ...]
    exceptions: tuple[LedgerException, ...]
    faults: tuple[str, ...]

    @property
    def is_even(self) -> bool:
        """Nothing differs but what is named."""
        return not self.faults


_FEN = postings.c.credit_fen - postings.c.debit_fen
_KEYS: dict[By, ColumnElement[str]] = {
    By.DAY: cast(entries.c.business_date, String),
    By.REGION: func.coalesce(draws.c.home_pool, "unknown"),
    By.PLACE: draws.c.place_pool,
    By.PAYER: func.coalesce(draws.c.terminal, draws.c.provider),
}


def reconcile(connection: Connection, first: date, last: date, by: By = By.ALL) -> Reconciliation:
    """Reconcile the payouts of the business dates from `first` to `last`, and prove the books as a whole."""
    rows = payout_sums(connection, first, last, by)
    faults = [f"{row.of}: {row.difference_fen} fen are not accounted for" for row in rows if row.difference_fen]
    return Reconciliation(rows, open_exceptions(connection), (*faults, *proofs(connection)))


def payout_sums(connection: Connection, first: date, last: date, by: By = By.ALL) -> tuple[Sums, ...]:
    """The sums of payouts, and of what was given back of them, by whatever is asked."""
    key = _KEYS.get(by)
    columns = (
        -_of(AccountKind.PERSONAL),
        _of(AccountKind.TERMINAL_CASH, AccountKind.COUNTER_CASH),
        _of(AccountKind.BANK),
        _of(AccountKind.TRANSFER),
        -_of(AccountKind.SUSPENSE),
    )
    joined = entries.join(draws, draws.c.id == entries.c.draw_id).join(postings).join(accounts)
    within = entries.c.business_date.between(first, last)
    if key is None:
        found = connection.execute(select(*columns).select_from(joined).where(within)).one()
        return (Sums(By.ALL, *(int(fen) for fen in found)),)
    query = select(key, *columns).select_from(joined).where(within).group_by(key).order_by(key)
    return tuple(Sums(str(row[0]), *(int(fen) for fen in row[1:])) for row in connection.execute(query))


def proofs(connection: Connection) -> tuple[str, ...]:
    """What is wrong with the books as a whole; nothing, where all is well."""
    return (
        *(() if ledger_balanced(connection) else ("an entry does not balance",)),
        *_each("balance carried by account", wrong_balances(connection)),
        *_each("rest carried by part", wrong_parts(connection)),
        *_each("sum of draw", _wrong_draws(connection)),
    )


def table(rows: Iterable[Sums]) -> tuple[tuple[str, ...], ...]:
    """Rows with a head, for a command or a page."""
    names = [field.name for field in fields(Sums)]
    return (
        *((*names, "difference_fen"),),
        *((*(str(getattr(r, n)) for n in names), str(r.difference_fen)) for r in rows),
    )


def _of(*kinds: AccountKind) -> ColumnElement[int]:
    return total(case((accounts.c.kind.in_(kinds), _FEN), else_=0))


def _wrong_draws(connection: Connection) -> list[int]:
    """Draws that say another sum than their postings on the personal account."""
    debited = -total(case((accounts.c.kind == AccountKind.PERSONAL, _FEN), else_=0))
    joined = draws.outerjoin(entries, entries.c.draw_id == draws.c.id).outerjoin(postings).outerjoin(accounts)
    kept = draws.c.confirmed_fen - draws.c.given_back_fen
    query = select(draws.c.id).select_from(joined).group_by(draws.c.id, kept).having(debited != kept)
    return [int(draw) for draw in connection.scalars(query.order_by(draws.c.id))]


def _each(what: str, wrong: Iterable[object]) -> tuple[str, ...]:
    return tuple(f"the {what} {each} is not what its postings say" for each in wrong)
