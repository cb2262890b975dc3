"""Clear PIN blocks inside the simulated PIN pad: the formats of ISO 9564, and the two without an account.

Of IBM 3624 and ASCII only the names are known from the field: PIN digits from the left, as nibbles or as characters,
then the fill byte of the controls.
"""

from collections.abc import Callable

from protocol.pin_block import PinBlockFault, PinBlockFormat, encode
from protocol.szzt_zt598_tables import PinFormat, Rtn
from simulators.devices.szzt_zt598_refusal import PadRefuses

BLOCK = 8
ISO_FORMATS = {
    PinFormat.ISO_0: PinBlockFormat.ISO_0,
    PinFormat.ISO_1: PinBlockFormat.ISO_1,
    PinFormat.ISO_2: PinBlockFormat.ISO_2,
    PinFormat.ISO_3: PinBlockFormat.ISO_3,
}


def clear_block(pin: str, account: str, fmt: int, fill: int, entropy: Callable[[int], bytes]) -> bytes:
    """Eight bytes. Raises PadRefuses for a format, an account or a PIN that gives none."""
    match fmt:
        case PinFormat.IBM_3624:
            return _filled(bytes.fromhex(pin + f"{fill & 0x0F:X}" * (len(pin) % 2)), fill)
        case PinFormat.ASCII:
            return _filled(pin.encode(), fill)
        case PinFormat.ISO_0 | PinFormat.ISO_1 | PinFormat.ISO_2 | PinFormat.ISO_3:
            return iso_block(pin, account, ISO_FORMATS[PinFormat(fmt)], entropy)
        case _:  # TWO_ACCOUNTS too: nobody tells what it is made of
            raise PadRefuses(Rtn.ILLEGAL_DATA)


def iso_block(pin: str, account: str, fmt: PinBlockFormat, entropy: Callable[[int], bytes]) -> bytes:
    """A block of ISO 9564 or its SM4 counterpart. Raises PadRefuses."""
    try:
        return encode(pin, account, fmt, entropy)
    except PinBlockFault:
        raise PadRefuses(Rtn.ILLEGAL_DATA) from None


def _filled(head: bytes, fill: int) -> bytes:
    if len(head) > BLOCK:
        raise PadRefuses(Rtn.ILLEGAL_DATA)
    return head.ljust(BLOCK, bytes([fill]))
