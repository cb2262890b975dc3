"""What pooling regions owe each other for notes that one paid out to the people of another: cleared day by day.

Every payout and every correction is cleared once, in the first run after it was posted, whatever day it counts on; so
what comes late is in a later run, and nothing is in two. A run nets each pair of regions and posts what remains.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from simulators.authority.business_time import SHANGHAI
from simulators.authority.ledger.ledger import Account, LedgerError, Line, Movement, post
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import (
    AccountKind,
    EntryKind,
    accounts,
    cleared_entries,
    clearing_positions,
    clearing_runs,
    draws,
    entries,
    postings,
)


@dataclass(frozen=True, slots=True)
class Position:
    """One pair of regions in one run: `debtor` pays `net_fen` to `creditor`."""

    debtor: str
    creditor: str
    owed_fen: int
    counter_fen: int
    payouts: int

    @property
    def net_fen(self) -> int:
        """What is settled; never less than nothing."""
        return self.owed_fen - self.counter_fen


def clear_day(connection: Connection, day: date, at: datetime) -> tuple[Position, ...]:
    """Clear everything posted up to the end of `day`, once; the positions, also of a day that was cleared before.

    Raises LedgerError for a day that has not ended.
    """
    ends = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    if at < ends:
        raise LedgerError(f"{day} has not ended; clear it after midnight")
    run_id = connection.scalar(select(clearing_runs.c.id).where(clearing_runs.c.day == day))
    if run_id is not None:
        return statement(connection, day)
    inserted = connection.execute(insert(clearing_runs).values(day=day, at=at.isoformat())).inserted_primary_key
    assert inserted is not None
    found = connection.execute(_uncleared(ends)).all()
    if found:
        connection.execute(insert(cleared_entries), [{"entry_id": row.id, "run_id": inserted[0]} for row in found])
    positions = _net([(row.home_pool, row.place_pool, int(row.fen)) for row in found])
    for each in positions:
        row = {"run_id": inserted[0], "debtor": each.debtor, "creditor": each.creditor}
        sums = {"owed_fen": each.owed_fen, "counter_fen": each.counter_fen, "payouts": each.payouts}
        connection.execute(insert(clearing_positions), {**row, **sums})
        if each.net_fen:
            lines = (
                Line(Account.clearing(each.debtor), debit_fen=each.net_fen),
                Line(Account.clearing(each.creditor), credit_fen=each.net_fen),
            )
            reference = f"clearing:{inserted[0]}:{each.debtor}:{each.creditor}"
            post(connection, reference, EntryKind.CLEARING, lines, Movement(at, f"clearing of {day}", counts_on=day))
    return positions


def statement(connection: Connection, day: date) -> tuple[Position, ...]:
    """The positions of a day that was cleared; none of one that was not."""
    query = (
        select(clearing_positions)
        .select_from(clearing_positions.join(clearing_runs))
        .where(clearing_runs.c.day == day)
        .order_by(clearing_positions.c.debtor, clearing_positions.c.creditor)
    )
    return tuple(
        Position(row["debtor"], row["creditor"], row["owed_fen"], row["counter_fen"], row["payouts"])
        for row in connection.execute(query).mappings()
    )


def clear_ended_days(connection: Connection, at: datetime) -> int:
    """Clear yesterday if nobody has; 1 for a new run. An older day that was missed is in it."""
    yesterday = at.date() - timedelta(days=1)
    if connection.scalar(select(clearing_runs.c.id).where(clearing_runs.c.day >= yesterday).limit(1)) is not None:
        return 0
    clear_day(connection, yesterday, at)
    return 1


def _uncleared(before: datetime) -> Select[Any]:
    """Payouts and corrections between regions that no run has: what home owes place, below 0 what comes back."""
    return (
        select(
            entries.c.id,
            draws.c.home_pool,
            draws.c.place_pool,
            total(postings.c.credit_fen - postings.c.debit_fen).label("fen"),
        )
        .select_from(
            entries.join(draws, draws.c.id == entries.c.draw_id)
            .join(postings, postings.c.entry_id == entries.c.id)
            .join(accounts, accounts.c.id == postings.c.account_id)
            .outerjoin(cleared_entries, cleared_entries.c.entry_id == entries.c.id)
        )
        .where(
            accounts.c.kind == AccountKind.CLEARING,
            accounts.c.owner == draws.c.home_pool,
            entries.c.posted_at < before.isoformat(),
            cleared_entries.c.entry_id.is_(None),
        )
        .group_by(entries.c.id, draws.c.home_pool, draws.c.place_pool)
        .order_by(entries.c.id)
    )


def _net(owed: list[tuple[str, str, int]]) -> tuple[Position, ...]:
    """One position for each pair of regions; who owes more is the debtor."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for home, place, fen in owed:
        before, count = sums.get((home, place), (0, 0))
        sums[home, place] = before + fen, count + 1
    positions = []
    for one, other in sorted({(min(pair), max(pair)) for pair in sums}):
        (there, there_count), (back, back_count) = sums.get((one, other), (0, 0)), sums.get((other, one), (0, 0))
        count = there_count + back_count
        debtor_first = there >= back
        positions.append(
            Position(one, other, there, back, count) if debtor_first else Position(other, one, back, there, count)
        )
    return tuple(positions)
