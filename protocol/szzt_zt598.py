"""Frames of the SZZT ZT588 / ZT598 encrypting PIN pad, and the bare bytes of its keys.

`02 | length: 3 decimal digits | opcode or RTN | data | 03 | LRC: 2 hexadecimal characters`, in both directions. The
length counts opcode and data; the LRC is the exclusive or from the length to the 03. Data are hexadecimal characters
or digits, except the input of a MAC, which is raw: so frames are read by length, never by searching the 03. Bytes
outside frames are keys.

No manual of the maker is public: this is the dialect that independent drivers in the field speak.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias, TypeVar

from protocol.checksums import bcc
from protocol.fast_init import fast_init
from protocol.szzt_zt598_tables import (
    FIRST_ERROR,
    KEY_WORDS,
    REPLIES,
    REQUESTS,
    START_PIN_ENTRY_R,
    Field,
    HexMode,
    KeyCode,
    Opcode,
    PinDialect,
    Rtn,
)
from protocol.wire import (
    Damaged,
    Decoder,
    Event,
    Explanation,
    LocalProtocolError,
    Noise,
    RemoteProtocolError,
    WireFormat,
)

STX, ETX = 0x02, 0x03
_HEAD = 4  # STX and the length
_LONG_HEAD = 8  # the same with length 000 and four digits more, which a reply may have
_LRC = 2
_TAIL = 1 + _LRC  # ETX and the LRC
_LONGEST_COUNTED = 998  # longer frames say length 000 and run to the ETX
_LONGEST = 4096


@fast_init
@dataclass(frozen=True, slots=True)
class Command:
    """A frame from the host."""

    opcode: int
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    def encode(self) -> bytes:
        """The frame. Raises LocalProtocolError."""
        return _frame(self.opcode, self.data)


@fast_init
@dataclass(frozen=True, slots=True)
class Reply:
    """A frame from the pad: `rtn` is the opcode plus 30, or an error from D0 on."""

    rtn: int
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def is_error(self) -> bool:
        """The pad refused the command."""
        return self.rtn >= FIRST_ERROR

    def answers(self, opcode: Opcode) -> bool:
        """Can this be the reply to `opcode`? An error does not say which command it refuses."""
        return self.is_error or self.rtn == opcode.success

    def encode(self, *, counted: bool = False) -> bytes:
        """The frame; a long one says its length in four more digits if `counted`. Raises LocalProtocolError."""
        return _frame(self.rtn, self.data, counted=counted)


@dataclass(frozen=True, slots=True)
class KeyByte:
    """A key, as a bare byte from the pad; which one stays out of the representation, it may be a digit."""

    code: KeyCode = field(repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


FromPad: TypeAlias = Reply | KeyByte
F = TypeVar("F", Command, Reply)
N = TypeVar("N", bound=IntEnum)


# --- Data of a frame


def split(fields: tuple[Field, ...], data: bytes) -> dict[str, bytes]:
    """The parts of `data` by name. Raises RemoteProtocolError when they don't fill it exactly."""
    parts: dict[str, bytes] = {}
    rest = data
    for part in fields:
        width = len(rest) if part.width is None else part.width
        if len(rest) < width:
            raise RemoteProtocolError(f"the data end in the field {part.name!r}")
        parts[part.name], rest = rest[:width], rest[width:]
    if rest:
        raise RemoteProtocolError(f"{len(rest)} characters follow the last field")
    return parts


def pin_dialect(data: bytes) -> PinDialect:
    """Which dialect a START_PIN_ENTRY speaks: five characters are JC; R is longer, even without an account."""
    return PinDialect.JC if len(data) == 5 else PinDialect.R


def request_fields(opcode: Opcode, data: bytes) -> tuple[Field, ...]:
    """The fields of a command; two commands have one form per dialect."""
    if opcode is Opcode.START_PIN_ENTRY and pin_dialect(data) is PinDialect.R:
        return START_PIN_ENTRY_R
    if opcode is Opcode.PIN_BLOCK and not data:
        return ()
    return REQUESTS[opcode]


_NIBBLES = {**{ord(c): value for value, c in enumerate("0123456789ABCDEF")}, **{0x30 + n: n for n in range(16)}}
_NIBBLES |= {ord(c): value for value, c in enumerate("abcdef", start=10)}


def to_hex(data: bytes, mode: HexMode = HexMode.TRUE) -> bytes:
    """Two characters per byte: upper-case hexadecimal, or 30 to 3F for a nibble."""
    if mode is HexMode.TRUE:
        return data.hex().upper().encode()
    return bytes(0x30 + nibble for byte in data for nibble in (byte >> 4, byte & 0x0F))


def from_hex(text: bytes) -> bytes:
    """The bytes written in either mode, in upper or lower case. Raises RemoteProtocolError."""
    if len(text) % 2 or any(character not in _NIBBLES for character in text):
        raise RemoteProtocolError(f"{len(text)} characters that are not hexadecimal pairs")
    return bytes(_NIBBLES[high] << 4 | _NIBBLES[low] for high, low in zip(text[::2], text[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Settings:
    """The ten settings bytes of the information record; lengths are plain numbers, `timeout` is seconds."""

    blank: bool
    keypad_on: bool
    sound: bool
    timeout: int
    fill: int
    minimum: int
    maximum: int
    speed: int
    hex_mode: int
    beep: int

    def encode(self) -> bytes:
        """Ten bytes; the meaning of the second and the last is unknown."""
        flags = self.blank | self.keypad_on << 1 | self.sound << 2
        numbers = (self.timeout, self.fill, self.minimum, self.maximum, self.speed, self.hex_mode, self.beep)
        return bytes((flags, 0, *numbers, 0))

    @classmethod
    def decode(cls, data: bytes) -> "Settings":
        """Inverse of `encode`."""
        flags = data[0]
        return cls(bool(flags & 1), bool(flags & 2), bool(flags & 4), *data[2:9])


_RECORD = (
    Field("user", 50),
    Field("key map", 48),
    Field("settings", 20),
    Field("function", 8),
    Field("model", 6),
    Field("hardware", 3),
    Field("firmware", 3),
    Field("produced", 4),
    Field("serial", 4),
)


@dataclass(frozen=True, slots=True)
class Information:
    """The record that answers INFORMATION: 146 characters."""

    user: str
    key_map: bytes
    settings: Settings
    function: str
    model: str
    hardware: str
    firmware: str
    produced: str
    serial: str

    def encode(self, mode: HexMode = HexMode.TRUE) -> bytes:
        """The record's characters."""
        texts = (self.function, self.model, self.hardware, self.firmware, self.produced, self.serial)
        padded = "".join(text.ljust(part.width or 0) for text, part in zip(texts, _RECORD[3:], strict=True))
        user = self.user.ljust(50).encode("latin-1")
        return user + to_hex(self.key_map, mode) + to_hex(self.settings.encode(), mode) + padded.encode("latin-1")

    @classmethod
    def decode(cls, data: bytes) -> "Information":
        """Inverse of `encode`, without the padding. Raises RemoteProtocolError."""
        parts = split(_RECORD, data)
        texts = [parts[part.name].decode("latin-1").rstrip() for part in _RECORD]
        settings = Settings.decode(from_hex(parts["settings"]))
        return cls(texts[0], from_hex(parts["key map"]), settings, *texts[3:])


# --- Bytes to events


def _frame(code: int, data: bytes, *, counted: bool = False) -> bytes:
    size = 1 + len(data)
    if size <= _LONGEST_COUNTED:
        body = b"%03d%c%s\x03" % (size, code, data)
    elif size > _LONGEST - _LONG_HEAD - _TAIL or (ETX in data and not counted):
        raise LocalProtocolError(f"{len(data)} bytes of data don't fit a frame without a length")
    else:
        body = b"%s%c%s\x03" % (b"000%04d" % size if counted else b"000", code, data)
    return b"\x02%s%s" % (body, _HEX[bcc(body)])


def _scan_frame(pending: bytes, head: int, message: Callable[[int, bytes, bytes], F]) -> Event[F] | None:
    if not (length := pending[1:head]).isdigit():
        return _broken_length(pending, head)
    if len(pending) < head:
        return None
    if size := int(length):
        end = head + size
    elif (end := pending.find(ETX, head + 1)) < 0:
        return None if len(pending) < _LONGEST else Noise(pending[:head], "a frame without length and end")
    total = end + _TAIL
    if total > _LONGEST:
        return Noise(pending[:head], "a frame longer than any")
    if len(pending) < total:
        return None
    raw = pending[:total]
    if fault := _fault(raw):
        # A wrong length may have reached into the next frame: that one is not lost with this.
        inner = raw.find(STX, 1)
        return Damaged(raw if inner < 0 else raw[:inner], fault)
    return message(raw[head], raw[head + 1 : end], raw)


def _broken_length(pending: bytes, head: int) -> Noise | None:
    """A STX alone may still become a frame; otherwise the noise ends before the first byte that is no digit."""
    for at in range(1, min(len(pending), head)):
        if not _is_digit(pending[at]):
            return Noise(pending[:at], "a frame begins, but no length follows")
    return None


def _fault(raw: bytes) -> str:
    if raw[-_TAIL] != ETX:
        return "no ETX where the length says"
    lrc = _HEX[bcc(raw[1:-2])]
    return "" if raw[-2:] == lrc or raw[-2:].upper() == lrc else f"the LRC is {lrc.decode()}, not what was sent"


_HEX = tuple(b"%02X" % value for value in range(256))


def _scan_from_host(pending: bytes) -> Event[Command] | None:
    if pending[0] != STX:
        return Noise(pending[:1], "bytes outside a frame")
    return _scan_frame(pending, _HEAD, Command)


def _scan_from_pad(pending: bytes) -> Event[FromPad] | None:
    if pending[0] == STX:
        # No RTN is a digit, so a digit after length 000 is one of four that tell a longer length.
        return _scan_frame(pending, _head(pending), Reply)
    if (code := _named(KeyCode, pending[0])) is not None:
        return KeyByte(code, pending[:1])
    return Noise(pending[:1], "no key has this code")


def _head(frame: bytes) -> int:
    return _LONG_HEAD if frame.startswith(b"000", 1) and frame[_HEAD : _HEAD + 1].isdigit() else _HEAD


def _is_digit(character: int) -> bool:
    return 0x30 <= character <= 0x39


def _named(names: type[N], value: int) -> N | None:
    try:
        return names(value)
    except ValueError:
        return None


# --- Words for a trace


def explain(event: Command | Reply | KeyByte | Noise | Damaged) -> Explanation:
    """One line, and where keys, PIN blocks, account numbers and clear data are. Damaged bytes count as secret whole.

    The LRC of a frame with secrets is one too: it tells a few bits of them.
    """
    told = _explained(event)
    if not told.secrets or not isinstance(event, Command | Reply):
        return told
    end, further = len(event.raw), _head(event.raw) - _HEAD if isinstance(event, Reply) else 0
    secrets = (slice(part.start + further, part.stop + further) for part in told.secrets)
    return Explanation(told.text, (*secrets, slice(end - _LRC, end)))


def _explained(event: Command | Reply | KeyByte | Noise | Damaged) -> Explanation:
    match event:
        case Noise() | Damaged():
            return Explanation(f"{len(event.raw)} bytes: {event.reason}", (slice(0, len(event.raw)),))
        case KeyByte(code):
            words = KEY_WORDS.get(code)
            return Explanation(words or "a key", () if words else (slice(0, 1),))
        case Command(code, data):
            if (opcode := _named(Opcode, code)) is None:
                return _hidden(f"opcode {code:02X}", data)
            return _told(_words(opcode), request_fields(opcode, data), data)
        case Reply(code, data) if event.is_error:
            rtn = _named(Rtn, code)
            return _hidden(f"refused: {_words(rtn) if rtn else 'unknown error'} ({code:02X})", data)
        case Reply(code, data):
            if (opcode := _named(Opcode, code - 0x30)) is None:
                return _hidden(f"RTN {code:02X}", data)
            return _told(f"{_words(opcode)} done", REPLIES[opcode], data)


def _words(name: Opcode | Rtn) -> str:
    return name.name.lower().replace("_", " ")


def _hidden(text: str, data: bytes) -> Explanation:
    start = _HEAD + 1
    return Explanation(text, (slice(start, start + len(data)),) if data else ())


def _told(text: str, fields: tuple[Field, ...], data: bytes) -> Explanation:
    try:
        parts = split(fields, data)
    except RemoteProtocolError as fault:
        return _hidden(f"{text}: {fault}", data)
    told: list[str] = []
    secrets: list[slice] = []
    position = _HEAD + 1
    for part in fields:
        value = parts[part.name]
        if part.secret and value:
            secrets.append(slice(position, position + len(value)))
            told.append(f"{part.name} of {len(value)} characters")
        elif value:
            told.append(f"{part.name} {_shown(value)}")
        position += len(value)
    return Explanation(f"{text}: {', '.join(told)}" if told else text, tuple(secrets))


def _shown(value: bytes) -> str:
    """Text as it is, anything else in hexadecimal."""
    text = value.decode("latin-1").rstrip()
    return text if text and text.isascii() and text.isprintable() else value.hex().upper()


SZZT_ZT598 = WireFormat(
    name="szzt-zt598",
    from_host=lambda: Decoder(_scan_from_host),
    from_device=lambda: Decoder(_scan_from_pad),
    explain=explain,
)
