import pytest

from simulators.authority.authority import Authority
from tests.simulators.authority.kiosk import JIA, Kiosk


def test_postings_of_one_draw_are_shown_apart(kiosk: Kiosk, authority: Authority) -> None:
    for fen in (10_000, 20_000):
        kiosk.confirm(kiosk.cash(fen), fen)
    first, second = authority.draws()

    assert {row.debit_fen + row.credit_fen for row in authority.postings(first.id)} == {10_000}
    assert {row.debit_fen + row.credit_fen for row in authority.postings(second.id)} == {20_000}
    assert len(authority.postings()) > 4


def test_draws_are_shown_by_terminal(kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority) -> None:
    kiosk.cash(10_000)
    far_kiosk.cash(20_000)

    assert [draw.amount_fen for draw in authority.draws(far_kiosk.id)] == [20_000]
    assert [draw.amount_fen for draw in authority.draws()] == [10_000, 20_000]


def test_credits_do_not_count_as_negative_draws(authority: Authority) -> None:
    authority.credit(JIA.pan, 10_000, "contribution 2026-05")

    assert authority.account_debit_fen(JIA.pan) == 0


@pytest.mark.req("S1-44")
def test_a_stored_decision_names_both_regions_versions(kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority) -> None:
    far_kiosk.cash(200_000)
    (draw,) = authority.draws()
    assert draw.decision_id is not None
    decision = authority.decision(draw.decision_id)

    assert decision is not None
    assert (decision.home, decision.home_version) == ("371000", "2026.1")
    assert (decision.place, decision.place_version) == ("440300", "2026.2")
    assert ("single_limit", "440300", "2026.2", "binds", "200000") in [
        (rule.rule, rule.region, rule.version, rule.outcome, rule.value) for rule in decision.rules
    ]
