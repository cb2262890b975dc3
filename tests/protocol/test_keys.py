from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.keys import (
    KEY_LENGTHS,
    Cipher,
    KeyFault,
    check_value,
    cmac_check_value,
    decrypt,
    decrypt_cbc,
    encrypt,
    encrypt_cbc,
    has_odd_parity,
    unwrap_key,
    with_odd_parity,
    wrap_key,
    xor,
)
from tests.vectors import Vector, load

SECRET = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def vectors(operation: str) -> list[Vector]:
    return [found for found in load("keys") if found.fields["operation"] == operation]


@pytest.mark.parametrize("vector", vectors("encrypt"), ids=str)
def test_ciphers_give_the_published_blocks(vector: Vector) -> None:
    cipher, key = Cipher(vector.fields["cipher"]), bytes.fromhex(vector.fields["key"])
    clear = bytes.fromhex(vector.fields["data"])
    assert encrypt(cipher, key, clear) == vector.data
    assert decrypt(cipher, key, vector.data) == clear


@pytest.mark.parametrize("vector", vectors("check value"), ids=str)
def test_check_values_are_the_left_part_of_encrypted_zeros(vector: Vector) -> None:
    key = bytes.fromhex(vector.fields["key"])
    assert check_value(Cipher(vector.fields["cipher"]), key, len(vector.data)) == vector.data


@pytest.mark.parametrize("vector", vectors("cmac check value"), ids=str)
def test_aes_check_values_by_x9_143_are_a_cmac(vector: Vector) -> None:
    assert cmac_check_value(bytes.fromhex(vector.fields["key"])) == vector.data


@pytest.mark.parametrize("vector", vectors("wrap"), ids=str)
def test_working_keys_travel_under_a_master_key(vector: Vector) -> None:
    cipher = Cipher(vector.fields["cipher"])
    under, key = bytes.fromhex(vector.fields["under"]), bytes.fromhex(vector.fields["key"])
    assert wrap_key(cipher, under, key) == vector.data
    assert unwrap_key(cipher, under, vector.data) == key


@given(st.sampled_from(list(Cipher)), st.data())
def test_decryption_undoes_encryption(cipher: Cipher, data: st.DataObject) -> None:
    length = data.draw(st.sampled_from(KEY_LENGTHS[cipher]))
    key = data.draw(st.binary(min_size=length, max_size=length))
    size = cipher.block_size * data.draw(st.integers(0, 4))
    clear = data.draw(st.binary(min_size=size, max_size=size))
    iv = data.draw(st.binary(min_size=cipher.block_size, max_size=cipher.block_size))
    assert decrypt(cipher, key, encrypt(cipher, key, clear)) == clear
    assert decrypt_cbc(cipher, key, encrypt_cbc(cipher, key, clear, iv), iv) == clear


def test_cbc_chains_each_block_into_the_next() -> None:
    first, second = bytes(range(8)), bytes(range(8, 16))
    chained = encrypt_cbc(Cipher.TDES, SECRET, first + second)
    one = encrypt(Cipher.TDES, SECRET, first)
    assert chained == one + encrypt(Cipher.TDES, SECRET, xor(one, second))


@given(st.binary(max_size=32))
def test_odd_parity_touches_only_the_lowest_bit(key: bytes) -> None:
    fixed = with_odd_parity(key)
    assert has_odd_parity(fixed)
    assert all((a ^ b) in (0, 1) for a, b in zip(key, fixed, strict=True))


def test_parity_is_odd_only_if_every_byte_is() -> None:
    assert has_odd_parity(SECRET)
    assert not has_odd_parity(SECRET[:-1] + b"\x11")


@pytest.mark.parametrize("work", [encrypt, decrypt, wrap_key, unwrap_key])
def test_a_key_of_a_wrong_length_is_refused_without_showing_it(work: Callable[[Cipher, bytes, bytes], bytes]) -> None:
    with pytest.raises(KeyFault) as failure:
        work(Cipher.TDES, SECRET[:7], bytes(8))
    assert "0123" not in str(failure.value)


def test_a_message_of_broken_blocks_is_refused() -> None:
    with pytest.raises(KeyFault, match="whole TDES blocks"):
        encrypt(Cipher.TDES, SECRET, b"seven b")
