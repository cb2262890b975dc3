"""The whole host: what holds whatever messages come, in whatever order."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.money_line import CashReply, Message
from simulators.authority.authority import Authority, UnknownCard
from simulators.authority.database import Database
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority

HELD = 50_000
PAID = (50_000, 20_000, 0)


def messages_of(kiosk: Kiosk) -> list[dict[str, Message]]:
    """For each of three withdrawals its request, the confirm of what was paid, and a reversal."""
    stories = []
    for paid in PAID:
        request = kiosk.cash_request(HELD)
        reply = CashReply(
            stan=request.stan,
            terminal=kiosk.id,
            merchant=kiosk.merchant,
            batch=kiosk.batch,
            time="100000",
            date="0520",
            code="00",
            amount=HELD,
        )
        stories.append(
            {
                "request": kiosk.sealed(request),
                "confirm": kiosk.sealed(kiosk.confirm_of(reply, paid)),
                "reverse": kiosk.sealed(kiosk.reversal_of(request)),
            }
        )
    return stories


def debited(steps: list[str], paid: int) -> int:
    """What a person owes after these messages: an approval, then its confirm, with no reversal before."""
    first = {step: steps.index(step) for step in ("request", "confirm", "reverse") if step in steps}
    late = len(steps)
    request, confirm, reverse = (first.get(step, late) for step in ("request", "confirm", "reverse"))
    return paid if request < confirm < late and not reverse < confirm else 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["request", "confirm", "reverse"])), max_size=14))
def test_whatever_the_order_each_withdrawal_is_debited_at_most_once_and_as_paid(order: list[tuple[int, str]]) -> None:
    authority = make_authority(Clock(), JIA)
    kiosk = Kiosk(authority)
    kiosk.sign_on()
    stories = messages_of(kiosk)
    for story, step in order:
        kiosk.send(stories[story][step])

    steps = [[step for which, step in order if which == story] for story in range(3)]
    debit = sum(debited(steps[story], PAID[story]) for story in range(3))
    reported = sum(PAID[story] for story in range(3) if "confirm" in steps[story])
    held = sum(HELD for story in range(3) if set(steps[story]) == {"request"})
    assert authority.account_debit_fen(JIA.pan) == debit
    assert authority.balance_fen(JIA.pan) == JIA.opening_balance_fen - debit
    assert authority.held_fen(JIA.pan) == held
    assert authority.suspense_fen(kiosk.id) == reported - debit
    assert authority.terminal_cash_fen(kiosk.id) == 10_000_000 - reported
    assert authority.ledger_balanced()


@pytest.mark.req("S2-63")
def test_every_approval_rests_on_a_stored_decision_whose_rules_all_passed(
    kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
) -> None:
    for place in (kiosk, far_kiosk):
        for fen in (10_000, 200_000, 15_000, 900_000):
            place.cash(fen)

    approved = authority.draws()
    assert [draw.amount_fen for draw in approved] == [10_000, 200_000, 10_000, 200_000]
    for draw in approved:
        assert draw.decision_id is not None
        decision = authority.decision(draw.decision_id)
        assert decision is not None
        rules = decision.rules
        assert {rule.rule for rule in rules} >= {"service", "single_limit", "day_limit", "annual_limit", "balance"}
        assert "refused" not in {rule.outcome for rule in rules}


def test_the_trial_balance_adds_up(kiosk: Kiosk, authority: Authority) -> None:
    kiosk.confirm(kiosk.cash(50_000), 30_000)
    rows = authority.trial_balance()

    assert sum(row.debit_fen for row in rows) == sum(row.credit_fen for row in rows)
    assert ("personal:1", 30_000, 1_000_000) in [(row.account, row.debit_fen, row.credit_fen) for row in rows]


def test_a_credit_is_posted_once_per_reference(authority: Authority) -> None:
    for _ in range(2):
        authority.credit(JIA.pan, 12_345, "contribution 2026-05")

    assert authority.balance_fen(JIA.pan) == 1_012_345


def test_an_unknown_card_is_named_by_no_number(authority: Authority) -> None:
    with pytest.raises(UnknownCard) as caught:
        authority.balance_fen("6299991234567890122")

    assert "6299991234567890122" not in str(caught.value)


def test_a_withdrawal_goes_on_after_the_host_was_restarted(clock: Clock, tmp_path: Path) -> None:
    database = Database(tmp_path / "authority.db")
    kiosk = Kiosk(make_authority(clock, JIA, database=database))
    kiosk.sign_on()
    reply = kiosk.cash(50_000)
    database.close()

    reopened = Database(tmp_path / "authority.db")
    kiosk.authority = make_authority(clock, database=reopened)
    assert kiosk.confirm(reply, 50_000).code == "00"
    assert kiosk.authority.account_debit_fen(JIA.pan) == 50_000
    reopened.close()


@pytest.mark.req("S1-43")
def test_the_database_holds_no_number_name_or_pin_of_anybody(clock: Clock, tmp_path: Path) -> None:
    database = Database(tmp_path / "authority.db")
    kiosk = Kiosk(make_authority(clock, JIA, YI, database=database))
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(50_000), 50_000)
    kiosk.quote(YI)
    database.close()

    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert b"K0000001" in stored
    for person in (JIA, YI):
        for secret in (person.name, person.id_number, person.card_number, person.pan, person.pin):
            assert secret.encode() not in stored
