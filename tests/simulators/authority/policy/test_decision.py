from dataclasses import fields, replace
from math import lcm

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.money_line import ResponseCode
from simulators.authority.policy.conditions import CONDITIONS
from simulators.authority.policy.decision import Outcome, decide
from simulators.authority.policy.limits import LIMITS
from simulators.authority.policy.question import Approved, Ask, Contribution, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Rule
from tests.simulators.authority.policy.policies import SHENZHEN, WEIHAI, ask, facts, outcomes, policy, refused_by

FEN = st.integers(0, 3_000_000)


def limited(region: str, enabled: bool, **limits: object) -> RegionPolicy:
    single = limits.pop("single_fen")
    return policy(region, enabled=enabled, limits=limits | {"single_fen": {"CASH": single}})


policies = st.builds(
    limited,
    region=st.sampled_from([WEIHAI, SHENZHEN]),
    enabled=st.booleans(),
    single_fen=FEN,
    day_fen=st.integers(0, 2_000_000),
    year_fen=FEN,
    minimum_remainder_fen=FEN,
    ratio_percent=st.integers(0, 100),
    note_multiple_fen=st.sampled_from([5_000, 10_000]),
)
known = st.builds(facts, FEN, st.integers(0, 500_000), FEN, FEN)


def test_the_ratio_binds_to_the_fen_and_the_offer_is_rounded_down_to_notes() -> None:
    home = policy(limits={"ratio_percent": 80, "minimum_remainder_fen": 10_000})
    quote = decide(home, home, facts(319_999), ask())

    assert quote.maximum_fen == 250_000
    assert [rule.rule for rule in quote.reasons] == ["ratio"]


@pytest.mark.req("S2-55")
def test_the_maximum_is_the_floor_of_the_least_to_notes_and_names_what_binds() -> None:
    """Single limit 5,000; rest of the application 3,250; balance 3,199.99; notes of 100; ratio 80 %."""
    home = policy(limits={"ratio_percent": 80, "minimum_remainder_fen": 0})
    quote = decide(home, home, replace(facts(319_999), application=Approved(1, 325_000)), ask())

    assert quote.maximum_fen == 250_000
    assert [rule.rule for rule in quote.reasons] == ["ratio"]
    assert quote.rest_of_application_fen == 325_000
    over = decide(home, home, replace(facts(319_999), application=Approved(1, 325_000)), ask(260_000))
    assert (over.code, refused_by(over), over.maximum_fen) == ("61", [Rule.RATIO], 250_000)


@pytest.mark.req("S1-44", "S1-70")
@pytest.mark.parametrize(
    ("item", "strict", "lax", "rule"),
    [
        ("single_fen", {"CASH": 100_000}, {"CASH": 500_000}, Rule.SINGLE_LIMIT),
        ("day_fen", 100_000, 500_000, Rule.DAY_LIMIT),
        ("year_fen", 100_000, 500_000, Rule.ANNUAL_LIMIT),
        ("mode_day_fen", {"CASH": 100_000}, {}, Rule.MODE_DAY_LIMIT),
        ("mode_year_fen", {"CASH": 100_000}, {"CASH": 500_000}, Rule.MODE_ANNUAL_LIMIT),
        ("minimum_remainder_fen", 900_000, 0, Rule.MINIMUM_REMAINDER),
        ("ratio_percent", 10, 100, Rule.RATIO),
    ],
)
def test_of_each_item_the_stricter_region_counts(item: str, strict: object, lax: object, rule: Rule) -> None:
    for home_value, place_value, region in ((strict, lax, WEIHAI), (lax, strict, SHENZHEN)):
        home = policy(limits={item: home_value})
        place = policy(SHENZHEN, "v2", limits={item: place_value})

        assert decide(home, place, facts(), ask(100_000)).code == "00"
        refused = decide(home, place, facts(), ask(110_000))
        assert refused.code == "61"
        assert refused.maximum_fen == 100_000
        assert outcomes(refused, rule) == [(region, Outcome.REFUSED)]
        assert (refused.home.version, refused.place.version) == ("v1", "v2")


def test_notes_must_suit_both_regions() -> None:
    fine, coarse = policy(limits={"note_multiple_fen": 5_000}), policy(SHENZHEN)

    assert decide(fine, coarse, facts(), ask(15_000)).code == "13"
    assert decide(fine, fine, facts(), ask(15_000)).code == "00"


def test_a_transfer_needs_no_notes_and_has_a_limit_of_its_own() -> None:
    home = policy(limits={"single_fen": {"CASH": 200_000, "TRANSFER": 500_000}, "ratio_percent": 80})
    transfer = ask(mode=PayoutMode.TRANSFER, channel=Channel.ONLINE)

    assert decide(home, home, facts(319_999), transfer).maximum_fen == 255_999
    assert decide(home, home, facts(), replace(transfer, amount_fen=500_000)).code == "00"
    assert decide(home, home, facts(), ask(210_000)).code == "61"


@pytest.mark.req("S2-11")
def test_one_hold_more_or_one_draw_more_makes_no_difference_to_the_rest() -> None:
    home = policy(limits={"ratio_percent": 50, "minimum_remainder_fen": 10_000})
    held = decide(home, home, facts(1_000_000, 300_000, 300_000, 300_000), ask())
    drawn = decide(home, home, facts(700_000, 0, 300_000, 300_000), ask())

    assert held.maximum_fen == 350_000
    assert (held.maximum_fen, held.available_fen) == (drawn.maximum_fen, drawn.available_fen) == (350_000, 690_000)


def test_what_was_used_before_leaves_the_rest() -> None:
    home = policy()
    quote = decide(home, home, facts(9_000_000, 0, 700_000, 1_900_000), ask())

    assert (quote.rest_of_day_fen, quote.rest_of_year_fen, quote.maximum_fen) == (300_000, 100_000, 100_000)


def test_limits_that_were_lowered_below_what_was_used_leave_nothing() -> None:
    home = policy(limits={"year_fen": 100_000})
    quote = decide(home, home, facts(9_000_000, 0, 0, 700_000), ask())

    assert (quote.rest_of_year_fen, quote.maximum_fen) == (0, 0)


@pytest.mark.req("S2-63", "S2-34")
def test_every_rule_is_told_whatever_the_outcome_with_its_basis_and_dates() -> None:
    home = policy(enabled=False, basis={"ratio": "Ratio Act 7"}, valid_to="2026-12-31")
    decision = decide(home, home, Facts(), ask(12_345))
    always = {rule.rule for rule in LIMITS} - {
        Rule.MODE_DAY_LIMIT, Rule.MODE_ANNUAL_LIMIT, Rule.VINTAGE, Rule.OWN_LIMIT, Rule.PILOT_SUM,
        Rule.REGION_DAY_CEILING, Rule.REGION_YEAR_CEILING,
    }  # fmt: skip

    assert {result.rule for result in decision.results} == (
        {condition.rule for condition in CONDITIONS} | {Rule.NOTE_MULTIPLE} | always
    )
    bases = {result.rule: result.basis for result in decision.results}
    assert bases[Rule.RATIO] == "Ratio Act 7 (2026-01-01/2026-12-31)"
    assert bases[Rule.SERVICE] == "test basis 371000 (2026-01-01/2026-12-31)"


@pytest.mark.req("S1-85")
def test_all_unmet_rules_of_both_regions_are_told_at_once() -> None:
    home = policy(
        eligibility={"insured_years": 5, "groups": ["RESETTLED_RETIREE"]},
        approval={"standing_approval_fen": 0},
    )
    place = policy(
        SHENZHEN,
        purposes={"TREATMENT_AWAY": {"allowed": False}},
        hours={"atm": {"working": ["08:00-11:00"]}},
        limits={"single_fen": {"CASH": 100_000}},
    )
    decision = decide(home, place, facts(), ask(200_000))

    assert [(result.rule, result.region) for result in decision.refused] == [
        (Rule.HOURS, SHENZHEN),
        (Rule.PURPOSE, SHENZHEN),
        (Rule.GROUP, WEIHAI),
        (Rule.INSURED_YEARS, WEIHAI),
        (Rule.APPLICATION_REQUIRED, WEIHAI),
        (Rule.APPLICATION, WEIHAI),
        (Rule.SINGLE_LIMIT, SHENZHEN),
    ]
    assert decision.code == "58"
    assert decision.maximum_fen == 0


def test_both_regions_are_named_where_both_refuse() -> None:
    home = policy(eligibility={"groups": ["A"]})
    place = policy(SHENZHEN, eligibility={"groups": ["B"]})

    assert outcomes(decide(home, place, replace(facts(), groups=frozenset({"C"})), ask()), Rule.GROUP) == [
        (WEIHAI, Outcome.REFUSED),
        (SHENZHEN, Outcome.REFUSED),
    ]


@pytest.mark.req("S1-16")
def test_within_one_pooling_region_the_rules_of_the_home_region_count_alone() -> None:
    home = policy(cross_city={"outbound": False})
    county = policy("371082", limits={"single_fen": {"CASH": 0}})

    assert decide(home, county, facts(), ask(100_000)).code == "00"
    assert decide(home, policy(SHENZHEN), facts(), ask(100_000)).code == "57"
    assert decide(policy(), policy(SHENZHEN, cross_city={"inbound": False}), facts(), ask(100_000)).code == "58"


def test_rules_for_other_cities_may_be_tighter() -> None:
    home = policy(cross_city={"limits": {"day_fen": 100_000}, "documents": ["TRAVEL_PROOF"]})

    assert decide(home, policy(SHENZHEN), facts(), ask()).maximum_fen == 100_000
    assert decide(home, home, facts(), ask()).maximum_fen == 500_000


@settings(deadline=None)
@given(policies, policies, known, st.integers(0, 4_000_000))
def test_an_amount_is_approved_exactly_when_every_rule_of_both_regions_allows_it(
    home: RegionPolicy, place: RegionPolicy, told: Facts, amount: int
) -> None:
    sides = (home,) if home.region == place.region else (home, place)
    multiple = lcm(*(one.limits.note_multiple_fen for one in sides))
    amount -= amount % 5_000
    allowed = all(
        one.enabled
        and amount <= one.limits.single_fen[PayoutMode.CASH]
        and told.home_use.today_fen + amount <= one.limits.day_fen
        and told.home_use.year_fen + amount <= one.limits.year_fen
        and told.balance_fen - told.held_fen - amount >= one.limits.minimum_remainder_fen
        and amount * 100 <= (told.balance_fen - told.held_fen) * one.limits.ratio_percent
        for one in sides
    )
    enough = amount <= told.balance_fen - told.held_fen
    decision = decide(home, place, told, ask(amount))

    assert (decision.code is ResponseCode.APPROVED) == (allowed and enough and amount > 0 and amount % multiple == 0)


@settings(deadline=None)
@given(policies, policies, known)
def test_the_maximum_offered_is_approved_and_a_note_more_is_not(
    home: RegionPolicy, place: RegionPolicy, told: Facts
) -> None:
    sides = (home,) if home.region == place.region else (home, place)
    maximum = decide(home, place, told, ask()).maximum_fen
    multiple = lcm(*(one.limits.note_multiple_fen for one in sides))

    if maximum:
        assert decide(home, place, told, ask(maximum)).code is ResponseCode.APPROVED
    assert decide(home, place, told, ask(maximum + multiple)).code is not ResponseCode.APPROVED


@pytest.mark.req("S2-31")
def test_nothing_that_a_decision_may_know_tells_income_or_contribution_base() -> None:
    assert {field.name for field in fields(Contribution)} == {"month", "repaired_on"}
    words = {word for kind in (Facts, Ask) for field in fields(kind) for word in field.name.split("_")}
    assert words.isdisjoint({"income", "wage", "salary", "base", "pension"})
