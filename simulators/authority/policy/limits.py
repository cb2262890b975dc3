"""The rules that allow an amount: `LIMITS` is the table, in the order in which a refusal names its code.

A limit sees one side and tells how many fen it allows, or None where this side has no such rule. A limit that is asked
once belongs to the person, not to a policy, and speaks in the name of the home region.
"""

from collections.abc import Callable
from dataclasses import dataclass

from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.conditions import Matter, Side
from simulators.authority.policy.sections import Limits
from simulators.authority.policy.vocabulary import PayoutMode, Rounding, Rule, Stage

Allows = Callable[[Side, Matter], int | None]


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A rule that allows an amount, and the reply code when more is asked."""

    rule: Rule
    code: Code
    allows: Allows
    stages: tuple[Stage, ...] = (Stage.PAYOUT,)
    once: bool = False


def single_fen(limits: Limits, mode: PayoutMode) -> int:
    """The limit of one payout."""
    return limits.single_fen[mode]


def ratio_fen(limits: Limits, fen: int) -> int:
    """The share of an amount that may be drawn."""
    half = 50 if limits.rounding is Rounding.HALF_UP else 0
    return (fen * limits.ratio_percent + half) // 100


def note_multiple_fen(limits: Limits, mode: PayoutMode) -> int:
    """Cash comes in notes, a transfer in fen."""
    return limits.note_multiple_fen if mode is PayoutMode.CASH else 1


def _balance(_: Side, matter: Matter) -> int:
    return matter.facts.unheld_fen


def _single(side: Side, matter: Matter) -> int:
    return single_fen(side.terms.limits, matter.case.mode)


def _day(side: Side, _: Matter) -> int:
    return side.terms.limits.day_fen - side.use.today_fen


def _year(side: Side, _: Matter) -> int:
    return side.terms.limits.year_fen - side.use.year_fen


def _mode_day(side: Side, matter: Matter) -> int | None:
    limit = side.terms.limits.mode_day_fen.get(matter.case.mode)
    return None if limit is None else limit - side.use.mode_today_fen


def _mode_year(side: Side, matter: Matter) -> int | None:
    limit = side.terms.limits.mode_year_fen.get(matter.case.mode)
    return None if limit is None else limit - side.use.mode_year_fen


def _remainder(side: Side, matter: Matter) -> int:
    return matter.facts.unheld_fen - side.terms.limits.minimum_remainder_fen


def _ratio(side: Side, matter: Matter) -> int:
    # Of what is not held, so that it makes no difference whether an earlier draw has been confirmed yet.
    return ratio_fen(side.terms.limits, matter.facts.unheld_fen)


def _vintage(side: Side, matter: Matter) -> int | None:
    return None if side.terms.policy.funds.drawable_before is None else (matter.facts.vintage_fen or 0)


def _application(side: Side, matter: Matter) -> int | None:
    told = matter.facts.application
    if told is not None:
        return told.remaining_fen if side.is_home else None
    return side.terms.standing_approval_fen


def _own(side: Side, matter: Matter) -> int | None:
    facts = matter.facts
    if facts.own_day_fen is None:
        return facts.own_single_fen
    rest = facts.own_day_fen - side.use.today_fen
    return rest if facts.own_single_fen is None else min(rest, facts.own_single_fen)


def _pilot(side: Side, _: Matter) -> int | None:
    pilot = side.terms.policy.pilot
    return None if pilot is None or pilot.total_fen is None else pilot.total_fen - side.region_use.pilot_fen


def _region_day(side: Side, _: Matter) -> int | None:
    ceiling = side.terms.policy.ceilings.day_fen
    return None if ceiling is None else ceiling - side.region_use.today_fen


def _region_year(side: Side, _: Matter) -> int | None:
    ceiling = side.terms.policy.ceilings.year_fen
    return None if ceiling is None else ceiling - side.region_use.year_fen


_ALWAYS = (Stage.APPLICATION, Stage.PAYOUT)

LIMITS = (
    LimitRule(Rule.BALANCE, Code.INSUFFICIENT_FUNDS, _balance, once=True),
    LimitRule(Rule.APPLICATION, Code.OVER_LIMIT, _application),
    LimitRule(Rule.SINGLE_LIMIT, Code.OVER_LIMIT, _single),
    LimitRule(Rule.DAY_LIMIT, Code.OVER_LIMIT, _day),
    LimitRule(Rule.MODE_DAY_LIMIT, Code.OVER_LIMIT, _mode_day),
    LimitRule(Rule.ANNUAL_LIMIT, Code.OVER_LIMIT, _year, _ALWAYS),
    LimitRule(Rule.MODE_ANNUAL_LIMIT, Code.OVER_LIMIT, _mode_year, _ALWAYS),
    LimitRule(Rule.MINIMUM_REMAINDER, Code.OVER_LIMIT, _remainder),
    LimitRule(Rule.RATIO, Code.OVER_LIMIT, _ratio),
    LimitRule(Rule.VINTAGE, Code.OVER_LIMIT, _vintage),
    LimitRule(Rule.OWN_LIMIT, Code.OVER_LIMIT, _own, once=True),
    LimitRule(Rule.PILOT_SUM, Code.OVER_LIMIT, _pilot, _ALWAYS),
    LimitRule(Rule.REGION_DAY_CEILING, Code.OVER_LIMIT, _region_day),
    LimitRule(Rule.REGION_YEAR_CEILING, Code.OVER_LIMIT, _region_year),
)
