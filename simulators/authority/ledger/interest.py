"""Interest of personal accounts: each a credit of its own with its own vintage, once for each person and day.

What is there at the end of a day earns for it the yearly rate of the policy that is in force on that day, by the 365th
part, also in a leap year. A day on which interest is due credits what was earned from the last such day on, that day
counted, or for a year, if that is less; the sum is rounded once, as the policy of the due day says. A debt earns
nothing and costs nothing. What is posted later for days of a period that is credited changes nothing in it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby

from sqlalchemy import Connection, String, and_, bindparam, cast, select

from simulators.authority.actors import SYSTEM
from simulators.authority.ledger.credits import credit_person
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import Rounding
from simulators.authority.supervision.audit import note
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import AccountKind, CreditKind, accounts, entries, postings
from simulators.authority.tables.people import persons

_WHOLE = 365 * 10_000
"""What a rate of one basis point, earned on one day, is the part of."""

_MOVED = (
    select(
        persons.c.id,
        persons.c.region,
        entries.c.business_date,
        total(postings.c.credit_fen - postings.c.debit_fen).label("fen"),
    )
    .select_from(
        persons.join(
            accounts, and_(accounts.c.kind == AccountKind.PERSONAL, accounts.c.owner == cast(persons.c.id, String))
        )
        .join(postings, postings.c.account_id == accounts.c.id)
        .join(entries, entries.c.id == postings.c.entry_id)
    )
    .where(persons.c.region.in_(bindparam("regions", expanding=True)), entries.c.business_date < bindparam("before"))
    .group_by(persons.c.id, persons.c.region, entries.c.business_date)
    .order_by(persons.c.id, entries.c.business_date)
)


def credit_interest(connection: Connection, policies: PolicyBook, due: date, at: datetime) -> int:
    """Credit what is due on a day, in every region; how many people got something. Twice, it comes to the same."""
    return sum(_credit_region(connection, policies, region, due, at) for region in policies.regions)


def interest_fen(moved: Iterable[tuple[date, int]], begins: date, daily: list[int], rounding: Rounding) -> int:
    """What an account earns. `moved` is what went in (out: below 0) by day, in order, from the beginning of all on.

    `daily` are the yearly rates of the days from `begins` on, in basis points.
    """
    since = [0, *accumulate(daily)]
    earned, balance_fen, upto = 0, 0, 0
    for day, fen in moved:
        number = min(len(daily), max(0, (day - begins).days))
        earned += max(0, balance_fen) * (since[number] - since[upto])
        balance_fen, upto = balance_fen + fen, number
    earned += max(0, balance_fen) * (since[-1] - since[upto])
    half = _WHOLE // 2 if rounding is Rounding.HALF_UP else 0
    return (earned + half) // _WHOLE


def _credit_region(connection: Connection, policies: PolicyBook, region: str, due: date, at: datetime) -> int:
    policy = policies.in_force(region, due)
    if policy is None or not policy.interest.is_due(due):
        return 0
    begins = _last_due(policies, region, due)
    daily = [_rate(policies, region, begins + timedelta(days=number)) for number in range((due - begins).days)]
    known = connection.scalars(select(persons.c.region).distinct())
    own = [each for each in known if pooling_region(each) == region]
    rows = connection.execute(_MOVED, {"regions": own, "before": due}).all()
    credited_fen = people = 0
    for (person_id, home), of_person in groupby(rows, key=lambda row: (row.id, row.region)):
        moved = ((row.business_date, int(row.fen)) for row in of_person)
        fen = interest_fen(moved, begins, daily, policy.interest.rounding)
        reference = f"interest:{person_id}:{due}"
        if fen and credit_person(connection, reference, person_id, home, fen, at, CreditKind.INTEREST, vintage=due):
            credited_fen, people = credited_fen + fen, people + 1
    if people:
        told = {"due": f"{due}", "people": f"{people}", "fen": f"{credited_fen}"}
        note(connection, at, SYSTEM, "interest credited", f"region:{region}", told)
    return people


def _last_due(policies: PolicyBook, region: str, due: date) -> date:
    """The day on which interest was due before, at most a year earlier."""
    earliest = due.replace(year=due.year - 1)
    day = due - timedelta(days=1)
    while day > earliest:
        policy = policies.in_force(region, day)
        if policy is not None and policy.interest.is_due(day):
            return day
        day -= timedelta(days=1)
    return earliest


def _rate(policies: PolicyBook, region: str, day: date) -> int:
    policy = policies.in_force(region, day)
    return 0 if policy is None else policy.interest.annual_basis_points
