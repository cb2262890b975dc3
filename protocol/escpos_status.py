"""What an ESC/POS printer answers: single status bytes whose meaning depends on the question.

As published in Epson's command reference; checked against no hardware.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TypeAlias, assert_never

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


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """One byte 0xx1xx10; which bits it has depends on the question."""

    value: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PaperStatus:
    """Answer to GS r 1: everything before it has been printed."""

    sensors: SensorBits
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BuffersCleared:
    """Answer to DLE DC4 8: 37 25 00."""

    raw: bytes = field(default=b"", compare=False, repr=False)


Reply: TypeAlias = RealTimeStatus | PaperStatus | BuffersCleared

_FIXED, _FIXED_MASK = 0x12, 0x93
_CLEARED = b"\x37\x25\x00"
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
        case _:
            assert_never(reply)


def scan_printer(pending: bytes) -> Event[Reply] | None:
    """The answer at the beginning of `pending`."""
    byte, raw = pending[0], pending[:1]
    if byte & _FIXED_MASK == _FIXED:
        return RealTimeStatus(byte & ~_FIXED, raw)
    if _CLEARED.startswith(pending[: len(_CLEARED)]):
        return BuffersCleared(_CLEARED) if len(pending) >= len(_CLEARED) else None
    if byte in _SENSORS:
        return PaperStatus(SensorBits(byte), raw)
    return Noise(raw, "no status")
