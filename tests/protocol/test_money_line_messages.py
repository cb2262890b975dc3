"""The typed messages of the money line."""

import pytest

from protocol.money_line import (
    AmountType,
    BindingRule,
    CashReply,
    CashRequest,
    Confirm,
    Message,
    NetworkCode,
    NetworkManagement,
    Original,
    QuoteReply,
    Reversal,
    ReversalCause,
    SignOnReply,
    TransactionType,
    UnitResult,
    decode,
    encode,
    masked_pan,
    parse,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import vector


def test_a_cash_request_in_words() -> None:
    request = parse(decode(vector("money_line", "cash request")))

    assert request == CashRequest(
        stan=123,
        terminal="33100001",
        merchant="331000012345678",
        batch=7,
        pan="6217000000000000012",
        expiry="3012",
        pan_sequence="001",
        track2="6217000000000000012=30122010001",
        amount=50_000,
        pin_block=bytes.fromhex("20C7E8024EB139B8"),
        chip_data=bytes.fromhex("9F260811223344556677889F270180"),
    )


def test_a_refusal_says_which_rule_bound_and_what_is_left() -> None:
    reply = parse(decode(vector("money_line", "cash reply over the limit")))

    assert isinstance(reply, CashReply)
    assert reply.code == "61"
    assert reply.rules == (BindingRule("single_limit", "371000", "3"),)
    assert reply.amounts == {AmountType.AVAILABLE: 123_456, AmountType.MAXIMUM_DRAW: 30_000}
    assert reply.authorisation is None


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


def test_a_sign_on_reply_brings_keys_batch_and_time() -> None:
    reply = parse(decode(vector("money_line", "sign-on reply")))

    assert isinstance(reply, SignOnReply)
    assert (reply.batch, reply.date, reply.time) == (7, "0105", "093015")
    assert reply.keys is not None
    assert reply.keys.pin_key_check == bytes.fromhex("491510CA")


def test_a_short_terminal_id_is_padded_on_the_wire_only() -> None:
    message = NetworkManagement(
        stan=1, terminal="T1", merchant="M1", batch=1, network=NetworkCode.SIGN_OFF
    ).to_message()

    assert message.text(41) == "T1      "
    assert parse(decode(encode(message))) == NetworkManagement(
        stan=1, terminal="T1", merchant="M1", batch=1, network=NetworkCode.SIGN_OFF
    )


def test_a_trace_number_of_seven_digits_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="field 11"):
        NetworkManagement(stan=1_000_000, terminal="T1", merchant="M1", batch=1).to_message()


@pytest.mark.parametrize(
    ("number", "value", "why"),
    [
        (60, "01000007000", "field 60 is not that of a CashReply"),
        (60, "71000007", "field 60 is too short"),
        (60, "71000007999", "field 60 has a value"),
        (3, "310000", "field 3 is not that of a CashReply"),
        (54, "0002156C00000012345", "field 54"),
        (63, "single_limit", "field 63"),
    ],
)
def test_content_that_contradicts_the_profile_is_refused(number: int, value: str, why: str) -> None:
    message = decode(vector("money_line", "cash reply over the limit"))

    with pytest.raises(RemoteProtocolError, match=why):
        CashReply.from_message(Message(message.mti, {**message.fields, number: value}))


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="no 0500"):
        parse(Message("0500", {11: "000001"}))


def test_a_quote_reply_is_not_a_cash_reply() -> None:
    message = decode(vector("money_line", "cash reply over the limit"))

    with pytest.raises(RemoteProtocolError, match="QuoteReply"):
        QuoteReply.from_message(message)


@pytest.mark.parametrize(
    ("pan", "shown"),
    [("6217000000000000012", "621700*********0012"), ("123456789012", "************"), ("", "")],
)
def test_a_card_number_is_masked(pan: str, shown: str) -> None:
    assert masked_pan(pan) == shown
