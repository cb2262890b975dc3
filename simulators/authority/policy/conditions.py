"""The rules that say yes or no: `CONDITIONS` is the table, in the order in which a refusal names its code.

A check sees one side, home or destination, and tells whether its condition holds and the value it found. Checks that
need no policy, such as the person's own lock, are asked once, in the name of the home region.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.contributions import anniversary, months_in_a_row
from simulators.authority.policy.diagnoses import covers
from simulators.authority.policy.opening import is_open, next_opening, timetables
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Ask, Facts, RegionUse, Usage
from simulators.authority.policy.terms import Case, Terms
from simulators.authority.policy.values import UNLIMITED, Count
from simulators.authority.policy.vocabulary import Rule, Stage, Suspended, Transition
from simulators.authority.policy.working_days import WorkingDays
from simulators.authority.tables.people import PersonState

ACCOUNT_STATES: Mapping[PersonState, Code] = {
    PersonState.ACTIVE: Code.APPROVED,
    PersonState.INACTIVE: Code.NOT_PERMITTED_HOLDER,
    PersonState.FROZEN: Code.RESTRICTED_CARD,
    PersonState.SUSPENDED: Code.RESTRICTED_CARD,
    PersonState.CLOSED: Code.NO_SUCH_ACCOUNT,
    PersonState.DECEASED: Code.NOT_PERMITTED_HOLDER,
}

SUSPENSIONS: Mapping[Suspended, Code] = {
    Suspended.PERSON: Code.RESTRICTED_CARD,
    Suspended.LEGAL_HOLD: Code.RESTRICTED_CARD,
    Suspended.RECOVERY_DUE: Code.RESTRICTED_CARD,
    Suspended.PROVIDER: Code.INVALID_MERCHANT,
    Suspended.TERMINAL: Code.NOT_PERMITTED_TERMINAL,
    Suspended.HOME_REGION: Code.NOT_PERMITTED_HOLDER,
    Suspended.PLACE_REGION: Code.NOT_PERMITTED_TERMINAL,
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two regions, with what is known of it. In a local case there is the home side only."""

    terms: Terms
    is_home: bool
    use: Usage
    region_use: RegionUse


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything that a check may look at besides its side."""

    ask: Ask
    facts: Facts
    case: Case
    place: str
    calendar: WorkingDays

    @property
    def today(self) -> date:
        """The business date."""
        return self.ask.at.date()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `code` overrides that of the table; `names` is the region, provider or time to be told."""

    holds: bool
    value: str
    code: Code | None = None
    region: str | None = None
    opens: datetime | None = None


Check = Callable[[Side, Matter], Verdict]

BOTH = (Stage.APPLICATION, Stage.PAYOUT)
PAYOUT = (Stage.PAYOUT,)


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule of the table, with its code when the home region refuses and when the destination does."""

    rule: Rule
    home_code: Code
    place_code: Code
    check: Check
    stages: tuple[Stage, ...] = BOTH
    once: bool = False


def _yes(holds: bool) -> Verdict:
    return Verdict(holds, "yes" if holds else "no")


def _service(side: Side, _: Matter) -> Verdict:
    return _yes(side.terms.policy.enabled)


def _pilot(side: Side, matter: Matter) -> Verdict:
    pilot, use = side.terms.policy.pilot, side.region_use
    if pilot is None:
        return Verdict(True, "none")
    if not pilot.first_day <= matter.today <= pilot.last_day:
        return Verdict(False, f"{pilot.first_day}/{pilot.last_day}")
    if pilot.persons is not None and not use.person_in_pilot and use.pilot_persons >= pilot.persons:
        return Verdict(False, f"{pilot.persons} persons")
    if pilot.draws is not None and use.pilot_draws >= pilot.draws:
        return Verdict(False, f"{pilot.draws} draws")
    return Verdict(True, f"{pilot.first_day}/{pilot.last_day}")


def _cross_city(side: Side, matter: Matter) -> Verdict:
    if not matter.case.between_cities:
        return Verdict(True, "local")
    flags = side.terms.policy.cross_city
    return _yes(flags.outbound if side.is_home else flags.inbound)


def _suspension(_: Side, matter: Matter) -> Verdict:
    for what in Suspended:
        if what in matter.facts.suspended:
            return Verdict(False, what, SUSPENSIONS[what])
    return Verdict(True, "none")


def _account_state(_: Side, matter: Matter) -> Verdict:
    state = matter.facts.account_state
    return Verdict(state is PersonState.ACTIVE, state, ACCOUNT_STATES[state])


def _own_lock(_: Side, matter: Matter) -> Verdict:
    return Verdict(not matter.facts.locked, "locked" if matter.facts.locked else "open")


def _provider(side: Side, matter: Matter) -> Verdict:
    providers, asked = side.terms.policy.providers, matter.ask.provider
    if asked is None:
        return Verdict(True, "none")
    return Verdict(asked not in providers.refused and (not providers.only or asked in providers.only), asked)


def _channel(side: Side, matter: Matter) -> Verdict:
    allowed = side.terms.policy.channels
    return Verdict(matter.ask.channel in allowed, ",".join(allowed) or "none")


def _payout_mode(side: Side, matter: Matter) -> Verdict:
    allowed = side.terms.policy.payout_modes
    return Verdict(matter.ask.mode in allowed, ",".join(allowed) or "none")


def _hours(side: Side, matter: Matter) -> Verdict:
    if side.terms.hours_overridden:
        return Verdict(True, "overridden")
    ask = matter.ask
    tables = timetables([side.terms.policy], ask.channel, ask.provider, matter.calendar)
    if is_open(tables, ask.at):
        return Verdict(True, "open")
    opens = next_opening(tables, ask.at)
    return Verdict(False, "never" if opens is None else opens.isoformat(timespec="minutes"), opens=opens)


def _purpose(side: Side, matter: Matter) -> Verdict:
    return Verdict(side.terms.purpose.allowed, matter.case.purpose)


def _purpose_detail(side: Side, matter: Matter) -> Verdict:
    allowed, detail = side.terms.purpose.details, matter.case.detail
    return Verdict(not allowed or detail in allowed, ",".join(allowed) or "all")


def _situation(side: Side, matter: Matter) -> Verdict:
    told = matter.case.situation
    known = told is None or not side.is_home or told in side.terms.policy.situations
    return Verdict(known, told or "none")


def _group(side: Side, matter: Matter) -> Verdict:
    needed = side.terms.eligibility.groups
    return Verdict(not needed or not matter.facts.groups.isdisjoint(needed), ",".join(needed) or "everybody")


def _insured_years(side: Side, matter: Matter) -> Verdict:
    terms, since = side.terms.eligibility, matter.facts.insured_since
    if not terms.insured_years:
        return Verdict(True, "0")
    if since is None and matter.facts.contributions:
        since = min(each.month for each in matter.facts.contributions)
    if since is None:
        return Verdict(False, f"{terms.insured_years} years, not insured yet")
    reached = anniversary(since, terms.insured_years, terms.anniversary_of_29_february)
    return Verdict(matter.today >= reached, f"{terms.insured_years} years on {reached}")


def _contribution_months(side: Side, matter: Matter) -> Verdict:
    terms = side.terms.eligibility
    if not terms.contribution_months:
        return Verdict(True, "0")
    run = months_in_a_row(matter.facts.contributions, matter.today, terms)
    return Verdict(run >= terms.contribution_months, f"{run} of {terms.contribution_months}")


def _health_status(side: Side, matter: Matter) -> Verdict:
    terms, today = side.terms.eligibility, matter.today
    if not terms.health_codes:
        return Verdict(True, "none")
    known = [status for status in matter.facts.health if status.code in terms.health_codes]
    sourced = [status for status in known if not terms.health_sources or status.source in terms.health_sources]
    valid = [
        status
        for status in sourced
        if status.as_of <= today
        and (status.valid_to is None or today <= status.valid_to)
        and (terms.health_valid_days is None or today <= status.as_of + timedelta(days=terms.health_valid_days))
    ]
    why = "valid" if valid else "expired" if sourced else "source not accepted" if known else "missing"
    return Verdict(bool(valid), f"{','.join(terms.health_codes)}: {why}")


def _diagnosis(side: Side, matter: Matter) -> Verdict:
    terms, today = side.terms.eligibility, matter.today
    if not terms.icd10:
        return Verdict(True, "none")
    listed = [proof for proof in matter.facts.diagnoses if any(covers(each, proof.icd10) for each in terms.icd10)]
    valid = [
        proof
        for proof in listed
        if proof.issued_on <= today <= proof.issued_on + timedelta(days=terms.diagnosis_valid_days)
        and (proof.valid_to is None or today <= proof.valid_to)
    ]
    why = "valid" if valid else "expired" if listed else "not listed" if matter.facts.diagnoses else "missing"
    return Verdict(bool(valid), f"{','.join(terms.icd10)}: {why}"[:200])


def _application_required(side: Side, matter: Matter) -> Verdict:
    if matter.facts.application is not None:
        return Verdict(True, f"application {matter.facts.application.application_id}")
    standing = side.terms.standing_approval_fen
    return Verdict(standing > 0, f"standing approval {standing}" if standing else "none")


def _application_place(_: Side, matter: Matter) -> Verdict:
    bound = None if matter.facts.application is None else matter.facts.application.place
    if bound is None or pooling_region(bound) == pooling_region(matter.place):
        return Verdict(True, bound or "any")
    return Verdict(False, bound, region=bound)


def _application_provider(_: Side, matter: Matter) -> Verdict:
    bound = None if matter.facts.application is None else matter.facts.application.provider
    return Verdict(bound is None or bound == matter.ask.provider, bound or "any")


def _application_mode(_: Side, matter: Matter) -> Verdict:
    bound = None if matter.facts.application is None else matter.facts.application.mode
    return Verdict(bound is None or bound is matter.ask.mode, bound or "any")


def _transition(_: Side, matter: Matter) -> Verdict:
    told = Transition.KEEP if matter.facts.application is None else matter.facts.application.transition
    return Verdict(told is Transition.KEEP, told)


def _counted(allowed: Count, used: int) -> Verdict:
    return Verdict(allowed == UNLIMITED or used < allowed, f"{used} of {allowed}")


def _count_day(side: Side, _: Matter) -> Verdict:
    return _counted(side.terms.limits.draws_per_day, side.use.draws_today)


def _count_month(side: Side, _: Matter) -> Verdict:
    return _counted(side.terms.limits.draws_per_month, side.use.draws_this_month)


def _count_year(side: Side, _: Matter) -> Verdict:
    return _counted(side.terms.limits.draws_per_year, side.use.draws_this_year)


def _interval(side: Side, matter: Matter) -> Verdict:
    minutes, last = side.terms.limits.interval_minutes, side.use.last_draw_at
    if not minutes or last is None:
        return Verdict(True, str(minutes))
    again = last + timedelta(minutes=minutes)
    return Verdict(matter.ask.at >= again, again.isoformat(timespec="minutes"))


_HOLDER, _TERMINAL = Code.NOT_PERMITTED_HOLDER, Code.NOT_PERMITTED_TERMINAL
_COUNT = Code.OVER_COUNT

CONDITIONS = (
    Condition(Rule.SERVICE, _HOLDER, _TERMINAL, _service),
    Condition(Rule.PILOT, _HOLDER, _TERMINAL, _pilot),
    Condition(Rule.CROSS_CITY, _HOLDER, _TERMINAL, _cross_city),
    Condition(Rule.SUSPENSION, _HOLDER, _HOLDER, _suspension, once=True),
    Condition(Rule.ACCOUNT_STATE, _HOLDER, _HOLDER, _account_state, once=True),
    Condition(Rule.OWN_LOCK, Code.RESTRICTED_CARD, Code.RESTRICTED_CARD, _own_lock, PAYOUT, once=True),
    Condition(Rule.PROVIDER, _TERMINAL, _TERMINAL, _provider, PAYOUT),
    Condition(Rule.CHANNEL, _TERMINAL, _TERMINAL, _channel),
    Condition(Rule.PAYOUT_MODE, _HOLDER, _TERMINAL, _payout_mode),
    Condition(Rule.HOURS, _TERMINAL, _TERMINAL, _hours, PAYOUT),
    Condition(Rule.PURPOSE, _HOLDER, _HOLDER, _purpose),
    Condition(Rule.PURPOSE_DETAIL, _HOLDER, _HOLDER, _purpose_detail),
    Condition(Rule.SITUATION, _HOLDER, _HOLDER, _situation),
    Condition(Rule.GROUP, _HOLDER, _HOLDER, _group),
    Condition(Rule.INSURED_YEARS, _HOLDER, _HOLDER, _insured_years),
    Condition(Rule.CONTRIBUTION_MONTHS, _HOLDER, _HOLDER, _contribution_months),
    Condition(Rule.HEALTH_STATUS, _HOLDER, _HOLDER, _health_status),
    Condition(Rule.DIAGNOSIS, _HOLDER, _HOLDER, _diagnosis),
    Condition(Rule.APPLICATION_REQUIRED, _HOLDER, _HOLDER, _application_required, PAYOUT),
    Condition(Rule.TRANSITION, _HOLDER, _HOLDER, _transition, PAYOUT, once=True),
    Condition(Rule.APPLICATION_PLACE, _TERMINAL, _TERMINAL, _application_place, PAYOUT, once=True),
    Condition(Rule.APPLICATION_PROVIDER, _TERMINAL, _TERMINAL, _application_provider, PAYOUT, once=True),
    Condition(Rule.APPLICATION_MODE, _TERMINAL, _TERMINAL, _application_mode, PAYOUT, once=True),
    Condition(Rule.COUNT_DAY, _COUNT, _COUNT, _count_day, PAYOUT),
    Condition(Rule.COUNT_MONTH, _COUNT, _COUNT, _count_month, PAYOUT),
    Condition(Rule.COUNT_YEAR, _COUNT, _COUNT, _count_year, PAYOUT),
    Condition(Rule.INTERVAL, _COUNT, _COUNT, _interval, PAYOUT),
)
