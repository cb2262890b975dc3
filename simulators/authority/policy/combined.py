"""The rules of home and destination, the rule that both make together, and what to prepare: answers a policy query."""

from dataclasses import dataclass
from datetime import datetime

from simulators.authority.policy.decision import decide
from simulators.authority.policy.guide import Guide, guide
from simulators.authority.policy.items import ITEMS, ItemValue, as_data, combined
from simulators.authority.policy.opening import is_open, next_opening, timetables
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Contacts
from simulators.authority.policy.terms import Case, Terms, terms_of
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Rule
from simulators.authority.policy.words import DEFAULT_LANGUAGE, Words
from simulators.authority.policy.working_days import WorkingDays, national

GENERAL = frozenset({Rule.SERVICE, Rule.PILOT, Rule.CROSS_CITY, Rule.CHANNEL, Rule.PAYOUT_MODE, Rule.PURPOSE})
"""Rules that close the service to everybody who asks this way."""

ENOUGH_FEN = 10**12


@dataclass(frozen=True, slots=True)
class Query:
    """What a policy query is about."""

    channel: Channel = Channel.ATM
    mode: PayoutMode = PayoutMode.CASH
    purpose: Purpose = Purpose.TREATMENT_AWAY
    detail: PurposeDetail | None = None
    situation: str | None = None
    provider: str | None = None
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class RuleText:
    """One effective item: `value` as data (fen for money), `text` in words, and whose rule it is."""

    key: str
    label: str
    value: str
    text: str
    region: str
    version: str
    basis: str


@dataclass(frozen=True, slots=True)
class CombinedRule:
    """The answer. `maximum_fen` is the largest single draw that the two policies allow to anybody.

    `closed_by` names the rules that close the service to everybody; then `offered` is false. `next_opening` is None
    where it never opens; the moment asked about where it is open.
    """

    home: RegionPolicy
    place: RegionPolicy
    home_items: tuple[RuleText, ...]
    place_items: tuple[RuleText, ...]
    items: tuple[RuleText, ...]
    documents: tuple[str, ...]
    offered: bool
    closed_by: tuple[Rule, ...]
    maximum_fen: int
    note_multiple_fen: int | None
    review_working_days: int
    emergency_hours: int
    is_open: bool
    next_opening: datetime | None
    provisional_calendar: bool
    guide: Guide

    @property
    def contacts(self) -> dict[str, Contacts]:
        """The bureaux by region: `medical` approves, `social` handles cards."""
        return {policy.region: policy.contacts for policy in (self.home, self.place)}


def combined_rule(
    home: RegionPolicy, place: RegionPolicy, query: Query, at: datetime, calendar: WorkingDays | None = None
) -> CombinedRule:
    """What holds at a moment for somebody insured at home who draws in the destination."""
    days = calendar or national()
    between = pooling_region(home.region) != pooling_region(place.region)
    case = Case(query.purpose, query.detail, query.situation, query.mode, query.channel, between)
    sides = [terms_of(home, case), terms_of(place, case)]
    joint = sides if between else sides[:1]
    words = Words(query.language, (home, place))
    values = _values(joint, case)
    by_key = {value.item.key: value for value in values}
    ask = Ask(at, None, query.channel, query.mode, query.purpose, query.detail, query.situation, query.provider)
    decision = decide(home, place, Facts(balance_fen=ENOUGH_FEN), ask, days)
    closed_by = tuple(dict.fromkeys(result.rule for result in decision.refused if result.rule in GENERAL))
    tables = timetables([side.policy for side in joint], query.channel, query.provider, days)
    singles = [int(str(by_key[key].value)) for key in (Rule.SINGLE_LIMIT, Rule.DAY_LIMIT, Rule.ANNUAL_LIMIT)]
    notes = by_key.get(Rule.NOTE_MULTIPLE)
    multiple = notes.value if notes is not None and isinstance(notes.value, int) else None
    documents = by_key.get("documents")
    return CombinedRule(
        home=home,
        place=place,
        home_items=_told(_values(sides[:1], case), words),
        place_items=_told(_values(sides[1:], case), words),
        items=_told(values, words),
        documents=documents.value if documents is not None and isinstance(documents.value, tuple) else (),
        offered=not closed_by,
        closed_by=closed_by,
        maximum_fen=0 if closed_by else min(singles) // (multiple or 1) * (multiple or 1),
        note_multiple_fen=multiple,
        review_working_days=home.review.working_days,
        emergency_hours=home.review.emergency_hours,
        is_open=is_open(tables, at),
        next_opening=next_opening(tables, at),
        provisional_calendar=days.is_provisional(at.year),
        guide=guide(joint, case, values, words),
    )


def _values(sides: list[Terms], case: Case) -> list[ItemValue]:
    return [value for item in ITEMS for value in combined(item, sides, case)]


def _told(values: list[ItemValue], words: Words) -> tuple[RuleText, ...]:
    return tuple(_text(value, words) for value in values)


def _text(value: ItemValue, words: Words) -> RuleText:
    key, owner = value.item.key, value.owners[0].policy
    return RuleText(
        key=str(key),
        label=words.say(f"label.{key}"),
        value=as_data(value.value),
        text=words.say(f"item.{key}", value=value.item.say(value.value, words)),
        region=owner.region,
        version=owner.version,
        basis=owner.cite(Rule(key)) if key in set(Rule) else owner.legal_basis,
    )
