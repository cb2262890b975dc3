"""Sankyo (Nidec) ICT3Q8 motorised card reader: frames, messages, and what they say in words.

Facts from the vendor's interface specification ASL-NP-09256-01 (ICT3Q8-3A0264 / MCT3Q8-3A0264, 2004). A frame is
`F2 | length (2) | TEXT | CRC (2)`; TEXT is `C cm pm data` from the host, `P cm pm st1 st0 data` or `N cm pm e1 e0 data`
from the reader. Bare ACK, NAK and the two-byte DLE EOT ("clear line") travel between frames.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from protocol.checksums import crc16_xmodem
from protocol.fast_init import fast_init
from protocol.sankyo_ict3q8_chip import SAM_REPLIES
from protocol.sankyo_ict3q8_codes import COMMANDS, CommandKind, error_meaning
from protocol.wire import (
    ACK,
    NAK,
    Control,
    Damaged,
    Decoder,
    Explanation,
    LocalProtocolError,
    Noise,
    WireFormat,
)

STX = 0xF2
MAX_FRAME = 1024
MAX_TEXT = MAX_FRAME - 5
CLEAR_LINE = b"\x10\x04"


class CardPosition(StrEnum):
    """Status characters st1 st0 of a positive reply."""

    NO_CARD = "00"
    AT_GATE = "01"
    INSIDE = "02"


@fast_init
@dataclass(frozen=True, slots=True)
class Command:
    """Host to reader: what to do (`cm`, `pm`, one character each) and its data."""

    cm: str
    pm: str
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def mnemonic(self) -> str:
        """The command as the vendor writes it, for example `C10`."""
        return f"C{self.cm}{self.pm}"


@fast_init
@dataclass(frozen=True, slots=True)
class PositiveReply:
    """Reader to host: done. `pm` is that of the command, or px after a chip exchange."""

    cm: str
    pm: str
    st: CardPosition
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class NegativeReply:
    """Reader to host: not done; `error` is two characters, see `sankyo_ict3q8_codes.ErrorCode`."""

    cm: str
    pm: str
    error: str
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClearLine:
    """DLE EOT: from the host "stop at once", from the reader "stopped"."""

    raw: bytes = field(default=CLEAR_LINE, compare=False, repr=False)


Reply: TypeAlias = PositiveReply | NegativeReply
Message: TypeAlias = Command | PositiveReply | NegativeReply | ClearLine | Control


def frame(text: bytes) -> bytes:
    """TEXT with length and CRC around it. Raises LocalProtocolError when the frame would exceed 1024 bytes."""
    if not 3 <= len(text) <= MAX_TEXT:
        raise LocalProtocolError(f"a frame holds 3 to {MAX_TEXT} bytes of text, not {len(text)}")
    body = b"\xf2%c%c%s" % (len(text) >> 8, len(text) & 0xFF, text)
    return body + crc16_xmodem(body).to_bytes(2, "big")


def encode(message: Message) -> bytes:
    """The bytes of a message on the line."""
    match message:
        case Command(cm, pm, data):
            return frame(f"C{cm}{pm}".encode("latin-1") + data)
        case PositiveReply(cm, pm, st, data):
            return frame(f"P{cm}{pm}{st}".encode("latin-1") + data)
        case NegativeReply(cm, pm, error, data):
            return frame(f"N{cm}{pm}{error}".encode("latin-1") + data)
        case ClearLine():
            return CLEAR_LINE
        case Control(code):
            return bytes((code,))


def scan(pending: bytes) -> Message | Noise | Damaged | None:
    """The first event in the bytes of either direction; see `wire.Decoder`."""
    match pending[0]:
        case 0xF2:
            return _scan_frame(pending)
        case 0x06:
            return ACK
        case 0x15:
            return NAK
        case 0x10:
            if len(pending) == 1:
                return None
            return ClearLine() if pending[1] == 0x04 else Noise(pending[:1], "DLE without EOT")
        case _:
            return Noise(pending[:1], "not the beginning of a frame")


def _scan_frame(pending: bytes) -> Message | Noise | Damaged | None:
    if len(pending) < 3:
        return None
    length = pending[1] << 8 | pending[2]
    if not 3 <= length <= MAX_TEXT:
        return Noise(pending[:1], f"a frame can't hold {length} bytes of text")
    if len(pending) < length + 5:
        return None
    raw = pending[: length + 5]
    if crc16_xmodem(raw):  # over a frame with its own check code nothing is left
        return Damaged(raw, "CRC")
    return _message(raw)


_POSITION_CODES = {position.value: position for position in CardPosition}


def _message(raw: bytes) -> Message | Damaged:
    text = raw[3:8].decode("latin-1")
    kind, cm, pm = text[0], text[1], text[2]
    if kind == "C":
        return Command(cm, pm, raw[6:-2], raw)
    if kind not in "PN" or len(raw) < 10:
        return Damaged(raw, "neither a command nor a reply")
    code, data = text[3:], raw[8:-2]
    if kind == "N":
        return NegativeReply(cm, pm, code, data, raw)
    position = _POSITION_CODES.get(code)
    if position is None:
        return Damaged(raw, "unknown card status")
    return PositiveReply(cm, pm, position, data, raw)


def answers(command: Command, message: Message) -> bool:
    """Is `message` the reply to `command`? After a chip or SAM exchange px stands in the place of pm.

    The specification leaves open which of the two a negative reply has, so both are taken.
    """
    if not isinstance(message, PositiveReply | NegativeReply) or message.cm != command.cm:
        return False
    if message.pm == command.pm:
        return True
    return command.cm == "I" and message.pm in _PX.get(command.pm, "")


_PX: dict[str, str] = {
    **dict.fromkeys("345679", "".join(SAM_REPLIES)),
    **dict.fromkeys("CDEFGI", "".join(SAM_REPLIES.values())),
}


def _explain(event: Message | Noise | Damaged) -> Explanation:
    match event:
        case Command(cm, pm, data, raw):
            kind = _kind(cm, pm)
            words = f"C{cm}{pm} {kind.name}"
            if cm == "I" and pm in _WHOLE_APDU and len(data) >= 4:
                return Explanation(f"{words}, INS {data[1]:02X}", _from(11, raw))
            return Explanation(words, _from(6, raw) if kind.secret_data else ())
        case PositiveReply(cm, px, st, data, raw):
            kind = _kind(cm, px)
            words = f"P{cm}{px}{st} {kind.name}: {_POSITIONS[st]}"
            if cm == "I" and px in _ENDS_WITH_STATUS_WORD and len(data) >= 2:
                hidden = (slice(8, len(raw) - 4), slice(len(raw) - 2, len(raw)))
                return Explanation(f"{words}, SW {data[-2:].hex().upper()}", hidden)
            return Explanation(words, _from(8, raw) if kind.secret_reply else ())
        case NegativeReply(cm, pm, error, _, raw):
            kind = _kind(cm, pm)
            words = f"N{cm}{pm}{error} {kind.name}: {error_meaning(error)}"
            return Explanation(words, _from(8, raw) if kind.secret_reply else ())
        case ClearLine():
            return Explanation("DLE EOT clear line")
        case Control(code):
            return Explanation(code.name)
        case Noise(raw, reason) | Damaged(raw, reason):
            return Explanation(reason, _from(3, raw))


_WHOLE_APDU = "349CDI"
_ENDS_WITH_STATUS_WORD = "346CDF"
_POSITIONS = {
    CardPosition.NO_CARD: "no card",
    CardPosition.AT_GATE: "card at the gate",
    CardPosition.INSIDE: "card inside",
}
_UNKNOWN_KIND = CommandKind("", "", "unknown command", secret_data=True, secret_reply=True)


def _kind(cm: str, pm: str) -> CommandKind:
    if cm == "I" and pm in "?O":
        return CommandKind(cm, pm, "chip exchange aborted by the card", secret_reply=True)
    return COMMANDS.get((cm, pm), _UNKNOWN_KIND)


def _from(start: int, raw: bytes) -> tuple[slice, ...]:
    """Secret data are hidden together with the CRC, which would tell sixteen bits of them."""
    return (slice(start, len(raw)),) if start < len(raw) - 2 else ()


SANKYO_ICT3Q8 = WireFormat(
    name="sankyo-ict3q8",
    from_host=lambda: Decoder(scan),
    from_device=lambda: Decoder(scan),
    explain=_explain,
)
