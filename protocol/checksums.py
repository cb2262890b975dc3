"""Check codes of the device frames."""

from binascii import crc_hqx


def bcc(data: bytes) -> int:
    """Block check character: XOR of all bytes (Puloon LCDM, SZZT ZT598)."""
    # As one number, folded in halves until a byte is left.
    folded = int.from_bytes(data, "big")
    if len(data) > 32:
        half = 4 << len(data).bit_length()
        while half > 128:
            folded ^= folded >> half
            half >>= 1
    folded ^= folded >> 128
    folded ^= folded >> 64
    folded ^= folded >> 32
    folded ^= folded >> 16
    return (folded ^ folded >> 8) & 0xFF


def crc16_xmodem(data: bytes) -> int:
    """CRC-16, polynomial 1021, initial value 0, not reflected (Sankyo ICT3Q8; ASL-NP-09256-01)."""
    return crc_hqx(data, 0)


def crc16_kermit(data: bytes) -> int:
    """CRC-16, polynomial 1021 reflected, initial value 0, no final XOR (Fujitsu F53/F56, drivers in the field)."""
    # The same polynomial as XMODEM's, with the bits of every byte and of the result in the other order.
    mirrored = crc_hqx(data.translate(_MIRRORED), 0)
    return _MIRRORED[mirrored & 0xFF] << 8 | _MIRRORED[mirrored >> 8]


def ends_with_crc16_kermit(data: bytes) -> bool:
    """Whether the last two bytes are the CRC of those before, low byte first: over them all nothing is left."""
    return not crc_hqx(data.translate(_MIRRORED), 0)


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
