"""May this person draw this amount here? Every rule of home and destination is evaluated and told.

Of home and destination the stricter counts, item by item: a condition must hold on both sides, and of two limits the
smaller one allows. Where home and destination are one pooling region, its local rules are asked once. `CONDITIONS` and
`LIMITS` are the tables; field 63 of a reply and the stored decision are drawn from their results.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from math import lcm

from protocol.money_line import BindingRule
from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.conditions import CONDITIONS, Condition, Matter, Side, Verdict
from simulators.authority.policy.limits import LIMITS, LimitRule, note_multiple_fen
from simulators.authority.policy.opening import next_opening, timetables
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.terms import Case, case_of, terms_of
from simulators.authority.policy.vocabulary import CORRECTABLE, Rule, Stage
from simulators.authority.policy.working_days import WorkingDays, national


class Outcome(StrEnum):
    """How one rule came out. BINDS: it allows no more than what is asked or offered."""

    PASSED = auto()
    BINDS = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, the region and version whose word counted, where it stands, and how it came out.

    `value` is the fen that a limit allows, or what a condition found. `about` is a region to be told instead of that
    of the policy: the one that an application is bound to.
    """

    rule: Rule
    region: str
    version: str
    outcome: Outcome
    value: str
    basis: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A reply code and all that led to it. `maximum_fen` is a multiple of notes.

    Without an amount it was a quote. `next_opening` is told when hours refused.
    """

    code: Code
    ask: Ask
    facts: Facts
    case: Case
    maximum_fen: int
    balance_fen: int
    available_fen: int
    rest_of_day_fen: int
    rest_of_year_fen: int
    rest_of_application_fen: int | None
    home: RegionPolicy
    place: RegionPolicy
    results: tuple[RuleResult, ...]
    application_id: int | None = None
    next_opening: datetime | None = None

    @property
    def amount_fen(self) -> int | None:
        """What was asked for."""
        return self.ask.amount_fen

    @property
    def refused(self) -> tuple[RuleResult, ...]:
        """All rules that are not met."""
        return tuple(result for result in self.results if result.outcome is Outcome.REFUSED)

    @property
    def correctable(self) -> bool:
        """Is it refused for nothing that a further paper might not mend?"""
        return bool(self.refused) and all(result.rule in CORRECTABLE for result in self.refused)

    @property
    def reasons(self) -> tuple[BindingRule, ...]:
        """What field 63 names: the rules that refused, or else those that bind; that it is off says all."""
        off = [result for result in self.refused if result.rule is Rule.SERVICE]
        named = off or self.refused or [result for result in self.results if result.outcome is Outcome.BINDS]
        return tuple(BindingRule(result.rule, result.about or result.region, result.version) for result in named)


def decide(
    home: RegionPolicy, place: RegionPolicy, facts: Facts, ask: Ask, calendar: WorkingDays | None = None
) -> Decision:
    """Evaluate every rule for a draw or application, or for a quote (no amount)."""
    case = case_of(ask, facts, between_cities=pooling_region(home.region) != pooling_region(place.region))
    matter = Matter(ask, facts, case, place.region, calendar or national())
    home_use = facts.home_use
    sides = [Side(terms_of(home, case), True, home_use, facts.home_region)]
    if case.between_cities:
        there = home_use if facts.place_use is None else facts.place_use
        sides.append(Side(terms_of(place, case), False, there, facts.place_region))

    results: list[RuleResult] = []
    codes: list[Code] = []
    for condition in CONDITIONS:
        if ask.stage in condition.stages:
            for side, verdict in _judged(condition, sides, matter):
                results.append(_told(condition.rule, side, verdict))
                if not verdict.holds and not _open_for_enquiry(condition, sides, ask):
                    codes.append(verdict.code or (condition.home_code if side.is_home else condition.place_code))
    refused = any(result.outcome is Outcome.REFUSED for result in results)

    multiple = lcm(*(note_multiple_fen(side.terms.limits, case.mode) for side in sides))
    fits = ask.amount_fen is None or (ask.amount_fen > 0 and ask.amount_fen % multiple == 0)
    coarse = max(sides, key=lambda side: note_multiple_fen(side.terms.limits, case.mode))
    results.append(_result(Rule.NOTE_MULTIPLE, coarse, Outcome.PASSED if fits else Outcome.REFUSED, str(multiple)))
    codes += [] if fits else [Code.INVALID_AMOUNT]

    allowed = [(rule, *found) for rule in LIMITS if ask.stage in rule.stages and (found := _least(rule, sides, matter))]
    ceiling = max(0, min(fen for _, _, fen in allowed))
    for rule, side, fen in allowed:
        if ask.amount_fen is not None and ask.amount_fen > fen:
            outcome = Outcome.REFUSED
            codes.append(rule.code)
        else:
            outcome = Outcome.BINDS if fen <= ceiling else Outcome.PASSED
        results.append(_result(rule.rule, side, outcome, str(fen)))

    allows = {rule.rule: max(0, fen) for rule, _, fen in allowed}
    closed = any(result.rule is Rule.HOURS and result.outcome is Outcome.REFUSED for result in results)
    return Decision(
        code=next(iter(codes), Code.APPROVED),
        ask=ask,
        facts=facts,
        case=case,
        maximum_fen=0 if refused else ceiling // multiple * multiple,
        balance_fen=facts.balance_fen,
        available_fen=allows.get(Rule.MINIMUM_REMAINDER, 0),
        rest_of_day_fen=allows.get(Rule.DAY_LIMIT, 0),
        rest_of_year_fen=allows.get(Rule.ANNUAL_LIMIT, 0),
        rest_of_application_fen=None if facts.application is None else facts.application.remaining_fen,
        home=home,
        place=place,
        results=tuple(results),
        application_id=None if facts.application is None else facts.application.application_id,
        next_opening=_opens(sides, matter) if closed else None,
    )


def _judged(condition: Condition, sides: list[Side], matter: Matter) -> tuple[tuple[Side, Verdict], ...]:
    """The sides whose word counts: each one that refuses, else the home region and a destination that says more."""
    first = condition.check(sides[0], matter)
    if condition.once or len(sides) == 1:
        return ((sides[0], first),)
    second = condition.check(sides[1], matter)
    if first.holds != second.holds:
        return ((sides[1], second),) if first.holds else ((sides[0], first),)
    if first.holds and first.value == second.value:
        return ((sides[0], first),)
    return ((sides[0], first), (sides[1], second))


def _least(rule: LimitRule, sides: list[Side], matter: Matter) -> tuple[Side, int] | None:
    """The smaller of what the sides allow, and whose it is; home's when both allow the same."""
    least: tuple[Side, int] | None = None
    for side in sides[:1] if rule.once else sides:
        fen = rule.allows(side, matter)
        if fen is not None and (least is None or fen < least[1]):
            least = (side, fen)
    return least


def _open_for_enquiry(condition: Condition, sides: list[Side], ask: Ask) -> bool:
    """A quote may be answered while cash is not paid."""
    told = all(side.terms.policy.hours.enquiry_when_closed for side in sides)
    return condition.rule is Rule.HOURS and ask.amount_fen is None and ask.stage is Stage.PAYOUT and told


def _opens(sides: list[Side], matter: Matter) -> datetime | None:
    """When all sides that keep hours are open next."""
    keeping = [side.terms.policy for side in sides if not side.terms.hours_overridden]
    tables = timetables(keeping, matter.ask.channel, matter.ask.provider, matter.calendar)
    return next_opening(tables, matter.ask.at)


def _told(rule: Rule, side: Side, verdict: Verdict) -> RuleResult:
    outcome = Outcome.PASSED if verdict.holds else Outcome.REFUSED
    return _result(rule, side, outcome, verdict.value, verdict.region)


def _result(rule: Rule, side: Side, outcome: Outcome, value: str, about: str | None = None) -> RuleResult:
    policy = side.terms.policy
    return RuleResult(rule, policy.region, policy.version, outcome, value, policy.cite(rule), about)
