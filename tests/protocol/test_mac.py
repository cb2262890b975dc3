import warnings
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.keys import Cipher, encrypt, xor
from protocol.mac import Padding, cbc_mac, pad, retail_mac, unionpay_ecb, unionpay_fold, x9_9
from tests.vectors import Vector, load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the oracle imports TripleDES from where cryptography no longer wants it
    from psec import mac as oracle


def padding(vector: Vector) -> Padding:
    return Padding(vector.fields["padding"])


COMPUTE: dict[str, Callable[[Vector, bytes, bytes], bytes]] = {
    "cbc": lambda vector, key, data: cbc_mac(Cipher(vector.fields["cipher"]), key, data, padding(vector)),
    "retail": lambda vector, key, data: retail_mac(key, data, padding(vector)),
    "x9.9": lambda _, key, data: x9_9(key, data),
    "unionpay": lambda vector, key, data: unionpay_ecb(key, data, Cipher(vector.fields["cipher"])),
}


@pytest.mark.parametrize("vector", load("mac"), ids=str)
def test_macs_match_the_vectors(vector: Vector) -> None:
    compute = COMPUTE[vector.fields["algorithm"]]
    assert compute(vector, bytes.fromhex(vector.fields["key"]), bytes.fromhex(vector.fields["data"])) == vector.data


@pytest.mark.parametrize("vector", [v for v in load("mac") if "folded" in v.fields], ids=str)
def test_the_unionpay_way_folds_the_message_into_hexadecimal_characters(vector: Vector) -> None:
    size = Cipher(vector.fields["cipher"]).block_size
    assert unionpay_fold(bytes.fromhex(vector.fields["data"]), size) == vector.fields["folded"].encode()


METHODS = [(1, Padding.ZEROS), (2, Padding.ONE_AND_ZEROS)]


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=100), st.sampled_from(METHODS))
def test_an_independent_library_makes_the_same_macs(key: bytes, data: bytes, method: tuple[int, Padding]) -> None:
    number, ours = method
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        retail = oracle.generate_retail_mac(key[:8], key[8:], data, number)
        plain = oracle.generate_cbc_mac(key, data, number)
    assert retail_mac(key, data, ours) == retail
    assert cbc_mac(Cipher.TDES, key, data, ours) == plain


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=64))
def test_the_unionpay_way_is_two_encryptions_of_the_folded_halves(key: bytes, data: bytes) -> None:
    folded = unionpay_fold(data)
    first = encrypt(Cipher.TDES, key, folded[:8])
    second = encrypt(Cipher.TDES, key, xor(first, folded[8:]))
    assert unionpay_ecb(key, data) == second.hex().upper()[:8].encode()


def test_a_retail_mac_with_one_half_is_the_plain_one() -> None:
    key = bytes.fromhex("0123456789ABCDEF")
    assert retail_mac(key, b"some message") == x9_9(key, b"some message")


def test_an_empty_message_still_fills_one_block() -> None:
    assert pad(b"", 8) == bytes(8)
    assert pad(b"", 8, Padding.ONE_AND_ZEROS) == b"\x80" + bytes(7)


def test_one_and_zeros_tells_a_trailing_zero_from_padding() -> None:
    assert pad(b"seven b", 8) == pad(b"seven b\0", 8)
    assert pad(b"seven b", 8, Padding.ONE_AND_ZEROS) != pad(b"seven b\0", 8, Padding.ONE_AND_ZEROS)
