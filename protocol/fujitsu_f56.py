"""Fujitsu F53 and F56 bill dispensers: the bytes of their messages, inside the texts of `fujitsu_f56_frame`.

    request    60 CMD LEN params 1C, or extended 60 CMD FF 00 LEN hi lo params 1C; 00 01 1C and 00 10 1C have no LEN
    response   DH0 CMD LEN code additional address(2) ?(2) register(3) sensors(6) cassettes(4) ... 39: its own part 1C

DH0 is E0 after success and F0 after an error. LEN counts what lies between it and the final FS. Numbers are two ASCII
digits with even parity in bit 7. Source: drivers in the field. Nobody has published the response to the extended form;
the ordinary layout is assumed.
"""

from binascii import hexlify, unhexlify
from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Final, TypeAlias

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

_COMMON_AT = 3
_COMMON = Struct("B B 2s 2x 3s 6s 4s")
"""What all responses have: code, additional code, address, register, sensors, cassettes."""
_OWN_PART = 39
_LEVELS = 16
_COUNT_REPLY = 157
_SHORTEST_COUNT = _OWN_PART + 4 * CASSETTES + 1
_PLAIN_REPLY = _OWN_PART + 1
_COMMANDS: Mapping[int, Command] = {command.value: command for command in Command}
_STATUS, _INITIALISE, _RETRIEVE = Command.STATUS, Command.INITIALISE, Command.RETRIEVE
_COUNT, _COUNT_AND_TRANSPORT = Command.COUNT, Command.COUNT_AND_TRANSPORT
"""Python looks up a member of an enumeration slowly."""
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
        case CountRequest(notes, rejects, retries, transport, extended):  # the first, since most is said of it
            if not len(notes) == len(rejects) == len(retries) == CASSETTES:
                raise LocalProtocolError(f"a count names {CASSETTES} cassettes: {notes}, {rejects}, {retries}")
            params = b"%c%s%s" % (COUNT_MARK, _digits((*notes, *rejects)), _bytes("retries", retries))
            return _request_frame(_COUNT_AND_TRANSPORT if transport else _COUNT, params, extended)
        case Control():
            return message.raw
        case StatusRequest(False):
            return text_frame(_STATUS_REQUEST)
        case CancelRequest():
            return text_frame(_CANCEL_REQUEST)
        case BadRequest(data):
            return text_frame(data)
        case PlainReply() | InitialiseReply() | CountReply() | RetrieveReply():
            return text_frame(_reply_data(message))
        case _:
            return _request_frame(*_params(message))


def _request_frame(command: Command, params: bytes, extended: bool) -> bytes:
    form = b"\x60%c\xff\x00\x00%c%s\x1c" if extended else b"\x60%c%c%s\x1c"  # a byte is enough for any length
    return text_frame(form % (command, len(params), params))


def even_parity(byte: int) -> int:
    """Seven bits with an even number of ones in all eight."""
    return byte | (byte.bit_count() & 1) << 7


def _params(
    message: StatusRequest | InitialiseRequest | TransportRequest | LogClearRequest | RetrieveRequest | ShutterRequest,
) -> tuple[Command, bytes, bool]:
    match message:
        case StatusRequest():
            return Command.STATUS, bytes(1), True
        case InitialiseRequest(bills, odr, extended):
            return Command.INITIALISE, _initialise_params(bills, odr, extended), extended
        case TransportRequest(way_out, extended):
            return Command.TRANSPORT, _bytes("exit", (way_out,)), extended
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
        _bytes("length", [size for bill in group for size in (bill.longest, bill.shortest)])
        + _bytes("thickness", [bill.thickness for bill in group])
        for group in groups
    )
    return (b"\x00" if extended else b"") + _bytes("ODR", (odr,)) + told


def _reply_data(reply: Reply) -> bytes:
    command: int
    match reply:
        case PlainReply(command):
            own, length = b"", _PLAIN_REPLY
        case InitialiseReply(_, levels):
            command = _INITIALISE
            own, length = _bytes("level", levels), _OWN_PART + _LEVELS + 1
        case CountReply(command, _, cassettes):
            own, length = _digits([*(k.dispensed for k in cassettes), *(k.rejected for k in cassettes)]), _COUNT_REPLY
        case RetrieveReply(_, notes):
            command = _RETRIEVE
            own, length = _NOT_COUNTED if notes is None else _digits((notes,)), _PLAIN_REPLY + 2
    good, error = (_STATUS_GOOD, _STATUS_ERROR) if command == _STATUS else (_GOOD, _ERROR)
    common = reply.common
    data = bytearray(length)
    data[0], data[1], data[2] = good if reply.good else error, command, length - 4
    _COMMON.pack_into(
        data,
        _COMMON_AT,
        *(common.error, common.additional, common.address, common.register, common.sensors, common.cassettes),
    )
    data[_OWN_PART : _OWN_PART + len(own)] = own
    data[-1] = FS
    return bytes(data)


def _digits(numbers: Sequence[int]) -> bytes:
    """By way of BCD: its hexadecimal digits are the decimal ones."""
    packed = _bytes("notes", numbers).translate(_BCD)
    if _NOT_BCD in packed:
        raise LocalProtocolError(f"{numbers} do not all fit two digits")
    return hexlify(packed).translate(_WITH_PARITY)


_NOT_BCD = 0xFF
_BCD = bytes(number // 10 << 4 | number % 10 for number in range(MAX_NOTES + 1)).ljust(256, bytes((_NOT_BCD,)))
_WITH_PARITY = bytes(even_parity(character & 0x7F) for character in range(256))


def _bytes(what: str, values: Sequence[int]) -> bytes:
    try:
        return bytes(values)
    except ValueError:
        raise LocalProtocolError(f"{what} {values} does not fit a byte") from None


# --- Requests read

_STATUS_REQUEST = bytes((_HOST, Command.STATUS, FS))
_CANCEL_REQUEST = bytes((_HOST, Command.CANCEL, FS))
_HEADER, _EXTENDED_HEADER = 3, 6


def _request(data: bytes, raw: bytes) -> Message:
    if data[-1] != FS:
        return BadRequest(data, Code.FS_MISSING, raw)
    if data[0] != _UNIT:
        if data == _STATUS_REQUEST:
            return StatusRequest(raw=raw)
        return CancelRequest(raw) if data == _CANCEL_REQUEST else BadRequest(data, Code.UNDEFINED_COMMAND, raw)
    extended = data[2] == _EXTENDED and len(data) > _EXTENDED_HEADER
    form = (_EXTENDED_FORMS if extended else _ORDINARY_FORMS).get(data[1])
    if form is None:
        return BadRequest(data, Code.UNDEFINED_COMMAND, raw)
    length, read = form
    params = data[_EXTENDED_HEADER if extended else _HEADER : -1]
    told = int.from_bytes(data[4:6], "big") if extended else data[2]
    if told != len(params) or told != length or (extended and data[3]):
        return BadRequest(data, Code.FORMAT, raw)
    try:
        return read(params, extended, raw)
    except ValueError as wrong:
        return BadRequest(data, Code.DIGIT if isinstance(wrong, _NotDigits) else Code.PARAMETER, raw)


def _status(params: bytes, extended: bool, raw: bytes) -> Message:
    _must(params == bytes(1))
    return StatusRequest(extended, raw)


def _initialise(params: bytes, extended: bool, raw: bytes) -> Message:
    if not extended:
        return InitialiseRequest(_bills(params[1:]), params[0], False, raw)
    _must(params[0] == 0)
    return InitialiseRequest(_bills(params[2:14]) + _bills(params[14:]), params[1], True, raw)


def _count(params: bytes, extended: bool, raw: bytes, transport: bool = False) -> Message:
    _must(params[0] == COUNT_MARK)
    notes, rejects = _two_of_each(params[1:17])
    return CountRequest(notes, rejects, tuple(params[17:]), transport, extended, raw)


def _count_and_transport(params: bytes, extended: bool, raw: bytes) -> Message:
    return _count(params, extended, raw, transport=True)


def _transport(params: bytes, extended: bool, raw: bytes) -> Message:
    return TransportRequest(params[0], extended, raw)


def _log_clear(params: bytes, extended: bool, raw: bytes) -> Message:
    _must(params[0] == _LOG_MARK and params[-4:] == _LOG_END)
    return LogClearRequest(params[1:-4], extended, raw)


def _retrieve(params: bytes, extended: bool, raw: bytes) -> Message:
    _must(params[1] == 0)
    return RetrieveRequest(Area(params[0]), raw)


def _shutter(params: bytes, extended: bool, raw: bytes) -> Message:
    _must(params[0] in (0, 1))
    return ShutterRequest(params[0] == 1, raw)


_Form: TypeAlias = tuple[int, Callable[[bytes, bool, bytes], Message]]
_BOTH_FORMS: Mapping[int, _Form] = {
    Command.COUNT.value: (21, _count),
    Command.COUNT_AND_TRANSPORT.value: (21, _count_and_transport),
    Command.TRANSPORT.value: (1, _transport),
    Command.LOG_CLEAR.value: (41, _log_clear),
}
"""How many parameters a request has, and how they are read."""
_ORDINARY_FORMS = {
    **_BOTH_FORMS,
    Command.INITIALISE.value: (13, _initialise),
    Command.RETRIEVE.value: (2, _retrieve),
    Command.SHUTTER.value: (1, _shutter),
}
_EXTENDED_FORMS = {**_BOTH_FORMS, Command.STATUS.value: (1, _status), Command.INITIALISE.value: (26, _initialise)}


class _NotDigits(ValueError):
    """Bytes that are no digits, whatever their parity."""


def _must(true: bool) -> None:
    if not true:
        raise ValueError("a parameter is none of those known")


def _bills(params: bytes) -> tuple[Bill, ...]:
    sizes, thicknesses = params[: 2 * CASSETTES], params[2 * CASSETTES :]
    return tuple(map(Bill, sizes[::2], sizes[1::2], thicknesses))


_DIGITS = bytes(byte & 0x7F if byte & 0x7F in b"0123456789" else ord("-") for byte in range(256))
"""Readers look at seven bits of a digit; the parity is not checked. What is none becomes something that is no BCD."""
_FROM_BCD = bytes((packed >> 4) * 10 + (packed & 0x0F) & 0xFF for packed in range(256))


def _numbers(data: bytes) -> bytes:
    """Numbers of two digits each; the way back of `_digits`."""
    try:
        return unhexlify(data.translate(_DIGITS)).translate(_FROM_BCD)
    except ValueError:
        raise _NotDigits(f"no digits: {data.hex(' ')}") from None


def _two_of_each(data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Eight numbers: two of each cassette."""
    a, b, c, d, e, f, g, h = _numbers(data)
    return (a, b, c, d), (e, f, g, h)


# --- Replies read


def _reply(data: bytes, raw: bytes) -> Message:
    """Raises ValueError when a response can't be what it says."""
    if data[-1] != FS or len(data) <= _COMMON_AT + 2:
        raise ValueError("a response without its error code or FS")
    command = data[1]
    if command == _STATUS:
        good = not data[0] & _ERROR_BIT
    elif data[0] in (_GOOD, _ERROR):
        good = data[0] == _GOOD
        if data[2] != len(data) - 4:
            raise ValueError(f"the length byte says {data[2]}, there are {len(data) - 4}")
    else:
        raise ValueError(f"DH0 is E0 or F0, not {data[0]:02X}")
    # Nobody has published how long the response to TRANSPORT or to a bad command is.
    part = data[:-1].ljust(_OWN_PART, b"\x00")
    common = Common(*_COMMON.unpack_from(part, _COMMON_AT))
    if command == _INITIALISE and len(data) > _OWN_PART + _LEVELS:
        return InitialiseReply(good, tuple(data[_OWN_PART : _OWN_PART + _LEVELS]), common, raw)
    if command in (_COUNT, _COUNT_AND_TRANSPORT) and len(data) >= _SHORTEST_COUNT:
        dispensed, rejected = _two_of_each(data[_OWN_PART : _OWN_PART + 4 * CASSETTES])
        return CountReply(_COMMANDS[command], good, tuple(map(Moved, dispensed, rejected)), common, raw)
    if command == _RETRIEVE and len(data) > _PLAIN_REPLY + 1:
        counted = data[_OWN_PART : _OWN_PART + 2]
        if counted == _NOT_COUNTED:
            return RetrieveReply(good, None, common, raw)
        return RetrieveReply(good, _numbers(counted)[0], common, raw)
    return PlainReply(command, good, common, raw)


FUJITSU_F56: Final = WireFormat("fujitsu_f56", host_decoder, device_decoder, explain)
