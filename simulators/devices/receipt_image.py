"""A receipt as a picture of the paper: one dot of the print head is one pixel.

Characters stand in cells of 12 x 24 dots, Chinese ones in two; large ones are enlarged dot by dot, as a printer does.
"""

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, assert_never

import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps

from protocol.escpos_commands import Alignment, CutMode
from protocol.escpos_graphics import Raster, Words
from simulators.devices.receipt import (
    CHARACTER_DOTS,
    DOTS_PER_COLUMN,
    LINE_DOTS,
    UNKNOWN_IMAGE_DOTS,
    Piece,
    Printed,
    PrintedBarcode,
    PrintedImage,
    PrintedLine,
    PrintedQr,
    PrintedSpace,
    Receipt,
)
from simulators.devices.receipt_barcodes import NoBarcode, modules

MARGIN: Final = 24
PAPER, INK, FAINT = 255, 0, 150

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
FONT_FILES = (
    "NotoSansMonoCJKsc-Regular.otf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
)
"""Fonts with Chinese characters, the best first."""

_FACES = ("Noto Sans Mono CJK SC", "WenQuanYi Zen Hei Mono", "WenQuanYi Micro Hei Mono")
"""The face to take out of a collection."""

_MOST_FACES = 16
_BASE_LINE = CHARACTER_DOTS - 5
_HELP = "install one (Debian: apt-get install fonts-noto-cjk, or fonts-wqy-zenhei), or name a font file"


class NoFont(Exception):
    """No font that can print Chinese; the message says what to install."""


class Font:
    """The characters of one font file, as the dots of their cells. Raises NoFont for a file that won't do."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = find_font() if path is None else path
        self._face = _face(self.path)
        if bytes(self._face.getmask("取")) == bytes(self._face.getmask("\U0010fffe")):
            raise NoFont(f"{self.path} has no Chinese characters; {_HELP}")
        self._cell = lru_cache(4096)(self._draw)

    def cell(self, character: str, cells: int, *, emphasized: bool = False) -> Image.Image:
        """A character in `cells` columns, black on white."""
        return self._cell(character, cells, emphasized)

    def _draw(self, character: str, cells: int, emphasized: bool) -> Image.Image:
        image = Image.new("L", (cells * DOTS_PER_COLUMN, CHARACTER_DOTS), PAPER)
        draw = ImageDraw.Draw(image)
        left = (image.width - self._face.getlength(character)) / 2
        for shift in (0, 1) if emphasized else (0,):
            draw.text((left + shift, _BASE_LINE), character, INK, self._face, anchor="ls")
        return image


def find_font(folders: Iterable[Path] = FONT_FOLDERS) -> Path:
    """The best font with Chinese characters on this machine. Raises NoFont."""
    found = {path.name: path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*.[ot]t[cf]"))}
    for name in FONT_FILES:
        if name in found:
            return found[name]
    raise NoFont(f"no font with Chinese characters is installed; {_HELP}")


def _face(path: Path) -> ImageFont.FreeTypeFont:
    size = CHARACTER_DOTS - 2
    try:
        first = ImageFont.truetype(path, size)
    except OSError as error:
        raise NoFont(f"{path} can't be read as a font ({error}); {_HELP}") from None
    for index in range(_MOST_FACES if path.suffix == ".ttc" else 0):
        try:
            face = ImageFont.truetype(path, size, index)
        except OSError:
            break
        if face.getname()[0] in _FACES:
            return face
    return first


def png(receipts: Sequence[Receipt], font: Font) -> bytes:
    """Pieces of paper below each other as one PNG file."""
    papers = [paper(receipt, font) for receipt in receipts]
    width = max((each.width for each in papers), default=2 * MARGIN)
    image = Image.new("L", (width, max(1, sum(each.height for each in papers))), PAPER)
    top = 0
    for each in papers:
        image.paste(each, (0, top))
        top += each.height
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def paper(receipt: Receipt, font: Font) -> Image.Image:
    """One piece of paper, with the line along which it was cut."""
    width = receipt.columns * DOTS_PER_COLUMN
    strips = [_strip(line, width, font) for line in receipt.lines]
    image = Image.new("L", (width + 2 * MARGIN, sum(strip.height for strip in strips) + 2 * MARGIN), PAPER)
    top = MARGIN
    for strip in strips:
        image.paste(strip, (MARGIN, top))
        top += strip.height
    _cut_line(image, receipt.cut)
    return image


def _cut_line(image: Image.Image, cut: CutMode | None) -> None:
    """Dashes where the knife went; a partial cut leaves the middle."""
    if cut is None:
        return
    draw, middle = ImageDraw.Draw(image), image.width // 2
    for x in range(0, image.width, 16):
        if cut is CutMode.FULL or not middle - 24 <= x <= middle + 8:
            draw.line((x, image.height - 2, x + 8, image.height - 2), FAINT, 2)


def _strip(printed: Printed, width: int, font: Font) -> Image.Image:
    """The paper that one thing takes, over the whole width."""
    match printed:
        case PrintedSpace(dots):
            return Image.new("L", (width, dots), PAPER)
        case PrintedLine(_, _, align):
            line = [_piece(piece, font) for piece in printed.pieces]
            content = Image.new("L", (min(width, sum(part.width for part in line)), printed.dots), PAPER)
            left, base = 0, max((part.height for part in line), default=0)
            for part in line:
                content.paste(part, (left, base - part.height))
                left += part.width
        case PrintedQr(data, align, size, level):
            content = _qr(data, size, level.name)
        case PrintedBarcode(align=align):
            content = _barcode(printed, font)
        case PrintedImage(name, raster, align, scale):
            content = _placeholder(name, font) if raster is None else _raster(raster, scale)
        case _:
            assert_never(printed)
    strip = Image.new("L", (width, content.height), PAPER)
    free = max(0, width - content.width)
    strip.paste(content, ({Alignment.LEFT: 0, Alignment.CENTER: free // 2, Alignment.RIGHT: free}[align], 0))
    return strip


def _piece(piece: Piece, font: Font) -> Image.Image:
    if piece.picture is not None:
        return _raster(piece.picture, piece.scale)
    style, cells = piece.style, 1 + piece.wide
    step = cells * DOTS_PER_COLUMN
    image = Image.new("L", (len(piece.text) * step, CHARACTER_DOTS), PAPER)
    for place, character in enumerate(piece.text):
        image.paste(font.cell(character, cells, emphasized=style.emphasized), (place * step, 0))
    if style.reverse:
        image = ImageOps.invert(image)
    image = image.resize((image.width * style.width, image.height * style.height), Image.Resampling.NEAREST)
    if style.underline and not style.reverse:
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, image.height - style.underline, image.width, image.height), INK)
    return image


def _raster(raster: Raster, scale: tuple[int, int]) -> Image.Image:
    if not raster.width or not raster.height:
        return Image.new("L", (1, 1), PAPER)
    image = ImageOps.invert(Image.frombytes("1", (raster.width, raster.height), raster.rows).convert("L"))
    return image.resize((image.width * scale[0], image.height * scale[1]), Image.Resampling.NEAREST)


def _qr(data: str, size: int, level: str) -> Image.Image:
    """With no quiet zone: the paper around it is empty."""
    try:
        code = segno.make_qr(data or " ", error=level, boost_error=False)
    except ValueError:
        return Image.new("L", (1, LINE_DOTS), PAPER)
    rows = [bytes(INK if module else PAPER for module in row) for row in code.matrix]
    image = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    return image.resize((image.width * size, image.height * size), Image.Resampling.NEAREST)


def _barcode(code: PrintedBarcode, font: Font) -> Image.Image:
    try:
        bars = modules(code.symbology, code.data)
    except NoBarcode:
        return _placeholder(f"{code.symbology.name} {code.told}", font)
    row = bytes(INK if bar else PAPER for bar in bars for _ in range(code.bar))
    image = Image.frombytes("L", (len(row), code.height), row * code.height)
    words = _words(code.told, font)
    above, below = code.words in (Words.ABOVE, Words.BOTH), code.words in (Words.BELOW, Words.BOTH)
    whole = Image.new("L", (max(image.width, words.width), image.height + (above + below) * LINE_DOTS), PAPER)
    whole.paste(image, ((whole.width - image.width) // 2, LINE_DOTS * above))
    for top in (0,) * above + (whole.height - CHARACTER_DOTS,) * below:
        whole.paste(words, ((whole.width - words.width) // 2, top))
    return whole


def _placeholder(name: str, font: Font) -> Image.Image:
    """A frame that says what would be there."""
    words = _words(name, font)
    image = Image.new("L", (words.width + 24, UNKNOWN_IMAGE_DOTS), PAPER)
    ImageDraw.Draw(image).rectangle((0, 0, image.width - 1, image.height - 1), outline=INK)
    image.paste(words, (12, (image.height - words.height) // 2))
    return image


def _words(text: str, font: Font) -> Image.Image:
    shown = "".join(character if " " <= character <= "~" else "." for character in text)
    return _piece(Piece(shown), font)
