"""What a host and a Fujitsu F53 or F56 say to each other, as values; `fujitsu_f56` has their bytes.

`RetrieveRequest`, `RetrieveReply` and `ShutterRequest` (commands F0 and F1) are an extension of this project: how the
maker's units are asked for this is not publicly known, and none of them knows these commands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from protocol.fast_init import fast_init
from protocol.fujitsu_f56_codes import CASSETTES, Code, words
from protocol.wire import Control

MAX_NOTES = 99
"""Of one cassette: two digits."""
POLYMER = 0x40
"""Bit of ODR; the others are options of the shutter, with values that nobody has published."""
COUNT_MARK = 0xE4
"""First parameter of a count, the same in every capture."""


class Command(IntEnum):
    """DH1; the first two follow DH0 00, all others DH0 60."""

    STATUS = 0x01
    CANCEL = 0x10
    INITIALISE = 0x02
    COUNT = 0x03
    TRANSPORT = 0x05
    COUNT_AND_TRANSPORT = 0x09
    LOG_CLEAR = 0x12
    RETRIEVE = 0xF0
    SHUTTER = 0xF1


class Area(IntEnum):
    """Where RETRIEVE brings notes."""

    CAPTURE_BOX = 0x01
    REJECT_BOX = 0x02


@fast_init
@dataclass(frozen=True, slots=True)
class Bill:
    """What INITIALISE tells about the notes of a cassette: lengths in mm, thickness in 0.01 mm; all 0: no cassette."""

    longest: int = 0
    shortest: int = 0
    thickness: int = 0


NO_BILL: Final = Bill()


@fast_init
@dataclass(frozen=True, slots=True)
class StatusRequest:
    """STATUS; the extended form is 60 01 FF 00 00 01 00."""

    extended: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Frees a device that owes a response; what else it does is unknown."""

    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class InitialiseRequest:
    """INITIALISE: four bills, in the extended form eight (that the last four are there is inferred)."""

    bills: tuple[Bill, ...] = (NO_BILL,) * CASSETTES
    odr: int = 0
    extended: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class CountRequest:
    """COUNT, or COUNT AND TRANSPORT: notes, permitted rejects and pick retries of each of four cassettes."""

    notes: tuple[int, ...]
    rejects: tuple[int, ...]
    retries: tuple[int, ...]
    transport: bool = False
    extended: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class TransportRequest:
    """TRANSPORT to an exit: 1 is the front; the value for the rear is unknown."""

    exit: int = 1
    extended: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class LogClearRequest:
    """LOG CLEAR with 36 characters of text."""

    text: bytes
    extended: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class RetrieveRequest:
    """RETRIEVE notes into an area. Extension of this project."""

    area: Area
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class ShutterRequest:
    """Open or close the SHUTTER. Extension of this project."""

    open: bool
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class BadRequest:
    """A good text that is no request; `error` is what a device answers. `data` is the whole DATA."""

    data: bytes
    error: Code
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def command(self) -> int:
        """DH1."""
        return self.data[1]


Request: TypeAlias = (
    StatusRequest
    | CancelRequest
    | InitialiseRequest
    | CountRequest
    | TransportRequest
    | LogClearRequest
    | RetrieveRequest
    | ShutterRequest
    | BadRequest
)


@fast_init
@dataclass(frozen=True, slots=True)
class Common:
    """What every response has: how it ended and what the sensors see. `cassettes` are four bytes, see `is_set`."""

    error: int = Code.GOOD
    additional: int = 0
    address: bytes = bytes(2)
    register: bytes = bytes(3)
    sensors: bytes = bytes(6)
    cassettes: bytes = bytes(CASSETTES)

    @property
    def notes_at_exit(self) -> bool:
        """Notes stand at the outlet (one driver, in production use)."""
        return self.sees(NOTES_AT_EXIT)

    def sees(self, sensor: int) -> bool:
        """One bit of the sensor register, counted from 0, byte by byte from the lowest."""
        return bool(self.sensors[sensor // 8] & 1 << sensor % 8)

    def is_set(self, position: int) -> bool:
        """Whether the cassette at `position` (1 to 4) is in its place."""
        return bool(self.cassettes[position - 1] & _SET)

    @property
    def words(self) -> str:
        """How it ended."""
        return words(self.error, self.additional)


NOTES_AT_EXIT: Final = 20
"""The one bit of the sensor register whose meaning is known: bit 4 of its third byte."""
SENSOR_BITS: Final = 48
_SET = 0x80


def check_shutter_bit(bit: int) -> None:
    """Raises ValueError for what can't be the bit of a closed shutter."""
    if not 0 <= bit < SENSOR_BITS or bit == NOTES_AT_EXIT:
        raise ValueError(
            f"shutter_closed_bit: 0 to {SENSOR_BITS - 1}, and not {NOTES_AT_EXIT}, which tells notes at the exit"
        )


def sensor_register(seen: Iterable[int]) -> bytes:
    """The sensor register in which these bits are set."""
    return sum(1 << sensor for sensor in set(seen)).to_bytes(SENSOR_BITS // 8, "little")


def cassette_register(magnets: Iterable[int | None]) -> bytes:
    """The cassette register from the magnet code of each cassette; None where no cassette is."""
    return bytes(0 if magnet is None else _SET | magnet & 0x0F for magnet in magnets)


@fast_init
@dataclass(frozen=True, slots=True)
class PlainReply:
    """A response of which nobody reads more than the common part: to STATUS, TRANSPORT, LOG CLEAR, SHUTTER, errors."""

    command: int
    good: bool
    common: Common = Common()
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class InitialiseReply:
    """Response to INITIALISE with the levels of `SENSORS`: to 8 normal, to 12 clean them, above replace them."""

    good: bool
    levels: tuple[int, ...]
    common: Common = Common()
    raw: bytes = field(default=b"", compare=False, repr=False)


SENSORS: Final = (
    *(f"FDLS{number}" for number in range(1, 7)),
    *("DFSS", "REJS", "BPS", "BRS1", "BRS2", "BRS3", "EJSR", "EJSF", "BCS"),
)
CLEAN_ABOVE: Final = 8
REPLACE_ABOVE: Final = 12


@fast_init
@dataclass(frozen=True, slots=True)
class Moved:
    """Notes of one cassette in a count."""

    dispensed: int = 0
    rejected: int = 0


@fast_init
@dataclass(frozen=True, slots=True)
class CountReply:
    """Response to COUNT and COUNT AND TRANSPORT; after an error with the true partial counts."""

    command: Command
    good: bool
    cassettes: tuple[Moved, ...] = (Moved(),) * CASSETTES
    common: Common = Common()
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class RetrieveReply:
    """Response to RETRIEVE; `notes` None: not counted. Extension of this project."""

    good: bool
    notes: int | None
    common: Common = Common()
    raw: bytes = field(default=b"", compare=False, repr=False)


Reply: TypeAlias = PlainReply | InitialiseReply | CountReply | RetrieveReply
Message: TypeAlias = Control | Request | Reply
