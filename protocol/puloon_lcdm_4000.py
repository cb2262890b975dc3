"""Puloon LCDM-4000 (device ID 30): one to four cassettes, no presenter, remembers its last dispense (LAST STATUS).

No vendor text is public; the layouts are those on which independent drivers in the field agree. Most numbers are sent
with 20 added; settings are sent as two nibbles, each with 30 added.
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

DEVICE_ID = 0x30
CASSETTES = 4
MAX_NOTES = 100
"""Notes per command in all."""

_OFFSET = 0x20
_ABSENT = 0x30
_NONE_MISSING = 0x30
_TIMEOUT_MARK = 0x1C
_SENSOR_BASE = 0x80
_LONG_FORM = 15
_SHORT_FORM = 7


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

_REPLY_LENGTH: Mapping[int, int] = {
    Command.STATUS: 24,
    Command.PURGE: 20,
    Command.DISPENSE: 29,
    Command.TEST_DISPENSE: 29,
    Command.LAST_STATUS: 21,
    Command.SENSOR_DIAGNOSTICS: 11,
    Command.GET_OPACITIES: 15,
    Command.GET_ORDER: 11,
    Command.GET_LENGTHS: 15,
    Command.GET_SERIAL: 8,
}
"""Every other response has the short form."""

_REQUEST_DATA = {
    Command.DISPENSE: (_LONG_FORM, _SHORT_FORM),
    Command.TEST_DISPENSE: (_LONG_FORM, _SHORT_FORM),
    Command.SENSOR_DIAGNOSTICS: (1,),
    Command.SET_OPACITIES: (8,),
    Command.SET_ORDER: (4,),
    Command.SET_LENGTHS: (8,),
}
"""How many data bytes a command may carry; the others carry none."""

_STATUS_DATA = Struct("BB 4s4s4s4s")
"""STATUS: error, path, and four bytes of each cassette."""

_RESERVED = bytes((_OFFSET,)) * 9
"""Unused bytes of DISPENSE, in the request and in the response; hosts check them."""


def host_decoder() -> Decoder[Message]:
    """Reads what the host says."""
    return Decoder[Message](scan_commands(DEVICE_ID, _request))


def device_decoder() -> Decoder[Message]:
    """Reads what the device says."""
    return Decoder[Message](
        scan_responses(DEVICE_ID, _REPLY_LENGTH, _reply, closing_eot=True, never_short=Command.STATUS)
    )


def encode(message: Message) -> bytes:
    """The bytes of a message. Raises LocalProtocolError when a value does not fit its field."""
    match message:
        case StatusReply(error, path, cassettes):  # the first, since it is said most
            units = b"".join([_cassette_bytes(k.sensors, k.position, k.opacity, k.length) for k in cassettes])
            return response_frame(DEVICE_ID, _STATUS, b"%c%c%s" % (error, _SENSOR_BASE | int(path), units))
        case Control():
            return bytes((message.code,))
        case Request(command):
            return command_frame(DEVICE_ID, command)
        case DispenseRequest():
            return command_frame(DEVICE_ID, message.command, _dispense_data(message))
        case DiagnoseRequest(position):
            return command_frame(DEVICE_ID, Command.SENSOR_DIAGNOSTICS, _positions((position,)))
        case SettingRequest(command, values):
            return command_frame(DEVICE_ID, command, _nibbles(values))
        case OrderRequest(order):
            return command_frame(DEVICE_ID, Command.SET_ORDER, _positions(order))
        case UnknownRequest(unknown, data):
            return command_frame(DEVICE_ID, unknown, data)
        case _:
            return _encode_reply(message)


def _encode_reply(
    message: PlainReply | NotesReply | LastStatusReply | DiagnosisReply | SettingsReply | OrderReply | SerialReply,
) -> bytes:
    match message:
        case PlainReply(answered, error):
            return response_frame(DEVICE_ID, answered, bytes((error,)))
        case NotesReply(command, error, cassettes, missing):
            reserved = b"" if command == Command.PURGE else _RESERVED
            data = bytes((error, _NONE_MISSING + missing)) + _counts(cassettes) + reserved
            return response_frame(DEVICE_ID, command, data)
        case LastStatusReply(last_command, error, cassettes, missing):
            data = bytes((last_command, error, _NONE_MISSING + missing)) + _counts(cassettes)
            return response_frame(DEVICE_ID, Command.LAST_STATUS, data)
        case DiagnosisReply(error, opacity, length, divert, rejected):
            data = bytes((error,)) + _offset(opacity, length, divert, rejected)
            return response_frame(DEVICE_ID, Command.SENSOR_DIAGNOSTICS, data)
        case SettingsReply(command, error, values):
            return response_frame(DEVICE_ID, command, bytes((error,)) + _nibbles(values))
        case OrderReply(error, order):
            return response_frame(DEVICE_ID, Command.GET_ORDER, bytes((error,)) + _positions(order))
        case SerialReply(error, serial):
            return response_frame(DEVICE_ID, Command.GET_SERIAL, bytes((error,)) + _offset(serial))


def _dispense_data(request: DispenseRequest) -> bytes:
    if sum(request.counts) > MAX_NOTES:
        raise LocalProtocolError(f"{sum(request.counts)} notes asked, the limit is {MAX_NOTES}")
    if request.timeout is None:
        timeout = _offset(0, 0)
    elif 1 <= request.timeout <= 9:
        timeout = bytes((_TIMEOUT_MARK, 0x30 + request.timeout))
    else:
        raise LocalProtocolError(f"the timeout is 1-9, not {request.timeout}")
    tail = _offset(request.serial or 0) if request.short or request.serial is not None else _RESERVED
    return _offset(*request.counts) + timeout + tail


def _counts(cassettes: tuple[CassetteCounts, ...]) -> bytes:
    return b"".join(_offset(k.exited, k.rejected) + _positions((k.position,)) for k in cassettes)


@lru_cache(maxsize=256)
def _cassette_bytes(sensors: CassetteSensor, position: int, opacity: int, length: int) -> bytes:
    """Four bytes of STATUS: one of few values, said again and again."""
    return bytes((_SENSOR_BASE | int(sensors),)) + _positions((position,)) + _offset(opacity, length)


def _offset(*values: int) -> bytes:
    if not all(0 <= value <= 0xFF - _OFFSET for value in values):
        raise LocalProtocolError(f"{values} do not fit bytes with 20 added")
    return bytes(value + _OFFSET for value in values)


def _positions(positions: tuple[int, ...]) -> bytes:
    if not all(0 <= position <= CASSETTES for position in positions):
        raise LocalProtocolError(f"{positions} are not cassette positions")
    return bytes(_ABSENT + position for position in positions)


def _nibbles(values: tuple[int, ...]) -> bytes:
    return b"".join(bytes((0x30 | value >> 4, 0x30 | value & 0x0F)) for value in values)


_COMMANDS: Mapping[int, Command] = {command.value: command for command in Command}
_STATUS = Command.STATUS
"""Python looks up a member of an enumeration slowly."""


def _request(raw: bytes) -> Message:
    command, data = raw[3], raw[4:-2]
    known = _COMMANDS.get(command)
    if known is None:
        return UnknownRequest(command, data, raw)
    if len(data) not in _REQUEST_DATA.get(known, (0,)):
        raise ValueError(f"{known.name} can't carry {len(data)} data bytes")
    match known:
        case Command.DISPENSE | Command.TEST_DISPENSE:
            return _dispense_request(known, data, raw)
        case Command.SENSOR_DIAGNOSTICS:
            return DiagnoseRequest(data[0] - _ABSENT, raw)
        case Command.SET_OPACITIES | Command.SET_LENGTHS:
            return SettingRequest(known, _four(_values(data)), raw)
        case Command.SET_ORDER:
            return OrderRequest(_four(tuple(byte - _ABSENT for byte in data)), raw)
        case _:
            return Request(known, raw)


def _dispense_request(command: Command, data: bytes, raw: bytes) -> DispenseRequest:
    counts = _four(tuple(map(_value, data[:4])))
    timeout = None
    if data[4] == _TIMEOUT_MARK:
        timeout = data[5] - 0x30
        if not 1 <= timeout <= 9:
            raise ValueError(f"the timeout is 1-9, not {timeout}")
    if len(data) == _LONG_FORM:
        return DispenseRequest(command, counts, timeout, raw=raw)
    return DispenseRequest(command, counts, timeout, _value(data[6]) or None, True, raw)


def _reply(raw: bytes) -> Message:
    command = raw[3]
    if len(raw) == SHORT_REPLY:
        return PlainReply(command, raw[4], raw)
    known = _COMMANDS[command]
    if known is _STATUS:
        error, path, first, second, third, fourth = _STATUS_DATA.unpack_from(raw, 4)
        units = (_cassette_status(first), _cassette_status(second), _cassette_status(third), _cassette_status(fourth))
        return StatusReply(error, _path(path & 0x3F), units, raw)
    match known:
        case Command.LAST_STATUS:
            return LastStatusReply(raw[4], raw[5], _triples(raw[7:19]), raw[6] - _NONE_MISSING, raw)
        case Command.SENSOR_DIAGNOSTICS:
            return DiagnosisReply(raw[4], *_four(tuple(map(_value, raw[5:9]))), raw=raw)
        case Command.GET_OPACITIES | Command.GET_LENGTHS:
            return SettingsReply(known, raw[4], _values(raw[5:13]), raw)
        case Command.GET_ORDER:
            return OrderReply(raw[4], tuple(map(_position, raw[5:9])), raw)
        case Command.GET_SERIAL:
            return SerialReply(raw[4], _value(raw[5]), raw)
        case _:
            if raw[18:-2] not in (b"", _RESERVED):
                raise ValueError(f"reserved bytes are not all 20: {raw[18:-2].hex(' ')}")
            return NotesReply(known, raw[4], _triples(raw[6:18]), raw[5] - _NONE_MISSING, raw)


@cache
def _path(bits: int) -> PathSensor:
    """Making a flag is slow, and there are 64 values."""
    return PathSensor(bits)


@lru_cache(maxsize=256)
def _cassette_status(data: bytes) -> CassetteStatus:
    """Four bytes of STATUS: one of few values, heard again and again."""
    return CassetteStatus(CassetteSensor(data[0] & 0x0F), _position(data[1]), _value(data[2]), _value(data[3]))


def _triples(data: bytes) -> tuple[CassetteCounts, ...]:
    return tuple(
        CassetteCounts(_value(data[at]), _value(data[at + 1]), _position(data[at + 2])) for at in range(0, len(data), 3)
    )


def _value(byte: int) -> int:
    if byte < _OFFSET:
        raise ValueError(f"a number is below 20: {byte:02X}")
    return byte - _OFFSET


def _values(nibbles: bytes) -> tuple[int, ...]:
    if any(byte >> 4 != 0x3 for byte in nibbles):
        raise ValueError(f"a nibble is not 30-3F: {nibbles.hex(' ')}")
    return tuple((high & 0x0F) << 4 | low & 0x0F for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def _position(byte: int) -> int:
    if not _ABSENT <= byte <= _ABSENT + CASSETTES:
        raise ValueError(f"a cassette position is not 30-34: {byte:02X}")
    return byte - _ABSENT


def _four(values: tuple[int, ...]) -> tuple[int, int, int, int]:
    first, second, third, fourth = values
    return first, second, third, fourth
