"""May this person draw this amount here? Every rule of home and destination is evaluated and told.

Each limiting rule says how much it allows; of home and destination the stricter counts, item by item. `RULES` is the
table; field 63 of a reply and the stored decision are drawn from its results.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from math import lcm

from sqlalchemy import Connection, insert

from protocol.money_line import BindingRule
from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import PayoutMode, Rule
from simulators.authority.tables.decisions import decision_rules, decisions

_DECISION = insert(decisions)
_RULE = insert(decision_rules)


class Outcome(StrEnum):
    """How one rule came out. BINDS: it allows no more than what is asked or offered."""

    PASSED = auto()
    BINDS = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """The person's money at the moment of the decision, fen."""

    balance_fen: int
    held_fen: int
    used_today_fen: int
    used_this_year_fen: int

    @property
    def unheld_fen(self) -> int:
        """What no earlier approval has set aside."""
        return self.balance_fen - self.held_fen


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A rule that allows an amount, and the reply code when more is asked."""

    rule: Rule
    code: Code
    allows: Callable[[RegionPolicy, Standing], int]


RULES = (
    LimitRule(Rule.BALANCE, Code.INSUFFICIENT_FUNDS, lambda _, standing: standing.unheld_fen),
    LimitRule(Rule.SINGLE_LIMIT, Code.OVER_LIMIT, lambda policy, _: policy.limits.single_fen[PayoutMode.CASH]),
    LimitRule(
        Rule.DAY_LIMIT, Code.OVER_LIMIT, lambda policy, standing: policy.limits.day_fen - standing.used_today_fen
    ),
    LimitRule(
        Rule.ANNUAL_LIMIT,
        Code.OVER_LIMIT,
        lambda policy, standing: policy.limits.year_fen - standing.used_this_year_fen,
    ),
    LimitRule(
        Rule.MINIMUM_REMAINDER,
        Code.OVER_LIMIT,
        lambda policy, standing: standing.unheld_fen - policy.limits.minimum_remainder_fen,
    ),
    # Of what is not held, so that it makes no difference whether an earlier draw has been confirmed yet.
    LimitRule(
        Rule.RATIO, Code.OVER_LIMIT, lambda policy, standing: standing.unheld_fen * policy.limits.ratio_percent // 100
    ),
)
"""In the order in which a refusal names its code."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, the region and version whose word counted, and how it came out; `value` is fen, or yes and no."""

    rule: Rule
    region: str
    version: str
    outcome: Outcome
    value: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A reply code and all that led to it. `amount_fen` None was a quote; `maximum_fen` is a multiple of notes."""

    code: Code
    amount_fen: int | None
    maximum_fen: int
    balance_fen: int
    available_fen: int
    rest_of_day_fen: int
    rest_of_year_fen: int
    home: RegionPolicy
    place: RegionPolicy
    results: tuple[RuleResult, ...]

    @property
    def reasons(self) -> tuple[BindingRule, ...]:
        """What field 63 names: the rules that refused, or else those that bind."""
        refused = [result for result in self.results if result.outcome is Outcome.REFUSED]
        named = refused or [result for result in self.results if result.outcome is Outcome.BINDS]
        return tuple(BindingRule(result.rule, result.region, result.version) for result in named)


def decide(home: RegionPolicy, place: RegionPolicy, standing: Standing, amount_fen: int | None) -> Decision:
    """Evaluate every rule for a draw of `amount_fen`, or for a quote (None)."""
    service, service_code = _service(home, place)
    multiple = lcm(home.limits.note_multiple_fen, place.limits.note_multiple_fen)
    allowed = [_stricter(rule, home, place, standing) for rule in RULES]
    ceiling = max(0, min(fen for _, fen in allowed))
    maximum = ceiling // multiple * multiple if service.outcome is Outcome.PASSED else 0

    notes = home if home.limits.note_multiple_fen >= place.limits.note_multiple_fen else place
    fits = amount_fen is None or (amount_fen > 0 and amount_fen % multiple == 0)
    notes_result = _result(Rule.NOTE_MULTIPLE, notes, Outcome.PASSED if fits else Outcome.REFUSED, str(multiple))

    results = [service, notes_result]
    codes = [service_code, Code.APPROVED if fits else Code.INVALID_AMOUNT]
    for rule, (policy, fen) in zip(RULES, allowed, strict=True):
        if amount_fen is not None and amount_fen > fen:
            outcome = Outcome.REFUSED
            codes.append(rule.code)
        else:
            outcome = Outcome.BINDS if fen <= ceiling else Outcome.PASSED
        results.append(_result(rule.rule, policy, outcome, str(fen)))

    allows = {rule.rule: fen for rule, (_, fen) in zip(RULES, allowed, strict=True)}
    return Decision(
        code=next((code for code in codes if code is not Code.APPROVED), Code.APPROVED),
        amount_fen=amount_fen,
        maximum_fen=maximum,
        balance_fen=standing.balance_fen,
        available_fen=max(0, allows[Rule.MINIMUM_REMAINDER]),
        rest_of_day_fen=max(0, allows[Rule.DAY_LIMIT]),
        rest_of_year_fen=max(0, allows[Rule.ANNUAL_LIMIT]),
        home=home,
        place=place,
        results=tuple(results),
    )


def store_decision(connection: Connection, decision: Decision, person_id: int, terminal: str, at: datetime) -> int:
    """Keep a decision with every rule it evaluated; its id."""
    inserted = connection.execute(
        _DECISION,
        {
            "at": at.isoformat(),
            "person_id": person_id,
            "terminal": terminal,
            "amount_fen": decision.amount_fen,
            "home": decision.home.region,
            "home_version": decision.home.version,
            "place": decision.place.region,
            "place_version": decision.place.version,
            "code": decision.code,
            "maximum_fen": decision.maximum_fen,
        },
    ).inserted_primary_key
    assert inserted is not None
    rows = [
        {
            "decision_id": inserted[0],
            "rule": result.rule,
            "region": result.region,
            "version": result.version,
            "outcome": result.outcome,
            "value": result.value,
        }
        for result in decision.results
    ]
    connection.execute(_RULE, rows)
    return int(inserted[0])


def _service(home: RegionPolicy, place: RegionPolicy) -> tuple[RuleResult, Code]:
    """Is the service on in both regions? The home region refuses the person (57), the other the terminal (58)."""
    if not home.enabled:
        return _result(Rule.SERVICE, home, Outcome.REFUSED, "no"), Code.NOT_PERMITTED_HOLDER
    if not place.enabled:
        return _result(Rule.SERVICE, place, Outcome.REFUSED, "no"), Code.NOT_PERMITTED_TERMINAL
    return _result(Rule.SERVICE, home, Outcome.PASSED, "yes"), Code.APPROVED


def _stricter(rule: LimitRule, home: RegionPolicy, place: RegionPolicy, standing: Standing) -> tuple[RegionPolicy, int]:
    """The smaller of what home and destination allow, and whose it is; home's when both allow the same."""
    at_home, there = rule.allows(home, standing), rule.allows(place, standing)
    return (place, there) if there < at_home else (home, at_home)


def _result(rule: Rule, policy: RegionPolicy, outcome: Outcome, value: str) -> RuleResult:
    return RuleResult(rule, policy.region, policy.version, outcome, value)
