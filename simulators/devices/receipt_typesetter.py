"""How a printer sets a receipt: follows the commands of a stream and says what has to be done on paper."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, replace

from protocol.escpos import scan_host
from protocol.escpos_commands import (
    ENCODING,
    Alignment,
    Command,
    Cut,
    ErrorCorrection,
    FeedDots,
    FeedLines,
    Initialize,
    LineFeed,
    QrCorrection,
    QrPrint,
    QrSize,
    QrStore,
    SetAlignment,
    SetAutomaticStatus,
    SetCodePage,
    SetEmphasis,
    SetKanji,
    SetKanjiModes,
    SetPosition,
    SetPrintModes,
    SetReverse,
    SetSize,
    SetTabs,
    SetUnderline,
    Tab,
    Text,
    TransmitName,
    TransmitPaperStatus,
)
from protocol.escpos_graphics import (
    Barcode,
    BitImage,
    PrintGraphics,
    PrintStoredImage,
    RasterImage,
    SetBarcodeHeight,
    SetBarcodeWidth,
    SetBarcodeWords,
    StoreGraphics,
    Words,
)
from protocol.wire import Damaged, Decoder, Noise
from simulators.devices.receipt import (
    DOTS_PER_COLUMN,
    Piece,
    Printed,
    PrintedBarcode,
    PrintedImage,
    PrintedLine,
    PrintedQr,
    PrintedSpace,
    Receipt,
    Step,
    Style,
)

CODE_PAGES: Mapping[int, str] = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
}
"""What bytes above 7F mean while the Kanji mode is off; of pages that are not on board, page 0 is printed."""

_EVERY_EIGHTH = tuple(range(8, 256, 8))


@dataclass(frozen=True, slots=True)
class _CodeSettings:
    """Of the next QR code and bar code."""

    qr: str = ""
    qr_size: int = 3
    qr_level: ErrorCorrection = ErrorCorrection.L
    height: int = 162
    bar: int = 3
    words: Words = Words.NONE
    picture: StoreGraphics | None = None


class Typesetter:
    """Takes commands one by one; `columns` are narrow characters in a line."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._codes = _CodeSettings()
        self._align: Alignment
        self._style: Style
        self._kanji: SetKanjiModes | None
        self._tabs: tuple[int, ...]
        self._page: int
        self._multi_byte: bool
        self._line: PrintedLine
        self._initialize()

    def take(self, command: Command) -> list[Step]:
        """What `command` makes the mechanics do, in order. Text stays in the line until it is full or ended."""
        match command:
            case Text(data):
                return [line for character in self._characters.decode(data) for line in self._set(character)]
            case BitImage(raster, scale):
                self._append(Piece("", picture=raster, scale=scale))
                return []
            case Tab() | SetPosition():
                self._advance(command)
                return []
            case LineFeed() | FeedLines() | FeedDots() | Cut():
                return self._feed(command)
            case TransmitPaperStatus() | TransmitName() | SetAutomaticStatus():
                return [command]
            case QrPrint() | RasterImage() | PrintGraphics() | PrintStoredImage() | Barcode():
                return [*self._begun_line(), *self._block(command)]
            case _:
                self._configure(command)
                return []

    @property
    def unfinished(self) -> list[Printed]:
        """The line that is being set, as it would be printed."""
        return [self._line] if self._line.cells else []

    def _feed(self, command: Command) -> list[Step]:
        match command:
            case LineFeed():
                return [self._end_line()]
            case FeedLines(lines):
                begun = self._begun_line()
                return [*begun, *[PrintedLine()] * (lines - len(begun))]
            case FeedDots(dots):
                return [*self._begun_line(), PrintedSpace(dots)]
            case Cut():
                return [*self._begun_line(), command]
            case _:
                return []

    def _block(self, command: Command) -> list[Step]:
        """What stands in lines of its own."""
        codes = self._codes
        match command:
            case QrPrint():
                return [PrintedQr(codes.qr, self._align, codes.qr_size, codes.qr_level)]
            case RasterImage(raster, scale):
                return [PrintedImage("picture", raster, self._align, scale)]
            case PrintGraphics() if codes.picture is not None:
                return [PrintedImage("picture", codes.picture.raster, self._align, codes.picture.scale)]
            case PrintStoredImage(number):
                return [PrintedImage(f"stored picture {number}", None, self._align)]
            case Barcode(symbology, data):
                words = data.decode("ascii", "replace")
                return [PrintedBarcode(symbology, words, self._align, codes.height, codes.bar, codes.words)]
            case _:
                return []

    def _configure(self, command: Command) -> None:
        match command:
            case Initialize():
                self._initialize()
            case SetAlignment(alignment):
                self._align = alignment
            case SetEmphasis(on):
                self._style = replace(self._style, emphasized=on)
            case SetUnderline(dots):
                self._style = replace(self._style, underline=dots)
            case SetReverse(on):
                self._style = replace(self._style, reverse=on)
            case SetSize(width, height):
                self._style = replace(self._style, width=width, height=height)
                self._kanji = None
            case SetPrintModes(emphasized, double_height, double_width, underlined):
                self._style = Style(emphasized, underlined, self._style.reverse, 1 + double_width, 1 + double_height)
                self._kanji = None
            case SetKanjiModes():
                self._kanji = command
            case SetKanji(on):
                self._read_characters(multi_byte=on)
            case SetCodePage(page):
                self._page = page
                self._read_characters(multi_byte=self._multi_byte)
            case SetTabs(columns):
                self._tabs = columns
            case QrStore(data):
                self._codes = replace(self._codes, qr=data.decode("utf-8", "replace"))
            case QrSize(dots):
                self._codes = replace(self._codes, qr_size=dots)
            case QrCorrection(level):
                self._codes = replace(self._codes, qr_level=level)
            case StoreGraphics():
                self._codes = replace(self._codes, picture=command)
            case SetBarcodeHeight(dots):
                self._codes = replace(self._codes, height=dots)
            case SetBarcodeWidth(dots):
                self._codes = replace(self._codes, bar=dots)
            case SetBarcodeWords(words):
                self._codes = replace(self._codes, words=words)
            case _:
                pass

    def _initialize(self) -> None:
        self._align = Alignment.LEFT
        self._style = Style()
        self._kanji = None
        self._tabs = _EVERY_EIGHTH
        self._page = 0
        self._codes = replace(_CodeSettings(), qr=self._codes.qr, picture=self._codes.picture)
        self._read_characters(multi_byte=True)
        self._line = PrintedLine()

    def _read_characters(self, *, multi_byte: bool) -> None:
        self._multi_byte = multi_byte
        encoding = ENCODING if multi_byte else CODE_PAGES.get(self._page, CODE_PAGES[0])
        self._characters = codecs.getincrementaldecoder(encoding)("replace")

    def _set(self, character: str) -> list[PrintedLine]:
        """Put a character into the line; a line that would be too long ends before it."""
        wide = self._multi_byte and not character.isascii()
        style = self._style
        if wide and self._kanji is not None:
            sizes = 1 + self._kanji.double_width, 1 + self._kanji.double_height
            style = replace(style, width=sizes[0], height=sizes[1], underline=int(self._kanji.underlined))
        cells = (1 + wide) * style.width
        full = [self._end_line()] if self._line.cells + cells > self._columns else []
        self._append(Piece(character, wide, style))
        return full

    def _advance(self, command: Tab | SetPosition) -> None:
        """Go on further to the right; there is no way back."""
        here = self._line.cells
        if isinstance(command, Tab):
            there = next((column for column in self._tabs if column > here), here)
        else:
            there = command.dots // DOTS_PER_COLUMN
        if here < there < self._columns:
            self._append(Piece(" " * (there - here)))

    def _append(self, piece: Piece) -> None:
        line, last = self._line, self._line.pieces[-1:]
        joins = (
            last
            and piece.picture is None
            and (last[0].picture, last[0].wide, last[0].style)
            == (
                None,
                piece.wide,
                piece.style,
            )
        )
        pieces = (*line.pieces[:-1], replace(piece, text=last[0].text + piece.text)) if joins else (*line.pieces, piece)
        self._line = PrintedLine(
            line.text + piece.text,
            line.cells + -(-piece.dots // DOTS_PER_COLUMN),
            self._align,
            line.emphasized or piece.style.emphasized,
            max(line.width, piece.style.width),
            max(line.height, piece.style.height),
            pieces,
        )

    def _begun_line(self) -> list[PrintedLine]:
        return [self._end_line()] if self._line.cells else []

    def _end_line(self) -> PrintedLine:
        line, self._line = self._line, PrintedLine()
        return line


def read_receipts(data: bytes, columns: int) -> list[Receipt]:
    """The receipts that a stream of bytes prints; what follows the last cut is one that was not cut."""
    decoder, typesetter = Decoder[Command](scan_host), Typesetter(columns)
    receipts: list[Receipt] = []
    lines: list[Printed] = []
    # Text is complete when something follows it: a real-time question prints nothing.
    for event in [*decoder.feed(data + b"\x10\x04\x01"), *decoder.give_up()]:
        if isinstance(event, Noise | Damaged):
            continue
        for step in typesetter.take(event):
            match step:
                case Cut(mode):
                    receipts.append(Receipt(columns, tuple(lines), mode))
                    lines = []
                case TransmitPaperStatus() | TransmitName() | SetAutomaticStatus():
                    pass
                case _:
                    lines.append(step)
    lines += typesetter.unfinished
    return [*receipts, Receipt(columns, tuple(lines), None)] if lines else receipts
