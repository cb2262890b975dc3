"""Gathers the facts of a decision from the rooms that know them; asks only for what the two policies need."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from simulators.authority.approvals import approved
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.dunning import recovery_due
from simulators.authority.ledger.fund_parts import FundRule
from simulators.authority.ledger.usage import PersonUse, person_use, pilot_use, region_use, unheld_vintage_fen
from simulators.authority.people.facts import person_facts
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Ask, Facts, RegionUse, Usage
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Eligibility, EligibilityChanges
from simulators.authority.policy.simulation import Register
from simulators.authority.policy.vocabulary import Suspended


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
    connection: Connection,
    hsm: SoftHsm,
    person_id: int,
    home: RegionPolicy,
    place: RegionPolicy,
    ask: Ask,
    policies: PolicyBook | None = None,
) -> Facts:
    """What is known about a person who asks; with `policies`, also what newer versions say about an approval."""
    records = any(_asks_for_records(policy) for policy in (home, place))
    person = person_facts(connection, hsm, person_id, ask.at.date(), records=records)
    here = _use(connection, person_id, ask, home)
    there = None
    if place.limits.year_start != home.limits.year_start:
        there = _usage(_use(connection, person_id, ask, place))
    drawable_before = fund_rule(home, place, ask.at.date()).vintage_before
    blocked = recovery_due(connection, person_id, home.settlement, ask.at.date())
    return Facts(
        balance_fen=here.balance_fen,
        held_fen=here.held_fen,
        vintage_fen=None if drawable_before is None else unheld_vintage_fen(connection, person_id, drawable_before),
        home_use=_usage(here),
        place_use=there,
        home_region=_region_use(connection, person_id, home, ask.at.date(), insured=True),
        place_region=_region_use(connection, person_id, place, ask.at.date(), insured=False),
        application=approved(connection, person_id, home, place, ask, policies),
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


def after_hold(facts: Facts, fen: int, at: datetime) -> Facts:
    """The facts once cash of `fen` is held: what the next draw would find."""
    application = facts.application
    if application is not None:
        application = replace(application, remaining_fen=application.remaining_fen - fen)
    return replace(
        facts,
        held_fen=facts.held_fen + fen,
        vintage_fen=None if facts.vintage_fen is None else max(0, facts.vintage_fen - fen),
        home_use=_one_more(facts.home_use, fen, at),
        place_use=None if facts.place_use is None else _one_more(facts.place_use, fen, at),
        home_region=_paid(facts.home_region, fen),
        place_region=_paid(facts.place_region, fen),
        application=application,
    )


def _one_more(use: Usage, fen: int, at: datetime) -> Usage:
    return Usage(
        use.today_fen + fen,
        use.year_fen + fen,
        use.mode_today_fen + fen,
        use.mode_year_fen + fen,
        use.draws_today + 1,
        use.draws_this_month + 1,
        use.draws_this_year + 1,
        at,
    )


def _paid(use: RegionUse, fen: int) -> RegionUse:
    persons = use.pilot_persons + (not use.person_in_pilot)
    return RegionUse(use.today_fen + fen, use.year_fen + fen, persons, use.pilot_draws + 1, use.pilot_fen + fen, True)


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


def fund_rule(home: RegionPolicy, place: RegionPolicy, today: date) -> FundRule:
    """Which parts of the account pay: in the order of the home region, and by the stricter vintage date."""
    dates = [policy.funds.drawable_before for policy in (home, place) if policy.funds.drawable_before is not None]
    year = PolicyYear.around(today, home.limits.year_start)
    return FundRule(home.funds.order, year.first, min(dates, default=None))


def _asks_for_records(policy: RegionPolicy) -> bool:
    """Does anything in a policy look at groups, contributions or health?"""
    changes = (policy.cross_city, policy.emergency, *policy.purposes.values(), *policy.situations.values())
    conditions: list[Eligibility | EligibilityChanges] = [policy.eligibility, *(each.eligibility for each in changes)]
    return bool(policy.groups) or any(
        each.groups or each.insured_years or each.contribution_months or each.health_codes or each.icd10
        for each in conditions
    )


def _use(connection: Connection, person_id: int, ask: Ask, policy: RegionPolicy) -> PersonUse:
    today = ask.at.date()
    return person_use(connection, person_id, today, PolicyYear.around(today, policy.limits.year_start).first, ask.mode)


def _usage(use: PersonUse) -> Usage:
    return Usage(
        today_fen=use.today_fen,
        year_fen=use.year_fen,
        mode_today_fen=use.mode_today_fen,
        mode_year_fen=use.mode_year_fen,
        draws_today=use.draws_today,
        draws_this_month=use.draws_this_month,
        draws_this_year=use.draws_this_year,
        last_draw_at=use.last_draw_at,
    )


def _region_use(
    connection: Connection, person_id: int, policy: RegionPolicy, today: date, *, insured: bool
) -> RegionUse:
    """Of a home policy what its insured draw, of a destination's what is paid there; nothing it does not ask for."""
    day_fen = year_fen = 0
    if policy.ceilings.day_fen is not None or policy.ceilings.year_fen is not None:
        days = region_use(connection, policy.region, today, PolicyYear.around(today, policy.limits.year_start).first)
        day_fen = days.insured_today_fen if insured else days.paid_today_fen
        year_fen = days.insured_year_fen if insured else days.paid_year_fen
    if policy.pilot is None:
        return RegionUse(day_fen, year_fen)
    first, last = policy.pilot.first_day, policy.pilot.last_day
    pilot = pilot_use(connection, policy.region, first, last, person_id, insured=insured)
    return RegionUse(day_fen, year_fen, pilot.persons, pilot.draws, pilot.fen, pilot.has_person)


def _on(year: int, month_day: str) -> date:
    """MM-DD in a year; 29 February is 1 March in a year without one."""
    month, day = (int(part) for part in month_day.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month + 1, 1)
