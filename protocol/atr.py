"""The answer to reset of a chip card (ISO 7816-3), and the rules EMV adds to it."""

from dataclasses import dataclass

from protocol.checksums import bcc
from protocol.wire import RemoteProtocolError

MAX_LENGTH = 65


@dataclass(frozen=True, slots=True)
class InterfaceBytes:
    """TAi TBi TCi TDi of one group; None where the byte is absent."""

    ta: int | None = None
    tb: int | None = None
    tc: int | None = None
    td: int | None = None


@dataclass(frozen=True, slots=True)
class Atr:
    """An answer to reset, taken apart; `groups[0]` holds TA1 to TD1."""

    raw: bytes
    groups: tuple[InterfaceBytes, ...]
    historical: bytes

    @property
    def protocols(self) -> tuple[int, ...]:
        """The T values offered, in order; T=0 when none is named."""
        return tuple(group.td & 0x0F for group in self.groups if group.td is not None) or (0,)


def parse_atr(raw: bytes) -> Atr:
    """Take an ATR apart. Raises RemoteProtocolError when it breaks ISO 7816-3."""
    if not 2 <= len(raw) <= MAX_LENGTH or raw[0] not in (0x3B, 0x3F):
        raise RemoteProtocolError(f"an ATR of {len(raw)} bytes beginning with {raw[:1].hex()}")
    at, presence, historical_count = 2, raw[1] >> 4, raw[1] & 0x0F
    groups: list[InterfaceBytes] = []
    while True:
        values: list[int | None] = []
        for bit in range(4):
            values.append(raw[at] if presence >> bit & 1 and at < len(raw) else None)
            at += presence >> bit & 1
        groups.append(InterfaceBytes(*values))
        td = values[3]
        if td is None:
            break
        presence = td >> 4
    check_expected = any(group.td is not None and group.td & 0x0F for group in groups)
    if len(raw) != at + historical_count + check_expected:
        raise RemoteProtocolError(f"an ATR of {len(raw)} bytes that announces {at + historical_count + check_expected}")
    if check_expected and bcc(raw[1:]):
        raise RemoteProtocolError("an ATR with a wrong check byte")
    return Atr(raw, tuple(groups), raw[at : at + historical_count])


def emv_violation(atr: Atr, *, cold: bool = True) -> str | None:
    """Why a reader in EMV mode refuses this ATR, or None (EMV Book 1, section 8.3)."""
    first = atr.groups[0]
    second = atr.groups[1] if len(atr.groups) > 1 else InterfaceBytes()
    third = atr.groups[2] if len(atr.groups) > 2 else InterfaceBytes()
    guard_time = -1 if first.tc == 0xFF else first.tc or 0
    rules: tuple[tuple[bool, str], ...] = (
        (cold and first.tb != 0, "TB1 is not 00"),
        (first.td is not None and first.td & 0x0F > 1, "TD1 names neither T=0 nor T=1"),
        (second.ta is not None and bool(second.ta & 0x10), "TA2 asks for implicit parameters"),
        (
            second.ta is not None and first.td is not None and second.ta & 0x0F != first.td & 0x0F,
            "TA2 and TD1 name different protocols",
        ),
        (second.tb is not None, "TB2 is present"),
        (second.tc == 0, "TC2 is 00"),
        (second.td is not None and second.td & 0x0F not in (0x1, 0xE), "TD2 names neither T=1 nor T=14"),
        (third.ta is not None and not 0x10 <= third.ta <= 0xFE, "TA3 is out of range"),
        (third.tb is not None and (third.tb >> 4 > 4 or third.tb & 0x0F > 5), "TB3 is out of range"),
        (third.tb is not None and 1 << (third.tb & 0x0F) <= guard_time + 1, "TB3 waits for less than TC1 asks"),
        (third.tc not in (None, 0), "TC3 is not 00"),
    )
    return next((reason for broken, reason in rules if broken), None)
