import pytest

from simulators.authority.policy.oddities import oddities
from simulators.authority.policy.policy_book import our_policies
from tests.simulators.authority.policy.policies import policy


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"limits": {"day_fen": 100_000}}, "limits.single_fen.CASH: above day_fen"),
        ({"limits": {"year_fen": 10_000}}, "limits.year_fen: 100 yuan a year never lets day_fen be reached"),
        ({"limits": {"mode_day_fen": {"CASH": 1_100_000}}}, "limits.mode_day_fen.CASH: above the limit of both modes"),
        ({"limits": {"single_fen": {"CASH": 5_000}}}, "limits.note_multiple_fen: nothing up to single_fen"),
        ({"limits": {"draws_per_day": 5, "draws_per_month": 3}}, "limits.draws_per_day: more than draws_per_month"),
        ({"hours": {"atm": {"working": [], "weekend": [], "holiday": []}}}, "hours.atm: closed on every day"),
        ({"channels": ["ATM"], "hours": {"counter": {}}}, "hours.counter: COUNTER is not in channels"),
        ({"review": {"instant": True}}, "review.instant: without instant_up_to_fen"),
        ({"eligibility": {"repair_within_months": 2}}, "eligibility.repair_within_months: never counts"),
        (
            {"purposes": {p: {"allowed": False} for p in ("TREATMENT", "TREATMENT_AWAY", "EMERGENCY", "UNUSUAL")}},
            "purposes: none",
        ),
        ({"region": "999900"}, "region: no province of China begins with 99"),
        ({"settlement": {"due_days": 5}}, "settlement.reminder_days_before"),
    ],
)
def test_what_is_hardly_meant_is_told(tables: dict[str, object], told: str) -> None:
    assert [line[: len(told)] for line in oddities(policy(**tables))] == [told]


def test_our_own_policies_have_nothing_odd() -> None:
    assert [line for each in our_policies() for line in oddities(each)] == []
