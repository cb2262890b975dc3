"""ESC/POS, the language of receipt printers: reading both directions of the line, and telling them in words.

As published in Epson's command reference; checked against no hardware. The host sends a stream of text and commands
without frames; the printer sends status bytes when asked. Real-time commands (DLE ...) are obeyed at once, all others
when the printer comes to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import assert_never

from protocol.escpos_commands import (
    CLEAR_BUFFERS,
    ENCODING,
    LONGEST_QR,
    Alignment,
    AskStatus,
    CarriageReturn,
    ClearBuffers,
    Command,
    Cut,
    CutMode,
    ErrorCorrection,
    FeedDots,
    FeedLines,
    Ignored,
    Initialize,
    LineFeed,
    QrCorrection,
    QrModel,
    QrPrint,
    QrSize,
    QrStore,
    Recover,
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
    FUNCTIONS,
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
    barcode,
    bit_image,
    describe,
    raster_image,
)
from protocol.escpos_status import (
    AutomaticCauses,
    AutomaticStatus,
    BuffersCleared,
    NameReply,
    PaperStatus,
    PrinterName,
    RealTimeStatus,
    Reply,
    StatusKind,
    scan_printer,
)
from protocol.wire import Damaged, Decoder, Event, Explanation, Noise, WireFormat

LONGEST_TEXT = 1024
"""A run of text is reported at the latest with so many bytes."""

LONGEST_BLOCK = LONGEST_QR + 8
"""Bytes of the longest `GS (k` command."""

LONGEST_LIST = 260
"""Bytes of the longest command that ends with 00."""

LONGEST_IMAGE = 1 << 18
"""Bytes of the longest picture: 80 mm of paper and about 3600 lines of dots."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A command of fixed length: its first bytes, the number of parameter bytes, and what it becomes.

    `build` gets parameters and raw bytes and raises ValueError for a parameter that does not exist.
    """

    prefix: bytes
    parameters: int
    build: Callable[[bytes, bytes], Command]


def _digit(value: int) -> int:
    """Small parameters may also be sent as the character of the digit."""
    return value - 48 if value >= 48 else value


def _size(value: int) -> tuple[int, int]:
    if value & 0x88:
        raise ValueError("sizes go to 8")
    return (value >> 4) + 1, (value & 0x0F) + 1


def _print_modes(parameters: bytes, raw: bytes) -> SetPrintModes:
    modes = parameters[0]
    return SetPrintModes(bool(modes & 8), bool(modes & 16), bool(modes & 32), bool(modes & 128), raw)


def _kanji_modes(parameters: bytes, raw: bytes) -> SetKanjiModes:
    modes = parameters[0]
    return SetKanjiModes(bool(modes & 8), bool(modes & 4), bool(modes & 128), raw)


def _underline(parameters: bytes, raw: bytes) -> SetUnderline:
    if _digit(parameters[0]) > 2:
        raise ValueError("a line has 0, 1 or 2 dots")
    return SetUnderline(_digit(parameters[0]), raw)


def _cleared(parameters: bytes, raw: bytes) -> ClearBuffers:
    if raw != CLEAR_BUFFERS:
        raise ValueError("unknown DLE DC4 function")
    return ClearBuffers(raw)


def _paper_status(parameters: bytes, raw: bytes) -> TransmitPaperStatus:
    if _digit(parameters[0]) != 1:
        raise ValueError("only the paper sensor can be asked")
    return TransmitPaperStatus(raw)


def _name(parameters: bytes, raw: bytes) -> TransmitName | Ignored:
    """The other things that can be asked for are answered with bytes that mean something for one model only."""
    if parameters[0] not in tuple(PrinterName):
        return Ignored("ask for an identifier", raw)
    return TransmitName(PrinterName(parameters[0]), raw)


def _recover(parameters: bytes, raw: bytes) -> Recover:
    if parameters[0] not in (1, 2):
        raise ValueError("recovery is 1 or 2")
    return Recover(parameters[0] == 2, raw)


def _cut(parameters: bytes, raw: bytes) -> Cut:
    return Cut(CutMode(_digit(parameters[0])), None, raw)


_FORMS = (
    _Form(b"\n", 0, lambda p, raw: LineFeed(raw)),
    _Form(b"\r", 0, lambda p, raw: CarriageReturn(raw)),
    _Form(b"\x1b@", 0, lambda p, raw: Initialize(raw)),
    _Form(b"\x1ba", 1, lambda p, raw: SetAlignment(Alignment(_digit(p[0])), raw)),
    _Form(b"\x1bE", 1, lambda p, raw: SetEmphasis(bool(p[0] & 1), raw)),
    _Form(b"\x1bt", 1, lambda p, raw: SetCodePage(p[0], raw)),
    _Form(b"\x1bd", 1, lambda p, raw: FeedLines(p[0], raw)),
    _Form(b"\x1b!", 1, _print_modes),
    _Form(b"\x1c!", 1, _kanji_modes),
    _Form(b"\x1b-", 1, _underline),
    _Form(b"\x1dB", 1, lambda p, raw: SetReverse(bool(p[0] & 1), raw)),
    _Form(b"\t", 0, lambda p, raw: Tab(raw)),
    _Form(b"\x1b$", 2, lambda p, raw: SetPosition(_little(p), raw)),
    _Form(b"\x1bJ", 1, lambda p, raw: FeedDots(p[0], raw)),
    _Form(b"\x1da", 1, lambda p, raw: SetAutomaticStatus(AutomaticCauses(p[0] & 0x4F), raw)),
    _Form(b"\x1dH", 1, lambda p, raw: SetBarcodeWords(Words(_digit(p[0])), raw)),
    _Form(b"\x1dh", 1, lambda p, raw: SetBarcodeHeight(p[0], raw)),
    _Form(b"\x1dw", 1, lambda p, raw: SetBarcodeWidth(p[0], raw)),
    _Form(b"\x1cp", 2, lambda p, raw: PrintStoredImage(p[0], raw)),
    _Form(b"\x1bi", 0, lambda p, raw: Cut(CutMode.PARTIAL, None, raw)),
    _Form(b"\x1bm", 0, lambda p, raw: Cut(CutMode.PARTIAL, None, raw)),
    _Form(b"\x1d!", 1, lambda p, raw: SetSize(*_size(p[0]), raw)),
    _Form(b"\x1c&", 0, lambda p, raw: SetKanji(True, raw)),
    _Form(b"\x1c.", 0, lambda p, raw: SetKanji(False, raw)),
    _Form(b"\x1dVA", 1, lambda p, raw: Cut(CutMode.FULL, p[0], raw)),
    _Form(b"\x1dVB", 1, lambda p, raw: Cut(CutMode.PARTIAL, p[0], raw)),
    _Form(b"\x1dV", 1, _cut),
    _Form(b"\x1dr", 1, _paper_status),
    _Form(b"\x1dI", 1, _name),
    _Form(b"\x10\x04", 1, lambda p, raw: AskStatus(StatusKind(p[0]), raw)),
    _Form(b"\x10\x05", 1, _recover),
    _Form(b"\x10\x14\x08", 7, _cleared),
)

_WITHOUT_EFFECT = {
    b"\x1b ": (1, "character spacing"),
    b"\x1b%": (1, "user-defined characters"),
    b"\x1b2": (0, "default line spacing"),
    b"\x1b3": (1, "line spacing"),
    b"\x1b=": (1, "select device"),
    b"\x1bG": (1, "double strike"),
    b"\x1bL": (0, "page mode"),
    b"\x1bM": (1, "font"),
    b"\x1bR": (1, "international characters"),
    b"\x1bS": (0, "standard mode"),
    b"\x1bT": (1, "direction in page mode"),
    b"\x1bV": (1, "rotation"),
    b"\x1bW": (8, "printing area in page mode"),
    b"\x1b\x0c": (0, "print the page"),
    b"\x0c": (0, "print the page and go to standard mode"),
    b"\x18": (0, "clear the page"),
    b"\x1d$": (2, "vertical position in page mode"),
    b"\x1d\\": (2, "relative vertical position in page mode"),
    b"\x1b\\": (2, "relative position"),
    b"\x1bc3": (1, "paper sensors to watch"),
    b"\x1bc4": (1, "paper sensors that stop printing"),
    b"\x1bc5": (1, "panel buttons"),
    b"\x1bB": (2, "buzzer"),
    b"\x1br": (1, "colour"),
    b"\x1df": (1, "font of bar codes"),
    b"\x1bp": (3, "drawer pulse"),
    b"\x1b{": (1, "upside down"),
    b"\x10\x14\x01": (2, "drawer pulse at once"),
    b"\x1bU": (1, "one direction"),
    b"\x1be": (1, "feed back"),
    b"\x1dL": (2, "left margin"),
    b"\x1dP": (2, "motion units"),
    b"\x1dW": (2, "width of the printing area"),
    b"\x1db": (1, "smoothing"),
    b"\x1c-": (1, "underline of multi-byte characters"),
    b"\x1cC": (1, "code of multi-byte characters"),
    b"\x1cS": (2, "spacing of multi-byte characters"),
    b"\x1cW": (1, "size of multi-byte characters"),
}
"""Commands that other programs send, with the number of their parameters: skipped whole, never printed as text."""


_COUNTED: Mapping[bytes, tuple[int, Callable[[bytes], int], str, Callable[[bytes], Command]]] = {
    b"\x1b*": (5, lambda head: (3 if head[2] >= 32 else 1) * _little(head[3:5]), "bit image", bit_image),
    b"\x1dv0": (8, lambda head: _little(head[4:6]) * _little(head[6:8]), "raster image", raster_image),
    b"\x1d8L": (7, lambda head: _little(head[3:7]), "picture", lambda raw: _graphics(raw[7:], raw)),
    b"\x1dk": (4, lambda head: head[3], "bar code", barcode),
}
"""Commands that say how long they are: bytes before the data, the number of data bytes, what they become."""

_ENDED: Mapping[bytes, tuple[str, Callable[[bytes], Command]]] = {
    b"\x1bD": ("list of tab stops", lambda raw: SetTabs(tuple(raw[2:-1]), raw)),
    **{b"\x1dk" + bytes([system]): ("bar code", barcode) for system in range(7)},
}
"""Commands whose data end with 00."""


def _graphics(parameters: bytes, raw: bytes) -> Command:
    """GS ( L and GS 8 L: m fn and what belongs to it. Raises ValueError."""
    if len(parameters) < 2 or parameters[1] not in FUNCTIONS:
        raise ValueError("unknown function for pictures")
    return FUNCTIONS[parameters[1]](parameters[2:], raw)


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _ignored(prefix: bytes, parameters: int, name: str) -> _Form:
    return _Form(prefix, parameters, lambda p, raw: Ignored(name, raw))


_ALL_FORMS = (*_FORMS, *(_ignored(prefix, number, name) for prefix, (number, name) in _WITHOUT_EFFECT.items()))

_QR_FUNCTIONS: dict[int, Callable[[bytes, bytes], Command]] = {
    65: lambda p, raw: QrModel(_digit(p[0]), raw),
    67: lambda p, raw: QrSize(p[0], raw),
    69: lambda p, raw: QrCorrection(ErrorCorrection(p[0]), raw),
    80: lambda p, raw: QrStore(p[1:], raw),
    81: lambda p, raw: QrPrint(raw),
}


_INTRODUCERS = b"\x10\x1b\x1c\x1d"  # DLE ESC FS GS


def scan_host(pending: bytes) -> Event[Command] | None:
    """The command or the run of text at the beginning of `pending`; text is complete when a command follows it."""
    if pending[0] >= 0x20:
        return _text_run(pending)
    if b"\x1d(".startswith(pending[:2]) and pending[:1] == b"\x1d":
        return None if len(pending) < 2 else _block(pending)
    waiting = False
    for prefix, (name, read) in _ENDED.items():
        if pending.startswith(prefix):
            return _whole(pending, pending.find(0, len(prefix)) + 1 or None, name, LONGEST_LIST, read)
        waiting = waiting or prefix.startswith(pending)
    for prefix, (head, count, name, read) in _COUNTED.items():
        if pending.startswith(prefix):
            size = head + count(pending) if len(pending) >= head else None
            return _whole(pending, size, name, LONGEST_IMAGE, read)
        waiting = waiting or prefix.startswith(pending)
    for form in _ALL_FORMS:
        if pending.startswith(form.prefix):
            size = len(form.prefix) + form.parameters
            if len(pending) < size:
                return None
            return _built(form.build, pending[len(form.prefix) : size], pending[:size])
        waiting = waiting or form.prefix.startswith(pending)
    if waiting:
        return None
    with_letter = pending[0] in _INTRODUCERS and pending[1] >= 0x20
    return Noise(pending[: 1 + with_letter], "unknown command")


def _whole(
    pending: bytes, size: int | None, name: str, limit: int, read: Callable[[bytes], Command]
) -> Event[Command] | None:
    """A command of `size` bytes, None while that is not known; none is longer than `limit`."""
    if (len(pending) if size is None else size) > limit:
        return Noise(pending[:1], f"a longer {name} than any")
    if size is None or len(pending) < size:
        return None
    return _built(lambda _, raw: read(raw), b"", pending[:size])


def _text_run(pending: bytes) -> Text | None:
    end = next((index for index, byte in enumerate(pending[:LONGEST_TEXT]) if byte < 0x20), None)
    if end is None:
        return Text(pending[:LONGEST_TEXT]) if len(pending) >= LONGEST_TEXT else None
    return Text(pending[:end])


def _block(pending: bytes) -> Event[Command] | None:
    """GS ( function pL pH parameters."""
    if len(pending) < 5:
        return None
    size = 5 + _little(pending[3:5])
    if size > LONGEST_BLOCK and pending[2:3] == b"k":
        return Noise(pending[:1], "a block longer than any")
    if len(pending) < size:
        return None
    raw = pending[:size]
    if raw[2:3] == b"L":
        return _built(_graphics, raw[5:], raw)
    build = _QR_FUNCTIONS.get(raw[6]) if raw[2:3] == b"k" and size > 7 and raw[5] == 49 else None
    return Damaged(raw, "unknown GS ( function") if build is None else _built(build, raw[7:], raw)


def _built(build: Callable[[bytes, bytes], Command], parameters: bytes, raw: bytes) -> Event[Command]:
    try:
        return build(parameters, raw)
    except ValueError as error:
        return Damaged(raw, str(error))


def explain(event: Command | Reply) -> Explanation:
    """One line for a trace. Receipts hold nothing secret: numbers of cards and people are masked before printing."""
    return Explanation(_words(event))


def _words(event: Command | Reply) -> str:
    match event:
        case Text():
            return f"text {event.words!r}"
        case LineFeed():
            return "line feed"
        case CarriageReturn():
            return "carriage return"
        case Initialize():
            return "initialise"
        case SetAlignment(alignment):
            return f"align {alignment.name.lower()}"
        case SetEmphasis(on):
            return f"emphasis {_switch(on)}"
        case SetSize(width, height):
            return f"size {width} x {height}"
        case SetPrintModes(emphasized, double_height, double_width, underlined):
            size = f"size {1 + double_width} x {1 + double_height}"
            return f"emphasis {_switch(emphasized)}, {size}" + (", underline on" if underlined else "")
        case SetKanjiModes(double_height, double_width, underlined):
            size = f"multi-byte characters size {1 + double_width} x {1 + double_height}"
            return size + (", underline on" if underlined else "")
        case SetUnderline(dots):
            return f"underline {dots} dots" if dots else "underline off"
        case SetReverse(on):
            return f"white on black {_switch(on)}"
        case Tab():
            return "tab"
        case SetTabs(columns):
            return f"tab stops {', '.join(map(str, columns)) or 'none'}"
        case SetPosition(dots):
            return f"go to {dots} dots from the left"
        case FeedDots(dots):
            return f"feed {dots} dots"
        case SetAutomaticStatus(causes):
            return f"automatic status {_flags(causes) if causes else 'off'}"
        case BitImage() | RasterImage() | StoreGraphics() | PrintGraphics() | PrintStoredImage():
            return describe(event)
        case Barcode() | SetBarcodeHeight() | SetBarcodeWidth() | SetBarcodeWords():
            return describe(event)
        case Ignored(name, _):
            return f"{name} (no effect here)"
        case SetKanji(on):
            return f"multi-byte characters {_switch(on)}"
        case SetCodePage(page):
            return f"code page {page}"
        case FeedLines(lines):
            return f"feed {lines} lines"
        case Cut(mode):
            return f"{mode.name.lower()} cut"
        case QrModel(model):
            return f"QR model {model}"
        case QrSize(dots):
            return f"QR size {dots}"
        case QrCorrection(level):
            return f"QR error correction {level.name}"
        case QrStore(data):
            return f"QR content {data.decode(ENCODING, 'replace')!r}"
        case QrPrint():
            return "print QR code"
        case TransmitPaperStatus():
            return "ask paper sensors when printed"
        case TransmitName(name):
            return f"ask {name.name.lower()} when printed"
        case AskStatus(kind):
            return f"ask {kind.name.lower().replace('_', ' ')} status"
        case Recover(forget):
            return "recover and forget" if forget else "recover and go on"
        case ClearBuffers():
            return "clear buffers"
        case RealTimeStatus(value):
            return f"status bits {value:02x}"
        case PaperStatus(sensors):
            return f"printed; paper sensors {sensors:02x}"
        case BuffersCleared():
            return "buffers cleared"
        case NameReply(told):
            return f"name {told!r}"
        case AutomaticStatus(state, errors, sensors):
            told = ", ".join(filter(None, map(_flags, (state, errors, sensors))))
            return f"automatic status: {told or 'ready'}"
        case _:
            assert_never(event)


def _flags(flags: IntFlag) -> str:
    return ", ".join((flag.name or "").lower().replace("_", " ") for flag in flags)


def _switch(on: bool) -> str:
    return "on" if on else "off"


ESCPOS = WireFormat(
    name="escpos",
    from_host=lambda: Decoder(scan_host),
    from_device=lambda: Decoder(scan_printer),
    explain=explain,
)
