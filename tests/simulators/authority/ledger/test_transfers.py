"""Transfers to the own bank account, and banks that fail."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.bank import PayeeAccount, account_of_card, close_account, open_account
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draws import Draw, Ending, used_fen
from simulators.authority.ledger.fund_parts import wrong_parts
from simulators.authority.ledger.ledger import Account, LedgerError, balance_fen, ledger_balanced, wrong_balances
from simulators.authority.ledger.transfers import (
    PayeeProblem,
    own_payee,
    pay_transfer,
    recall_transfer,
    retry_transfers,
    set_bank_down,
    transfer_of,
)
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import DrawState, TransferState
from tests.simulators.authority.kiosk import JIA, SHENZHEN, YI
from tests.simulators.authority.ledger.books import AT, TODAY, approve, found, key

HSM = SoftHsm(b"M" * 32, bytes)
PERSON = Account.personal(1)
BANK = JIA.pan[:6]


@pytest.fixture
def payee(connection: Connection) -> PayeeAccount:
    account = account_of_card(connection, HSM, 1)
    assert account is not None
    return account


def held(connection: Connection, payee: PayeeAccount, fen: int = 40_000, on: date = TODAY) -> Draw:
    return approve(connection, key(1, on), fen, mode=PayoutMode.TRANSFER, payee_account_id=payee.id)


def sums(connection: Connection, payee: PayeeAccount) -> tuple[int, int, int]:
    """Personal account, money under way, own bank account."""
    accounts = (PERSON, Account.transfer(payee.id), Account.bank(payee.id))
    assert ledger_balanced(connection)
    assert (wrong_balances(connection), wrong_parts(connection)) == ([], [])
    return tuple(balance_fen(connection, each) for each in accounts)  # type: ignore[return-value]


@pytest.mark.req("S1-30", "S1-35", "S2-78", "S2-02")
def test_what_is_approved_stands_on_the_own_account_at_once_and_the_sum_is_unchanged(
    connection: Connection, payee: PayeeAccount
) -> None:
    held(connection, payee)
    for _ in range(2):
        assert pay_transfer(connection, key(1), AT) is TransferState.CREDITED

    assert sums(connection, payee) == (960_000, 0, 40_000)
    assert found(connection, key(1)).state is DrawState.CONFIRMED
    assert used_fen(connection, 1, TODAY, TODAY) == 40_000
    assert balance_fen(connection, Account.clearing(SHENZHEN)) == 0


@pytest.mark.req("S1-30")
def test_a_bank_that_does_not_answer_is_asked_again_and_the_money_is_visible_meanwhile(
    connection: Connection, payee: PayeeAccount
) -> None:
    set_bank_down(connection, BANK, AT, down=True)
    draw = held(connection, payee)
    assert pay_transfer(connection, key(1), AT) is TransferState.PENDING
    assert sums(connection, payee) == (960_000, 40_000, 0)
    waiting = transfer_of(connection, draw.id)
    assert waiting is not None
    assert (waiting.state, waiting.cause) == (TransferState.PENDING, "no_answer")

    assert retry_transfers(connection, AT + timedelta(minutes=9)) == 0
    assert retry_transfers(connection, AT + timedelta(minutes=10)) == 0
    set_bank_down(connection, BANK, AT, down=False)
    assert retry_transfers(connection, AT + timedelta(minutes=15)) == 0
    assert retry_transfers(connection, AT + timedelta(minutes=20)) == 1
    assert retry_transfers(connection, AT + timedelta(days=3)) == 0

    assert sums(connection, payee) == (960_000, 0, 40_000)
    ended = transfer_of(connection, draw.id)
    assert ended is not None
    assert (ended.state, ended.attempts) == (TransferState.CREDITED, 2)


@pytest.mark.req("S1-30", "S2-26")
def test_past_the_deadline_the_money_goes_back_to_its_own_year(connection: Connection, payee: PayeeAccount) -> None:
    set_bank_down(connection, BANK, AT, down=True)
    draw = held(connection, payee, on=date(2025, 12, 31))
    pay_transfer(connection, key(1, date(2025, 12, 31)), AT)

    assert retry_transfers(connection, AT + timedelta(days=1)) == 1
    assert sums(connection, payee) == (1_000_000, 0, 0)
    assert used_fen(connection, 1, date(2025, 1, 1), TODAY) == 0
    ended = transfer_of(connection, draw.id)
    assert ended is not None
    assert (ended.state, ended.cause) == (TransferState.RETURNED, "no_answer")


@pytest.mark.req("S1-30")
@pytest.mark.parametrize("when", ["before the credit", "while the bank is down"])
def test_an_account_that_was_closed_meanwhile_gives_the_money_back(
    connection: Connection, payee: PayeeAccount, when: str
) -> None:
    held(connection, payee)
    if when == "before the credit":
        close_account(connection, payee.id)
        assert pay_transfer(connection, key(1), AT) is TransferState.RETURNED
    else:
        set_bank_down(connection, BANK, AT, down=True)
        pay_transfer(connection, key(1), AT)
        close_account(connection, payee.id)
        assert retry_transfers(connection, AT + timedelta(hours=1)) == 1
    assert sums(connection, payee) == (1_000_000, 0, 0)


@pytest.mark.parametrize("down", [False, True], ids=["credited", "pending"])
def test_a_transfer_that_is_given_up_comes_back_once(connection: Connection, payee: PayeeAccount, down: bool) -> None:
    set_bank_down(connection, BANK, AT, down=down)
    held(connection, payee)
    pay_transfer(connection, key(1), AT)
    for _ in range(2):
        assert recall_transfer(connection, key(1), SHENZHEN, AT) is Ending.DONE

    assert sums(connection, payee) == (1_000_000, 0, 0)
    assert found(connection, key(1)).state is DrawState.REVERSED
    assert retry_transfers(connection, AT + timedelta(days=9)) == 0


def test_what_a_closed_account_was_paid_can_not_be_taken_back(connection: Connection, payee: PayeeAccount) -> None:
    held(connection, payee)
    pay_transfer(connection, key(1), AT)
    close_account(connection, payee.id)

    assert recall_transfer(connection, key(1), SHENZHEN, AT) is Ending.CONFLICT
    assert sums(connection, payee) == (960_000, 0, 40_000)


def test_a_transfer_that_was_given_up_before_it_came_is_never_paid(connection: Connection, payee: PayeeAccount) -> None:
    assert recall_transfer(connection, key(1), SHENZHEN, AT) is Ending.NOT_FOUND
    with pytest.raises(LedgerError):
        pay_transfer(connection, key(1), AT)
    assert sums(connection, payee) == (1_000_000, 0, 0)


@pytest.mark.req("S2-02", "S1-30")
def test_money_goes_to_an_open_account_in_the_persons_own_name_only(connection: Connection) -> None:
    own = open_account(connection, HSM, "6222020000000000018", JIA.name, JIA.id_number)
    same_name = open_account(connection, HSM, "6222020000000000026", JIA.name, YI.id_number)
    other_name = open_account(connection, HSM, "6222020000000000034", YI.name, JIA.id_number)

    assert isinstance(own_payee(connection, HSM, 1, own), PayeeAccount)
    assert own_payee(connection, HSM, 1, same_name) is PayeeProblem.NOT_OWN
    assert own_payee(connection, HSM, 1, other_name) is PayeeProblem.NOT_OWN
    close_account(connection, own)
    assert own_payee(connection, HSM, 1, own) is PayeeProblem.CLOSED


def test_without_an_application_it_goes_to_the_account_of_the_card(connection: Connection) -> None:
    found = own_payee(connection, HSM, 2, None)

    assert isinstance(found, PayeeAccount)
    assert found.masked_number.endswith(YI.pan[-4:])
