"""Years insured and months paid in a row, from contribution records; amounts paid play no part."""

from collections.abc import Iterable
from datetime import date, timedelta

from simulators.authority.policy.question import Contribution
from simulators.authority.policy.sections import Eligibility
from simulators.authority.policy.vocabulary import GapRule, LeapDay

_LEAP_DAY = (2, 29)


def anniversary(begins: date, years: int, leap_day: LeapDay) -> date:
    """The day on which `years` are full; 29 February has its own rule in a year without one."""
    year = begins.year + years
    if (begins.month, begins.day) == _LEAP_DAY:
        try:
            return date(year, *_LEAP_DAY)
        except ValueError:
            return date.fromisoformat(f"{year}-{leap_day}")
    return begins.replace(year=year)


def months_in_a_row(contributions: Iterable[Contribution], today: date, rule: Eligibility) -> int:
    """How many months up to now were paid without a gap; the current month counts once it is paid."""
    paid = {each.month.replace(day=1): each for each in contributions}
    month = today.replace(day=1)
    if month not in paid:
        month = _before(month)
    run = 0
    while (each := paid.get(month)) is not None:
        gap = GapRule.COUNTS if each.repaired_on is None else _gap_rule(each, rule)
        if gap is GapRule.RESETS:
            break
        run += gap is GapRule.COUNTS
        month = _before(month)
    return run


def _gap_rule(repaired: Contribution, rule: Eligibility) -> GapRule:
    """What a month that was paid later does; too late, it is a gap."""
    assert repaired.repaired_on is not None
    if rule.repair_within_months is not None:
        last = _after(repaired.month.replace(day=1), rule.repair_within_months + 1)
        if repaired.repaired_on >= last:
            return GapRule.RESETS
    return rule.gap_rule


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _after(month: date, months: int) -> date:
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)
