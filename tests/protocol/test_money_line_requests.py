"""Quote, cash and transfer as typed messages."""

import pytest

from protocol import pin_block
from protocol.keys import Cipher, decrypt
from protocol.money_line import (
    SECURITY_SM4,
    AmountType,
    BindingRule,
    CashReply,
    CashRequest,
    Message,
    TransactionType,
    TransferReply,
    TransferRequest,
    decode,
    parse,
)
from protocol.pin_block import PinBlockFormat, pan12
from protocol.wire import RemoteProtocolError
from tests.vectors import vector

SM4_PIN_KEY = bytes.fromhex("F351D490994603795C6EBEE8FAEBB481")


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


def test_a_transfer_names_an_amount_and_no_payee() -> None:
    request = parse(decode(vector("money_line", "transfer request")))
    reply = parse(decode(vector("money_line", "transfer reply")))

    assert isinstance(request, TransferRequest)
    assert isinstance(reply, TransferReply)
    assert (request.amount, request.transaction_type) == (123_456, TransactionType.TRANSFER)
    assert (reply.code, reply.authorisation, reply.payee) == ("00", "000041", "6228***1234")


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
