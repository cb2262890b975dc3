"""What a receipt printer puts on paper: commands become lines, lines become receipts that can be read."""

import codecs
from dataclasses import dataclass
from typing import TypeAlias

from protocol.escpos_commands import (
    ENCODING,
    Alignment,
    Command,
    Cut,
    CutMode,
    FeedLines,
    Initialize,
    LineFeed,
    QrPrint,
    QrStore,
    SetAlignment,
    SetEmphasis,
    SetKanji,
    SetPrintModes,
    SetSize,
    Text,
    TransmitPaperStatus,
)


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line on paper, `cells` columns wide; `width` and `height` are those of its largest character."""

    text: str = ""
    cells: int = 0
    align: Alignment = Alignment.LEFT
    emphasized: bool = False
    width: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class PrintedQr:
    """A QR code on paper."""

    data: str
    align: Alignment = Alignment.LEFT


SINGLE_BYTE = "cp437"
"""What bytes above 7F mean while the Kanji mode is off; of the code pages only this one, page 0, is on board."""

Printed: TypeAlias = PrintedLine | PrintedQr
Step: TypeAlias = Printed | Cut | TransmitPaperStatus
"""What takes its turn in the mechanics."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A piece of paper; `cut` tells how it was cut off."""

    columns: int
    lines: tuple[Printed, ...]
    cut: CutMode

    @property
    def qr(self) -> tuple[str, ...]:
        """The contents of its QR codes."""
        return tuple(line.data for line in self.lines if isinstance(line, PrintedQr))

    @property
    def text(self) -> str:
        """As a person reads it, line by line; large characters are not spaced, a QR code stands in brackets."""
        return "\n".join(self._shown(line) for line in self.lines)

    def _shown(self, line: Printed) -> str:
        match line:
            case PrintedLine(text, cells):
                pass
            case PrintedQr(data):
                text = f"[QR {data}]"
                cells = len(text)
        free = max(0, self.columns - cells)
        margin = {Alignment.LEFT: 0, Alignment.CENTER: free // 2, Alignment.RIGHT: free}[line.align]
        return (" " * margin + text).rstrip()


class Typesetter:
    """Follows the commands of a stream and says what has to be done on paper."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._qr = ""
        self._align: Alignment
        self._initialize()

    def take(self, command: Command) -> list[Step]:
        """What `command` makes the mechanics do, in order. Text stays in the line until it is full or ended."""
        match command:
            case Text(data):
                return [line for character in self._characters.decode(data) for line in self._set(character)]
            case LineFeed():
                return [self._end_line()]
            case FeedLines(lines):
                begun = self._begun_line()
                return [*begun, *[PrintedLine()] * (lines - len(begun))]
            case QrPrint():
                return [*self._begun_line(), PrintedQr(self._qr, self._align)]
            case Cut():
                return [*self._begun_line(), command]
            case TransmitPaperStatus():
                return [command]
            case QrStore(data):
                self._qr = data.decode("utf-8", "replace")
            case Initialize():
                self._initialize()
            case SetAlignment(alignment):
                self._align = alignment
            case SetEmphasis(on):
                self._emphasized = on
            case SetSize(width, height):
                self._width, self._height = width, height
            case SetPrintModes(emphasized, double_height, double_width):
                self._emphasized = emphasized
                self._width, self._height = 1 + double_width, 1 + double_height
            case SetKanji(on):
                self._read_characters(multi_byte=on)
            case _:
                pass
        return []

    def _initialize(self) -> None:
        self._align = Alignment.LEFT
        self._emphasized = False
        self._width = self._height = 1
        self._read_characters(multi_byte=True)
        self._line = PrintedLine()

    def _read_characters(self, *, multi_byte: bool) -> None:
        self._multi_byte = multi_byte
        self._characters = codecs.getincrementaldecoder(ENCODING if multi_byte else SINGLE_BYTE)("replace")

    def _set(self, character: str) -> list[PrintedLine]:
        """Put a character into the line; a line that would be too long ends before it."""
        cells = (2 if self._multi_byte and not character.isascii() else 1) * self._width
        full = [self._end_line()] if self._line.cells + cells > self._columns else []
        self._line = PrintedLine(
            self._line.text + character,
            self._line.cells + cells,
            self._align,
            self._line.emphasized or self._emphasized,
            max(self._line.width, self._width),
            max(self._line.height, self._height),
        )
        return full

    def _begun_line(self) -> list[PrintedLine]:
        return [self._end_line()] if self._line.cells else []

    def _end_line(self) -> PrintedLine:
        line, self._line = self._line, PrintedLine()
        return line
