"""The frame of the money line: length, TPDU, header, message type, bitmap, fields.

Length is 2 bytes, big-endian, and counts everything after it. TPDU is 5 bytes BCD: 60, destination, origin. The header
is 6 bytes BCD. The bitmaps and the field codec are pyiso8583's; formats and checks come from `FIELDS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import iso8583

from protocol.money_line_fields import (
    FIELDS,
    REVERSAL_ADVICE,
    REVERSAL_ADVICE_FIELDS,
    SETTLEMENT_FIELDS,
    Format,
    Kind,
    format_of,
    is_digits,
)
from protocol.wire import Damaged, Decoder, Event, LocalProtocolError, Noise, ProtocolError, RemoteProtocolError

LONGEST: Final = 2048
"""Largest value of the length that is believed; the longest message of the profile is below it."""

_TPDU_ID = 0x60
_PREFIX = 2 + 5 + 6
_SHORTEST = 5 + 6 + 2 + 8
_MAC_SIZE = 8


class ProcessingRequest(StrEnum):
    """Header digit 处理要求: what the host wants the terminal to do next."""

    NONE = "0"
    DOWNLOAD_PARAMETERS = "1"
    UPLOAD_STATUS = "2"
    SIGN_ON = "3"
    UPDATE_PUBLIC_KEYS = "4"


@dataclass(frozen=True, slots=True)
class Tpdu:
    """Transport addresses, four digits each."""

    destination: str = "0003"
    origin: str = "0000"

    def swapped(self) -> "Tpdu":
        """The addresses of the answer."""
        return Tpdu(self.origin, self.destination)


@dataclass(frozen=True, slots=True)
class Header:
    """Application class (60 magnetic stripe, 61 chip), versions, terminal state and the host's request, in digits."""

    application_class: str = "61"
    software_version: str = "31"
    terminal_state: str = "0"
    processing_request: str = ProcessingRequest.NONE
    sub_version: str = "010000"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: fields by number, digits and text as str, binary as bytes. `raw` is the frame it was read from."""

    mti: str
    fields: Mapping[int, str | bytes] = field(repr=False)
    tpdu: Tpdu = field(default=Tpdu(), repr=False)
    header: Header = field(default=Header(), repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    def text(self, number: int) -> str:
        """A field of digits or text. Raises RemoteProtocolError when it is missing."""
        value = self.fields.get(number)
        if not isinstance(value, str):
            raise RemoteProtocolError(f"{self.mti} lacks field {number} ({FIELDS[number].name})")
        return value

    @property
    def mac(self) -> bytes | None:
        """Field 64 (128 where there is a second bitmap), None when the message carries no MAC."""
        value = self.fields.get(_mac_field(self.fields))
        return value if isinstance(value, bytes) else None


def encode(message: Message) -> bytes:
    """The whole frame. Raises LocalProtocolError, which names the field and never its value."""
    prefix = _encode_tpdu(message.tpdu) + _encode_header(message.header)
    document = {"t": _checked_mti(message.mti)}
    for number, value in message.fields.items():
        document[str(number)] = _to_iso(message.mti, number, value)
    body, why = _iso_encode(document)
    if why:
        raise LocalProtocolError(f"{message.mti}: {why}")
    rest = prefix + body
    if len(rest) > LONGEST:
        raise LocalProtocolError(f"{message.mti}: {len(rest)} bytes, more than {LONGEST}")
    return len(rest).to_bytes(2, "big") + rest


def decode(frame: bytes) -> Message:
    """The message in one whole frame. Raises RemoteProtocolError, which names the field and never its value."""
    if len(frame) < 2 + _SHORTEST or int.from_bytes(frame[:2], "big") != len(frame) - 2:
        raise RemoteProtocolError("the length does not fit the frame")
    prefix = frame[2:_PREFIX].hex()
    if frame[2] != _TPDU_ID or not is_digits(prefix):
        raise RemoteProtocolError("TPDU and header are not BCD, or the TPDU does not begin with 60")
    _check_bitmap(frame)
    document, pieces, why = _iso_decode(frame[_PREFIX:])
    if why:
        raise RemoteProtocolError(why)
    if not is_digits(document["t"]):
        raise RemoteProtocolError("the message type is not four digits")
    fields = {number: _from_iso(document["t"], number, document[str(number)]) for number in _numbers(pieces)}
    tpdu = Tpdu(prefix[2:6], prefix[6:10])
    header = Header(prefix[10:12], prefix[12:14], prefix[14], prefix[15], prefix[16:22])
    return Message(document["t"], fields, tpdu, header, frame)


def scan(pending: bytes) -> Event[Message] | None:
    """The first event in bytes from the line, None to wait for more; see `protocol.wire.Decoder`."""
    if len(pending) < 2:
        return None
    length = int.from_bytes(pending[:2], "big")
    if not _SHORTEST <= length <= LONGEST:
        return Noise(pending[:1], "not the length of a message")
    if len(pending) > 2 and pending[2] != _TPDU_ID:
        return Noise(pending[:1], "not a TPDU")
    if len(pending) < 2 + length:
        return None
    frame = pending[: 2 + length]
    try:
        return decode(frame)
    except RemoteProtocolError as error:
        return Damaged(frame, str(error))


def decoder() -> Decoder[Message]:
    """A decoder for one direction of one connection."""
    return Decoder(scan)


def field_slices(frame: bytes) -> dict[int, slice]:
    """Where each field, its length included, stands in a frame that `decode` accepts."""
    _, pieces, _ = _iso_decode(frame[_PREFIX:])
    slices: dict[int, slice] = {}
    at = _PREFIX + 2 + 8 * (1 + ("1" in pieces))
    for number in _numbers(pieces):
        piece = pieces[str(number)]
        end = at + len(piece["len"]) + len(piece["data"])
        slices[number] = slice(at, end)
        at = end
    return slices


def with_mac(message: Message, mac: bytes = bytes(_MAC_SIZE)) -> Message:
    """The message with its last field; without a `mac` the place of one."""
    return replace(message, fields={**message.fields, _mac_field(message.fields): mac}, raw=b"")


def mac_input(message: Message) -> bytes:
    """The bytes a MAC is made over: message type to last field before 64 (128), the bitmap with the bit of the MAC set.

    Of a received message these are the bytes as they came. Raises ProtocolError for one without a MAC.
    """
    if message.raw:
        if message.mac is None:
            raise RemoteProtocolError(f"{message.mti} carries no MAC")
        return message.raw[_PREFIX:-_MAC_SIZE]
    return encode(with_mac(message))[_PREFIX:-_MAC_SIZE]


def reply_mti(mti: str) -> str:
    """0200 is answered by 0210, 0320 by 0330, 0400 by 0410, 0820 by 0830."""
    return f"{mti[:2]}{int(mti[2]) + 1}{mti[3]}"


def is_authenticated(mti: str) -> bool:
    """Do messages of this type carry a MAC? Those about money do: 02xx, 03xx, 04xx and 05xx."""
    return mti[1:2] in ("2", "3", "4", "5")


def _iso_format(form: Format) -> dict[str, Any]:
    """The entry of pyiso8583's table for one of ours."""
    nibbles = form.kind in (Kind.DIGITS, Kind.TRACK)
    return {
        "data_enc": "ascii" if form.kind is Kind.TEXT else "b",
        "len_enc": "bcd",
        "len_type": form.length_bytes,
        "len_count": "nibbles" if nibbles else "bytes",
        "max_len": form.size,
        "left_pad" if form.pad_left else "right_pad": form.pad,
        "desc": form.name,
    }


_SPEC: Final[Mapping[str, Mapping[str, Any]]] = {
    "h": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 0, "desc": "none"},
    "t": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 2, "desc": "message type"},
    "p": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 8, "desc": "bitmap"},
    "1": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 8, "desc": "second bitmap"},
    **{str(number): _iso_format(form) for number, form in (*FIELDS.items(), *REVERSAL_ADVICE_FIELDS.items())},
}

_SETTLEMENT_SPEC: Final[Mapping[str, Mapping[str, Any]]] = {
    **_SPEC,
    **{str(number): _iso_format(form) for number, form in SETTLEMENT_FIELDS.items()},
}


def _spec(mti: str) -> Mapping[str, Mapping[str, Any]]:
    return _SETTLEMENT_SPEC if mti[:2] in ("03", "05") else _SPEC


Pieces = Mapping[str, Mapping[str, bytes]]


def _iso_encode(document: dict[str, str]) -> tuple[bytes, str]:
    """(bytes, "") or (nothing, why). The library's errors carry the whole document: none may leave this function."""
    try:
        body, _ = iso8583.encode(document, _spec(document["t"]))
    except iso8583.EncodeError as error:
        return b"", f"{error.msg}: field {error.field}"
    return bytes(body), ""


def _iso_decode(body: bytes) -> tuple[Mapping[str, str], Pieces, str]:
    """(fields, their bytes, "") or (nothing, nothing, why); see `_iso_encode`.

    The half byte that fills an odd number of digits says nothing, and implementations differ: any is read.
    """
    padded, mti = bytearray(body), body[:2].hex()
    while True:
        try:
            document, pieces = iso8583.decode(padded, _spec(mti))
        except iso8583.DecodeError as error:
            if not _filled_our_way(padded, mti, error):
                return {}, {}, f"{error.msg}: field {error.field}"
        else:
            return document, pieces, ""


def _filled_our_way(body: bytearray, mti: str, error: iso8583.DecodeError) -> bool:
    """Put our half byte where another one stopped the library; False when that was not what stopped it."""
    form = format_of(mti, int(error.field)) if error.field.isdigit() else None
    if form is None or form.kind not in (Kind.DIGITS, Kind.TRACK):
        return False
    piece = error.doc_enc[error.field]
    digits = int(piece["len"].hex()) if form.length_bytes and piece["len"].hex().isdigit() else form.size
    if digits % 2 == 0 or len(piece["data"]) * 2 != digits + 1:
        return False
    at, ours = (error.pos, int(form.pad, 16) << 4) if form.pad_left else (error.pos + digits // 2, int(form.pad, 16))
    body[at] = body[at] & (0x0F if form.pad_left else 0xF0) | ours
    return True


def _numbers(pieces: Pieces) -> list[int]:
    """The fields of a message; what the library calls field 1 is the second bitmap."""
    return sorted(int(key) for key in pieces if key.isdigit() and key != "1")


def _check_bitmap(frame: bytes) -> None:
    mti, rest = frame[_PREFIX : _PREFIX + 2].hex(), frame[_PREFIX + 2 :]
    second = mti == REVERSAL_ADVICE and rest[0] & 0x80
    bits = int.from_bytes(rest[:16] if second else rest[:8] + bytes(8), "big")
    if unknown := bits & ~(_KNOWN_BITS_WITH_SECOND if second else _KNOWN_BITS):
        raise RemoteProtocolError(f"the profile has no field {129 - unknown.bit_length()}")


_KNOWN_BITS: Final = sum(1 << 128 - number for number in FIELDS)
_KNOWN_BITS_WITH_SECOND: Final = _KNOWN_BITS | sum(1 << 128 - number for number in (1, *REVERSAL_ADVICE_FIELDS))


def _mac_field(fields: Mapping[int, str | bytes]) -> int:
    """The MAC is the last field of its message."""
    return 128 if max(fields, default=0) > 64 else 64


def _checked_mti(mti: str) -> str:
    if len(mti) != 4 or not is_digits(mti):
        raise LocalProtocolError("the message type is not four digits")
    return mti


def _to_iso(mti: str, number: int, value: str | bytes) -> str:
    """A value in the spelling of pyiso8583: hex for binary, track separators as D."""
    form = format_of(mti, number)
    if form is None:
        raise LocalProtocolError(f"the profile has no field {number}")
    if isinstance(value, bytes):
        if form.kind is not Kind.BINARY:
            raise LocalProtocolError(f"field {number} ({form.name}) takes str")
        return value.hex()
    _check_characters(number, form, value, LocalProtocolError)
    return value.replace("=", "D") if form.kind is Kind.TRACK else value


def _from_iso(mti: str, number: int, value: str) -> str | bytes:
    form = format_of(mti, number)
    assert form is not None, "the bitmap was looked at"
    if form.kind is Kind.BINARY:
        return bytes.fromhex(value)
    _check_characters(number, form, value, RemoteProtocolError)
    return value.replace("D", "=") if form.kind is Kind.TRACK else value


def _check_characters(number: int, form: Format, value: str, error: type[ProtocolError]) -> None:
    match form.kind:
        case Kind.DIGITS:
            good = not value or is_digits(value)
        case Kind.TRACK:
            good = all(character in "0123456789=D" for character in value)
        case Kind.TEXT:
            good = value.isascii() and (value.isprintable() or not value)
        case Kind.BINARY:
            good = False
    if not good:
        raise error(f"field {number} ({form.name}) has a character that its format ({form.kind}) forbids")


@lru_cache(maxsize=64)
def _encode_tpdu(tpdu: Tpdu) -> bytes:
    return _bcd(f"{_TPDU_ID:02x}", tpdu.destination, tpdu.origin, sizes=(2, 4, 4), name="TPDU")


@lru_cache(maxsize=64)
def _encode_header(header: Header) -> bytes:
    parts = (
        header.application_class,
        header.software_version,
        header.terminal_state,
        header.processing_request,
        header.sub_version,
    )
    return _bcd(*parts, sizes=(2, 2, 1, 1, 6), name="header")


def _bcd(*parts: str, sizes: tuple[int, ...], name: str) -> bytes:
    if tuple(len(part) for part in parts) != sizes or not is_digits("".join(parts)):
        raise LocalProtocolError(f"the {name} is digits of sizes {sizes}")
    return bytes.fromhex("".join(parts))
