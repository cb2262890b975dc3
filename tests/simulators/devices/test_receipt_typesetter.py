import pytest
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from protocol.escpos import ESCPOS
from protocol.escpos_commands import (
    Alignment,
    Command,
    Cut,
    CutMode,
    FeedDots,
    FeedLines,
    Initialize,
    LineFeed,
    QrPrint,
    QrStore,
    SetAlignment,
    SetCodePage,
    SetEmphasis,
    SetKanji,
    SetKanjiModes,
    SetPosition,
    SetReverse,
    SetSize,
    SetTabs,
    SetUnderline,
    Tab,
    Text,
    TransmitPaperStatus,
    text,
)
from protocol.escpos_graphics import Barcode, SetBarcodeHeight, SetBarcodeWidth, SetBarcodeWords, Symbology, Words
from protocol.wire import Damaged, Noise
from simulators.devices.receipt import (
    PrintedBarcode,
    PrintedImage,
    PrintedLine,
    PrintedQr,
    PrintedSpace,
    Receipt,
    Step,
    Style,
)
from simulators.devices.receipt_typesetter import Typesetter, read_receipts


def typeset(*commands: Command, columns: int = 32) -> list[Step]:
    setter = Typesetter(columns)
    return [step for command in commands for step in setter.take(command)]


def shown(*commands: Command, columns: int = 32) -> str:
    lines = [step for step in typeset(*commands, columns=columns) if isinstance(step, PrintedLine | PrintedQr)]
    return Receipt(columns, tuple(lines), CutMode.FULL).text


def test_text_is_printed_when_the_line_ends() -> None:
    assert typeset(text("TOTAL")) == []
    assert typeset(text("TOTAL"), LineFeed()) == [PrintedLine("TOTAL", 5)]


def test_a_chinese_character_takes_two_columns() -> None:
    assert typeset(text("取现100"), LineFeed()) == [PrintedLine("取现100", 7)]


def test_a_full_line_goes_on_in_the_next_one() -> None:
    assert shown(text("0123456789ABC"), LineFeed(), columns=10) == "0123456789\nABC"


def test_a_chinese_character_is_never_cut_in_half() -> None:
    assert shown(text("012345678取"), LineFeed(), columns=10) == "012345678\n取"


def test_large_characters_fill_the_line_earlier() -> None:
    assert shown(SetSize(2, 2), text("取现金"), LineFeed(), columns=10) == "取现\n金"


@pytest.mark.parametrize(
    ("align", "expected"), [(Alignment.LEFT, "取现"), (Alignment.CENTER, "   取现"), (Alignment.RIGHT, "      取现")]
)
def test_alignment_counts_columns(align: Alignment, expected: str) -> None:
    assert shown(SetAlignment(align), text("取现"), LineFeed(), columns=10) == expected


def test_centred_large_text_is_centred_by_its_real_width() -> None:
    assert shown(SetAlignment(Alignment.CENTER), SetSize(2, 1), text("AB"), LineFeed(), columns=10) == "   AB"


def test_style_belongs_to_the_line_it_was_set_for() -> None:
    big, plain = typeset(
        SetEmphasis(True),
        SetSize(2, 3),
        text("A"),
        LineFeed(),
        SetEmphasis(False),
        SetSize(1, 1),
        text("B"),
        LineFeed(),
    )
    assert big == PrintedLine("A", 2, emphasized=True, width=2, height=3)
    assert plain == PrintedLine("B", 1)


def test_initialise_forgets_the_line_and_the_settings() -> None:
    assert typeset(SetAlignment(Alignment.RIGHT), text("LOST"), Initialize(), text("A"), LineFeed()) == [
        PrintedLine("A", 1)
    ]


def test_a_character_split_over_two_pieces_of_text_is_whole() -> None:
    data = text("取").data
    assert typeset(Text(data[:1]), Text(data[1:]), LineFeed()) == [PrintedLine("取", 2)]


def test_without_kanji_mode_every_byte_is_a_character() -> None:
    assert typeset(SetKanji(False), Text(b"\x9c5"), LineFeed()) == [PrintedLine("£5", 2)]


def test_feeding_lines_prints_the_line_first() -> None:
    assert typeset(text("A"), FeedLines(3)) == [PrintedLine("A", 1), PrintedLine(), PrintedLine()]


def test_a_cut_prints_the_line_first() -> None:
    assert typeset(text("A"), Cut(CutMode.FULL)) == [PrintedLine("A", 1), Cut(CutMode.FULL)]


def test_the_paper_question_keeps_its_place() -> None:
    assert typeset(LineFeed(), TransmitPaperStatus(), LineFeed()) == [
        PrintedLine(),
        TransmitPaperStatus(),
        PrintedLine(),
    ]


def test_a_qr_code_is_shown_by_its_content() -> None:
    assert shown(QrStore(b"REF 123"), QrPrint()) == "[QR REF 123]"
    receipt = Receipt(32, (PrintedQr("REF 123"),), CutMode.FULL)
    assert receipt.qr == ("REF 123",)


def test_a_line_is_kept_in_pieces_of_one_style() -> None:
    (line,) = typeset(text("A"), SetUnderline(2), text("B取"), SetReverse(True), text("C"), LineFeed())
    assert isinstance(line, PrintedLine)
    assert [(piece.text, piece.wide, piece.style) for piece in line.pieces] == [
        ("A", False, Style()),
        ("B", False, Style(underline=2)),
        ("取", True, Style(underline=2)),
        ("C", False, Style(underline=2, reverse=True)),
    ]


def test_chinese_characters_have_a_size_of_their_own() -> None:
    (line,) = typeset(SetKanjiModes(True, True, False), text("A取"), LineFeed())
    assert line == PrintedLine("A取", 5, width=2, height=2)


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ((text("A"), Tab(), text("B")), "A       B"),
        ((SetTabs((4, 6)), text("A"), Tab(), text("B"), Tab(), text("C")), "A   B C"),
        ((SetTabs(()), text("A"), Tab(), text("B")), "AB"),
        ((text("金额"), SetPosition(120), text("5")), "金额      5"),
        ((text("0123456789"), SetPosition(24), text("5")), "01234567895"),
    ],
)
def test_tabs_and_positions_move_on_in_the_line(commands: tuple[Command, ...], expected: str) -> None:
    assert shown(*commands, LineFeed()) == expected


@pytest.mark.parametrize(("page", "expected"), [(0, "Θ"), (16, "é"), (17, "щ"), (77, "Θ")])
def test_code_pages_say_what_single_bytes_mean(page: int, expected: str) -> None:
    assert shown(SetKanji(False), SetCodePage(page), Text(b"\xe9"), LineFeed()) == expected


def test_feeding_dots_ends_the_line_and_leaves_paper_empty() -> None:
    assert typeset(text("A"), FeedDots(48), text("B"), LineFeed()) == [
        PrintedLine("A", 1),
        PrintedSpace(48),
        PrintedLine("B", 1),
    ]


def test_settings_belong_to_the_bar_code_that_follows() -> None:
    (code,) = typeset(
        SetBarcodeHeight(60), SetBarcodeWidth(2), SetBarcodeWords(Words.BOTH), Barcode(Symbology.CODE_128, b"{BA{{1")
    )
    assert code == PrintedBarcode(Symbology.CODE_128, "{BA{{1", height=60, bar=2, words=Words.BOTH)
    assert code.told == "A{1"


def test_a_stream_is_cut_into_receipts_and_what_was_not_cut_is_shown_too() -> None:
    one, two = read_receipts(b"one\n\x1dV\x00two\nthr", 32)
    assert (one.text, one.cut) == ("one", CutMode.FULL)
    assert (two.text, two.cut) == ("two\nthr", None)
    assert read_receipts(b"", 32) == []


@given(st.binary(max_size=200))
def test_any_bytes_print_something_or_nothing(data: bytes) -> None:
    for receipt in read_receipts(data, 32):
        assert isinstance(receipt.text, str)


@pytest.mark.parametrize("impl", ["bitImageRaster", "bitImageColumn", "graphics"])
def test_pictures_of_another_program_keep_their_dots(impl: str) -> None:
    program, picture = Dummy(profile="TM-T88V"), Image.new("1", (64, 48), 1)
    ImageDraw.Draw(picture).ellipse((4, 4, 60, 44), outline=0, width=3)
    program.image(picture, impl=impl)
    (receipt,) = read_receipts(program.output, 42)

    rasters = [line.raster for line in receipt.lines if isinstance(line, PrintedImage) and line.raster]
    rasters += [
        piece.picture
        for line in receipt.lines
        if isinstance(line, PrintedLine)
        for piece in line.pieces
        if piece.picture
    ]
    dots = [
        [raster.rows[y * raster.stride + x // 8] >> (7 - x % 8) & 1 for x in range(64)]
        for raster in rasters
        for y in range(raster.height)
    ]
    assert dots[:48] == [[int(not picture.getpixel((x, y))) for x in range(64)] for y in range(48)]
    assert not any(map(any, dots[48:]))


def test_bar_codes_of_another_program_are_read() -> None:
    program = Dummy(profile="TM-T88V")
    program.barcode("4006381333931", "EAN13", 64, 2, "BELOW", "A", check=False)
    program.barcode("{BREF-1", "CODE128", 64, 2, "OFF", "A", function_type="B", check=False)
    (receipt,) = read_receipts(program.output, 42)
    assert [line for line in receipt.lines if isinstance(line, PrintedBarcode)] == [
        PrintedBarcode(Symbology.EAN_13, "4006381333931", Alignment.CENTER, 64, 2, Words.BELOW),
        PrintedBarcode(Symbology.CODE_128, "{BREF-1", Alignment.CENTER, 64, 2, Words.NONE),
    ]


def test_what_another_program_prints_is_read_as_it_was_meant() -> None:
    """python-escpos sets sizes, fonts and underlines in its own way and leaves none of it on the paper as text."""
    program = Dummy()
    program.hw("INIT")
    program.set(align="center", bold=True, double_height=True, double_width=True, underline=1)
    program.textln("PAID")
    program.set_with_default(align="left")
    program.textln("Amount        500.00")
    program.qr("632700000002 EF7635DD", native=True, size=6)
    program.cashdraw(2)
    program.cut()

    events = ESCPOS.from_host().feed(program.output)
    commands = [event for event in events if not isinstance(event, Noise | Damaged)]
    assert len(commands) == len(events)
    steps = typeset(*commands)

    assert isinstance(steps[0], PrintedLine)
    assert steps[0].pieces[0].style.underline == 1
    assert steps[0] == PrintedLine("PAID", 8, Alignment.CENTER, emphasized=True, width=2, height=2)
    assert PrintedLine("Amount        500.00", 20) in steps
    assert [step.data for step in steps if isinstance(step, PrintedQr)] == ["632700000002 EF7635DD"]
    assert isinstance(steps[-1], Cut)


def test_what_stands_on_a_page_is_printed_line_after_line() -> None:
    """There is no page mode: places and directions on the page have no effect."""
    page = b"\x1bL\x1bW\0\0\0\0\x80\x02\x80\x02\x1bT\x01total\n\x1d$\x40\x00" + b"100.00\n\x0c\x1dV\0"

    assert [receipt.text.splitlines() for receipt in read_receipts(page, 42)] == [["total", "100.00"]]
