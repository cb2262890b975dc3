from hypothesis import given
from hypothesis import strategies as st

from protocol.checksums import bcc, crc16_kermit, crc16_xmodem, ends_with_crc16_kermit


def test_crc_of_the_standard_check_string() -> None:
    """The catalogue of parametrised CRCs gives 31C3 for CRC-16/XMODEM over the nine digits."""
    assert crc16_xmodem(b"123456789") == 0x31C3


def test_reflected_crc_of_the_standard_check_string() -> None:
    """The catalogue of parametrised CRCs gives 2189 for CRC-16/KERMIT over the nine digits."""
    assert crc16_kermit(b"123456789") == 0x2189


def test_crc_of_the_card_reader_specification() -> None:
    """ASL-NP-09256-01 prints the Initialize command with its check code FA CE."""
    assert crc16_xmodem(bytes.fromhex("F2 00 08 43 30 30 33 32 34 30 30")) == 0xFACE


def test_bcc_of_a_dispenser_status_command() -> None:
    """EOT, ID, STX, STATUS, ETX of the LCDM-2000."""
    assert bcc(bytes.fromhex("04 50 02 46 03")) == 0x13


def test_check_codes_of_nothing_are_zero() -> None:
    assert bcc(b"") == 0
    assert crc16_xmodem(b"") == crc16_kermit(b"") == 0


@given(st.binary(min_size=1, max_size=64), st.data())
def test_one_flipped_bit_is_always_noticed(data: bytes, draw: st.DataObject) -> None:
    index, bit = draw.draw(st.integers(0, len(data) - 1)), draw.draw(st.integers(0, 7))
    flipped = data[:index] + bytes([data[index] ^ 1 << bit]) + data[index + 1 :]
    assert bcc(flipped) != bcc(data)
    assert crc16_xmodem(flipped) != crc16_xmodem(data)
    assert crc16_kermit(flipped) != crc16_kermit(data)


@given(st.binary(max_size=64))
def test_a_message_followed_by_its_own_check_code_leaves_nothing(data: bytes) -> None:
    assert bcc(data + bytes([bcc(data)])) == 0
    assert crc16_xmodem(data + crc16_xmodem(data).to_bytes(2, "big")) == 0
    whole = data + crc16_kermit(data).to_bytes(2, "little")
    assert ends_with_crc16_kermit(whole)
    assert not ends_with_crc16_kermit(whole[:-1] + bytes((whole[-1] ^ 1,)))


@given(st.binary(max_size=600))
def test_check_codes_are_those_of_their_definitions_bit_by_bit(data: bytes) -> None:
    bcc_, kermit = 0, 0
    for byte in data:
        bcc_ ^= byte
        kermit ^= byte
        for _ in range(8):
            kermit = kermit >> 1 ^ (0x8408 if kermit & 1 else 0)
    assert bcc(data) == bcc_
    assert crc16_kermit(data) == kermit
