"""The typed messages of the money line."""

from dataclasses import replace

import pytest

from protocol import pin_block
from protocol.keys import Cipher, check_value, decrypt
from protocol.mac import cbc_mac, retail_mac
from protocol.money_line import (
    SECURITY_SM4,
    AmountType,
    BatchEnd,
    BatchRecord,
    BindingRule,
    CashReply,
    CashRequest,
    Confirm,
    Message,
    NetworkCode,
    NetworkManagement,
    Original,
    ProcessingCode,
    QuoteReply,
    Reversal,
    ReversalCause,
    Settlement,
    SettlementReply,
    SettlementRequest,
    SettlementResult,
    SignOn,
    SignOnReply,
    Totals,
    TransactionType,
    TransferReply,
    TransferRequest,
    UnitResult,
    decode,
    encode,
    is_authenticated,
    mac_input,
    masked_pan,
    parse,
)
from protocol.pin_block import PinBlockFormat, pan12
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import Vector, load, vector

MAC_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
SM4_MASTER_KEY = bytes.fromhex("1234567890ABCDEFABCDEF0987654321")
SM4_PIN_KEY = bytes.fromhex("F351D490994603795C6EBEE8FAEBB481")
SM4_MAC_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


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
    with pytest.raises(RemoteProtocolError, match="no 0600"):
        parse(Message("0600", {11: "000001"}))


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


@pytest.mark.parametrize("golden", [each for each in load("money_line") if each.data[13] in (2, 3, 4, 5)], ids=str)
def test_every_golden_message_about_money_carries_the_mac_of_its_profile(golden: Vector) -> None:
    message = decode(golden.data)
    data = mac_input(message)

    is_sm4 = "SM4" in golden.name
    assert message.mac == (cbc_mac(Cipher.SM4, SM4_MAC_KEY, data)[:8] if is_sm4 else retail_mac(MAC_KEY, data))


@pytest.mark.parametrize(
    ("mti", "carries"),
    [("0200", True), ("0330", True), ("0410", True), ("0510", True), ("0800", False), ("0830", False)],
)
def test_messages_about_money_carry_a_mac_and_network_management_does_not(mti: str, carries: bool) -> None:
    assert is_authenticated(mti) is carries


def test_a_transfer_names_an_amount_and_no_payee() -> None:
    request = parse(decode(vector("money_line", "transfer request")))
    reply = parse(decode(vector("money_line", "transfer reply")))

    assert isinstance(request, TransferRequest)
    assert isinstance(reply, TransferReply)
    assert (request.amount, request.transaction_type) == (123_456, TransactionType.TRANSFER)
    assert (reply.code, reply.authorisation, reply.payee) == ("00", "000041", "6228***1234")


def test_a_settlement_tells_totals_and_is_told_what_the_host_found() -> None:
    request = parse(decode(vector("money_line", "settlement")))
    reply = parse(decode(vector("money_line", "settlement reply, not balanced")))

    totals = Totals(debit_fen=1_050_000, debit_count=3, credit_fen=20_000, credit_count=1)
    assert isinstance(request, SettlementRequest)
    assert request.settlement == Settlement(totals)
    assert isinstance(reply, SettlementReply)
    assert reply.settlement == Settlement(
        totals, SettlementResult.NOT_BALANCED, foreign_result=SettlementResult.BALANCED
    )
    assert not reply.settlement.balanced


@pytest.mark.parametrize("digits", ["", "0" * 61, "0" * 63, "0" * 30 + "4" + "0" * 31])
def test_totals_that_are_none_are_refused(digits: str) -> None:
    with pytest.raises(RemoteProtocolError, match="field 48"):
        Settlement.decode(digits)


def test_totals_that_do_not_fit_are_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="field 48"):
        Settlement(Totals(debit_count=1000)).encode()


def test_a_batch_upload_has_one_message_for_each_payout_and_one_for_the_end() -> None:
    record = parse(decode(vector("money_line", "batch upload of one payout")))
    end = parse(decode(vector("money_line", "end of the batch upload")))

    assert isinstance(record, BatchRecord)
    assert (record.amount, record.original, record.reference) == (50_000, Original(7, 123, "0105"), "010509302001")
    assert isinstance(end, BatchEnd)
    assert (end.records, end.network) == (3, NetworkCode.UPLOAD_ENDED)


def test_the_reversal_of_a_transfer_says_that_it_is_one() -> None:
    reversal = parse(decode(vector("money_line", "reversal without an answer")))
    assert isinstance(reversal, Reversal)

    of_transfer = replace(reversal, processing_code=ProcessingCode.TRANSFER, transaction_type=TransactionType.TRANSFER)

    assert parse(decode(encode(of_transfer.to_message()))) == of_transfer


@pytest.mark.req("S1-43")
def test_under_sm4_keys_the_pin_block_has_sixteen_bytes_in_a_field_of_its_own() -> None:
    request = parse(decode(vector("money_line", "cash request under SM4 keys")))

    assert isinstance(request, CashRequest)
    assert request.pin_block is None
    assert request.security_control == SECURITY_SM4
    clear = decrypt(Cipher.SM4, SM4_PIN_KEY, request.sealed_pin)
    assert pin_block.decode(clear, pan12(request.pan), PinBlockFormat.SM4) == "123456"


@pytest.mark.parametrize("fields", [{}, {52: bytes(8), 59: bytes(16)}], ids=["none", "both"])
def test_a_request_has_exactly_one_pin_block(fields: dict[int, str | bytes]) -> None:
    message = decode(vector("money_line", "cash request"))
    others = {number: value for number, value in message.fields.items() if number != 52}

    with pytest.raises(RemoteProtocolError, match="one of the fields 52 and 59"):
        CashRequest.from_message(Message(message.mti, {**others, **fields}))


def test_sm4_keys_are_asked_for_and_come_under_the_sm4_master_key() -> None:
    request = parse(decode(vector("money_line", "sign-on with SM4 keys")))
    reply = parse(decode(vector("money_line", "sign-on reply with SM4 keys")))

    assert isinstance(request, SignOn)
    assert isinstance(reply, SignOnReply)
    assert request.network is reply.network is NetworkCode.SIGN_ON_SM4
    assert reply.keys is not None
    assert decrypt(Cipher.SM4, SM4_MASTER_KEY, reply.keys.pin_key) == SM4_PIN_KEY
    assert decrypt(Cipher.SM4, SM4_MASTER_KEY, reply.keys.mac_key) == SM4_MAC_KEY
    assert reply.keys.pin_key_check == check_value(Cipher.SM4, SM4_PIN_KEY, 4)
    assert reply.keys.mac_key_check == check_value(Cipher.SM4, SM4_MAC_KEY, 4)
