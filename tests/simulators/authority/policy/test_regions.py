"""The regions that come with the simulator: they differ, and the ones that benches use are open round the clock."""

from datetime import date, datetime, timedelta

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.decision import decide
from simulators.authority.policy.opening import Timetable
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.question import Approved, Facts, RegionUse
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Rule
from simulators.authority.policy.working_days import national
from tests.simulators.authority.policy.policies import ask, refused_by

DAY = date(2026, 5, 20)
RICH = Facts(balance_fen=10_000_000)
APPROVED = Facts(balance_fen=10_000_000, application=Approved(1, 10_000_000))


def region(code: str) -> RegionPolicy:
    found = our_policies().in_force(code, DAY)
    assert found is not None
    return found


WEIHAI, SHENZHEN, BEIJING, WUXI, HANGZHOU, QUANZHOU = map(
    region, ("371000", "440300", "110000", "320200", "330100", "350500")
)


@pytest.mark.parametrize("code", ["371000", "440300", "510100"])
def test_machines_of_the_regions_that_benches_use_never_close(code: str) -> None:
    assert Timetable(region(code).hours.atm, national()).never_closes


@pytest.mark.req("S1-11")
def test_somewhere_the_service_is_off_and_people_are_told_so_plainly() -> None:
    suzhou = region("320500")

    at_home = decide(suzhou, WEIHAI, RICH, ask(10_000))
    assert (at_home.code, [rule.rule for rule in at_home.reasons]) == ("57", ["service"])
    away = decide(WEIHAI, suzhou, RICH, ask(10_000))
    assert (away.code, [(rule.rule, rule.region) for rule in away.reasons]) == ("58", [("service", "320500")])


@pytest.mark.req("S2-03")
def test_daily_spending_is_refused_unless_both_regions_allow_it() -> None:
    daily = ask(10_000, purpose=Purpose.DAILY)

    assert decide(QUANZHOU, QUANZHOU, RICH, daily).code == "00"
    assert refused_by(decide(SHENZHEN, SHENZHEN, RICH, daily)) == [Rule.PURPOSE]
    away = decide(QUANZHOU, SHENZHEN, RICH, daily)
    assert [(result.rule, result.region) for result in away.refused] == [(Rule.PURPOSE, "440300")]
    assert decide(QUANZHOU, QUANZHOU, APPROVED, ask(60_000)).code == "00"
    assert refused_by(decide(QUANZHOU, QUANZHOU, RICH, ask(60_000, purpose=Purpose.DAILY))) == [
        Rule.APPLICATION,
        Rule.SINGLE_LIMIT,
        Rule.DAY_LIMIT,
    ]


@pytest.mark.req("S2-01")
@pytest.mark.parametrize(
    ("day", "use", "code"),
    [
        ("2026-02-27", RegionUse(), "57"),
        ("2026-03-02", RegionUse(), "00"),
        ("2026-12-31", RegionUse(), "00"),
        ("2027-01-04", RegionUse(), "57"),
        ("2026-05-20", RegionUse(pilot_persons=500), "57"),
        ("2026-05-20", RegionUse(pilot_persons=500, person_in_pilot=True), "00"),
        ("2026-05-20", RegionUse(pilot_persons=499), "00"),
        ("2026-05-20", RegionUse(pilot_draws=2_000), "57"),
        ("2026-05-20", RegionUse(pilot_fen=199_900_000), "00"),
        ("2026-05-20", RegionUse(pilot_fen=199_910_000), "61"),
    ],
)
def test_a_pilot_has_a_first_and_a_last_day_and_a_quota(day: str, use: RegionUse, code: str) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=SHANGHAI)
    known = Facts(
        balance_fen=10_000_000,
        home_region=use,
        application=Approved(1, 1_000_000, detail=PurposeDetail.INPATIENT),
    )

    assert decide(WUXI, WUXI, known, ask(100_000, noon)).code == code


def test_only_old_money_may_be_drawn_in_beijing() -> None:
    online = ask(channel=Channel.ONLINE, mode=PayoutMode.TRANSFER)
    known = Facts(balance_fen=900_000, vintage_fen=123_456, application=Approved(1, 900_000))
    quote = decide(BEIJING, BEIJING, known, online)

    assert (quote.maximum_fen, [rule.rule for rule in quote.reasons]) == (123_456, ["vintage"])
    assert refused_by(decide(BEIJING, BEIJING, known, ask())) == [Rule.CHANNEL, Rule.PAYOUT_MODE]


@pytest.mark.req("S1-56", "S2-15")
@pytest.mark.parametrize("policy", list(our_policies()), ids=lambda policy: policy.region)
def test_every_purpose_has_its_own_papers_and_limits_where_the_service_is_on(policy: RegionPolicy) -> None:
    assert set(Purpose) >= {Purpose.TREATMENT_AWAY, Purpose.TREATMENT, Purpose.EMERGENCY, Purpose.UNUSUAL}
    if policy.enabled:
        assert policy.purpose(Purpose.TREATMENT_AWAY).documents
        assert policy.purpose(Purpose.EMERGENCY).allowed


def test_the_regions_differ_in_every_way_that_a_rule_can() -> None:
    every = [policy for policy in our_policies() if policy.enabled]

    assert len({str(policy.hours.atm) for policy in every}) >= 4
    assert len({str(policy.limits) for policy in every}) >= 6
    assert {policy.approval.standing_approval_fen > 0 for policy in every} == {True, False}
    assert len({policy.limits.year_start for policy in every}) == 2
    assert sum(policy.purpose(Purpose.DAILY).allowed for policy in every) == 1
    assert sum(policy.pilot is not None for policy in every) == 1
    assert sum(policy.funds.drawable_before is not None for policy in every) == 1


def test_over_the_new_year_the_stricter_of_both_counts_to_the_end() -> None:
    """Insured in Quanzhou, drawing in Hangzhou on 31 December and 1 January."""
    eve = datetime(2026, 12, 31, 19, 0, tzinfo=SHANGHAI)
    approved = Approved(1, 10_000_000, Purpose.EMERGENCY, proof=True)
    known = Facts(balance_fen=10_000_000, application=approved, insured_since=date(2020, 2, 29))

    assert decide(QUANZHOU, HANGZHOU, known, ask(200_000, eve)).code == "00"
    assert refused_by(decide(QUANZHOU, HANGZHOU, known, ask(210_000, eve))) == [Rule.SINGLE_LIMIT, Rule.DAY_LIMIT]
    night = decide(QUANZHOU, HANGZHOU, known, ask(200_000, eve + timedelta(hours=7)))
    assert night.code == "00"
