"""Gathers the facts of a decision from the rooms that know them; asks only for what the two policies need."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import BindParameter, Connection, Date, bindparam, case, func, select

from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.dunning import recovery_due
from simulators.authority.ledger.draws import held_fen
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.people.facts import person_facts
from simulators.authority.policy.question import Ask, Facts, Usage
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Eligibility, EligibilityChanges
from simulators.authority.policy.simulation import Register
from simulators.authority.policy.vocabulary import Suspended
from simulators.authority.tables.ledger import DrawState, draws

_TAKEN = case(
    (draws.c.state == DrawState.HELD, draws.c.amount_fen), else_=draws.c.confirmed_fen - draws.c.given_back_fen
)
_today: BindParameter[date] = bindparam("today", type_=Date)
_month: BindParameter[date] = bindparam("month", type_=Date)
_USED = select(
    func.coalesce(func.sum(_TAKEN), 0),
    func.coalesce(func.sum(case((draws.c.business_date == _today, _TAKEN), else_=0)), 0),
    func.count(),
    func.coalesce(func.sum(case((draws.c.business_date >= _month, 1), else_=0)), 0),
    func.coalesce(func.sum(case((draws.c.business_date == _today, 1), else_=0)), 0),
).where(
    draws.c.person_id == bindparam("person"),
    draws.c.business_date.between(bindparam("first"), bindparam("last")),
    _TAKEN > 0,
)


@dataclass(frozen=True, slots=True)
class PolicyYear:
    """The year of limits that a day lies in: first and last day."""

    first: date
    last: date

    @classmethod
    def around(cls, day: date, starts: str) -> "PolicyYear":
        """`starts` is MM-DD, the first day of every year."""
        begins = _on(day.year, starts)
        if day < begins:
            begins = _on(day.year - 1, starts)
        ends = _on(begins.year + 1, starts)
        return cls(begins, date.fromordinal(ends.toordinal() - 1))


def gather(
    connection: Connection, hsm: SoftHsm, person_id: int, home: RegionPolicy, place: RegionPolicy, ask: Ask
) -> Facts:
    """What is known about a person who asks."""
    records = any(_asks_for_records(policy) for policy in (home, place))
    person = person_facts(connection, hsm, person_id, ask.at.date(), records=records)
    here = _usage(connection, person_id, ask, home)
    there = None
    if place.limits.year_start != home.limits.year_start:
        there = _usage(connection, person_id, ask, place)
    blocked = recovery_due(connection, person_id, home.settlement, ask.at.date())
    return Facts(
        balance_fen=balance_fen(connection, Account.personal(person_id)),
        held_fen=held_fen(connection, person_id),
        home_use=here,
        place_use=there,
        account_state=person.state,
        insured_since=person.insured_since,
        contributions=person.contributions,
        groups=person.groups,
        health=person.health,
        diagnoses=person.diagnoses,
        own_single_fen=person.own_single_fen,
        own_day_fen=person.own_day_fen,
        locked=person.locked,
        suspended=frozenset({Suspended.RECOVERY_DUE}) if blocked else frozenset(),
    )


def with_register(hsm: SoftHsm) -> Register:
    """Adds to the facts of a stored decision what the register knew of the person on its day."""

    def register(connection: Connection, person_id: int, on: date, facts: Facts) -> Facts:
        person = person_facts(connection, hsm, person_id, on, records=True)
        return replace(
            facts,
            insured_since=person.insured_since,
            contributions=person.contributions,
            groups=person.groups,
            health=person.health,
            diagnoses=person.diagnoses,
        )

    return register


def _asks_for_records(policy: RegionPolicy) -> bool:
    """Does any condition of a policy look at groups, contributions or health?"""
    changes = (policy.cross_city, policy.emergency, *policy.purposes.values(), *policy.situations.values())
    conditions: list[Eligibility | EligibilityChanges] = [policy.eligibility, *(each.eligibility for each in changes)]
    return any(
        each.groups or each.insured_years or each.contribution_months or each.health_codes or each.icd10
        for each in conditions
    )


def _usage(connection: Connection, person_id: int, ask: Ask, policy: RegionPolicy) -> Usage:
    today = ask.at.date()
    year = PolicyYear.around(today, policy.limits.year_start)
    row = connection.execute(
        _USED,
        {
            "person": person_id,
            "first": year.first,
            "last": year.last,
            "today": today,
            "month": today.replace(day=1),
        },
    ).one()
    return Usage(year_fen=row[0], today_fen=row[1], draws_this_year=row[2], draws_this_month=row[3], draws_today=row[4])


def _on(year: int, month_day: str) -> date:
    """MM-DD in a year; 29 February is 1 March in a year without one."""
    month, day = (int(part) for part in month_day.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month + 1, 1)
