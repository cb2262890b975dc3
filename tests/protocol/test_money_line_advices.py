"""Confirms and reversals as typed messages."""

from dataclasses import replace

from protocol.money_line import (
    Confirm,
    Original,
    ProcessingCode,
    Reversal,
    ReversalCause,
    TransactionType,
    UnitResult,
    decode,
    encode,
    parse,
)
from tests.vectors import vector


def test_a_confirm_names_its_original_and_the_notes() -> None:
    confirm = parse(decode(vector("money_line", "confirm")))

    assert isinstance(confirm, Confirm)
    assert confirm.original == Original(7, 123, "0105")
    assert confirm.units == (UnitResult(10_000, 5, 5, 0, 0), UnitResult(5_000, 0, 0, 0, 1))


def test_a_reversal_carries_the_trace_number_of_its_original() -> None:
    reversal = parse(decode(vector("money_line", "reversal without an answer")))

    assert isinstance(reversal, Reversal)
    assert reversal.stan == reversal.original.stan == 123
    assert reversal.cause == ReversalCause.NO_ANSWER
    assert reversal.transaction_type is TransactionType.CASH


def test_a_0420_with_field_90_says_what_a_0400_with_field_61_says() -> None:
    as_0400 = parse(decode(vector("money_line", "reversal without an answer")))

    assert parse(decode(vector("money_line", "reversal as a 0420"))) == as_0400


def test_the_reversal_of_a_transfer_says_that_it_is_one() -> None:
    reversal = parse(decode(vector("money_line", "reversal without an answer")))
    assert isinstance(reversal, Reversal)

    of_transfer = replace(reversal, processing_code=ProcessingCode.TRANSFER, transaction_type=TransactionType.TRANSFER)

    assert parse(decode(encode(of_transfer.to_message()))) == of_transfer
