"""What an ESC/POS printer answers: single status bytes whose meaning depends on the question.

As published in Epson's command reference; checked against no hardware.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TypeAlias, assert_never

from protocol.fast_init import fast_init
from protocol.wire import Event, Noise


class StatusKind(IntEnum):
    """DLE EOT: what is asked."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4


class PrinterBits(IntFlag):
    """Answer to DLE EOT 1."""

    DRAWER = 0x04
    OFFLINE = 0x08
    WAITING_FOR_RECOVERY = 0x20
    FEED_BUTTON = 0x40


class OfflineBits(IntFlag):
    """Answer to DLE EOT 2."""

    COVER_OPEN = 0x04
    FEED_BUTTON = 0x08
    PAPER_END = 0x20
    ERROR = 0x40


class ErrorBits(IntFlag):
    """Answer to DLE EOT 3."""

    RECOVERABLE = 0x04
    CUTTER = 0x08
    UNRECOVERABLE = 0x20
    AUTO_RECOVERABLE = 0x40


class PaperBits(IntFlag):
    """Answer to DLE EOT 4; each sensor sets two bits."""

    NEAR_END = 0x0C
    END = 0x60


class SensorBits(IntFlag):
    """Answer to GS r 1; each sensor sets two bits."""

    NEAR_END = 0x03
    END = 0x0C


class AutomaticCauses(IntFlag):
    """GS a: what makes the printer send its status by itself."""

    DRAWER = 0x01
    ONLINE = 0x02
    ERROR = 0x04
    PAPER = 0x08
    PANEL = 0x40


class StateBits(IntFlag):
    """First byte of the automatic status."""

    DRAWER = 0x04
    OFFLINE = 0x08
    COVER_OPEN = 0x20
    FEEDING = 0x40


class PrinterName(IntEnum):
    """GS I: what a printer says it is."""

    FIRMWARE = 65
    MAKER = 66
    MODEL = 67
    SERIAL = 68


@fast_init
@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """One byte 0xx1xx10; which bits it has depends on the question."""

    value: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class PaperStatus:
    """Answer to GS r 1: everything before it has been printed."""

    sensors: SensorBits
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BuffersCleared:
    """Answer to DLE DC4 8: 37 25 00."""

    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes that come unasked after GS a: 0xx1xx00, 0xx0xxxx, 0xx0xxxx, 0xx0xxxx.

    `waiting`: it waits to be put online again.
    """

    state: StateBits
    errors: ErrorBits
    sensors: SensorBits
    waiting: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class NameReply:
    """Answer to GS I 65 to 68: 5F, at most 80 printable characters, 00. It does not say which was asked for."""

    text: str
    raw: bytes = field(default=b"", compare=False, repr=False)


Reply: TypeAlias = RealTimeStatus | PaperStatus | BuffersCleared | AutomaticStatus | NameReply

_STATE, _STATE_MASK, _FOLLOWS_MASK = 0x10, 0x93, 0x90
_AUTOMATIC = 4

_FIXED, _FIXED_MASK = 0x12, 0x93
_CLEARED = b"\x37\x25\x00"
_NAME = b"\x5f"
LONGEST_NAME = 80
_SENSORS = (0x00, 0x03, 0x0C, 0x0F)


def encode_reply(reply: Reply) -> bytes:
    """The bytes of an answer."""
    match reply:
        case RealTimeStatus(value):
            return bytes([_FIXED | value])
        case PaperStatus(sensors):
            return bytes([sensors])
        case BuffersCleared():
            return _CLEARED
        case AutomaticStatus(state, errors, sensors, waiting):
            return bytes([_STATE | state, errors | waiting, sensors, 0])
        case NameReply(text):
            return _NAME + text.encode("ascii") + b"\0"
        case _:
            assert_never(reply)


def scan_printer(pending: bytes) -> Event[Reply] | None:
    """The answer at the beginning of `pending`."""
    byte, raw = pending[0], pending[:1]
    if byte & _FIXED_MASK == _FIXED:
        return RealTimeStatus(byte & ~_FIXED, raw)
    if _CLEARED.startswith(pending[: len(_CLEARED)]):
        return BuffersCleared(_CLEARED) if len(pending) >= len(_CLEARED) else None
    if byte & _STATE_MASK == _STATE:
        if any(following & _FOLLOWS_MASK for following in pending[1:_AUTOMATIC]):
            return Noise(raw, "an automatic status that breaks off")
        return _automatic(pending[:_AUTOMATIC]) if len(pending) >= _AUTOMATIC else None
    if raw == _NAME:
        return _name(pending)
    if byte in _SENSORS:
        return PaperStatus(SensorBits(byte), raw)
    return Noise(raw, "no status")


def _name(pending: bytes) -> Event[Reply] | None:
    told, end, _ = pending[1 : LONGEST_NAME + 2].partition(b"\0")
    if not told.isascii() or any(byte < 0x20 for byte in told) or len(told) > LONGEST_NAME:
        return Noise(pending[:1], "a name that breaks off")
    return NameReply(told.decode("ascii"), pending[: len(told) + 2]) if end else None


def _automatic(raw: bytes) -> AutomaticStatus:
    state, errors, sensors = StateBits(raw[0] & ~_STATE), ErrorBits(raw[1] & 0x6C), SensorBits(raw[2] & 0x0F)
    return AutomaticStatus(state, errors, sensors, bool(raw[1] & 1), raw)
