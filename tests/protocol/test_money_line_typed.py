"""How typed messages become fields and are read from them."""

import pytest

from protocol.money_line import (
    CashReply,
    Message,
    NetworkCode,
    NetworkManagement,
    QuoteReply,
    decode,
    encode,
    parse,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import vector


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


def test_a_quote_reply_is_not_a_cash_reply() -> None:
    message = decode(vector("money_line", "cash reply over the limit"))

    with pytest.raises(RemoteProtocolError, match="QuoteReply"):
        QuoteReply.from_message(message)
