"""Puloon LCDM-2000 (device ID 50): an upper and a lower cassette, no presenter, no memory of its last dispense.

Source: LCDM-1000T interface specification V3.3T(INT) for what both models share; the commands of the lower cassette
and the sensors are as drivers in the field read them. Counts are ASCII decimal digits, tens first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from functools import cache, lru_cache
from struct import Struct
from typing import TypeAlias

from protocol.fast_init import fast_init
from protocol.puloon_lcdm_frame import SHORT_REPLY, command_frame, response_frame, scan_commands, scan_responses
from protocol.wire import Control, Decoder, LocalProtocolError

DEVICE_ID = 0x50
MAX_NOTES = 60
"""Notes per cassette and command (specification; above it the device answers NOTE_REQUEST)."""


class Command(IntEnum):
    """Command bytes."""

    PURGE = 0x44
    DISPENSE_UPPER = 0x45
    STATUS = 0x46
    ROM_VERSION = 0x47
    DISPENSE_LOWER = 0x55
    DISPENSE_BOTH = 0x56
    TEST_UPPER = 0x76
    TEST_LOWER = 0x77


REQUEST_COUNTS = {Command.DISPENSE_UPPER: 1, Command.DISPENSE_LOWER: 1, Command.DISPENSE_BOTH: 2}
"""How many two-digit counts a command carries; the others carry none."""


class ErrorCode(IntEnum):
    """Error byte of a response; both GOOD and NORMAL_STOP are success."""

    GOOD = 0x30
    NORMAL_STOP = 0x31
    PICK_UP_ERROR = 0x32
    JAM_AT_CHK_1_2 = 0x33
    OVERFLOW_BILL = 0x34
    JAM_AT_EXIT_OR_EJT = 0x35
    JAM_AT_DIV = 0x36
    UNDEFINED_COMMAND = 0x37
    UPPER_BILL_END = 0x38
    COUNTING_ERROR_CHK_3_4_TO_DIV = 0x3A
    NOTE_REQUEST_ERROR = 0x3B
    COUNTING_ERROR_DIV_TO_EJT = 0x3C
    COUNTING_ERROR_EJT_TO_EXIT = 0x3D
    REJECT_TRAY_NOT_RECOGNISED = 0x3F
    LOWER_BILL_END = 0x40
    MOTOR_STOP = 0x41
    JAM_AT_DIV_MOTOR = 0x42
    TIMEOUT_DIV_TO_EJT = 0x43
    OVER_REJECT = 0x44
    UPPER_CASSETTE_NOT_RECOGNISED = 0x45
    LOWER_CASSETTE_NOT_RECOGNISED = 0x46
    DISPENSING_TIMEOUT = 0x47
    JAM_AT_EJT = 0x48
    DIVERTER_SOLENOID = 0x49
    SOL_SENSOR = 0x4A
    COUNT_DIFFERS_CHK_TO_DIV = 0x4B
    JAM_AT_CHK_3_4 = 0x4C
    PURGE_ERROR = 0x4E
    NOTE_FROM_THE_OTHER_CASSETTE = 0x4F
    TIMEOUT_CHK_TO_DIV = 0x50


def is_success(error: int) -> bool:
    """Whether the error byte ends a complete operation."""
    return error in (ErrorCode.GOOD, ErrorCode.NORMAL_STOP)


class Sensor(IntFlag):
    """SENSOR0 (low byte) and SENSOR1 (high byte); a set bit is blocked, absent or near its end.

    The top bit of each byte is always 1 on the wire and not part of the value.
    """

    CHK1 = 0x0001
    CHK2 = 0x0002
    DIV1 = 0x0004
    DIV2 = 0x0008
    EJT = 0x0010
    EXIT = 0x0020
    UPPER_NEAR_END = 0x0040
    SOL = 0x0100
    UPPER_ABSENT = 0x0200
    LOWER_ABSENT = 0x0400
    CHK3 = 0x0800
    CHK4 = 0x1000
    LOWER_NEAR_END = 0x2000
    REJECT_TRAY_ABSENT = 0x4000


PATH_SENSORS = Sensor.CHK1 | Sensor.CHK2 | Sensor.CHK3 | Sensor.CHK4 | Sensor.DIV1 | Sensor.DIV2 | Sensor.EJT
_ALWAYS_ONE = 0x80


@fast_init
@dataclass(frozen=True, slots=True)
class Request:
    """A command; `counts` are notes: upper, lower, or upper and lower, as the command says."""

    command: Command
    counts: tuple[int, ...] = ()
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UnknownRequest:
    """A well-framed command that the table does not know."""

    command: int
    data: bytes
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class PlainReply:
    """A response that is only an error byte: to PURGE, or to a command that could not be understood."""

    command: int
    error: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class StatusReply:
    """Response to STATUS; `error` is how the last operation ended."""

    error: int
    sensors: Sensor
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class VersionReply:
    """Response to ROM VERSION: `model` T (LCDM-2000) or O (LCDM-1000), two digits, four hexadecimal digits."""

    model: str
    version: str
    checksum: str
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class CassetteCounts:
    """Notes of one cassette: passed the first sensors, delivered to the customer, sent to the reject tray."""

    checked: int = 0
    exited: int = 0
    rejected: int = 0
    near_end: bool = False


@fast_init
@dataclass(frozen=True, slots=True)
class DispenseReply:
    """Response to every DISPENSE and TEST; true partial counts also when `error` says that it went wrong.

    `cassettes` has one entry, or upper and lower for DISPENSE_BOTH.
    """

    command: Command
    error: int
    cassettes: tuple[CassetteCounts, ...]
    raw: bytes = field(default=b"", compare=False, repr=False)


DeviceMessage: TypeAlias = PlainReply | StatusReply | VersionReply | DispenseReply
Message: TypeAlias = Control | Request | UnknownRequest | DeviceMessage


_SINGLE = Struct("2s2s B c 2s")
"""Data of a dispense response: CHK, EXIT, error, near end, REJECT."""
_BOTH = Struct("2s2s 2s2s B cc 2s2s")
"""Data of DISPENSE_BOTH: CHK and EXIT of the upper cassette and of the lower, error, near end and REJECT of both.

One driver in the field reads the counts grouped: both CHK first, then both EXIT.
"""
_AROUND = 6
"""Bytes of a response around its data."""

_DISPENSES = (
    Command.DISPENSE_UPPER,
    Command.DISPENSE_LOWER,
    Command.DISPENSE_BOTH,
    Command.TEST_UPPER,
    Command.TEST_LOWER,
)
_REPLY_LENGTH: Mapping[int, int] = {
    Command.PURGE: SHORT_REPLY,
    Command.STATUS: 10,
    Command.ROM_VERSION: 14,
    **dict.fromkeys(_DISPENSES, _AROUND + _SINGLE.size),
    Command.DISPENSE_BOTH: _AROUND + _BOTH.size,
}


def host_decoder() -> Decoder[Message]:
    """Reads what the host says."""
    return Decoder[Message](scan_commands(DEVICE_ID, _request))


def device_decoder(*, grouped: bool = False) -> Decoder[Message]:
    """Reads what the device says; `grouped` is the other order of counts in DISPENSE_BOTH."""
    return Decoder[Message](
        scan_responses(DEVICE_ID, _REPLY_LENGTH, lambda raw: _reply(raw, grouped), closing_eot=False)
    )


def encode(message: Message, *, grouped: bool = False) -> bytes:
    """The bytes of a message. Raises LocalProtocolError when a count does not fit its digits."""
    match message:
        case Control():
            return bytes((message.code,))
        case Request(command, counts):
            if len(counts) != REQUEST_COUNTS.get(command, 0):
                raise LocalProtocolError(f"{command.name} takes {REQUEST_COUNTS.get(command, 0)} counts, not {counts}")
            return command_frame(DEVICE_ID, command, _digits(counts))
        case UnknownRequest(unknown, data):
            return command_frame(DEVICE_ID, unknown, data)
        case PlainReply(answered, error):
            return response_frame(DEVICE_ID, answered, bytes((error,)))
        case StatusReply(error, sensors):
            bits = int(sensors)
            data = bytes((0x30, error, _ALWAYS_ONE | bits & 0x7F, _ALWAYS_ONE | bits >> 8))
            return response_frame(DEVICE_ID, _STATUS, data)
        case VersionReply(model, version, checksum):
            nibbles = bytes(0x30 | int(digit, 16) for digit in checksum)
            return response_frame(DEVICE_ID, Command.ROM_VERSION, f"{model}{version}T".encode("ascii") + nibbles)
        case DispenseReply(command, error, cassettes):
            return response_frame(DEVICE_ID, command, _dispense_data(command, error, cassettes, grouped))


def _dispense_data(command: Command, error: int, cassettes: tuple[CassetteCounts, ...], grouped: bool) -> bytes:
    if command != _DISPENSE_BOTH:
        (only,) = cassettes
        checked, exited, near_end, rejected = _texts(only)
        return _SINGLE.pack(checked, exited, error, near_end, rejected)
    upper, lower = cassettes
    checked, exited, near_end, rejected = _texts(upper)
    checked_below, exited_below, near_end_below, rejected_below = _texts(lower)
    if grouped:
        exited, checked_below = checked_below, exited
    return _BOTH.pack(
        *(checked, exited, checked_below, exited_below, error, near_end, near_end_below, rejected, rejected_below)
    )


def _digits(counts: tuple[int, ...]) -> bytes:
    try:
        return b"".join([_TWO_DIGITS[count] for count in counts])
    except KeyError as wrong:
        raise LocalProtocolError(f"{wrong} notes do not fit two digits") from None


def _texts(counts: CassetteCounts) -> tuple[bytes, bytes, bytes, bytes]:
    near_end, digits = b"1" if counts.near_end else b"0", _TWO_DIGITS
    try:
        return digits[counts.checked], digits[counts.exited], near_end, digits[counts.rejected]
    except KeyError as wrong:
        raise LocalProtocolError(f"{wrong} notes do not fit two digits") from None


_TWO_DIGITS = {number: b"%02d" % number for number in range(100)}
_NUMBERS = {digits: number for number, digits in _TWO_DIGITS.items()}
_NEAR_END = {b"0": False, b"1": True}


_COMMANDS: Mapping[int, Command] = {command.value: command for command in Command}


def _request(raw: bytes) -> Message:
    data, command = raw[4:-2], _COMMANDS.get(raw[3])
    if command is None:
        return UnknownRequest(raw[3], data, raw)
    wanted = REQUEST_COUNTS.get(command, 0)
    if len(data) != 2 * wanted:
        raise ValueError(f"{command.name} carries {len(data)} data bytes, not {2 * wanted}")
    try:
        return Request(command, tuple([_NUMBERS[data[at : at + 2]] for at in range(0, len(data), 2)]), raw)
    except KeyError as wrong:
        raise ValueError(f"{wrong} is not a count of two digits") from None


def _reply(raw: bytes, grouped: bool) -> Message:
    if len(raw) == SHORT_REPLY:
        return PlainReply(raw[3], raw[4], raw)
    command = _COMMANDS[raw[3]]
    if command is _STATUS:
        return StatusReply(raw[5], _sensors((raw[6] & 0x7F) | (raw[7] & 0x7F) << 8), raw)
    if command is _ROM_VERSION:
        if not all(0x20 <= byte < 0x7F for byte in raw[4:8]):
            raise ValueError("the version is not printable")
        text = raw[4:7].decode("ascii")
        return VersionReply(text[0], text[1:], "".join(f"{nibble & 0x0F:X}" for nibble in raw[8:12]), raw)
    if command is not _DISPENSE_BOTH:
        checked, exited, error, near_end, rejected = _SINGLE.unpack_from(raw, 4)
        return DispenseReply(command, error, (_counts(checked, exited, rejected, near_end),), raw)
    checked, exited, checked_below, exited_below, error, near_end, near_end_below, rejected, rejected_below = (
        _BOTH.unpack_from(raw, 4)
    )
    if grouped:
        exited, checked_below = checked_below, exited
    upper = _counts(checked, exited, rejected, near_end)
    return DispenseReply(
        command, error, (upper, _counts(checked_below, exited_below, rejected_below, near_end_below)), raw
    )


_STATUS, _ROM_VERSION, _DISPENSE_BOTH = Command.STATUS, Command.ROM_VERSION, Command.DISPENSE_BOTH
"""Python looks up a member of an enumeration slowly."""


@cache
def _sensors(bits: int) -> Sensor:
    """One value of at most 2 ** 14; making a flag is slow."""
    return Sensor(bits)


@lru_cache(maxsize=256)
def _counts(checked: bytes, exited: bytes, rejected: bytes, near_end: bytes) -> CassetteCounts:
    """Seven bytes of a dispense response: one of few values, heard again and again."""
    try:
        return CassetteCounts(_NUMBERS[checked], _NUMBERS[exited], _NUMBERS[rejected], _NEAR_END[near_end])
    except KeyError as wrong:
        raise ValueError(f"{wrong} is neither a count of two digits nor a cassette status 0 or 1") from None
