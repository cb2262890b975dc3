"""Clear PIN blocks (ISO 9564-1), made by a PIN pad and opened by a host's security module; nobody else sees one.

A block is the exclusive or of a PIN field (control nibble, PIN length, PIN, fill) and, in most formats, an account
field (PAN12: the rightmost 12 digits of the PAN without the check digit).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from protocol.keys import xor

Entropy: TypeAlias = Callable[[int], bytes]

MIN_PIN_LENGTH = 4
MAX_PIN_LENGTH = 12


class PinBlockFault(ValueError):
    """A PIN, an account number or a block that breaks the format; the message holds no digit of any."""


class PinBlockFormat(StrEnum):
    """The formats whose clear block is enciphered in one piece."""

    ISO_0 = "ISO-0"
    ISO_1 = "ISO-1"
    ISO_2 = "ISO-2"
    ISO_3 = "ISO-3"
    SM4 = "SM4"


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: control nibble, bytes in a block, which nibbles may fill it, and whether the account is mixed in."""

    control: int
    size: int
    fill: str
    with_account: bool


LAYOUTS = {
    PinBlockFormat.ISO_0: Layout(0, 8, "F", with_account=True),
    PinBlockFormat.ISO_1: Layout(1, 8, "0123456789ABCDEF", with_account=False),
    PinBlockFormat.ISO_2: Layout(2, 8, "F", with_account=False),
    PinBlockFormat.ISO_3: Layout(3, 8, "ABCDEF", with_account=True),
    PinBlockFormat.SM4: Layout(0, 16, "F", with_account=True),
}


def pan12(pan: str) -> str:
    """The account digits of a PIN block: the rightmost 12 of `pan` without its check digit. Raises PinBlockFault."""
    if len(pan) < 13 or not _all_digits(pan):
        raise PinBlockFault("the PAN must have at least 13 digits")
    return pan[-13:-1]


def encode(
    pin: str,
    account: str = "",
    fmt: PinBlockFormat = PinBlockFormat.ISO_0,
    entropy: Entropy | None = None,
) -> bytes:
    """The clear block of `pin`. `account` is PAN12; formats 1 and 3 draw their fill from `entropy`.

    Raises PinBlockFault.
    """
    layout = LAYOUTS[fmt]
    if not MIN_PIN_LENGTH <= len(pin) <= MAX_PIN_LENGTH or not _all_digits(pin):
        raise PinBlockFault(f"a PIN has {MIN_PIN_LENGTH} to {MAX_PIN_LENGTH} digits")
    head = f"{layout.control:X}{len(pin):X}{pin}"
    missing = layout.size * 2 - len(head)
    block = bytes.fromhex(head + _fill(layout, missing, entropy))
    return xor(block, _account_field(account, layout)) if layout.with_account else block


def decode(block: bytes, account: str = "", fmt: PinBlockFormat = PinBlockFormat.ISO_0) -> str:
    """The PIN in a clear block. Raises PinBlockFault, as for a block decrypted under the wrong key or for other PAN."""
    layout = LAYOUTS[fmt]
    if len(block) != layout.size:
        raise PinBlockFault(f"a block of {fmt} has {layout.size} bytes, not {len(block)}")
    field = (xor(block, _account_field(account, layout)) if layout.with_account else block).hex().upper()
    length = int(field[1], 16)
    pin, fill = field[2 : 2 + length], field[2 + length :]
    sound = (
        int(field[0], 16) == layout.control
        and MIN_PIN_LENGTH <= length <= MAX_PIN_LENGTH
        and _all_digits(pin)
        and all(nibble in layout.fill for nibble in fill)
    )
    if not sound:
        raise PinBlockFault(f"this is no block of {fmt} for that account")
    return pin


def _account_field(account: str, layout: Layout) -> bytes:
    if len(account) != 12 or not _all_digits(account):
        raise PinBlockFault("the account number of a PIN block is 12 digits")
    return bytes.fromhex(account.rjust(layout.size * 2, "0"))


def _fill(layout: Layout, count: int, entropy: Entropy | None) -> str:
    if len(layout.fill) == 1:
        return layout.fill * count
    if entropy is None:
        raise PinBlockFault("this format needs random fill")
    return "".join(_unbiased(layout.fill, count, entropy))


def _unbiased(letters: str, count: int, entropy: Entropy) -> list[str]:
    """`count` of `letters`, each as likely as any other: bytes above the last whole multiple are thrown away."""
    limit = 256 - 256 % len(letters)
    drawn: list[str] = []
    while len(drawn) < count:
        drawn += [letters[byte % len(letters)] for byte in entropy(count) if byte < limit]
    return drawn[:count]


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
