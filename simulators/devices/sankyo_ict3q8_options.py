"""Sankyo ICT3Q8: what one simulated unit is like, and the words for its states."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.sankyo_ict3q8_chip import SAM_SOCKETS, ChipReply
from protocol.sankyo_ict3q8_codes import Dialect, ErrorCode


class WriteOption(StrEnum):
    """Which stripes a unit can write."""

    NONE = "none"
    LOW = "low coercivity"
    HIGH = "low and high coercivity"


@dataclass(frozen=True, slots=True)
class SankyoIct3q8Options:
    """One unit. Durations are seconds, sizes millimetres.

    `strict`: eject and capture refuse a card that already stands at the gate (the specification can be read so), and a
    card that was ejected with extra protrusion can't be retrieved.
    `chip_auto_px`: px of an automatic chip exchange; the vendor's charts say 4, his host logic takes 3 too.
    `chip_station` False is the MCT3Q8. `sams` sockets hold a SAM. `type_code` empty: after what the unit has.
    `performance_log`: answers `CfA` and `CfC`, which the specification does not have.
    `pace`: every movement takes so many times its duration. `box_room`: cards that fit into the capture box.
    """

    dialect: Dialect = Dialect.ICT3Q8
    strict: bool = False
    chip_auto_px: str = ChipReply.T1
    firmware: str = "2345-01A"
    emv_library: str = "2345-01A"
    supervisor: str = "2345-01A"
    type_code: str = ""
    chip_station: bool = True
    write: WriteOption = WriteOption.NONE
    sams: int = 0
    performance_log: bool = False
    capture_box: bool = True
    box_room: int = 100
    pace: float = 1.0
    intake: float = 1.0
    eject: float = 0.7
    capture: float = 0.9
    retrieve: float = 0.7
    to_chip: float = 0.4
    contact: float = 0.1
    reread: float = 0.8
    write_pass: float = 1.6
    rear_entry: float = 10.0
    self_test: float = 0.6
    calibration: float = 2.0
    chip_reset: float = 0.08
    chip_byte: float = 0.001
    reply_ack: float = 0.3
    gap: float = 0.25
    contact_hold: float = 1.0
    offer_at_power_down: float = 30.0
    shortest_card: float = 78.0
    longest_card: float = 92.0

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not 0 <= self.sams <= len(SAM_SOCKETS):
            raise ValueError(f"sams: a unit has 0 to {len(SAM_SOCKETS)} of them, not {self.sams}")
        if self.pace <= 0:
            raise ValueError("pace: must be above 0")
        if len(self.type_code) not in (0, 16):
            raise ValueError("type_code: 16 characters, or none")


class Place(StrEnum):
    """Where a card is; the places of the reader's custody of cards."""

    HAND = "hand"
    SLOT = "slot"
    """Pushed into the slot and still within the holder's grip."""
    GATE = "gate"
    THROAT = "throat"
    """Stopped between gate and transport, out of everyone's reach."""
    INSIDE = "inside"
    CHIP = "chip contact"
    BOX = "capture box"
    CABINET = "cabinet"
    """Fell out behind a reader without a capture box."""


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
    STRIPE = "along the stripe head"


class Shutter(StrEnum):
    """How the shutter is."""

    WORKS = "works"
    STUCK_CLOSED = "stuck closed"
    STUCK_OPEN = "stuck open"


class Refusal(Exception):
    """The command in hand ends with a negative reply."""

    def __init__(self, error: str, data: bytes = b"") -> None:
        self.error = error
        self.data = data
        super().__init__(error.meaning if isinstance(error, ErrorCode) else error)
