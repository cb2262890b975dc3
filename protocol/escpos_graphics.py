"""ESC/POS commands that put pictures and bar codes on paper, read from the stream of any program; none is sent here.

As published in Epson's command reference; checked against no hardware.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TypeAlias


def _raw() -> bytes:
    return field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Raster:
    """Dots, black where a bit is 1: rows from the top, each of `(width + 7) // 8` bytes, the left dot highest."""

    width: int
    height: int
    rows: bytes = field(repr=False)

    @property
    def stride(self) -> int:
        """Bytes in a row."""
        return (self.width + 7) // 8


@dataclass(frozen=True, slots=True)
class BitImage:
    """ESC *: a band of 8 or 24 dots in the line that is being set; `scale` is dots of paper per dot of the picture."""

    raster: Raster
    scale: tuple[int, int] = (1, 1)
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class RasterImage:
    """GS v 0: a picture of its own."""

    raster: Raster
    scale: tuple[int, int] = (1, 1)
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class StoreGraphics:
    """GS ( L or GS 8 L, function 112: keep a picture for PrintGraphics."""

    raster: Raster
    scale: tuple[int, int] = (1, 1)
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class PrintGraphics:
    """GS ( L, function 50: print the picture that is kept."""

    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class PrintStoredImage:
    """FS p: a picture from the printer's own memory, such as a logo."""

    number: int
    raw: bytes = _raw()


class Symbology(Enum):
    """GS k: which bar code, by its two numbers (data ended with 00; data with their length before)."""

    UPC_A = (0, 65)
    UPC_E = (1, 66)
    EAN_13 = (2, 67)
    EAN_8 = (3, 68)
    CODE_39 = (4, 69)
    ITF = (5, 70)
    CODABAR = (6, 71)
    CODE_93 = (None, 72)
    CODE_128 = (None, 73)


class Words(IntEnum):
    """GS H: where a bar code is written out in characters."""

    NONE = 0
    ABOVE = 1
    BELOW = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Barcode:
    """GS k: a bar code; in CODE 128, `{A`, `{B`, `{C` choose the code set."""

    symbology: Symbology
    data: bytes
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetBarcodeHeight:
    """GS h: dots, 162 after power-on."""

    dots: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetBarcodeWidth:
    """GS w: dots of the thinnest bar, 3 after power-on."""

    dots: int
    raw: bytes = _raw()


@dataclass(frozen=True, slots=True)
class SetBarcodeWords:
    """GS H."""

    words: Words
    raw: bytes = _raw()


Graphic: TypeAlias = (
    BitImage
    | RasterImage
    | StoreGraphics
    | PrintGraphics
    | PrintStoredImage
    | Barcode
    | SetBarcodeHeight
    | SetBarcodeWidth
    | SetBarcodeWords
)

_BY_NUMBER: Mapping[int, Symbology] = {
    number: symbology for symbology in Symbology for number in symbology.value if number is not None
}


def barcode(raw: bytes) -> Barcode:
    """GS k of either form. Raises ValueError for a bar code that does not exist."""
    kind = raw[2]
    symbology = _BY_NUMBER.get(kind)
    if symbology is None:
        raise ValueError(f"no bar code has number {kind}")
    return Barcode(symbology, raw[4:] if kind >= 65 else raw[3:-1], raw)


def bit_image(raw: bytes) -> BitImage:
    """ESC * m nL nH and columns of 8 or 24 dots, the upper dot highest. Raises ValueError."""
    mode, width, data = raw[2], int.from_bytes(raw[3:5], "little"), raw[5:]
    if mode not in (0, 1, 32, 33):
        raise ValueError(f"no bit image has mode {mode}")
    deep = 3 if mode >= 32 else 1
    stride = (width + 7) // 8
    rows = bytearray(stride * deep * 8)
    for x in range(width):
        column = int.from_bytes(data[x * deep : (x + 1) * deep], "big")
        for y in range(deep * 8):
            if column >> (deep * 8 - 1 - y) & 1:
                rows[y * stride + x // 8] |= 0x80 >> x % 8
    return BitImage(Raster(width, deep * 8, bytes(rows)), (1 if mode & 1 else 2, 1 if deep == 3 else 3), raw)


def raster_image(raw: bytes) -> RasterImage:
    """GS v 0 m xL xH yL yH and rows of bytes. Raises ValueError."""
    mode = raw[3] - 48 if raw[3] >= 48 else raw[3]
    if mode > 3:
        raise ValueError(f"no raster image has mode {raw[3]}")
    stride, height = int.from_bytes(raw[4:6], "little"), int.from_bytes(raw[6:8], "little")
    return RasterImage(Raster(stride * 8, height, raw[8:]), (1 + (mode & 1), 1 + (mode >> 1)), raw)


def _store(parameters: bytes, raw: bytes) -> StoreGraphics:
    """Function 112: a bx by c xL xH yL yH and rows of bytes; one colour."""
    if len(parameters) < 8 or parameters[0] != 48:
        raise ValueError("only pictures of one colour")
    width, height = int.from_bytes(parameters[4:6], "little"), int.from_bytes(parameters[6:8], "little")
    rows = parameters[8:]
    if len(rows) != (width + 7) // 8 * height:
        raise ValueError("the picture's size is not that of its data")
    return StoreGraphics(Raster(width, height, rows), (parameters[1], parameters[2]), raw)


FUNCTIONS: Mapping[int, Callable[[bytes, bytes], Graphic]] = {
    112: _store,
    50: lambda parameters, raw: PrintGraphics(raw),
    2: lambda parameters, raw: PrintGraphics(raw),
}
"""GS ( L and GS 8 L by function, with the bytes behind it and the whole command."""


def describe(graphic: Graphic) -> str:
    """In words, for a trace."""
    match graphic:
        case BitImage(raster) | RasterImage(raster) | StoreGraphics(raster):
            stored = "keep " if isinstance(graphic, StoreGraphics) else ""
            return f"{stored}picture of {raster.width} x {raster.height} dots"
        case PrintGraphics():
            return "print the picture that is kept"
        case PrintStoredImage(number):
            return f"print stored picture {number}"
        case Barcode(symbology, data):
            return f"bar code {symbology.name} {data.decode('ascii', 'backslashreplace')!r}"
        case SetBarcodeHeight(dots):
            return f"height of bar codes {dots}"
        case SetBarcodeWidth(dots):
            return f"width of bar codes {dots}"
        case SetBarcodeWords(words):
            return f"words of bar codes {words.name.lower()}"
