"""The ESC/POS commands that receipts need, as values, and their bytes.

As published in Epson's command reference; checked against no hardware.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias, assert_never

from protocol.escpos_graphics import (
    Barcode,
    BitImage,
    Graphic,
    PrintGraphics,
    PrintStoredImage,
    RasterImage,
    SetBarcodeHeight,
    SetBarcodeWidth,
    SetBarcodeWords,
    StoreGraphics,
)
from protocol.escpos_status import AutomaticCauses, PrinterName, StatusKind
from protocol.wire import LocalProtocolError

ENCODING = "gb18030"
"""Chinese printers read GB18030 while the Kanji mode is on; none of its trail bytes is a control character."""

LONGEST_QR = 7089
"""Most bytes in a QR code (digits only; other text fits less)."""

CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8 with the fixed parameters that protect it from being sent by chance."""


def _raw() -> bytes:
    """As received; two commands are equal whichever of several spellings was used."""
    return field(default=b"", compare=False, repr=False)


class Alignment(IntEnum):
    """ESC a."""

    LEFT = 0
    CENTER = 1
    RIGHT = 2


class CutMode(IntEnum):
    """GS V; a partial cut leaves the receipt hanging at one point."""

    FULL = 0
    PARTIAL = 1


class ErrorCorrection(IntEnum):
    """GS ( k, function 69: how much of a QR code may be lost (7, 15, 25, 30 %)."""

    L = 48
    M = 49
    Q = 50
    H = 51


@dataclass(frozen=True, slots=True)
class Text:
    """Characters for the line that is being set; GB18030 while the Kanji mode is on."""

    data: bytes

    @property
    def raw(self) -> bytes:
        """The bytes themselves."""
        return self.data

    @property
    def words(self) -> str:
        """As text; bytes that are none are replaced."""
        return self.data.decode(ENCODING, "replace")


@dataclass(frozen=True, slots=True)
class LineFeed:
    """LF: print the line and go to the next."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class CarriageReturn:
    """CR: ignored by a printer on a serial line."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class Initialize:
    """ESC @: clear the line that is being set and restore the settings of power-on."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetAlignment:
    """ESC a n."""

    alignment: Alignment
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetEmphasis:
    """ESC E n: the lowest bit counts."""

    on: bool
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetSize:
    """GS ! n: characters `width` and `height` times as large, 1 to 8."""

    width: int = 1
    height: int = 1
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetPrintModes:
    """ESC ! n: emphasis, size and underline at once; a character is one or two times as wide and as high."""

    emphasized: bool = False
    double_height: bool = False
    double_width: bool = False
    underlined: bool = False
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetKanjiModes:
    """FS ! n: size and underline of multi-byte characters alone."""

    double_height: bool = False
    double_width: bool = False
    underlined: bool = False
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetUnderline:
    """ESC - n: a line of 0, 1 or 2 dots below the characters."""

    dots: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetReverse:
    """GS B n: white on black."""

    on: bool
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class Tab:
    """HT: go to the next tab stop."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetTabs:
    """ESC D: tab stops by column, ascending; every eighth column after power-on."""

    columns: tuple[int, ...]
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetPosition:
    """ESC $: go on at so many dots from the left."""

    dots: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class FeedDots:
    """ESC J n: print the line and feed `dots` dots."""

    dots: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetAutomaticStatus:
    """GS a n: send the status now and whenever something of `causes` changes: see AutomaticCauses; 0 ends it."""

    causes: AutomaticCauses
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetKanji:
    """FS & and FS . : multi-byte characters on or off."""

    on: bool
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetCodePage:
    """ESC t n: what single bytes above 7F mean while the Kanji mode is off."""

    page: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class FeedLines:
    """ESC d n: print the line and feed `lines` lines, 0 to 255."""

    lines: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class Cut:
    """GS V: cut; with `feed` (GS V 65, 66) feed to the cutter and so many motion units more before."""

    mode: CutMode
    feed: int | None = None
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class QrModel:
    """GS ( k, function 65: model 1 or 2."""

    model: int = 2
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class QrSize:
    """GS ( k, function 67: dots per module, 1 to 16."""

    dots: int = 3
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class QrCorrection:
    """GS ( k, function 69."""

    level: ErrorCorrection = ErrorCorrection.L
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class QrStore:
    """GS ( k, function 80: keep the content of the next QR code."""

    data: bytes
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class QrPrint:
    """GS ( k, function 81: print the QR code that is kept."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class TransmitPaperStatus:
    """GS r 1: answer with the paper sensors once everything before it has been printed."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class TransmitName:
    """GS I n: answer with a name once everything before it has been printed; answered by a NameReply."""

    name: PrinterName
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class AskStatus:
    """DLE EOT n: answer at once."""

    kind: StatusKind
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class Recover:
    """DLE ENQ n: after an error was removed, go on (1) or forget what was not printed (2)."""

    forget: bool
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class ClearBuffers:
    """DLE DC4 8: forget at once everything that was not printed."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A command that other programs send, known by its length, and without effect on a receipt as it is read here."""

    name: str
    raw: bytes


RealTimeCommand: TypeAlias = AskStatus | Recover | ClearBuffers
Command: TypeAlias = (
    Text
    | LineFeed
    | CarriageReturn
    | Initialize
    | SetAlignment
    | SetEmphasis
    | SetSize
    | SetPrintModes
    | SetKanji
    | SetCodePage
    | FeedLines
    | Cut
    | QrModel
    | QrSize
    | QrCorrection
    | QrStore
    | QrPrint
    | TransmitPaperStatus
    | TransmitName
    | SetKanjiModes
    | SetUnderline
    | SetReverse
    | Tab
    | SetTabs
    | SetPosition
    | FeedDots
    | SetAutomaticStatus
    | Graphic
    | Ignored
    | RealTimeCommand
)


def text(words: str) -> Text:
    """Words as they are sent in Kanji mode. A control character would be a command: LocalProtocolError."""
    if any(character < " " or character == "\x7f" for character in words):
        raise LocalProtocolError("printed text holds a control character")
    try:
        return Text(words.encode(ENCODING))
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"printed text holds {words[error.start]!a}, which is no character") from None


def encode(command: Command) -> bytes:
    """The bytes of a command. Raises LocalProtocolError when a parameter is out of its range."""
    match command:
        case Text(data):
            return data
        case LineFeed():
            return b"\n"
        case CarriageReturn():
            return b"\r"
        case Initialize():
            return b"\x1b@"
        case SetAlignment(alignment):
            return b"\x1ba" + bytes([alignment])
        case SetEmphasis(on):
            return b"\x1bE" + bytes([on])
        case SetSize(width, height):
            return b"\x1d!" + bytes([_in_range(width, 1, 8, "width") - 1 << 4 | _in_range(height, 1, 8, "height") - 1])
        case SetPrintModes(emphasized, double_height, double_width, underlined):
            bits = emphasized << 3 | double_height << 4 | double_width << 5 | underlined << 7
            return b"\x1b!" + bytes([bits])
        case SetKanjiModes(double_height, double_width, underlined):
            return b"\x1c!" + bytes([double_width << 2 | double_height << 3 | underlined << 7])
        case SetUnderline(dots):
            return b"\x1b-" + bytes([_in_range(dots, 0, 2, "underline")])
        case SetReverse(on):
            return b"\x1dB" + bytes([on])
        case Tab():
            return b"\t"
        case SetTabs(columns):
            if list(columns) != sorted({_in_range(column, 1, 255, "tab stop") for column in columns}):
                raise LocalProtocolError(f"tab stops {columns} do not ascend")
            return b"\x1bD" + bytes(columns) + b"\0"
        case SetPosition(dots):
            return b"\x1b$" + _in_range(dots, 0, 0xFFFF, "position").to_bytes(2, "little")
        case FeedDots(dots):
            return b"\x1bJ" + bytes([_in_range(dots, 0, 255, "dots")])
        case SetAutomaticStatus(causes):
            return b"\x1da" + bytes([causes])
        case Ignored() | BitImage() | RasterImage() | StoreGraphics() | PrintGraphics() | PrintStoredImage():
            return command.raw
        case Barcode() | SetBarcodeHeight() | SetBarcodeWidth() | SetBarcodeWords():
            return command.raw
        case SetKanji(on):
            return b"\x1c&" if on else b"\x1c."
        case SetCodePage(page):
            return b"\x1bt" + bytes([_in_range(page, 0, 255, "code page")])
        case FeedLines(lines):
            return b"\x1bd" + bytes([_in_range(lines, 0, 255, "lines")])
        case Cut(mode, feed):
            if feed is None:
                return b"\x1dV" + bytes([mode])
            return b"\x1dV" + bytes([65 + mode, _in_range(feed, 0, 255, "feed")])
        case QrModel(model):
            return _qr(65, bytes([48 + _in_range(model, 1, 2, "QR model"), 0]))
        case QrSize(dots):
            return _qr(67, bytes([_in_range(dots, 1, 16, "QR size")]))
        case QrCorrection(level):
            return _qr(69, bytes([level]))
        case QrStore(data):
            _in_range(len(data), 1, LONGEST_QR, "QR data")
            return _qr(80, b"0" + data)
        case QrPrint():
            return _qr(81, b"0")
        case TransmitPaperStatus():
            return b"\x1dr\x01"
        case TransmitName(name):
            return b"\x1dI" + bytes([name])
        case AskStatus(kind):
            return b"\x10\x04" + bytes([kind])
        case Recover(forget):
            return b"\x10\x05" + bytes([1 + forget])
        case ClearBuffers():
            return CLEAR_BUFFERS
        case _:
            assert_never(command)


def _in_range(value: int, low: int, high: int, name: str) -> int:
    if not low <= value <= high:
        raise LocalProtocolError(f"{name} {value} is not in {low}..{high}")
    return value


def _qr(function: int, parameters: bytes) -> bytes:
    return b"\x1d(k" + (len(parameters) + 2).to_bytes(2, "little") + bytes([49, function]) + parameters
