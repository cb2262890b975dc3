"""Sankyo ICT3Q8: what one simulated unit is like, and the words for its states."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.sankyo_ict3q8 import ChipReply
from protocol.sankyo_ict3q8_codes import ErrorCode


@dataclass(frozen=True, slots=True)
class SankyoIct3q8Options:
    """One unit. Durations are seconds, sizes millimetres.

    `strict`: eject and capture refuse a card that already stands at the gate; the specification can be read so.
    `chip_auto_px`: px of an automatic chip exchange; the vendor's charts say 4, his host logic takes 3 too.
    """

    strict: bool = False
    chip_auto_px: str = ChipReply.T1
    firmware: str = "2345-01A"
    type_code: str = "1110100000000000"
    capture_box: bool = True
    intake: float = 1.0
    eject: float = 0.7
    capture: float = 0.9
    retrieve: float = 0.7
    to_chip: float = 0.4
    contact: float = 0.1
    reread: float = 0.8
    self_test: float = 0.6
    chip_reset: float = 0.08
    chip_byte: float = 0.001
    reply_ack: float = 0.3
    gap: float = 0.25
    shortest_card: float = 78.0
    longest_card: float = 92.0


class Place(StrEnum):
    """Where the card in the reader is."""

    GATE = "gate"
    INSIDE = "inside"
    CHIP = "chip contact"


class Slot(StrEnum):
    """Which cards the reader takes in by itself."""

    DISABLED = "disabled"
    ANY = "any card"
    MAGNETIC = "magnetic cards"


class Motion(StrEnum):
    """The movements that can be made to fail."""

    INTAKE = "intake"
    EJECT = "eject"
    CAPTURE = "capture"
    RETRIEVE = "retrieve"
    TO_CHIP = "to the chip contact"


class Refusal(Exception):
    """The command in hand ends with a negative reply."""

    def __init__(self, error: ErrorCode, data: bytes = b"") -> None:
        self.error = error
        self.data = data
        super().__init__(error.meaning)
