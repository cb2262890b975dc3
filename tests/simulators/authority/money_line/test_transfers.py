"""Transfers to the person's own account over the money line."""

import pytest

from protocol.money_line import (
    AmountType,
    Original,
    ProcessingCode,
    Reversal,
    ReversalReply,
    TransactionType,
    TransferReply,
    TransferRequest,
)
from simulators.authority.authority import Authority
from tests.simulators.authority.kiosk import JIA, Kiosk


def reversal_of(kiosk: Kiosk, request: TransferRequest) -> Reversal:
    return Reversal(
        stan=request.stan,
        terminal=kiosk.id,
        merchant=kiosk.merchant,
        batch=request.batch,
        pan=request.pan,
        processing_code=ProcessingCode.TRANSFER,
        transaction_type=TransactionType.TRANSFER,
        amount=request.amount,
        original=Original(request.batch, request.stan, "0520"),
        cause="98",
    )


def test_what_is_approved_is_paid_and_leaves_no_hold(kiosk: Kiosk, authority: Authority) -> None:
    cash_before = authority.terminal_cash_fen(kiosk.id)
    reply = kiosk.transfer(120_000)

    assert reply.code == "00"
    assert reply.reference
    assert reply.authorisation
    assert reply.amounts is not None
    assert reply.amounts[AmountType.LEDGER] == JIA.opening_balance_fen - 120_000
    assert authority.account_debit_fen(JIA.pan) == 120_000
    assert authority.held_fen(JIA.pan) == 0
    assert authority.terminal_cash_fen(kiosk.id) == cash_before, "no note has moved"
    assert authority.ledger_balanced()


def test_a_transfer_counts_in_the_limits_of_cash(kiosk: Kiosk) -> None:
    rest = (kiosk.quote().amounts or {})[AmountType.REST_OF_DAY]
    kiosk.transfer(100_000)

    assert (kiosk.quote().amounts or {})[AmountType.REST_OF_DAY] == rest - 100_000


def test_more_than_the_policy_allows_is_refused_and_nothing_moves(kiosk: Kiosk, authority: Authority) -> None:
    reply = kiosk.transfer(JIA.opening_balance_fen * 2)

    assert reply.code in ("51", "61")
    assert authority.account_debit_fen(JIA.pan) == 0


def test_the_same_transfer_twice_is_paid_once(kiosk: Kiosk, authority: Authority) -> None:
    request = kiosk.transfer_request(50_000)
    first = kiosk.tell(request, TransferReply)
    second = kiosk.tell(request, TransferReply)

    assert first.code == "00"
    assert second.code in ("00", "94")
    assert authority.account_debit_fen(JIA.pan) == 50_000


@pytest.mark.parametrize("times", [1, 3])
def test_a_transfer_that_the_terminal_gives_up_comes_back_once(kiosk: Kiosk, authority: Authority, times: int) -> None:
    request = kiosk.transfer_request(50_000)
    kiosk.tell(request, TransferReply)

    for _ in range(times):
        assert kiosk.tell(reversal_of(kiosk, request), ReversalReply).code == "00"

    assert authority.balance_fen(JIA.pan) == JIA.opening_balance_fen
    assert authority.ledger_balanced()


def test_a_reversal_before_its_transfer_has_it_refused(kiosk: Kiosk, authority: Authority) -> None:
    request = kiosk.transfer_request(50_000)

    assert kiosk.tell(reversal_of(kiosk, request), ReversalReply).code == "25"
    assert kiosk.tell(request, TransferReply).code == "94"
    assert authority.balance_fen(JIA.pan) == JIA.opening_balance_fen
