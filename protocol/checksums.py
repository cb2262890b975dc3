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
