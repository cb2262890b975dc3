"""What can happen to a reply of the simulated PIN pad on its way."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from protocol.szzt_zt598_tables import KeyCode, Rtn


class ReplyFault(StrEnum):
    """How a reply is spoilt; the command was carried out."""

    LOST = "lost"
    BAD_LRC = "bad LRC"
    KEY_BEFORE = "key before"
    KEY_INSIDE = "key inside"


@dataclass(frozen=True, slots=True)
class Late:
    """The reply, and all that follows it, comes so many seconds late."""

    seconds: float


Fault: TypeAlias = ReplyFault | Late | Rtn
"""An Rtn refuses the command instead."""


def spoilt(frame: bytes, fault: Fault | None) -> bytes:
    """What is left of a reply."""
    match fault:
        case ReplyFault.LOST:
            return b""
        case ReplyFault.BAD_LRC:
            return frame[:-1] + (b"0" if frame[-1:] != b"0" else b"1")
        case ReplyFault.KEY_BEFORE:
            return bytes([KeyCode.STAR]) + frame
        case ReplyFault.KEY_INSIDE:
            return frame[:6] + bytes([KeyCode.STAR]) + frame[6:]
        case _:
            return frame
