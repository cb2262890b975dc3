"""What a trace is played in: one line a model. How its bytes are read, and how hidden ones can be filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.link import LineSettings
from drivers.registry import MODELS
from drivers.trace_file import HOST_MODEL
from protocol.checksums import bcc, crc16_kermit, crc16_xmodem
from protocol.money_line import MONEY_LINE
from protocol.wire import WireFormat

NO_MESSAGE_FILLER: Final = 0xFF
"""Stands for hidden bytes of what was noise: no format begins a message with it."""


class NoDialect(LookupError):
    """Nobody knows how to read this model's line; the message lists those that can be read."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A wire format with what stands for a hidden byte, and how a filled frame gets its check code (`check` bytes)."""

    wire: WireFormat
    line: LineSettings
    filler: int = 0x00
    check: int = 0
    seal: Callable[[bytes], bytes] = lambda frame: frame


def _crc(frame: bytes) -> bytes:
    return frame[:-2] + crc16_xmodem(frame[:-2]).to_bytes(2, "big")


def _kermit(frame: bytes) -> bytes:
    return frame[:-2] + crc16_kermit(frame[2:-2]).to_bytes(2, "little")


def _bcc(frame: bytes) -> bytes:
    return frame[:-1] + bytes((bcc(frame[:-1]),))


def _lrc(frame: bytes) -> bytes:
    """Two hexadecimal characters; a lone key has none."""
    return frame[:-2] + b"%02X" % bcc(frame[1:-2]) if len(frame) > 2 else frame


_FILLED: Final[Mapping[str, tuple[int, int, Callable[[bytes], bytes]]]] = {
    "sankyo-ict3q8": (0x00, 2, _crc),
    "szzt-zt598": (0x30, 2, _lrc),
    "puloon-lcdm-2000": (0x30, 1, _bcc),
    "puloon-lcdm-4000": (0x30, 1, _bcc),
    "fujitsu-f56": (0x00, 2, _kermit),
}
"""The filler, the size of the check code, how it is made; other models get zeros and are left as they are."""


def dialect(model: str) -> Dialect:
    """The dialect of a model of `drivers.registry`, or of the host's line. Raises NoDialect."""
    if model == HOST_MODEL:
        return Dialect(MONEY_LINE, LineSettings())
    if model not in MODELS:
        raise NoDialect(f"there is no model {model!r}; there is {', '.join([*MODELS, HOST_MODEL])}")
    entry = MODELS[model]
    if model in _FILLED:
        return Dialect(entry.wire, entry.line, *_FILLED[model])
    return Dialect(entry.wire, entry.line)
