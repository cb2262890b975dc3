"""What moved a person's account, line by line, with the payout behind it: mode, channel, and how it is found again."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, bindparam, func, select

from simulators.authority.money_line.exchanges import reference_of
from simulators.authority.tables.ledger import AccountKind, CreditKind, EntryKind, accounts, draws, entries, postings
from simulators.authority.tables.money_line import exchanges

OPENING = "opening:"
"""How the reference of an opening balance begins (`register.load_people`)."""

_MOVED = (
    select(
        entries.c.reference,
        entries.c.posted_at,
        entries.c.business_date,
        entries.c.kind,
        entries.c.credit_kind,
        entries.c.place,
        entries.c.purpose,
        draws.c.mode,
        draws.c.channel,
        draws.c.message_id,
        func.max(exchanges.c.id).label("exchange"),
        func.max(exchanges.c.business_date).label("exchange_day"),
        func.coalesce(
            select(func.sum(postings.c.credit_fen - postings.c.debit_fen))
            .join(accounts)
            .where(
                postings.c.entry_id == entries.c.id,
                accounts.c.kind == AccountKind.PERSONAL,
                accounts.c.owner == bindparam("owner"),
            )
            .correlate(entries)
            .scalar_subquery(),
            0,
        ).label("fen"),
    )
    .select_from(
        entries.outerjoin(draws, draws.c.id == entries.c.draw_id).outerjoin(
            exchanges,
            and_(
                exchanges.c.terminal == draws.c.terminal,
                exchanges.c.batch == draws.c.batch,
                exchanges.c.stan == draws.c.stan,
                exchanges.c.business_date == draws.c.business_date,
            ),
        )
    )
    .where(
        entries.c.id.in_(
            select(postings.c.entry_id)
            .join(accounts)
            .where(accounts.c.kind == AccountKind.PERSONAL, accounts.c.owner == bindparam("owner"))
        )
    )
    .group_by(entries.c.id, draws.c.id)
    .order_by(entries.c.id)
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement; `fen` is positive where the account got more, `balance_fen` what it had afterwards.

    `reference` is field 37 of a terminal's request, `message_id` that of a payout without one.
    """

    at: datetime
    business_date: date
    kind: EntryKind
    credit_kind: CreditKind | None
    is_opening: bool
    fen: int
    balance_fen: int
    place: str | None
    purpose: str | None
    mode: str | None
    channel: str | None
    reference: str | None
    message_id: str | None


def history(connection: Connection, person_id: int) -> tuple[Moved, ...]:
    """Everything, oldest first."""
    total, found = 0, []
    for row in connection.execute(_MOVED, {"owner": str(person_id)}).mappings():
        fen = int(row["fen"])
        total += fen
        exchange = row["exchange"]
        found.append(
            Moved(
                at=datetime.fromisoformat(row["posted_at"]),
                business_date=row["business_date"],
                kind=EntryKind(row["kind"]),
                credit_kind=None if row["credit_kind"] is None else CreditKind(row["credit_kind"]),
                is_opening=row["reference"].startswith(OPENING),
                fen=fen,
                balance_fen=total,
                place=row["place"],
                purpose=row["purpose"],
                mode=row["mode"],
                channel=row["channel"],
                reference=None if exchange is None else reference_of(row["exchange_day"], exchange),
                message_id=row["message_id"],
            )
        )
    return tuple(found)
