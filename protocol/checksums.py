"""Check codes of the device frames."""

from binascii import crc_hqx


def bcc(data: bytes) -> int:
    """Block check character: XOR of all bytes (Puloon LCDM, SZZT ZT598)."""
    # As one number, folded in halves until a byte is left.
    folded = int.from_bytes(data, "big")
    half = 4 << len(data).bit_length()
    while half >= 8:
        folded ^= folded >> half
        half >>= 1
    return folded & 0xFF


def crc16_xmodem(data: bytes) -> int:
    """CRC-16, polynomial 1021, initial value 0, not reflected (Sankyo ICT3Q8; ASL-NP-09256-01)."""
    return crc_hqx(data, 0)


def crc16_kermit(data: bytes) -> int:
    """CRC-16, polynomial 1021 reflected, initial value 0, no final XOR (Fujitsu F53/F56, drivers in the field)."""
    # The same polynomial as XMODEM's, with the bits of every byte and of the result in the other order.
    mirrored = crc_hqx(data.translate(_MIRRORED), 0).to_bytes(2, "little")
    return int.from_bytes(mirrored.translate(_MIRRORED), "big")


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
