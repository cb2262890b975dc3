"""What supervisors look through: withdrawals by person, region, provider, terminal and day, each with all its hops."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.decisions import decision_rules, decisions
from simulators.authority.tables.invoices import settlement_cases
from simulators.authority.tables.ledger import draws, entries
from simulators.authority.tables.supervision import Asked, payout_requests

MOST_ROWS: Final = 10_000
_REQUESTS = (
    select(payout_requests, draws.c.state, draws.c.confirmed_fen, draws.c.given_back_fen, draws.c.purpose)
    .add_columns(draws.c.business_date, settlement_cases.c.due)
    .select_from(
        payout_requests.outerjoin(draws, draws.c.id == payout_requests.c.draw_id).outerjoin(
            settlement_cases, settlement_cases.c.draw_id == draws.c.id
        )
    )
)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One request for money and what became of it. `paid_fen` is what was paid, less what was given back.

    `period` is from the authorisation to the day on which invoices are due; None where nothing was paid.
    """

    trace: str
    at: datetime
    asked: Asked
    channel: str
    person_id: int | None
    home: str | None
    place: str
    provider: str | None
    terminal: str | None
    amount_fen: int | None
    code: str
    matter: str | None
    risk: str
    state: str | None
    paid_fen: int
    purpose: str | None
    period: tuple[date, date | None] | None

    @property
    def is_cross_city(self) -> bool:
        """Was it asked for in another pooling region than that of the insurance?"""
        return self.home is not None and pooling_region(self.home) != pooling_region(self.place)


@dataclass(frozen=True, slots=True)
class Hop:
    """One party on the way of a request: who, when, and what was checked or done there."""

    party: str
    id: str
    at: str
    checks: tuple[str, ...]


def withdrawal(connection: Connection, trace: str) -> Withdrawal | None:
    """The request with this trace."""
    row = connection.execute(_REQUESTS.where(payout_requests.c.trace == trace)).mappings().first()
    return None if row is None else _withdrawal(row)


def withdrawals(
    connection: Connection,
    *,
    person_id: int | None = None,
    region: str | None = None,
    provider: str | None = None,
    terminal: str | None = None,
    first: date | None = None,
    last: date | None = None,
    cross_city: bool | None = None,
) -> tuple[Withdrawal, ...]:
    """Requests for money, newest first; `region` is where the person is insured or the money was asked for."""
    r = payout_requests.c
    query = _REQUESTS.where(r.asked != Asked.QUOTE).order_by(r.id.desc()).limit(MOST_ROWS)
    for column, wanted in ((r.person_id, person_id), (r.provider, provider), (r.terminal, terminal)):
        if wanted is not None:
            query = query.where(column == wanted)
    if first is not None:
        query = query.where(r.at >= first.isoformat())
    if last is not None:
        query = query.where(r.at < (last + timedelta(days=1)).isoformat())
    found = (_withdrawal(row) for row in connection.execute(query).mappings())
    pool = None if region is None else pooling_region(region)
    return tuple(
        each
        for each in found
        if (pool is None or pool in (pooling_region(each.place), each.home and pooling_region(each.home)))
        and (cross_city is None or each.is_cross_city is cross_city)
    )


def hops(connection: Connection, trace: str) -> tuple[Hop, ...]:
    """Every party that a request passed, in order, under its trace; none for a trace that nobody knows."""
    row = connection.execute(select(payout_requests).where(payout_requests.c.trace == trace)).mappings().first()
    if row is None:
        return ()
    terminal = Hop("terminal", row["terminal"] or row["channel"], row["at"], ("message", "MAC", "signed on", "new"))
    provider = Hop("bank", row["provider"] or "", row["at"], ("authorised", "not suspended"))
    checked = [f"answer {row['code']}", f"risk {row['risk']}"]
    found = [terminal, provider]
    if row["decision_id"] is not None:
        rules = select(decision_rules.c.rule, decision_rules.c.outcome)
        told = connection.execute(rules.where(decision_rules.c.decision_id == row["decision_id"]))
        checked += [f"{each.rule} {each.outcome}" for each in told]
        at = connection.scalar(select(decisions.c.at).where(decisions.c.id == row["decision_id"]))
        found.append(Hop("authority", pooling_region(row["home"] or row["place"]), at or row["at"], tuple(checked)))
    else:
        found.append(Hop("authority", pooling_region(row["home"] or row["place"]), row["at"], tuple(checked)))
    if row["draw_id"] is not None:
        found += _after(connection, row["draw_id"])
    return tuple(found)


def _after(connection: Connection, draw_id: int) -> list[Hop]:
    """What was posted, and the settlement with the hospital's invoices and the insurer."""
    posted = select(entries.c.posted_at, entries.c.kind, entries.c.reference).where(entries.c.draw_id == draw_id)
    found = [
        Hop("ledger", each.reference, each.posted_at, (each.kind,))
        for each in connection.execute(posted.order_by(entries.c.id))
    ]
    case = connection.execute(select(settlement_cases).where(settlement_cases.c.draw_id == draw_id)).mappings().first()
    if case is not None:
        state = (f"settlement {case['state']}",)
        found.append(Hop("hospital", case["place"], case["opened_on"].isoformat(), ("invoices due", str(case["due"]))))
        found.append(Hop("insurer", case["home"], case["settled_at"] or "", state))
    return found


def _withdrawal(row: RowMapping) -> Withdrawal:
    paid = (row["confirmed_fen"] or 0) - (row["given_back_fen"] or 0)
    period = (row["business_date"], row["due"]) if paid else None
    return Withdrawal(
        trace=row["trace"],
        at=datetime.fromisoformat(row["at"]),
        asked=Asked(row["asked"]),
        channel=row["channel"],
        person_id=row["person_id"],
        home=row["home"],
        place=row["place"],
        provider=row["provider"],
        terminal=row["terminal"],
        amount_fen=row["amount_fen"],
        code=row["code"],
        matter=row["matter"],
        risk=row["risk"],
        state=row["state"],
        paid_fen=paid,
        purpose=row["purpose"],
        period=period,
    )
