"""Which message a frame is, and which carry a MAC."""

import pytest

from protocol.keys import Cipher
from protocol.mac import cbc_mac, retail_mac
from protocol.money_line import (
    Message,
    decode,
    is_authenticated,
    mac_input,
    masked_pan,
    parse,
)
from protocol.wire import RemoteProtocolError
from tests.vectors import Vector, load

MAC_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
SM4_MAC_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="no 0600"):
        parse(Message("0600", {11: "000001"}))


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
