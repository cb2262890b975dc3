"""Fujitsu F53 and F56 bill dispensers: the bytes of their messages, inside the texts of `fujitsu_f56_frame`.

    request    60 CMD LEN params 1C, or extended 60 CMD FF 00 LEN hi lo params 1C; 00 01 1C and 00 10 1C have no LEN
    response   DH0 CMD LEN code additional address(2) register(3) ?(2) sensors(6) cassettes(4) ... 39: its own part 1C

DH0 is E0 after success and F0 after an error. LEN counts what lies between it and the final FS. Numbers are two ASCII
digits with even parity in bit 7. Source: drivers in the field. Nobody has published the response to the extended form;
the ordinary layout is assumed.
"""

from collections.abc import Iterable
from typing import Final

from protocol.fujitsu_f56_codes import CASSETTES, Code
from protocol.fujitsu_f56_frame import scan_texts, text_frame
from protocol.fujitsu_f56_messages import (
    COUNT_MARK,
    MAX_NOTES,
    Area,
    BadRequest,
    Bill,
    CancelRequest,
    Command,
    Common,
    CountReply,
    CountRequest,
    InitialiseReply,
    InitialiseRequest,
    LogClearRequest,
    Message,
    Moved,
    PlainReply,
    Reply,
    RetrieveReply,
    RetrieveRequest,
    ShutterRequest,
    StatusRequest,
    TransportRequest,
)
from protocol.fujitsu_f56_words import explain
from protocol.wire import Control, Decoder, LocalProtocolError, WireFormat

FS = 0x1C
_HOST = 0x00
_UNIT = 0x60
_EXTENDED = 0xFF
_GOOD, _ERROR = 0xE0, 0xF0
_STATUS_GOOD, _STATUS_ERROR = 0x80, 0x90
"""DH0 of a response to STATUS is unknown; these follow the rule of the others."""
_ERROR_BIT = 0x10

_ERROR_AT = 3
_SENSORS_AT = 12
_CASSETTES_AT = 18
_OWN_PART = 39
_LEVELS = 16
_COUNT_REPLY = 157
_SHORTEST_COUNT = _OWN_PART + 4 * CASSETTES + 1
_PLAIN_REPLY = _OWN_PART + 1
_COUNTS = (Command.COUNT, Command.COUNT_AND_TRANSPORT)
_NOT_COUNTED = b"\xff\xff"
_LOG_TEXT = 36
_LOG_MARK, _LOG_END = 0x03, bytes(4)
_EXTENDED_BILLS = 8


def host_decoder() -> Decoder[Message]:
    """Reads what the host says."""
    return Decoder[Message](scan_texts(_request))


def device_decoder() -> Decoder[Message]:
    """Reads what the device says."""
    return Decoder[Message](scan_texts(_reply))


def encode(message: Message) -> bytes:
    """The bytes of a message. Raises LocalProtocolError when a value does not fit its field."""
    match message:
        case Control():
            return message.raw
        case StatusRequest(False):
            return text_frame(bytes((_HOST, Command.STATUS, FS)))
        case CancelRequest():
            return text_frame(bytes((_HOST, Command.CANCEL, FS)))
        case BadRequest(data):
            return text_frame(data)
        case PlainReply() | InitialiseReply() | CountReply() | RetrieveReply():
            return text_frame(_reply_data(message))
        case _:
            command, params, extended = _params(message)
            length = (
                bytes((_EXTENDED, 0)) + len(params).to_bytes(2, "big") if extended else _bytes("length", len(params))
            )
            return text_frame(bytes((_UNIT, command)) + length + params + bytes((FS,)))


def even_parity(byte: int) -> int:
    """Seven bits with an even number of ones in all eight."""
    return byte | (byte.bit_count() & 1) << 7


def _params(
    message: StatusRequest
    | InitialiseRequest
    | CountRequest
    | TransportRequest
    | LogClearRequest
    | RetrieveRequest
    | ShutterRequest,
) -> tuple[Command, bytes, bool]:
    match message:
        case StatusRequest():
            return Command.STATUS, bytes(1), True
        case InitialiseRequest(bills, odr, extended):
            return Command.INITIALISE, _initialise_params(bills, odr, extended), extended
        case CountRequest(notes, rejects, retries, transport, extended):
            if {len(notes), len(rejects), len(retries)} != {CASSETTES}:
                raise LocalProtocolError(f"a count names {CASSETTES} cassettes: {notes}, {rejects}, {retries}")
            params = bytes((COUNT_MARK,)) + _digits(notes) + _digits(rejects) + _bytes("retries", *retries)
            return Command.COUNT_AND_TRANSPORT if transport else Command.COUNT, params, extended
        case TransportRequest(way_out, extended):
            return Command.TRANSPORT, _bytes("exit", way_out), extended
        case LogClearRequest(text, extended):
            if len(text) != _LOG_TEXT:
                raise LocalProtocolError(f"the text of LOG CLEAR has {_LOG_TEXT} characters, not {len(text)}")
            return Command.LOG_CLEAR, bytes((_LOG_MARK,)) + text + _LOG_END, extended
        case RetrieveRequest(area):
            return Command.RETRIEVE, bytes((area, 0)), False
        case ShutterRequest(is_open):
            return Command.SHUTTER, bytes((is_open,)), False


def _initialise_params(bills: tuple[Bill, ...], odr: int, extended: bool) -> bytes:
    if len(bills) != (_EXTENDED_BILLS if extended else CASSETTES):
        raise LocalProtocolError(f"INITIALISE can't tell about {len(bills)} cassettes")
    groups = [bills[start : start + CASSETTES] for start in range(0, len(bills), CASSETTES)]
    told = b"".join(
        _bytes("length", *(size for bill in group for size in (bill.longest, bill.shortest)))
        + _bytes("thickness", *(bill.thickness for bill in group))
        for group in groups
    )
    return (b"\x00" if extended else b"") + _bytes("ODR", odr) + told


def _reply_data(reply: Reply) -> bytes:
    command: int
    match reply:
        case PlainReply(command):
            own, length = b"", _PLAIN_REPLY
        case InitialiseReply(_, levels):
            command = Command.INITIALISE
            own, length = _bytes("level", *levels), _OWN_PART + _LEVELS + 1
        case CountReply(command, _, cassettes):
            counts = _digits(k.dispensed for k in cassettes) + _digits(k.rejected for k in cassettes)
            own, length = counts, _COUNT_REPLY
        case RetrieveReply(_, notes):
            command = Command.RETRIEVE
            own, length = _NOT_COUNTED if notes is None else _digits((notes,)), _PLAIN_REPLY + 2
    status = command == Command.STATUS
    good, error = (_STATUS_GOOD, _STATUS_ERROR) if status else (_GOOD, _ERROR)
    common = reply.common
    data = bytearray(length)
    data[0], data[1], data[2] = good if reply.good else error, command, length - 4
    data[_ERROR_AT:_SENSORS_AT] = bytes((common.error, common.additional)) + common.address + common.register + bytes(2)
    data[_SENSORS_AT:_CASSETTES_AT] = common.sensors
    data[_CASSETTES_AT : _CASSETTES_AT + CASSETTES] = common.cassettes
    data[_OWN_PART : _OWN_PART + len(own)] = own
    data[-1] = FS
    return bytes(data)


def _digits(numbers: Iterable[int]) -> bytes:
    listed = list(numbers)
    if listed and not 0 <= min(listed) <= max(listed) <= MAX_NOTES:
        raise LocalProtocolError(f"{listed} do not fit two digits")
    return b"".join([_TWO_DIGITS[number] for number in listed])


_TWO_DIGITS = tuple(bytes(even_parity(digit) for digit in b"%02d" % number) for number in range(MAX_NOTES + 1))


def _bytes(what: str, *values: int) -> bytes:
    try:
        return bytes(values)
    except ValueError:
        raise LocalProtocolError(f"{what} {values} does not fit a byte") from None


# --- Requests read

_ALL_REQUESTS = {
    Command.INITIALISE: 13,
    Command.COUNT: 21,
    Command.COUNT_AND_TRANSPORT: 21,
    Command.TRANSPORT: 1,
    Command.LOG_CLEAR: 41,
    Command.RETRIEVE: 2,
    Command.SHUTTER: 1,
}
"""How many parameters the ordinary form has."""
_ALL_EXTENDED = {**_ALL_REQUESTS, Command.STATUS: 1, Command.INITIALISE: 26}
_HEADER, _EXTENDED_HEADER = 3, 6


def _request(data: bytes, raw: bytes) -> Message:
    if data[-1] != FS:
        return BadRequest(data, Code.FS_MISSING, raw)
    if data[:-1] == bytes((_HOST, Command.STATUS)):
        return StatusRequest(raw=raw)
    if data[:-1] == bytes((_HOST, Command.CANCEL)):
        return CancelRequest(raw)
    if data[0] != _UNIT:
        return BadRequest(data, Code.UNDEFINED_COMMAND, raw)
    extended = data[2] == _EXTENDED and len(data) > _EXTENDED_HEADER
    lengths = _ALL_EXTENDED if extended else _ALL_REQUESTS
    if data[1] not in lengths or (extended and data[1] in (Command.RETRIEVE, Command.SHUTTER)):
        return BadRequest(data, Code.UNDEFINED_COMMAND, raw)
    command = Command(data[1])
    params = data[_EXTENDED_HEADER if extended else _HEADER : -1]
    told = int.from_bytes(data[4:6], "big") if extended else data[2]
    if told != len(params) or len(params) != lengths[command] or (extended and data[3]):
        return BadRequest(data, Code.FORMAT, raw)
    try:
        return _understood(command, params, extended, raw)
    except ValueError as wrong:
        return BadRequest(data, Code.DIGIT if isinstance(wrong, _NotDigits) else Code.PARAMETER, raw)


def _understood(command: Command, params: bytes, extended: bool, raw: bytes) -> Message:
    match command:
        case Command.STATUS:
            _must(params == bytes(1))
            return StatusRequest(extended=True, raw=raw)
        case Command.INITIALISE if extended:
            _must(params[0] == 0)
            return InitialiseRequest(_bills(params[2:14]) + _bills(params[14:]), params[1], True, raw)
        case Command.INITIALISE:
            return InitialiseRequest(_bills(params[1:]), params[0], False, raw)
        case Command.COUNT | Command.COUNT_AND_TRANSPORT:
            _must(params[0] == COUNT_MARK)
            transport = command == Command.COUNT_AND_TRANSPORT
            notes, rejects = _numbers(params[1:9]), _numbers(params[9:17])
            return CountRequest(notes, rejects, tuple(params[17:]), transport, extended, raw)
        case Command.TRANSPORT:
            return TransportRequest(params[0], extended, raw)
        case Command.LOG_CLEAR:
            _must(params[0] == _LOG_MARK and params[-4:] == _LOG_END)
            return LogClearRequest(params[1:-4], extended, raw)
        case Command.RETRIEVE:
            _must(params[1] == 0)
            return RetrieveRequest(Area(params[0]), raw)
        case Command.SHUTTER:
            _must(params[0] in (0, 1))
            return ShutterRequest(params[0] == 1, raw)
        case Command.CANCEL:
            raise ValueError("CANCEL follows DH0 00")


class _NotDigits(ValueError):
    """Bytes that are no digits, whatever their parity."""


def _must(true: bool) -> None:
    if not true:
        raise ValueError("a parameter is none of those known")


def _bills(params: bytes) -> tuple[Bill, ...]:
    sizes, thicknesses = params[: 2 * CASSETTES], params[2 * CASSETTES :]
    return tuple(map(Bill, sizes[::2], sizes[1::2], thicknesses))


def _numbers(data: bytes) -> tuple[int, ...]:
    """Readers look at seven bits; the parity is not checked."""
    plain = data.translate(_SEVEN_BITS)
    if not plain.isdigit():
        raise _NotDigits(f"no digits: {data.hex(' ')}")
    return tuple(int(plain[at : at + 2]) for at in range(0, len(plain), 2))


_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))


# --- Replies read


def _reply(data: bytes, raw: bytes) -> Message:
    """Raises ValueError when a response can't be what it says."""
    if data[-1] != FS or len(data) <= _ERROR_AT + 2:
        raise ValueError("a response without its error code or FS")
    command = data[1]
    if command == Command.STATUS:
        good = not data[0] & _ERROR_BIT
    elif data[0] in (_GOOD, _ERROR):
        good = data[0] == _GOOD
        if data[2] != len(data) - 4:
            raise ValueError(f"the length byte says {data[2]}, there are {len(data) - 4}")
    else:
        raise ValueError(f"DH0 is E0 or F0, not {data[0]:02X}")
    # Nobody has published how long the response to TRANSPORT or to a bad command is.
    part = data[:-1].ljust(_OWN_PART, b"\x00")
    common = Common(
        error=part[_ERROR_AT],
        additional=part[_ERROR_AT + 1],
        address=part[5:7],
        register=part[9:12],
        sensors=part[_SENSORS_AT:_CASSETTES_AT],
        cassettes=part[_CASSETTES_AT : _CASSETTES_AT + CASSETTES],
    )
    if command == Command.INITIALISE and len(data) > _OWN_PART + _LEVELS:
        return InitialiseReply(good, tuple(data[_OWN_PART : _OWN_PART + _LEVELS]), common, raw)
    if command in _COUNTS and len(data) >= _SHORTEST_COUNT:
        numbers = _numbers(data[_OWN_PART : _OWN_PART + 4 * CASSETTES])
        moved = tuple(map(Moved, numbers[:CASSETTES], numbers[CASSETTES:]))
        return CountReply(Command(command), good, moved, common, raw)
    if command == Command.RETRIEVE and len(data) > _PLAIN_REPLY + 1:
        counted = data[_OWN_PART : _OWN_PART + 2]
        return RetrieveReply(good, None if counted == _NOT_COUNTED else _numbers(counted)[0], common, raw)
    return PlainReply(command, good, common, raw)


FUJITSU_F56: Final = WireFormat("fujitsu_f56", host_decoder, device_decoder, explain)
