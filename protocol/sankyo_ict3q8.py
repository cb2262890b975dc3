"""Sankyo (Nidec) ICT3Q8 motorised card reader: frames, commands, status, sensors, errors.

Facts from the vendor's interface specification ASL-NP-09256-01 (ICT3Q8-3A0264 / MCT3Q8-3A0264, 2004). A frame is
`F2 | length (2) | TEXT | CRC (2)`; TEXT is `C cm pm data` from the host, `P cm pm st1 st0 data` or `N cm pm e1 e0 data`
from the reader. Bare ACK, NAK and the two-byte DLE EOT ("clear line") travel between frames.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from protocol.checksums import crc16_xmodem
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
    RemoteProtocolError,
    WireFormat,
)

STX = 0xF2
MAX_FRAME = 1024
MAX_TEXT = MAX_FRAME - 5
MAX_T0_APDU = 261
MAX_T1_APDU = 1000
CLEAR_LINE = b"\x10\x04"


class CardPosition(StrEnum):
    """Status characters st1 st0 of a positive reply."""

    NO_CARD = "00"
    AT_GATE = "01"
    INSIDE = "02"


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


@dataclass(frozen=True, slots=True)
class PositiveReply:
    """Reader to host: done. `pm` is that of the command, or px after a chip exchange."""

    cm: str
    pm: str
    st: CardPosition
    data: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


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


class ChipReply(StrEnum):
    """px: what stands in the place of pm in the reply to a chip exchange."""

    T0 = "3"
    T1 = "4"
    MORE = "5"
    LAST = "6"
    PART_TAKEN = "7"
    ABORTED = "?"


class InitialMove(StrEnum):
    """pm of Initialize: what happens to a card inside; the last three switch the retract counter on."""

    TO_GATE = "0"
    CAPTURE = "1"
    KEEP_INSIDE = "2"
    DO_NOT_MOVE = "3"
    TO_GATE_COUNTED = "4"
    CAPTURE_COUNTED = "5"
    KEEP_INSIDE_COUNTED = "6"

    @property
    def counts(self) -> bool:
        """Is the retract counter on afterwards?"""
        return self >= InitialMove.TO_GATE_COUNTED


class OnPowerDown(StrEnum):
    """Pd of Initialize: where a card goes at power-down."""

    EJECT = "0"
    EJECT_UNLESS_WRITING = "1"
    KEEP = "2"
    OFFER_THEN_CAPTURE = "3"


@dataclass(frozen=True, slots=True)
class Initialize:
    """The parameters of Initialize: `C 0 pm 3 2 4 0 fm Pd Wv Sh Ds Ty Cp`."""

    move: InitialMove = InitialMove.TO_GATE_COUNTED
    power_down: OnPowerDown = OnPowerDown.EJECT
    finish_write_at_power_down: bool = False
    skip_shutter_test: bool = False
    dsr_watch: str = "0"
    report_type: bool = True
    pull_out_in_capture_is_error: bool = True

    def command(self) -> Command:
        """In full: 14 characters."""
        flags = (
            str(int(self.finish_write_at_power_down)),
            str(int(self.skip_shutter_test)),
            self.dsr_watch,
            str(int(self.report_type)),
            str(int(self.pull_out_in_capture_is_error)),
        )
        return Command("0", self.move, f"32400{self.power_down}{''.join(flags)}".encode())

    @classmethod
    def parse(cls, command: Command) -> "Initialize":
        """From 8 to 14 characters; what is left off is 0. Raises RemoteProtocolError."""
        text = command.data.decode("latin-1")
        if not 5 <= len(text) <= 11 or not text.startswith("32400"):
            raise RemoteProtocolError(f"Initialize with data {text!r}")
        pd, wv, sh, ds, ty, cp = tuple(text[5:].ljust(6, "0"))
        if pd not in "0123" or ds not in "012" or any(flag not in "01" for flag in (wv, sh, ty, cp)):
            raise RemoteProtocolError(f"Initialize with data {text!r}")
        return cls(InitialMove(command.pm), OnPowerDown(pd), wv == "1", sh == "1", ds, ty == "1", cp == "1")


@dataclass(frozen=True, slots=True)
class Sensors:
    """The four sensor bytes of C12 and C13; on the line in the order Se1 Se0 Se2 Se3."""

    insertion_switch: bool = False
    shutter_switch: bool = False
    front: bool = False
    middle: bool = False
    rear: bool = False
    capture_box: bool = True
    chip_contact: bool = False
    chip_position: bool = False
    stripe_at_prehead: bool = False
    end_of_life: bool = False
    enabled: bool = False
    magnetic_only: bool = False

    def encode(self) -> bytes:
        """Se1 Se0 Se2 Se3."""
        se0 = _bits(0x40, (4, self.insertion_switch), (3, self.shutter_switch), (2, self.front), (1, self.middle))
        se1 = _bits(0x40, (3, self.capture_box), (2, self.chip_contact), (1, self.chip_position))
        return bytes(
            (
                _bits(se1, (0, self.stripe_at_prehead)),
                _bits(se0, (0, self.rear)),
                _bits(0x40, (4, self.end_of_life)),
                _bits(0x40, (2, self.enabled), (1, self.magnetic_only)),
            )
        )

    @classmethod
    def parse(cls, data: bytes) -> "Sensors":
        """From four bytes. Raises RemoteProtocolError."""
        if len(data) != 4:
            raise RemoteProtocolError(f"{len(data)} sensor bytes in place of 4")
        se1, se0, se2, se3 = data
        return cls(
            insertion_switch=bool(se0 & 0x10),
            shutter_switch=bool(se0 & 0x08),
            front=bool(se0 & 0x04),
            middle=bool(se0 & 0x02),
            rear=bool(se0 & 0x01),
            capture_box=bool(se1 & 0x08),
            chip_contact=bool(se1 & 0x04),
            chip_position=bool(se1 & 0x02),
            stripe_at_prehead=bool(se1 & 0x01),
            end_of_life=bool(se2 & 0x10),
            enabled=bool(se3 & 0x04),
            magnetic_only=bool(se3 & 0x02),
        )


def _bits(base: int, *flags: tuple[int, bool]) -> int:
    return base | sum(1 << bit for bit, is_set in flags if is_set)


def frame(text: bytes) -> bytes:
    """TEXT with length and CRC around it. Raises LocalProtocolError when the frame would exceed 1024 bytes."""
    if not 3 <= len(text) <= MAX_TEXT:
        raise LocalProtocolError(f"a frame holds 3 to {MAX_TEXT} bytes of text, not {len(text)}")
    body = bytes((STX,)) + len(text).to_bytes(2, "big") + text
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
        case 0x06:
            return ACK
        case 0x15:
            return NAK
        case 0x10:
            if len(pending) == 1:
                return None
            return ClearLine() if pending[1] == 0x04 else Noise(pending[:1], "DLE without EOT")
        case 0xF2:
            return _scan_frame(pending)
        case _:
            return Noise(pending[:1], "not the beginning of a frame")


def _scan_frame(pending: bytes) -> Message | Noise | Damaged | None:
    if len(pending) < 3:
        return None
    length = int.from_bytes(pending[1:3], "big")
    if not 3 <= length <= MAX_TEXT:
        return Noise(pending[:1], f"a frame can't hold {length} bytes of text")
    if len(pending) < length + 5:
        return None
    raw = pending[: length + 5]
    if crc16_xmodem(raw[:-2]) != int.from_bytes(raw[-2:], "big"):
        return Damaged(raw, "CRC")
    return _message(raw)


def _message(raw: bytes) -> Message | Damaged:
    text = raw[3:-2]
    kind, cm, pm = (chr(byte) for byte in text[:3])
    if kind == "C":
        return Command(cm, pm, text[3:], raw)
    if kind not in "PN" or len(text) < 5:
        return Damaged(raw, "neither a command nor a reply")
    code, data = text[3:5].decode("latin-1"), text[5:]
    if kind == "N":
        return NegativeReply(cm, pm, code, data, raw)
    if code not in tuple(CardPosition):
        return Damaged(raw, "unknown card status")
    return PositiveReply(cm, pm, CardPosition(code), data, raw)


def answers(command: Command, message: Message) -> bool:
    """Is `message` the reply to `command`? After a chip or SAM exchange px stands in the place of pm.

    The specification leaves open which of the two a negative reply has, so both are taken.
    """
    if not isinstance(message, PositiveReply | NegativeReply) or message.cm != command.cm:
        return False
    if message.pm == command.pm:
        return True
    return command.cm == "I" and message.pm in _PX.get(command.pm, "")


_PX: dict[str, str] = {**dict.fromkeys("345679", "34567?"), **dict.fromkeys("CDEFGI", "CDEFGO")}


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
