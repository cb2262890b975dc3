"""What a host and a Puloon LCDM-4000 say to each other, as values; `puloon_lcdm_4000` has their bytes."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TypeAlias

from protocol.fast_init import fast_init
from protocol.wire import Control

CASSETTES = 4
MAX_NOTES = 100
"""Notes per command in all."""


class Command(IntEnum):
    """Command bytes."""

    RESET = 0x44
    STATUS = 0x50
    PURGE = 0x51
    DISPENSE = 0x52
    TEST_DISPENSE = 0x53
    LAST_STATUS = 0x55
    SENSOR_DIAGNOSTICS = 0x58
    SET_OPACITIES = 0x5A
    GET_OPACITIES = 0x5B
    SET_ORDER = 0x5C
    GET_ORDER = 0x5D
    SET_LENGTHS = 0x5E
    GET_LENGTHS = 0x5F
    GET_SERIAL = 0x67


class ErrorCode(IntEnum):
    """Error byte of a response: the code of the specification plus 20."""

    GOOD = 0x20
    PICK_UP_ERROR = 0x21
    JAM_CHK_TO_DVT = 0x22
    JAM_DVT_TO_EJT = 0x23
    JAM_EJT_TO_EXIT = 0x24
    NOTE_STAYING_IN_EXIT = 0x25
    SUSPECTED_REJECT_EJECTED = 0x26
    COUNT_MISMATCH_AT_EJECT = 0x27
    REJECT_PASSED_EJECT = 0x28
    NOTE_TOO_LONG_AT_EJECT = 0x29
    NOTE_TOO_LONG_AT_EXIT = 0x2A
    NOTES_ON_PATH_BEFORE_PICK_UP = 0x2B
    TOO_MANY_NOTES = 0x2C
    TOO_MANY_REJECTS = 0x2D
    PURGE_ENDED_ABNORMALLY = 0x2E
    SENSOR_TROUBLE_BEFORE_START = 0x40
    ABNORMAL_MATERIAL_BEFORE_START = 0x41
    SOLENOID_BEFORE_DISPENSE = 0x42
    MOTOR_OR_SLIT_SENSOR = 0x43
    REQUESTED_CASSETTE_ABSENT = 0x44
    REQUESTED_CASSETTE_NEAR_END = 0x45
    NO_REJECT_TRAY = 0x46
    MORE_THAN_REQUESTED = 0x49
    ABNORMAL_COMMAND = 0x50
    ABNORMAL_PARAMETER = 0x51
    VERIFY_NOT_OPERABLE_AFTER_DOWNLOAD = 0x52
    PROGRAM_WRITE = 0x53
    VERIFY = 0x54
    EEPROM_WRITE = 0x55
    EEPROM_CHECKSUM = 0x56
    STRAY_NOTE_FROM_CASSETTE_1 = 0x60
    STRAY_NOTE_FROM_CASSETTE_2 = 0x61
    STRAY_NOTE_FROM_CASSETTE_3 = 0x62
    STRAY_NOTE_FROM_CASSETTE_4 = 0x63


class PathSensor(IntFlag):
    """DISP byte of STATUS: a set bit is blocked (SOL: at fault). The high bits are not part of the value."""

    DVTL = 0x01
    DVTR = 0x02
    EJT = 0x04
    EXIT = 0x08
    RJT = 0x10
    SOL = 0x20


PATH_SENSORS = PathSensor.DVTL | PathSensor.DVTR | PathSensor.EJT | PathSensor.RJT


class CassetteSensor(IntFlag):
    """STAT byte of a cassette in STATUS. The high bits are not part of the value."""

    CHKL = 0x01
    CHKR = 0x02
    PRESENT = 0x04
    NEAR_END = 0x08


CHECK_SENSORS = CassetteSensor.CHKL | CassetteSensor.CHKR
"""A note stands between the cassette and the path."""


@fast_init
@dataclass(frozen=True, slots=True)
class Request:
    """A command without data."""

    command: Command
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class DispenseRequest:
    """DISPENSE or TEST DISPENSE: notes per cassette from the top.

    `timeout` is 1-9 or None. With `serial` (or `short`) the form of 7 data bytes is used instead of that of 15.
    """

    command: Command
    counts: tuple[int, int, int, int]
    timeout: int | None = None
    serial: int | None = None
    short: bool = False
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class DiagnoseRequest:
    """SENSOR DIAGNOSTICS of the cassette at `position` 1-4: five notes go to the reject tray; the device judges it."""

    position: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class SettingRequest:
    """SET OPACITIES or SET LENGTHS, one value (0-255) per cassette; 0 keeps the old one."""

    command: Command
    values: tuple[int, int, int, int]
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class OrderRequest:
    """SET ORDER: cassette positions in the order of dispensing; the device judges whether they make sense."""

    order: tuple[int, int, int, int]
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class UnknownRequest:
    """A well-framed command that the table does not know."""

    command: int
    data: bytes
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class PlainReply:
    """A response that is only an error byte: to RESET and the SET commands, or to what could not be understood."""

    command: int
    error: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class CassetteStatus:
    """One cassette in STATUS: `position` 1-4 as coded on the cassette, 0 when absent."""

    sensors: CassetteSensor
    position: int
    opacity: int
    length: int


@fast_init
@dataclass(frozen=True, slots=True)
class StatusReply:
    """Response to STATUS."""

    error: int
    path: PathSensor
    cassettes: tuple[CassetteStatus, ...]
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class CassetteCounts:
    """Notes of one cassette: delivered, rejected; `position` 1-4, or 0 when the cassette is absent."""

    exited: int = 0
    rejected: int = 0
    position: int = 0


@fast_init
@dataclass(frozen=True, slots=True)
class NotesReply:
    """Response to PURGE, DISPENSE and TEST DISPENSE; true partial counts also when `error` says that it went wrong.

    `missing` is 0 in every response seen so far.
    """

    command: Command
    error: int
    cassettes: tuple[CassetteCounts, ...]
    missing: int = 0
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class LastStatusReply:
    """Response to LAST STATUS: how the last PURGE, DISPENSE or TEST DISPENSE (`last_command`) ended."""

    last_command: int
    error: int
    cassettes: tuple[CassetteCounts, ...]
    missing: int = 0
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class DiagnosisReply:
    """Response to SENSOR DIAGNOSTICS: what was measured on the last note; `divert` in milliseconds."""

    error: int
    opacity: int
    length: int
    divert: int
    rejected: int
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class SettingsReply:
    """Response to GET OPACITIES and GET LENGTHS."""

    command: Command
    error: int
    values: tuple[int, ...]
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class OrderReply:
    """Response to GET ORDER."""

    error: int
    order: tuple[int, ...]
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class SerialReply:
    """Response to GET SERIAL NUMBER: the serial of the last dispense that was accepted."""

    error: int
    serial: int
    raw: bytes = field(default=b"", compare=False, repr=False)


HostMessage: TypeAlias = Request | DispenseRequest | DiagnoseRequest | SettingRequest | OrderRequest | UnknownRequest
DeviceMessage: TypeAlias = (
    PlainReply | StatusReply | NotesReply | LastStatusReply | DiagnosisReply | SettingsReply | OrderReply | SerialReply
)
Message: TypeAlias = Control | HostMessage | DeviceMessage
