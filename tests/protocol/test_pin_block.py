import warnings
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.keys import Cipher, encrypt
from protocol.pin_block import LAYOUTS, PinBlockFault, PinBlockFormat, decode, encode, pan12
from tests.vectors import Vector, load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the oracle imports TripleDES from where cryptography no longer wants it
    from psec import pinblock as oracle

pins = st.text("0123456789", min_size=4, max_size=12)
accounts = st.text("0123456789", min_size=12, max_size=12)


def entropy(size: int) -> bytes:
    return bytes(range(size))


@pytest.mark.parametrize("vector", [v for v in load("pin_block") if "fill" not in v.fields], ids=str)
def test_blocks_match_the_vectors(vector: Vector) -> None:
    fmt = PinBlockFormat(vector.fields["format"])
    assert encode(vector.fields["pin"], vector.fields["account"], fmt) == vector.data
    assert decode(vector.data, vector.fields["account"], fmt) == vector.fields["pin"]


def test_format_3_fills_with_random_letters() -> None:
    (vector,) = [v for v in load("pin_block") if "fill" in v.fields]
    fill = bytes("ABCDEF".index(letter) for letter in vector.fields["fill"])
    block = encode(vector.fields["pin"], vector.fields["account"], PinBlockFormat.ISO_3, lambda _: fill)
    assert block == vector.data


@pytest.mark.parametrize("vector", [v for v in load("pin_block") if "enciphered" in v.fields], ids=str)
def test_enciphered_blocks_match_the_vectors(vector: Vector) -> None:
    key = bytes.fromhex(vector.fields["key"])
    assert encrypt(Cipher(vector.fields["cipher"]), key, vector.data).hex().upper() == vector.fields["enciphered"]


@given(pins, accounts, st.sampled_from(list(PinBlockFormat)))
def test_a_block_gives_its_pin_back(pin: str, account: str, fmt: PinBlockFormat) -> None:
    block = encode(pin, account, fmt, entropy)
    assert len(block) == LAYOUTS[fmt].size
    assert decode(block, account, fmt) == pin


@given(pins, accounts)
def test_an_independent_library_makes_and_reads_the_same_blocks(pin: str, account: str) -> None:
    pan = f"{account}0"
    assert encode(pin, account) == oracle.encode_pinblock_iso_0(pin, pan)
    assert encode(pin, fmt=PinBlockFormat.ISO_2) == oracle.encode_pinblock_iso_2(pin)
    assert oracle.decode_pinblock_iso_3(encode(pin, account, PinBlockFormat.ISO_3, entropy), pan) == pin


@given(pins, accounts, accounts)
def test_a_block_never_gives_the_pin_for_another_account(pin: str, account: str, other: str) -> None:
    if account == other:
        return
    with suppress(PinBlockFault):
        assert decode(encode(pin, account), other) != pin


def test_random_fill_throws_away_bytes_that_would_favour_some_letters() -> None:
    """256 is no multiple of six: bytes from 252 on would make A to D likelier."""
    draws = count(254)
    block = encode(
        "123456789012", "0" * 12, PinBlockFormat.ISO_3, lambda size: bytes(next(draws) % 256 for _ in range(size))
    )
    assert block.hex().upper().endswith("AB")


def test_pan12_leaves_out_the_check_digit() -> None:
    assert pan12("6299991234567890122") == "123456789012"
    assert pan12("4012345678909") == "401234567890"


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "", "١٢٣٤"])
def test_what_is_no_pin_is_refused_without_showing_it(pin: str) -> None:
    with pytest.raises(PinBlockFault) as failure:
        encode(pin, "123456789012")
    assert not pin or pin not in str(failure.value)


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("141226CBA9876FED", "control nibble"),
        ("031226CBA9876FED", "length"),
        ("0412E6CBA9876FED", "a letter among the digits, or a digit in the fill"),
        ("041226CBA9876FE0", "fill"),
        ("041226CBA9876F", "size"),
    ],
)
def test_a_spoilt_block_is_refused(block: str, why: str) -> None:
    with pytest.raises(PinBlockFault):
        decode(bytes.fromhex(block), "123456789012")


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x"])
def test_an_account_that_is_not_twelve_digits_is_refused(account: str) -> None:
    with pytest.raises(PinBlockFault, match="12 digits"):
        encode("1234", account)


def test_a_short_pan_has_no_pan12() -> None:
    with pytest.raises(PinBlockFault):
        pan12("123456789012")


def test_random_fill_needs_a_source_of_randomness() -> None:
    with pytest.raises(PinBlockFault, match="random fill"):
        encode("1234", fmt=PinBlockFormat.ISO_1)
