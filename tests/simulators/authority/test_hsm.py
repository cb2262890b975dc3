"""The security module's door; keys and values are those of the published check vectors where there are any."""

import random

import pytest

from protocol.keys import Cipher, check_value, unwrap_key, wrap_key
from protocol.mac import cbc_mac, unionpay_ecb
from simulators.authority.hsm import HsmError, KeyUse, MacMethod, PinFormatError, SoftHsm
from tests.simulators.authority.kiosk import SM4_TMK, TMK

PAN, PIN = "6299991234567890122", "123456"


@pytest.fixture
def hsm() -> SoftHsm:
    return SoftHsm(b"M" * 32, random.Random(1).randbytes)


def wrapped(hsm: SoftHsm, use: KeyUse, key: bytes) -> bytes:
    """A known key inside the module."""
    return hsm._wrapped(use, key)


def test_working_keys_travel_under_the_terminal_master_key(hsm: SoftHsm) -> None:
    keys = hsm.generate_working_keys(hsm.import_terminal_master_key(TMK))
    pik = unwrap_key(Cipher.TDES, TMK, keys.download.pin_key)

    assert check_value(Cipher.TDES, pik, 4) == keys.download.pin_key_check
    assert wrap_key(Cipher.TDES, TMK, pik) == keys.download.pin_key
    assert all(byte.bit_count() % 2 for byte in pik)


def test_the_right_pin_opens_the_block_of_the_vector(hsm: SoftHsm) -> None:
    pik = wrapped(hsm, KeyUse.PIN, bytes.fromhex("11223344556677888877665544332211"))
    block = bytes.fromhex("5B1C6693FCEA1913")  # PIN 123456 of this PAN under this key: a computed vector

    assert hsm.pin_is_right(pik, block, PAN, hsm.pin_reference(PAN, PIN))
    assert not hsm.pin_is_right(pik, block, PAN, hsm.pin_reference(PAN, "123457"))


def test_a_block_for_another_card_is_no_pin(hsm: SoftHsm) -> None:
    pik = wrapped(hsm, KeyUse.PIN, bytes.fromhex("11223344556677888877665544332211"))

    with pytest.raises(PinFormatError):
        hsm.pin_is_right(pik, bytes.fromhex("5B1C6693FCEA1913"), "6217000000000000012", b"")


@pytest.mark.parametrize("block", [b"", bytes(7), bytes(16)])
def test_a_block_of_a_wrong_size_is_no_pin(hsm: SoftHsm, block: bytes) -> None:
    with pytest.raises(PinFormatError):
        hsm.pin_is_right(wrapped(hsm, KeyUse.PIN, TMK), block, PAN, b"")


def test_macs_are_made_the_way_the_host_is_set(hsm: SoftHsm) -> None:
    ecb = SoftHsm(b"M" * 32, random.Random(1).randbytes, MacMethod.UNIONPAY_ECB)
    data = bytes.fromhex("0102030405060708090A0B0C0D0E0F1011121314")

    assert ecb.mac(wrapped(ecb, KeyUse.MAC, TMK), data) == b"98053F02"
    assert hsm.mac(wrapped(hsm, KeyUse.MAC, TMK), b"Now is the time for all ").hex().upper() == "A1C72E74EA3FA9B6"


def test_a_changed_message_has_another_mac(hsm: SoftHsm) -> None:
    mak = wrapped(hsm, KeyUse.MAC, TMK)
    mac = hsm.mac(mak, b"message")

    assert hsm.mac_is_right(mak, b"message", mac)
    assert not hsm.mac_is_right(mak, b"massage", mac)
    assert not hsm.mac_is_right(mak, b"message", b"")


def test_a_key_does_only_what_it_is_for(hsm: SoftHsm) -> None:
    mak = wrapped(hsm, KeyUse.MAC, TMK)

    with pytest.raises(HsmError):
        hsm.pin_is_right(mak, bytes(8), PAN, b"")
    with pytest.raises(HsmError):
        hsm.generate_working_keys(mak)


def test_what_one_module_sealed_another_can_not_open(hsm: SoftHsm) -> None:
    sealed = hsm.seal("测试甲")

    assert hsm.unseal(sealed) == "测试甲"
    with pytest.raises(HsmError):
        SoftHsm(b"N" * 32, random.Random(1).randbytes).unseal(sealed)
    with pytest.raises(HsmError):
        hsm.unseal(sealed[:-1] + b"\0")


def test_an_index_finds_again_and_tells_nothing(hsm: SoftHsm) -> None:
    assert hsm.index(PAN) == hsm.index(PAN) != hsm.index("6217000000000000012")
    assert PAN not in hsm.index(PAN)


def test_the_same_pin_on_two_cards_looks_different(hsm: SoftHsm) -> None:
    assert hsm.pin_reference(PAN, PIN) != hsm.pin_reference("6217000000000000012", PIN)


def test_no_key_or_pin_is_seen_from_outside(hsm: SoftHsm) -> None:
    tmk = hsm.import_terminal_master_key(TMK)
    keys = hsm.generate_working_keys(tmk)

    shown = repr(hsm) + repr(keys) + repr(keys.download)
    for secret in (TMK, keys.pik, keys.mak, keys.download.pin_key):
        assert secret.hex() not in shown.lower()
        assert repr(secret)[2:-1] not in shown


@pytest.mark.parametrize("key", [b"", bytes(8), bytes(24)])
def test_a_master_key_of_a_wrong_size_is_refused(hsm: SoftHsm, key: bytes) -> None:
    with pytest.raises(HsmError):
        hsm.import_terminal_master_key(key)
    with pytest.raises(HsmError):
        SoftHsm(key, bytes)


@pytest.mark.req("S1-43")
def test_sm4_working_keys_travel_under_the_sm4_master_key(hsm: SoftHsm) -> None:
    keys = hsm.generate_working_keys(hsm.import_terminal_master_key(SM4_TMK, Cipher.SM4), Cipher.SM4)
    mak = unwrap_key(Cipher.SM4, SM4_TMK, keys.download.mac_key)

    assert check_value(Cipher.SM4, mak, 4) == keys.download.mac_key_check
    assert hsm.mac(keys.mak, b"data", Cipher.SM4) == cbc_mac(Cipher.SM4, mak, b"data")[:8]
    assert hsm.mac_is_right(keys.mak, b"data", cbc_mac(Cipher.SM4, mak, b"data")[:8], Cipher.SM4)


def test_the_right_pin_opens_the_sm4_block_of_the_vector(hsm: SoftHsm) -> None:
    pik = hsm._wrapped(KeyUse.PIN.of(Cipher.SM4), bytes.fromhex("F351D490994603795C6EBEE8FAEBB481"))
    block = bytes.fromhex("81845697F080E6025EEBBCF7A33A3599")  # PIN 123456 of this PAN under this key

    assert hsm.pin_is_right(pik, block, PAN, hsm.pin_reference(PAN, PIN), Cipher.SM4)
    assert not hsm.pin_is_right(pik, block, PAN, hsm.pin_reference(PAN, "123457"), Cipher.SM4)
    with pytest.raises(PinFormatError):
        hsm.pin_is_right(pik, block[:8], PAN, b"", Cipher.SM4)


def test_a_key_of_one_cipher_is_no_key_of_the_other(hsm: SoftHsm) -> None:
    tmk = hsm.import_terminal_master_key(TMK)

    with pytest.raises(HsmError):
        hsm.generate_working_keys(tmk, Cipher.SM4)
    keys = hsm.generate_working_keys(tmk)
    with pytest.raises(HsmError):
        hsm.mac(keys.mak, b"data", Cipher.SM4)


def test_sm4_keys_make_the_unionpay_mac_where_the_host_is_set_so() -> None:
    ecb = SoftHsm(b"M" * 32, random.Random(1).randbytes, MacMethod.UNIONPAY_ECB)
    keys = ecb.generate_working_keys(ecb.import_terminal_master_key(SM4_TMK, Cipher.SM4), Cipher.SM4)
    mak = unwrap_key(Cipher.SM4, SM4_TMK, keys.download.mac_key)

    assert ecb.mac(keys.mak, b"data", Cipher.SM4) == unionpay_ecb(mak, b"data", Cipher.SM4)
