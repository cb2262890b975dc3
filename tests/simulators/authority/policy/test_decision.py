from datetime import date
from math import lcm

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.money_line import ResponseCode
from simulators.authority.policy.decision import RULES, Decision, Outcome, Standing, decide
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import PayoutMode, Rule

FEN = st.integers(0, 3_000_000)


def policy(region: str = "371000", version: str = "v1", /, **changes: object) -> RegionPolicy:
    limits: dict[str, object] = {
        "single_fen": {"CASH": 500_000},
        "day_fen": 1_000_000,
        "year_fen": 2_000_000,
        "minimum_remainder_fen": 0,
        "ratio_percent": 100,
        "note_multiple_fen": 10_000,
    }
    enabled = changes.pop("enabled", True)
    if "single_fen" in changes:
        changes["single_fen"] = {"CASH": changes["single_fen"]}
    return RegionPolicy.model_validate(
        {
            "region": region,
            "name": "test",
            "version": version,
            "valid_from": date(2026, 1, 1),
            "legal_basis": "test",
            "enabled": enabled,
            "limits": limits | changes,
        }
    )


policies = st.builds(
    policy,
    st.sampled_from(["371000", "440300"]),
    enabled=st.booleans(),
    single_fen=FEN,
    day_fen=st.integers(0, 2_000_000),
    year_fen=FEN,
    minimum_remainder_fen=FEN,
    ratio_percent=st.integers(0, 100),
    note_multiple_fen=st.sampled_from([5_000, 10_000]),
)
standings = st.builds(Standing, FEN, st.integers(0, 500_000), FEN, FEN)


def outcome_of(decision: Decision, rule: Rule) -> tuple[str, Outcome]:
    return next((result.region, result.outcome) for result in decision.results if result.rule is rule)


def test_the_ratio_binds_to_the_fen_and_the_offer_is_rounded_down_to_notes() -> None:
    home = policy(ratio_percent=80, minimum_remainder_fen=10_000)
    quote = decide(home, home, Standing(319_999, 0, 0, 0), None)

    assert quote.maximum_fen == 250_000
    assert [rule.rule for rule in quote.reasons] == ["ratio"]


@pytest.mark.req("S1-44")
@pytest.mark.parametrize(
    ("item", "strict", "lax", "rule"),
    [
        ("single_fen", 100_000, 500_000, Rule.SINGLE_LIMIT),
        ("day_fen", 100_000, 500_000, Rule.DAY_LIMIT),
        ("year_fen", 100_000, 500_000, Rule.ANNUAL_LIMIT),
        ("minimum_remainder_fen", 900_000, 0, Rule.MINIMUM_REMAINDER),
        ("ratio_percent", 10, 100, Rule.RATIO),
    ],
)
def test_of_each_item_the_stricter_region_counts(item: str, strict: int, lax: int, rule: Rule) -> None:
    standing = Standing(1_000_000, 0, 0, 0)
    for home_value, place_value, region in ((strict, lax, "371000"), (lax, strict, "440300")):
        home = policy(**{item: home_value})
        place = policy("440300", "v2", **{item: place_value})

        assert decide(home, place, standing, 100_000).code == "00"
        refused = decide(home, place, standing, 110_000)
        assert refused.code == "61"
        assert outcome_of(refused, rule) == (region, Outcome.REFUSED)
        assert (refused.home.version, refused.place.version) == ("v1", "v2")


def test_notes_must_suit_both_regions() -> None:
    fine, coarse = policy(note_multiple_fen=5_000), policy("440300", note_multiple_fen=10_000)

    assert decide(fine, coarse, Standing(1_000_000, 0, 0, 0), 15_000).code == "13"
    assert decide(fine, fine, Standing(1_000_000, 0, 0, 0), 15_000).code == "00"


def test_one_hold_more_or_one_draw_more_makes_no_difference_to_the_rest() -> None:
    home = policy(ratio_percent=50, minimum_remainder_fen=10_000)
    held = decide(home, home, Standing(1_000_000, 300_000, 300_000, 300_000), None)
    drawn = decide(home, home, Standing(700_000, 0, 300_000, 300_000), None)

    assert held.maximum_fen == 350_000
    assert (held.maximum_fen, held.available_fen) == (drawn.maximum_fen, drawn.available_fen)


def test_what_was_used_before_leaves_the_rest() -> None:
    home = policy()
    quote = decide(home, home, Standing(9_000_000, 0, 700_000, 1_900_000), None)

    assert (quote.rest_of_day_fen, quote.rest_of_year_fen, quote.maximum_fen) == (300_000, 100_000, 100_000)


def test_limits_that_were_lowered_below_what_was_used_leave_nothing() -> None:
    home = policy(year_fen=100_000)
    quote = decide(home, home, Standing(9_000_000, 0, 0, 700_000), None)

    assert (quote.rest_of_year_fen, quote.maximum_fen) == (0, 0)


def test_every_rule_is_told_whatever_the_outcome() -> None:
    home = policy(enabled=False)
    told = [result.rule for result in decide(home, home, Standing(0, 0, 0, 0), 12_345).results]

    assert told == [Rule.SERVICE, Rule.NOTE_MULTIPLE, *(rule.rule for rule in RULES)]


@settings(deadline=None)
@given(policies, policies, standings, st.integers(0, 4_000_000))
def test_an_amount_is_approved_exactly_when_every_rule_of_both_regions_allows_it(
    home: RegionPolicy, place: RegionPolicy, standing: Standing, amount: int
) -> None:
    multiple = lcm(home.limits.note_multiple_fen, place.limits.note_multiple_fen)
    amount -= amount % 5_000
    allowed = all(
        one.enabled
        and amount <= one.limits.single_fen[PayoutMode.CASH]
        and standing.used_today_fen + amount <= one.limits.day_fen
        and standing.used_this_year_fen + amount <= one.limits.year_fen
        and standing.balance_fen - standing.held_fen - amount >= one.limits.minimum_remainder_fen
        and amount * 100 <= (standing.balance_fen - standing.held_fen) * one.limits.ratio_percent
        for one in (home, place)
    )
    enough = amount <= standing.balance_fen - standing.held_fen
    decision = decide(home, place, standing, amount)

    assert (decision.code is ResponseCode.APPROVED) == (allowed and enough and amount > 0 and amount % multiple == 0)


@settings(deadline=None)
@given(policies, policies, standings)
def test_the_maximum_offered_is_approved_and_a_note_more_is_not(
    home: RegionPolicy, place: RegionPolicy, standing: Standing
) -> None:
    maximum = decide(home, place, standing, None).maximum_fen
    multiple = lcm(home.limits.note_multiple_fen, place.limits.note_multiple_fen)

    if maximum:
        assert decide(home, place, standing, maximum).code is ResponseCode.APPROVED
    assert decide(home, place, standing, maximum + multiple).code is not ResponseCode.APPROVED
