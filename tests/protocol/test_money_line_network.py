"""Sign-on, echo and sign-off as typed messages."""

from protocol.keys import Cipher, check_value, decrypt
from protocol.money_line import (
    NetworkCode,
    SignOn,
    SignOnReply,
    decode,
    parse,
)
from tests.vectors import vector

SM4_MASTER_KEY = bytes.fromhex("1234567890ABCDEFABCDEF0987654321")
SM4_PIN_KEY = bytes.fromhex("F351D490994603795C6EBEE8FAEBB481")
SM4_MAC_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_a_sign_on_reply_brings_keys_batch_and_time() -> None:
    reply = parse(decode(vector("money_line", "sign-on reply")))

    assert isinstance(reply, SignOnReply)
    assert (reply.batch, reply.date, reply.time) == (7, "0105", "093015")
    assert reply.keys is not None
    assert reply.keys.pin_key_check == bytes.fromhex("491510CA")


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
