from dataclasses import replace
from datetime import datetime

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.decision import decide
from simulators.authority.policy.opening import is_open, next_opening, timetables
from simulators.authority.policy.question import Approved, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, Purpose, Rule
from simulators.authority.policy.working_days import national
from tests.simulators.authority.policy.policies import SHENZHEN, ask, facts, policy, refused_by


def _with(told: Facts, approved: Approved) -> Facts:
    return replace(told, application=approved)


OFFICE: dict[str, object] = {"working": ["09:00-12:00", "13:30-17:00"], "weekend": ["10:00-12:00"], "holiday": []}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def keeping(**hours: object) -> RegionPolicy:
    return policy(hours=hours)


@pytest.mark.req("S1-71", "S1-82")
@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-05-20T09:00", None),
        ("2026-05-20T11:59", None),
        ("2026-05-20T12:00", "2026-05-20T13:30"),
        ("2026-05-20T08:59", "2026-05-20T09:00"),
        ("2026-05-22T17:00", "2026-05-23T10:00"),  # a Friday evening
        ("2026-01-04T09:30", None),  # an adjusted Sunday
        ("2026-02-14T17:00", "2026-02-24T09:00"),  # the evening before the Spring Festival
        ("2026-02-20T10:30", "2026-02-24T09:00"),
    ],
)
def test_outside_the_hours_a_draw_is_refused_with_the_next_opening(now: str, opens: str | None) -> None:
    home = keeping(atm=OFFICE)
    decision = decide(home, home, facts(), ask(10_000, at(now)))

    assert decision.code == ("00" if opens is None else "58")
    assert decision.next_opening == (None if opens is None else at(opens))


@pytest.mark.req("S1-71")
def test_an_enquiry_may_remain_open_and_offers_nothing() -> None:
    home = keeping(atm=OFFICE)
    quote = decide(home, home, facts(), ask(at=at("2026-05-20T20:00")))
    assert (quote.code, quote.maximum_fen, [rule.rule for rule in quote.reasons]) == ("00", 0, ["hours"])

    strict = keeping(atm=OFFICE, enquiry_when_closed=False)
    assert decide(strict, strict, facts(), ask(at=at("2026-05-20T20:00"))).code == "58"


NIGHT: dict[str, object] = {"working": ["22:00-06:00"], "weekend": ["20:00-02:30"], "holiday": []}


@pytest.mark.req("S1-71")
@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-05-20T22:00", None),  # Wednesday
        ("2026-05-21T05:59", None),
        ("2026-05-21T06:00", "2026-05-21T22:00"),
        ("2026-05-23T05:59", None),  # a Saturday, in the window of Friday
        ("2026-05-23T06:00", "2026-05-23T20:00"),
        ("2026-05-25T02:29", None),  # a Monday, in the window of Sunday
        ("2026-05-25T02:30", "2026-05-25T22:00"),
        ("2026-05-01T05:59", None),  # a feast, in the window of the day before
        ("2026-05-01T22:00", "2026-05-06T22:00"),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(now: str, opens: str | None) -> None:
    home = keeping(atm=NIGHT)
    decision = decide(home, home, facts(), ask(10_000, at(now)))

    assert decision.next_opening == (None if opens is None else at(opens))


@pytest.mark.req("S1-85")
def test_both_regions_have_to_be_open() -> None:
    home = keeping(atm={"working": ["08:00-11:00"], "weekend": [], "holiday": []})
    place = policy(SHENZHEN, hours={"atm": {"working": ["10:00-18:00"], "weekend": [], "holiday": []}})
    late = decide(home, place, facts(), ask(10_000, at("2026-05-20T11:30")))

    assert [(result.rule, result.region) for result in late.refused] == [(Rule.HOURS, "371000")]
    assert late.next_opening == at("2026-05-21T10:00")
    assert decide(home, place, facts(), ask(10_000, at("2026-05-20T10:30"))).code == "00"


def test_regions_that_are_never_open_together_have_no_next_opening() -> None:
    home, place = keeping(atm={"working": ["08:00-11:00"], "weekend": [], "holiday": []}), policy(SHENZHEN)
    never = policy(SHENZHEN, hours={"atm": {"working": ["12:00-13:00"], "weekend": [], "holiday": []}})

    assert next_opening(timetables([home, never], Channel.ATM, None, national()), at("2026-05-20T09:00")) is None
    assert is_open(timetables([home, place], Channel.ATM, None, national()), at("2026-05-20T09:00"))


def test_channels_weekdays_and_providers_have_hours_of_their_own() -> None:
    home = policy(
        hours={"counter": OFFICE, "atm": {"weekdays": {"wednesday": ["14:00-15:00"]}}},
        providers={"hours": {"BANK1": {"working": ["20:00-21:00"]}}},
    )
    wednesday = at("2026-05-20T12:30")

    assert refused_by(decide(home, home, facts(), ask(10_000, wednesday))) == [Rule.HOURS]
    assert refused_by(decide(home, home, facts(), ask(10_000, wednesday, channel=Channel.COUNTER))) == [Rule.HOURS]
    assert decide(home, home, facts(), ask(10_000, wednesday, channel=Channel.ONLINE)).code == "00"
    assert decide(home, home, facts(), ask(10_000, at("2026-05-21T03:00"))).code == "00"
    bank = decide(home, home, facts(), ask(10_000, at("2026-05-21T03:00"), provider="BANK1"))
    assert bank.next_opening == at("2026-05-21T20:00")


@pytest.mark.req("S1-87")
def test_an_approved_emergency_overrides_the_hours_of_machines_but_not_of_the_counter() -> None:
    home = keeping(atm=OFFICE, counter=OFFICE)
    night = at("2026-02-17T03:00")
    approved = Approved(1, 100_000, Purpose.EMERGENCY, proof=True)
    told = facts()
    urgent = ask(10_000, night, purpose=Purpose.EMERGENCY)

    assert decide(home, home, _with(told, approved), urgent).code == "00"
    assert refused_by(decide(home, home, told, urgent)) == [Rule.HOURS]
    counter = ask(10_000, night, purpose=Purpose.EMERGENCY, channel=Channel.COUNTER)
    assert refused_by(decide(home, home, _with(told, approved), counter)) == [Rule.HOURS]


def test_each_region_says_itself_whether_an_emergency_overrides_its_hours() -> None:
    home = policy(hours={"atm": OFFICE})
    place = policy(SHENZHEN, hours={"atm": OFFICE}, emergency={"ignore_hours": []})
    approved = Approved(1, 100_000, Purpose.EMERGENCY)
    decision = decide(home, place, _with(facts(), approved), ask(10_000, at("2026-05-20T12:30")))

    assert [(result.rule, result.region) for result in decision.refused] == [(Rule.HOURS, SHENZHEN)]
