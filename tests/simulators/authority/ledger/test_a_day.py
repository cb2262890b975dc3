"""Whole days over the money line, as the books see them."""

from dataclasses import replace
from datetime import date

import pytest

from protocol.money_line import AmountType, Totals
from simulators.authority.authority import Authority
from simulators.authority.ledger.reconciliation import By
from simulators.authority.tables.ledger import ExceptionKind
from simulators.authority.tables.people import PersonState
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk

TODAY = date(2026, 5, 20)


@pytest.mark.req("S1-05")
def test_a_batch_that_does_not_balance_leaves_named_exceptions_and_the_next_begins_clean(
    kiosk: Kiosk, authority: Authority, clock: Clock
) -> None:
    """One payout told with another sum, one forgotten, one invented, and an advice that is still to come."""
    told = kiosk.cash(50_000)
    forgotten = kiosk.cash(20_000)
    late = kiosk.cash(30_000)
    kiosk.confirm(told, 50_000)
    kiosk.confirm(forgotten, 20_000)
    assert kiosk.settle(Totals(debit_fen=49_000, debit_count=2)).code == "79"
    kiosk.upload(told, 40_000)
    kiosk.upload(replace(told, stan=999), 9_000)
    assert kiosk.end_upload(2).code == "00"
    kiosk.sign_on()
    clock.pass_(minutes=1)
    kiosk.confirm(late, 30_000)

    found = authority.reconcile(TODAY, TODAY, By.PAYER)
    assert {each.kind: each.amount_fen for each in found.exceptions} == {
        ExceptionKind.AMOUNT_DIFFERS: -10_000,
        ExceptionKind.MISSING_THERE: 20_000,
        ExceptionKind.MISSING_HERE: 9_000,
    }
    assert [(row.debited_fen, row.notes_fen, row.difference_fen) for row in found.rows] == [(100_000, 100_000, 0)]
    assert found.is_even
    assert kiosk.settle(Totals()).code == "00", "what was authorised in the old batch stays in it"


@pytest.mark.req("S1-76", "S1-77", "S1-83")
def test_too_little_is_told_with_what_is_there_and_a_later_credit_makes_it_enough(
    kiosk: Kiosk, authority: Authority
) -> None:
    kiosk.confirm(kiosk.cash(500_000), 500_000)
    available = (kiosk.quote().amounts or {})[AmountType.AVAILABLE]
    refused = kiosk.cash(500_000)
    assert refused.code in ("51", "61")
    assert (authority.held_fen(JIA.pan), available) == (0, 490_000)

    authority.credit(JIA.pan, 500_000, "arrears")
    assert kiosk.cash(500_000).code == "00"


@pytest.mark.req("S1-54")
def test_draws_in_two_cities_stand_in_one_ledger_share_the_limits_and_name_their_city(
    kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
) -> None:
    rest = (kiosk.quote().amounts or {})[AmountType.REST_OF_YEAR]
    kiosk.confirm(kiosk.cash(50_000), 50_000)
    far_kiosk.confirm(far_kiosk.cash(20_000), 20_000)

    assert (kiosk.quote().amounts or {})[AmountType.REST_OF_YEAR] == rest - 70_000
    assert authority.account_debit_fen(JIA.pan) == 70_000
    assert [row.of for row in authority.reconcile(TODAY, TODAY, By.PLACE).rows] == ["371000", "440300"]


@pytest.mark.req("S1-14")
def test_a_death_while_money_is_on_its_way_stops_the_next_draw_and_not_this_one(
    kiosk: Kiosk, authority: Authority
) -> None:
    reply = kiosk.cash(50_000)
    authority.set_person_state(JIA.pan, PersonState.DECEASED)

    assert kiosk.confirm(reply, 50_000).code == "00"
    assert kiosk.cash(50_000).code != "00"
    assert authority.account_debit_fen(JIA.pan) == 50_000


@pytest.mark.req("S1-62", "S2-69")
def test_two_kiosks_with_one_purse_never_hold_more_than_it_has(
    kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority, clock: Clock
) -> None:
    """A new trace number is a new request: what guards it is what is left."""
    codes = []
    for _ in range(8):
        for place in (kiosk, far_kiosk):
            codes.append(place.cash(200_000).code)
            clock.pass_(minutes=1)

    assert codes[0] == "00"
    assert codes[-1] != "00"
    assert authority.held_fen(JIA.pan) <= authority.balance_fen(JIA.pan)
    assert authority.held_fen(JIA.pan) == codes.count("00") * 200_000
