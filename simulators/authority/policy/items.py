"""The items of a policy that people are told: `ITEMS` is the table of how each is read, combined and said.

Of two regions' values the stricter one counts, or both where they can't be compared. What is said is made from the same
data that decides, so it can't contradict it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from math import lcm

from simulators.authority.policy.hours import ALWAYS, DayHours
from simulators.authority.policy.limits import single_fen
from simulators.authority.policy.terms import Case, Terms
from simulators.authority.policy.values import UNLIMITED, Count
from simulators.authority.policy.vocabulary import DayKind, PayoutMode, Purpose, Rule
from simulators.authority.policy.words import Words, yuan

Value = int | str | date | tuple[str, ...] | DayHours
Read = Callable[[Terms, Case], Value | None]
Say = Callable[[Value, Words], str]


class Pick(StrEnum):
    """How two regions' values become one rule."""

    LEAST = auto()
    MOST = auto()
    COMMON = auto()  # what both lists hold
    UNION = auto()  # what either list holds
    MULTIPLE = auto()  # least common multiple
    BOTH = auto()  # they can't be compared: both hold
    HOME = auto()  # the home region's word alone


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the table. `read` gives None where a policy has no such rule."""

    key: str
    pick: Pick
    read: Read
    say: Say


@dataclass(frozen=True, slots=True)
class ItemValue:
    """An item with a value, and the regions whose word it is."""

    item: Item
    value: Value
    owners: tuple[Terms, ...]


def combined(item: Item, sides: Sequence[Terms], case: Case) -> list[ItemValue]:
    """The item for both sides together; nothing where neither has such a rule."""
    told = [(side, value) for side in sides if (value := item.read(side, case)) is not None]
    if item.pick is Pick.HOME:
        told = [(side, value) for side, value in told if side is sides[0]]
    if not told:
        return []
    first = told[0][1]
    if len(told) == 1 or (item.pick is not Pick.UNION and all(value == first for _, value in told)):
        return [ItemValue(item, first, tuple(side for side, _ in told))]
    match item.pick:
        case Pick.BOTH | Pick.HOME:
            return [ItemValue(item, value, (side,)) for side, value in told]
        case Pick.LEAST:
            return [_extreme(item, told, least=True)]
        case Pick.MOST:
            return [_extreme(item, told, least=False)]
        case Pick.MULTIPLE:
            numbers = [value for _, value in told if isinstance(value, int)]
            return [ItemValue(item, lcm(*numbers), tuple(side for side, _ in told))]
        case Pick.COMMON | Pick.UNION:
            lists = [value for _, value in told if isinstance(value, tuple)]
            every = dict.fromkeys(code for codes in lists for code in codes)
            kept = tuple(each for each in every if item.pick is Pick.UNION or all(each in codes for codes in lists))
            return [ItemValue(item, kept, tuple(side for side, _ in told))]


def _extreme(item: Item, told: Sequence[tuple[Terms, Value]], *, least: bool) -> ItemValue:
    best = told[0]
    for side, value in told[1:]:
        if _less(value, best[1]) if least else _less(best[1], value):
            best = (side, value)
    return ItemValue(item, best[1], (best[0],))


def _less(one: Value, other: Value) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one < other
    if isinstance(one, date) and isinstance(other, date):
        return one < other
    return False


# --- how values are said


def as_data(value: Value) -> str:
    """The value for programs."""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, DayHours):
        return "; ".join(f"{kind}={','.join(windows) or '-'}" for kind, windows in hours_by_kind(value))
    return str(value)


def hours_by_kind(hours: DayHours) -> list[tuple[str, tuple[str, ...]]]:
    """Windows for each kind of day, and of weekdays that have their own."""
    kinds = [(str(kind), hours.windows(kind, 6 if kind is DayKind.WEEKEND else 0)) for kind in DayKind]
    if hours.weekdays:
        plain = hours.model_copy(update={"weekdays": {}})
        kinds = [(str(kind), plain.windows(kind, 0)) for kind in DayKind]
        kinds += [(str(day), windows) for day, windows in hours.weekdays.items()]
    return kinds


def say_hours(value: Value, words: Words) -> str:
    """Hours in a sentence."""
    assert isinstance(value, DayHours)
    by_kind = hours_by_kind(value)
    if all(windows == ALWAYS for _, windows in by_kind):
        return words.say("phrase.always")
    return words.say("phrase.sentence").join(
        f"{words.say(f'phrase.{kind}')} " + (words.say("phrase.separator").join(windows) or words.say("phrase.closed"))
        for kind, windows in by_kind
    )


def _plain(value: Value, _: Words) -> str:
    return str(value)


def _money(value: Value, _: Words) -> str:
    assert isinstance(value, int)
    return yuan(value)


def _names(value: Value, words: Words) -> str:
    assert isinstance(value, tuple)
    return words.names(value)


def _codes(value: Value, words: Words) -> str:
    assert isinstance(value, tuple)
    return words.say("phrase.separator").join(value)


def _flag(yes: str, no: str) -> Say:
    return lambda value, words: words.say(f"phrase.{yes if value else no}")


def _standing(value: Value, words: Words) -> str:
    assert isinstance(value, int)
    return words.say("phrase.standing", value=yuan(value)) if value else words.say("phrase.required")


# --- how values are read


def _positive(read: Callable[[Terms, Case], int]) -> Read:
    return lambda terms, case: read(terms, case) or None


def _listed(read: Callable[[Terms, Case], tuple[str, ...]]) -> Read:
    return lambda terms, case: read(terms, case) or None


def _count(read: Callable[[Terms], Count]) -> Read:
    def value(terms: Terms, _: Case) -> Value | None:
        found = read(terms)
        return None if found == UNLIMITED else found

    return value


def _pilot(terms: Terms, _: Case) -> Value | None:
    pilot = terms.policy.pilot
    return None if pilot is None else f"{pilot.first_day}/{pilot.last_day}"


def _purposes(terms: Terms, _: Case) -> tuple[str, ...]:
    return tuple(purpose for purpose in Purpose if terms.policy.purpose(purpose).allowed)


def _between(terms: Terms, case: Case) -> Value | None:
    flags = terms.policy.cross_city
    return int(flags.outbound and flags.inbound) if case.between_cities else None


def _notes(terms: Terms, case: Case) -> Value | None:
    return terms.limits.note_multiple_fen if case.mode is PayoutMode.CASH else None


ITEMS = (
    Item(Rule.SERVICE, Pick.LEAST, lambda t, _: int(t.policy.enabled), _flag("on", "off")),
    Item(Rule.PILOT, Pick.BOTH, _pilot, _plain),
    Item(Rule.CROSS_CITY, Pick.LEAST, _between, _flag("allowed", "refused")),
    Item(Rule.CHANNEL, Pick.COMMON, lambda t, _: tuple(t.policy.channels), _names),
    Item(Rule.PAYOUT_MODE, Pick.COMMON, lambda t, _: tuple(t.policy.payout_modes), _names),
    Item(Rule.HOURS, Pick.BOTH, lambda t, case: t.policy.hours.of(case.channel), say_hours),
    Item(Rule.PROVIDER, Pick.BOTH, _listed(lambda t, _: t.policy.providers.only), _codes),
    Item(Rule.PURPOSE, Pick.COMMON, _purposes, _names),
    Item(Rule.PURPOSE_DETAIL, Pick.BOTH, _listed(lambda t, _: tuple(t.purpose.details)), _names),
    Item("documents", Pick.UNION, _listed(lambda t, _: t.documents), _names),
    Item(Rule.GROUP, Pick.BOTH, _listed(lambda t, _: t.eligibility.groups), _names),
    Item(Rule.INSURED_YEARS, Pick.MOST, _positive(lambda t, _: t.eligibility.insured_years), _plain),
    Item(Rule.CONTRIBUTION_MONTHS, Pick.MOST, _positive(lambda t, _: t.eligibility.contribution_months), _plain),
    Item(Rule.HEALTH_STATUS, Pick.BOTH, _listed(lambda t, _: t.eligibility.health_codes), _names),
    Item(Rule.DIAGNOSIS, Pick.BOTH, _listed(lambda t, _: t.eligibility.icd10), _codes),
    Item(Rule.APPLICATION, Pick.LEAST, lambda t, _: t.standing_approval_fen, _standing),
    Item(Rule.SINGLE_LIMIT, Pick.LEAST, lambda t, case: single_fen(t.limits, case.mode), _money),
    Item(Rule.DAY_LIMIT, Pick.LEAST, lambda t, _: t.limits.day_fen, _money),
    Item(Rule.ANNUAL_LIMIT, Pick.LEAST, lambda t, _: t.limits.year_fen, _money),
    Item(Rule.MODE_DAY_LIMIT, Pick.LEAST, lambda t, case: t.limits.mode_day_fen.get(case.mode), _money),
    Item(Rule.MODE_ANNUAL_LIMIT, Pick.LEAST, lambda t, case: t.limits.mode_year_fen.get(case.mode), _money),
    Item("year_start", Pick.BOTH, lambda t, _: t.limits.year_start, _plain),
    Item(Rule.RATIO, Pick.LEAST, lambda t, _: t.limits.ratio_percent, _plain),
    Item(Rule.MINIMUM_REMAINDER, Pick.MOST, lambda t, _: t.limits.minimum_remainder_fen, _money),
    Item(Rule.NOTE_MULTIPLE, Pick.MULTIPLE, _notes, _money),
    Item(Rule.COUNT_DAY, Pick.LEAST, _count(lambda t: t.limits.draws_per_day), _plain),
    Item(Rule.COUNT_MONTH, Pick.LEAST, _count(lambda t: t.limits.draws_per_month), _plain),
    Item(Rule.COUNT_YEAR, Pick.LEAST, _count(lambda t: t.limits.draws_per_year), _plain),
    Item(Rule.INTERVAL, Pick.MOST, _positive(lambda t, _: t.limits.interval_minutes), _plain),
    Item(Rule.VINTAGE, Pick.LEAST, lambda t, _: t.policy.funds.drawable_before, _plain),
    Item(Rule.REGION_DAY_CEILING, Pick.BOTH, lambda t, _: t.policy.ceilings.day_fen, _money),
    Item(Rule.REGION_YEAR_CEILING, Pick.BOTH, lambda t, _: t.policy.ceilings.year_fen, _money),
    Item("validity", Pick.LEAST, lambda t, _: t.policy.approval.validity_days, _plain),
    Item("review", Pick.HOME, lambda t, _: t.policy.review.working_days, _plain),
    Item("emergency_review", Pick.HOME, lambda t, _: t.policy.review.emergency_hours, _plain),
    Item("settlement", Pick.LEAST, lambda t, _: t.policy.settlement.due_days, _plain),
)
