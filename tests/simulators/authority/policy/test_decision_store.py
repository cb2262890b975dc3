"""What is kept of a decision, and that nothing of it depends on what somebody earns."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.policy.conditions import CONDITIONS
from simulators.authority.policy.vocabulary import Rule
from simulators.authority.tables.decisions import decisions
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, Clock, Kiosk, Somebody, make_authority

YI = Somebody("测试乙", "320508195612310022", "S00000012", WEIHAI, "6230660000000000008", "3012", "654321", 0)


@pytest.mark.req("S2-63", "S2-34", "S1-44")
def test_every_payout_has_a_stored_decision_that_proves_which_rules_passed(
    far_kiosk: Kiosk, authority: Authority
) -> None:
    for fen in (10_000, 20_000):
        reply = far_kiosk.cash(fen)
        far_kiosk.confirm(reply, fen)
    draws = authority.draws()

    assert len(draws) == 2
    for draw in draws:
        assert draw.decision_id is not None
        kept = authority.decision(draw.decision_id)
        assert kept is not None
        assert (kept.code, kept.home, kept.place) == ("00", WEIHAI, SHENZHEN)
        assert kept.home_version
        assert kept.place_version
        assert {rule.rule for rule in kept.rules} >= {condition.rule for condition in CONDITIONS}
        assert {Rule.SINGLE_LIMIT, Rule.ANNUAL_LIMIT, Rule.RATIO} <= {rule.rule for rule in kept.rules}
        assert {rule.outcome for rule in kept.rules} <= {"passed", "binds"}
        assert all("Simulated policy" in rule.basis and "(2026-01-01/" in rule.basis for rule in kept.rules)


def test_channel_mode_purpose_and_provider_are_kept(clock: Clock) -> None:
    database = Database()
    kiosk = Kiosk(make_authority(clock, JIA, database=database))
    kiosk.sign_on()
    kiosk.quote()
    kiosk.cash(10_000)
    with database.transaction() as connection:
        quote, cash = connection.execute(select(decisions)).mappings().all()

    assert (cash["stage"], cash["channel"], cash["mode"], cash["purpose"]) == (
        "PAYOUT",
        "ATM",
        "CASH",
        "TREATMENT_AWAY",
    )
    assert (cash["provider"], cash["application_id"], cash["amount_fen"]) == ("371000000000001", None, 10_000)
    assert cash["facts"] is not None
    assert (quote["amount_fen"], quote["facts"]) == (None, None)


@pytest.mark.req("S2-31")
@pytest.mark.parametrize("monthly_fen", [(1_000, 99_000), (20_000, 80_000), (50_000, 50_000)])
def test_two_people_with_equal_accounts_get_equal_answers_whatever_was_paid_in_at_a_time(
    clock: Clock, monthly_fen: tuple[int, int]
) -> None:
    """Jia is paid in small and large sums, as for a small and a large contribution base; Yi in one."""
    authority = make_authority(clock, replace(JIA, opening_balance_fen=0), YI)
    for number, fen in enumerate(monthly_fen):
        authority.credit(JIA.pan, fen, f"jia {number}")
    authority.credit(YI.pan, sum(monthly_fen), "yi")
    kiosk = Kiosk(authority)
    kiosk.sign_on()

    assert kiosk.quote().amounts == kiosk.quote(YI).amounts
    for fen in (90_000, 50_000, 40_000):
        mine, other = kiosk.cash(fen), kiosk.cash(fen, YI)
        assert (mine.code, mine.rules, mine.amounts) == (other.code, other.rules, other.amounts)
