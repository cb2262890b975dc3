"""What has been used: by a person, of an application, by a region. Holds count, and what was given back does not.

Everything counts on the business date of its authorisation. A draw counts as one while anything of it is held or kept.
Read under `lock_person` it stays true until the transaction ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select

from simulators.authority.ledger.fund_parts import drawable_fen
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import AccountKind, DrawState, accounts, draws, region_days

INTERVAL_KNOWN = timedelta(days=366)
"""How long before the current year the last draw is looked for."""

_TAKEN = case(
    (draws.c.state == DrawState.HELD, draws.c.amount_fen), else_=draws.c.confirmed_fen - draws.c.given_back_fen
)
_MINE = draws.c.person_id == bindparam("person")
_HELD = select(total(draws.c.amount_fen)).where(_MINE, draws.c.state == DrawState.HELD)
_HELD_BY_TERMINAL = (
    select(draws.c.id).where(draws.c.terminal == bindparam("terminal"), draws.c.state == DrawState.HELD).limit(1)
)
_USED = select(total(_TAKEN)).where(_MINE, draws.c.business_date.between(bindparam("first"), bindparam("last")))
_OF_APPLICATION = select(total(_TAKEN), func.count(case((_TAKEN > 0, 1)))).where(
    draws.c.application_id == bindparam("application")
)
_BALANCE = (
    select(accounts.c.balance_fen)
    .where(accounts.c.kind == AccountKind.PERSONAL, accounts.c.owner == bindparam("owner"))
    .scalar_subquery()
)


def _sum(when: ColumnElement[bool]) -> ColumnElement[int]:
    return total(case((when, _TAKEN), else_=0))


def _count(when: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((and_(when, _TAKEN > 0), 1)))


_TODAY = draws.c.business_date == bindparam("today")
_THIS_MONTH = draws.c.business_date >= bindparam("month_began")
_THIS_YEAR = draws.c.business_date >= bindparam("year_began")
_IN_MODE = draws.c.mode == bindparam("mode")
_USE = select(
    _BALANCE,
    _sum(draws.c.state == DrawState.HELD),
    _sum(_TODAY),
    _sum(_THIS_YEAR),
    _sum(and_(_TODAY, _IN_MODE)),
    _sum(and_(_THIS_YEAR, _IN_MODE)),
    _count(_TODAY),
    _count(_THIS_MONTH),
    _count(_THIS_YEAR),
    func.max(case((_TAKEN > 0, draws.c.at))),
).where(_MINE, or_(draws.c.state == DrawState.HELD, draws.c.business_date >= bindparam("since")))
_DAYS = select(
    total(case((region_days.c.business_date == bindparam("today"), region_days.c.insured_fen), else_=0)),
    total(region_days.c.insured_fen),
    total(case((region_days.c.business_date == bindparam("today"), region_days.c.paid_fen), else_=0)),
    total(region_days.c.paid_fen),
).where(
    region_days.c.region == bindparam("of"),
    region_days.c.business_date.between(bindparam("year_began"), bindparam("today")),
)
_PILOT = select(
    func.count(draws.c.person_id.distinct()),
    func.count(),
    total(_TAKEN),
    func.coalesce(func.max(case((_MINE, 1), else_=0)), 0),
).where(_TAKEN > 0, draws.c.business_date.between(bindparam("first"), bindparam("last")))


@dataclass(frozen=True, slots=True)
class PersonUse:
    """A person's money and what was drawn; the year begins where one policy says. `mode_...` counts one payout mode.

    `last_draw_at` is None where the last one is longer ago than the year before the current one.
    """

    balance_fen: int
    held_fen: int
    today_fen: int
    year_fen: int
    mode_today_fen: int
    mode_year_fen: int
    draws_today: int
    draws_this_month: int
    draws_this_year: int
    last_draw_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegionDays:
    """What the people insured in a region drew anywhere, and what was paid there to anybody: on a day, in its year."""

    insured_today_fen: int
    insured_year_fen: int
    paid_today_fen: int
    paid_year_fen: int


@dataclass(frozen=True, slots=True)
class PilotUse:
    """What a pilot has used of its quota, and whether a person is among those who did."""

    persons: int
    draws: int
    fen: int
    has_person: bool


def person_use(connection: Connection, person_id: int, today: date, year_began: date, mode: PayoutMode) -> PersonUse:
    """All that limits look at, in one statement."""
    row = connection.execute(
        _USE,
        {
            "person": person_id,
            "owner": str(person_id),
            "today": today,
            "month_began": today.replace(day=1),
            "year_began": year_began,
            "since": year_began - INTERVAL_KNOWN,
            "mode": mode,
        },
    ).one()
    last = None if row[9] is None else datetime.fromisoformat(row[9])
    return PersonUse(row[0] or 0, row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], last)


def held_fen(connection: Connection, person_id: int) -> int:
    """What is set aside for a person."""
    return int(connection.scalar(_HELD, {"person": person_id}) or 0)


def has_held(connection: Connection, terminal: str) -> bool:
    """Is there an approval of this terminal whose advice has not come?"""
    return connection.scalar(_HELD_BY_TERMINAL, {"terminal": terminal}) is not None


def unheld_fen(connection: Connection, person_id: int) -> int:
    """Balance minus holds; less than nothing where a correction came after a hold or a payout."""
    return balance_fen(connection, Account.personal(person_id)) - held_fen(connection, person_id)


def available_fen(connection: Connection, person_id: int, minimum_remainder_fen: int) -> int:
    """What every channel tells as available: balance less holds less the minimum remainder, never less than nothing."""
    return max(0, unheld_fen(connection, person_id) - minimum_remainder_fen)


def unheld_vintage_fen(connection: Connection, person_id: int, credited_before: date) -> int:
    """What is left, and not held, of credits before a day. All holds count: they pay from these parts first."""
    return max(0, drawable_fen(connection, person_id, credited_before) - held_fen(connection, person_id))


def used_fen(connection: Connection, person_id: int, first: date, last: date) -> int:
    """Draws authorised from `first` to `last`, held or confirmed, less what was given back."""
    return int(connection.scalar(_USED, {"person": person_id, "first": first, "last": last}) or 0)


def application_used(connection: Connection, application_id: int) -> tuple[int, int]:
    """What of an application is held or drawn, fen, and in how many draws; the rest of what was approved remains."""
    fen, count = connection.execute(_OF_APPLICATION, {"application": application_id}).one()
    return int(fen), int(count)


def applications_used(connection: Connection, application_ids: Iterable[int]) -> dict[int, int]:
    """What of each of these applications is held or drawn, fen; those without a draw are not named."""
    query = (
        select(draws.c.application_id, total(_TAKEN))
        .where(draws.c.application_id.in_(list(application_ids)))
        .group_by(draws.c.application_id)
    )
    return {int(application): int(fen) for application, fen in connection.execute(query)}


def region_use(connection: Connection, region: str, today: date, year_began: date) -> RegionDays:
    """What payout ceilings of a pooling region look at."""
    named = {"of": pooling_region(region), "today": today, "year_began": year_began}
    return RegionDays(*connection.execute(_DAYS, named).one())


def pilot_use(
    connection: Connection, region: str, first: date, last: date, person_id: int, *, insured: bool = True
) -> PilotUse:
    """What was drawn in a pilot from `first` to `last`: by people insured in the pooling region, or paid out there."""
    query = _PILOT.where((draws.c.home_pool if insured else draws.c.place_pool) == pooling_region(region))
    persons, count, fen, has_person = connection.execute(
        query, {"first": first, "last": last, "person": person_id}
    ).one()
    return PilotUse(persons, count, fen, bool(has_person))
