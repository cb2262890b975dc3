"""A receipt on paper, as a value: lines of characters, pictures, codes, and the empty paper between them."""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from protocol.escpos_commands import (
    Alignment,
    Cut,
    CutMode,
    ErrorCorrection,
    SetAutomaticStatus,
    TransmitName,
    TransmitPaperStatus,
)
from protocol.escpos_graphics import Raster, Symbology, Words

DOTS_PER_COLUMN = 12
"""Width of a narrow character; a Chinese one has twice as many."""

CHARACTER_DOTS, LINE_DOTS = 24, 30
"""Height of a character, and of a line with the space below it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How characters look: `underline` in dots, sizes 1 to 8."""

    emphasized: bool = False
    underline: int = 0
    reverse: bool = False
    width: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one style, `wide` if each takes two columns, or a `picture` in the line."""

    text: str
    wide: bool = False
    style: Style = Style()
    picture: Raster | None = None
    scale: tuple[int, int] = (1, 1)

    @property
    def dots(self) -> int:
        """Width on paper."""
        if self.picture is not None:
            return self.picture.width * self.scale[0]
        return len(self.text) * (1 + self.wide) * self.style.width * DOTS_PER_COLUMN

    @property
    def height(self) -> int:
        """Dots from the base line up."""
        if self.picture is not None:
            return self.picture.height * self.scale[1]
        return self.style.height * CHARACTER_DOTS


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line on paper, `cells` columns wide; `width` and `height` are those of its largest character."""

    text: str = ""
    cells: int = 0
    align: Alignment = Alignment.LEFT
    emphasized: bool = False
    width: int = 1
    height: int = 1
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)

    @property
    def dots(self) -> int:
        """Paper it takes: pictures in lines are set band to band."""
        if any(piece.picture for piece in self.pieces):
            return max(piece.height for piece in self.pieces)
        return LINE_DOTS + (self.height - 1) * CHARACTER_DOTS


@dataclass(frozen=True, slots=True)
class PrintedQr:
    """A QR code on paper; `size` is dots of a module."""

    data: str
    align: Alignment = Alignment.LEFT
    size: int = field(default=3, compare=False)
    level: ErrorCorrection = field(default=ErrorCorrection.L, compare=False)


@dataclass(frozen=True, slots=True)
class PrintedBarcode:
    """A bar code on paper, in dots."""

    symbology: Symbology
    data: str
    align: Alignment = Alignment.LEFT
    height: int = 162
    bar: int = 3
    words: Words = Words.NONE

    @property
    def told(self) -> str:
        """What a person reads: without the marks of code sets."""
        return re.sub(r"\{(.)", lambda mark: "{" * (mark[1] == "{"), self.data)


@dataclass(frozen=True, slots=True)
class PrintedImage:
    """A picture on paper; without `raster` one from the printer's own memory, which nobody here knows."""

    name: str
    raster: Raster | None
    align: Alignment = Alignment.LEFT
    scale: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class PrintedSpace:
    """Empty paper."""

    dots: int


Printed: TypeAlias = PrintedLine | PrintedQr | PrintedBarcode | PrintedImage | PrintedSpace
Told: TypeAlias = TransmitPaperStatus | TransmitName | SetAutomaticStatus
Step: TypeAlias = Printed | Cut | Told
"""What takes its turn in the mechanics."""

UNKNOWN_IMAGE_DOTS = 96
"""Paper for a picture that nobody knows."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A piece of paper; `cut` tells how it was cut off, None that it was not."""

    columns: int
    lines: tuple[Printed, ...]
    cut: CutMode | None

    @property
    def qr(self) -> tuple[str, ...]:
        """The contents of its QR codes."""
        return tuple(line.data for line in self.lines if isinstance(line, PrintedQr))

    @property
    def text(self) -> str:
        """As a person reads it, line by line; large characters are not spaced, codes and pictures stand in brackets."""
        lines = (self._shown(line) for line in self.lines)
        return "\n".join(line for line in lines if line is not None)

    def _shown(self, line: Printed) -> str | None:
        match line:
            case PrintedLine(text, cells):
                if any(piece.picture for piece in line.pieces):
                    text = text or "[picture]"
                    cells = len(text)
                align = line.align
            case PrintedQr(data, align):
                text = f"[QR {data}]"
                cells = len(text)
            case PrintedBarcode(symbology, _, align):
                text = f"[{symbology.name.replace('_', '-')} {line.told}]"
                cells = len(text)
            case PrintedImage(name, raster, align):
                text = f"[{name}]" if raster is None else f"[{name} {raster.width} x {raster.height}]"
                cells = len(text)
            case PrintedSpace(dots):
                return "" if dots >= LINE_DOTS else None
        free = max(0, self.columns - cells)
        margin = {Alignment.LEFT: 0, Alignment.CENTER: free // 2, Alignment.RIGHT: free}[align]
        return (" " * margin + text).rstrip()


def paper_dots(printed: Printed, qr: int) -> int:
    """The paper that something takes; `qr` is what a QR code takes."""
    match printed:
        case PrintedLine():
            return printed.dots
        case PrintedQr():
            return qr
        case PrintedBarcode(_, _, _, height, _, words):
            return height + (words in (Words.ABOVE, Words.BOTH)) * LINE_DOTS + (words >= Words.BELOW) * LINE_DOTS
        case PrintedImage(_, raster, _, scale):
            return UNKNOWN_IMAGE_DOTS if raster is None else raster.height * scale[1]
        case PrintedSpace(dots):
            return dots
