"""Payouts online and at counters, on the same ledger as those of terminals."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import Actor, Role
from simulators.authority.applications.bank import account_of_card, close_account
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draws import Ending, held_fen, used_fen
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced
from simulators.authority.ledger.payouts import (
    Office,
    PayoutRequest,
    authorise_payout,
    cancel_payout,
    confirm_payout,
    release_unpaid_transfers,
)
from simulators.authority.ledger.releases import all_releases
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.vocabulary import Channel, PayoutMode
from simulators.authority.supervision.providers import Provider, authorise_provider
from simulators.authority.supervision.risk.rules import our_risk_rules
from simulators.authority.tables.ledger import TransferState
from tests.simulators.authority.kiosk import WEIHAI
from tests.simulators.authority.ledger.books import AT, TODAY, key, pay

HSM = SoftHsm(b"M" * 32, bytes)
BANK = "371000000000009"
PERSON = Account.personal(1)


@pytest.fixture
def office(connection: Connection) -> Office:
    maker = Actor(Role.SUPERVISOR, "s1")
    authorise_provider(connection, maker, AT, Provider(BANK, "测试银行", WEIHAI, date(2026, 1, 1)))
    return Office(HSM, our_policies(), our_risk_rules())


def asked(number: int = 1, fen: int = 100_000, **changes: Any) -> PayoutRequest:
    request = PayoutRequest(f"H3710000000{number:019d}", BANK, 1, Channel.COUNTER, PayoutMode.CASH, fen, WEIHAI)
    return replace(request, **changes)


ONLINE: dict[str, Any] = {"channel": Channel.ONLINE, "mode": PayoutMode.TRANSFER}


@pytest.mark.req("S1-62")
def test_cash_at_a_counter_is_held_and_then_debited_with_what_was_paid(connection: Connection, office: Office) -> None:
    for _ in range(2):
        assert authorise_payout(connection, office, asked(), AT).code is Code.APPROVED
        assert held_fen(connection, 1) == 100_000
    for _ in range(2):
        assert confirm_payout(connection, asked(), 90_000, AT).ending is Ending.DONE

    assert (held_fen(connection, 1), balance_fen(connection, PERSON)) == (0, 910_000)
    assert balance_fen(connection, Account.counter_cash(BANK)) == 90_000
    assert ledger_balanced(connection)


@pytest.mark.req("S2-69")
def test_a_message_id_with_another_sum_or_of_another_provider_is_a_duplicate(
    connection: Connection, office: Office
) -> None:
    authorise_payout(connection, office, asked(), AT)
    assert authorise_payout(connection, office, asked(provider="371000000000002"), AT).code is Code.DUPLICATE
    assert authorise_payout(connection, office, asked(fen=200_000), AT).code is Code.DUPLICATE
    confirm_payout(connection, asked(), 100_000, AT)
    assert authorise_payout(connection, office, asked(), AT).code is Code.DUPLICATE


@pytest.mark.req("S1-30", "S2-78", "S2-69")
def test_an_online_transfer_is_paid_when_it_is_confirmed(connection: Connection, office: Office) -> None:
    request = asked(**ONLINE)
    answer = authorise_payout(connection, office, request, AT)
    assert (answer.code, balance_fen(connection, PERSON)) == (Code.APPROVED, 1_000_000)
    assert confirm_payout(connection, request, 50_000, AT).ending is Ending.TOO_MUCH
    for _ in range(2):
        end = confirm_payout(connection, request, 100_000, AT)
        assert (end.ending, end.transfer) == (Ending.DONE, TransferState.CREDITED)

    payee = account_of_card(connection, HSM, 1)
    assert payee is not None
    assert answer.payee == payee.masked_number
    assert (balance_fen(connection, PERSON), balance_fen(connection, Account.bank(payee.id))) == (900_000, 100_000)


@pytest.mark.req("S1-62", "S2-26")
def test_terminal_counter_and_app_share_one_set_of_limits(connection: Connection, office: Office) -> None:
    """Weihai allows 10,000 yuan a day."""
    pay(connection, key(1), 500_000, place=WEIHAI)
    authorise_payout(connection, office, asked(1, 100_000), AT)
    answer = authorise_payout(connection, office, asked(2, 400_000, **ONLINE), AT)

    assert answer.code in (Code.OVER_LIMIT, Code.INSUFFICIENT_FUNDS)
    assert answer.rules
    assert used_fen(connection, 1, TODAY, TODAY) == 600_000


@pytest.mark.req("S1-76")
def test_a_refusal_holds_nothing_and_uses_nothing_up(connection: Connection, office: Office) -> None:
    assert authorise_payout(connection, office, asked(fen=2_000_000), AT).code is not Code.APPROVED
    assert (held_fen(connection, 1), used_fen(connection, 1, TODAY, TODAY)) == (0, 0)


@pytest.mark.req("S1-19")
def test_a_provider_that_is_not_in_the_register_pays_nothing(connection: Connection, office: Office) -> None:
    assert authorise_payout(connection, office, asked(provider="999"), AT).code is Code.INVALID_MERCHANT


def test_a_closed_payee_account_is_refused_before_anything_is_held(connection: Connection, office: Office) -> None:
    payee = account_of_card(connection, HSM, 1)
    assert payee is not None
    close_account(connection, payee.id)

    assert authorise_payout(connection, office, asked(**ONLINE), AT).code is Code.NO_SAVINGS_ACCOUNT
    assert held_fen(connection, 1) == 0


@pytest.mark.parametrize("mode", [PayoutMode.CASH, PayoutMode.TRANSFER])
def test_what_is_cancelled_is_free_again_and_a_late_confirm_debits_nobody(
    connection: Connection, office: Office, mode: PayoutMode
) -> None:
    request = asked(mode=mode)
    authorise_payout(connection, office, request, AT)
    for _ in range(2):
        assert cancel_payout(connection, request, AT).ending is Ending.DONE
    assert confirm_payout(connection, request, 100_000, AT).ending is Ending.CONFLICT

    assert (held_fen(connection, 1), balance_fen(connection, PERSON)) == (0, 1_000_000)


def test_cash_that_a_counter_paid_without_asking_stands_in_suspense(connection: Connection, office: Office) -> None:
    assert confirm_payout(connection, asked(), 30_000, AT).ending is Ending.NOT_FOUND

    assert balance_fen(connection, Account.suspense(BANK)) == -30_000
    assert authorise_payout(connection, office, asked(), AT).code is Code.DUPLICATE


@pytest.mark.req("S2-42")
def test_a_transfer_that_nobody_confirms_is_released_and_cash_is_not(connection: Connection, office: Office) -> None:
    authorise_payout(connection, office, asked(1), AT)
    authorise_payout(connection, office, asked(2, **ONLINE), AT)
    later = AT + timedelta(minutes=15)

    assert release_unpaid_transfers(connection, later, timedelta(minutes=15)) == 1
    assert release_unpaid_transfers(connection, later, timedelta(minutes=15)) == 0
    assert held_fen(connection, 1) == 100_000
    (posted,) = all_releases(connection)
    assert (posted.person_id, posted.application_id, posted.fen) == (1, None, 100_000)
