"""Puloon LCDM-4000 (device ID 30): one to four cassettes, no presenter, remembers its last dispense (LAST STATUS).

No vendor text is public; the layouts are those on which independent drivers in the field agree. Most numbers are sent
with 20 added; settings are sent as two nibbles, each with 30 added.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from struct import Struct

from protocol.puloon_lcdm_4000_messages import (
    CASSETTES,
    CHECK_SENSORS,
    MAX_NOTES,
    PATH_SENSORS,
    CassetteCounts,
    CassetteSensor,
    CassetteStatus,
    Command,
    DeviceMessage,
    DiagnoseRequest,
    DiagnosisReply,
    DispenseRequest,
    ErrorCode,
    HostMessage,
    LastStatusReply,
    Message,
    NotesReply,
    OrderReply,
    OrderRequest,
    PathSensor,
    PlainReply,
    Request,
    SerialReply,
    SettingRequest,
    SettingsReply,
    StatusReply,
    UnknownRequest,
)
from protocol.puloon_lcdm_frame import SHORT_REPLY, command_frame, response_frame, scan_commands, scan_responses
from protocol.wire import Control, Decoder, LocalProtocolError

# Messages and their bytes are one namespace to whoever talks to the device.
__all__ = [
    "CASSETTES",
    "CHECK_SENSORS",
    "DEVICE_ID",
    "MAX_NOTES",
    "PATH_SENSORS",
    "CassetteCounts",
    "CassetteSensor",
    "CassetteStatus",
    "Command",
    "DeviceMessage",
    "DiagnoseRequest",
    "DiagnosisReply",
    "DispenseRequest",
    "ErrorCode",
    "HostMessage",
    "LastStatusReply",
    "Message",
    "NotesReply",
    "OrderReply",
    "OrderRequest",
    "PathSensor",
    "PlainReply",
    "Request",
    "SerialReply",
    "SettingRequest",
    "SettingsReply",
    "StatusReply",
    "UnknownRequest",
    "device_decoder",
    "encode",
    "host_decoder",
]

DEVICE_ID = 0x30

_OFFSET = 0x20
_ABSENT = 0x30
_NONE_MISSING = 0x30
_TIMEOUT_MARK = 0x1C
_SENSOR_BASE = 0x80
_LONG_FORM = 15
_SHORT_FORM = 7

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
