"""Check codes of the device frames."""

from binascii import crc_hqx
from functools import reduce
from operator import xor


def bcc(data: bytes) -> int:
    """Block check character: XOR of all bytes (Puloon LCDM, SZZT ZT598)."""
    return reduce(xor, data, 0)


def crc16_xmodem(data: bytes) -> int:
    """CRC-16, polynomial 1021, initial value 0, not reflected (Sankyo ICT3Q8; ASL-NP-09256-01)."""
    return crc_hqx(data, 0)


def crc16_kermit(data: bytes) -> int:
    """CRC-16, polynomial 1021 reflected, initial value 0, no final XOR (Fujitsu F53/F56, drivers in the field)."""
    return reduce(lambda crc, byte: crc >> 8 ^ _KERMIT[(crc ^ byte) & 0xFF], data, 0)


def _kermit_entry(index: int) -> int:
    for _ in range(8):
        index = index >> 1 ^ (0x8408 if index & 1 else 0)
    return index


_KERMIT = tuple(map(_kermit_entry, range(256)))
