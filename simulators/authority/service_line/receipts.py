"""What the books say of a reference; of a receipt, only to who also knows its check code."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, and_, bindparam, select

from simulators.authority.hsm import SoftHsm
from simulators.authority.money_line.exchanges import EXCHANGES, PAYOUTS, payout_reference, reference_of
from simulators.authority.tables.ledger import DrawState, draws
from simulators.authority.tables.money_line import exchanges, terminals

_FIND = (
    select(
        exchanges,
        terminals.c.merchant,
        terminals.c.region.label("place"),
        draws.c.id.label("draw_id"),
        draws.c.state,
        draws.c.person_id,
        draws.c.home,
        draws.c.amount_fen,
        draws.c.confirmed_fen,
        draws.c.given_back_fen,
    )
    .select_from(
        exchanges.join(terminals, exchanges.c.terminal == terminals.c.id).outerjoin(
            draws,
            and_(
                draws.c.terminal == exchanges.c.terminal,
                draws.c.batch == exchanges.c.batch,
                draws.c.stan == exchanges.c.stan,
                draws.c.business_date == exchanges.c.business_date,
            ),
        )
    )
    .where(exchanges.c.id % EXCHANGES == bindparam("number"))
)

_FIND_PAYOUT = select(draws).where(draws.c.message_id.is_not(None), draws.c.id % PAYOUTS == bindparam("number"))

NOTHING_MOVED = "nothing_moved"
"""Outcome of an enquiry or a refusal: there was a message, and no money."""


@dataclass(frozen=True, slots=True)
class Genuine:
    """A receipt that this authority's numbers are on. `amount_fen` is what was paid, or is on hold.

    `terminal` is the provider where none was passed.
    """

    at: datetime
    business_date: date
    terminal: str
    place: str
    outcome: str
    amount_fen: int


def genuine_receipt(connection: Connection, hsm: SoftHsm, reference: str, check_code: str) -> Genuine | None:
    """What became of it; None when reference and check code do not belong together."""
    if not hmac.compare_digest(hsm.check_code(reference).encode(), check_code.encode()):
        return None
    number = int(reference[4:])
    if number >= EXCHANGES:
        return _payout(connection, reference, number - EXCHANGES)
    row = exchange_with(connection, reference)
    return None if row is None else _genuine(row, row["terminal"], row["place"])


def exchange_with(connection: Connection, reference: str) -> RowMapping | None:
    """The exchange of a terminal that was answered with this reference, where it stood, and its draw if it has one."""
    for row in connection.execute(_FIND, {"number": int(reference[4:])}).mappings():
        if reference_of(row["business_date"], row["id"]) == reference:
            return row
    return None


def _payout(connection: Connection, reference: str, number: int) -> Genuine | None:
    """One that passed no terminal."""
    for row in connection.execute(_FIND_PAYOUT, {"number": number}).mappings():
        if payout_reference(row["business_date"], row["id"]) == reference:
            return _genuine(row, row["provider"], row["place"])
    return None


def _genuine(row: RowMapping, terminal: str, place: str) -> Genuine:
    paid = 0 if row["state"] is None else row["confirmed_fen"] - row["given_back_fen"]
    return Genuine(
        at=datetime.fromisoformat(row["at"]),
        business_date=row["business_date"],
        terminal=terminal,
        place=place,
        outcome=row["state"] or NOTHING_MOVED,
        amount_fen=row["amount_fen"] if row["state"] == DrawState.HELD else paid,
    )
