"""The picture of the paper. It needs a font with Chinese characters."""

import io
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageOps

from protocol.escpos_commands import (
    Alignment,
    Command,
    Cut,
    CutMode,
    LineFeed,
    QrPrint,
    QrSize,
    QrStore,
    SetAlignment,
    SetEmphasis,
    SetReverse,
    SetSize,
    SetUnderline,
    encode,
    text,
)
from protocol.escpos_graphics import Symbology, Words
from simulators.devices.receipt import PrintedBarcode, PrintedImage, Receipt
from simulators.devices.receipt_image import MARGIN, Font, NoFont, find_font, paper, png
from simulators.devices.receipt_typesetter import read_receipts

COLUMNS = 20


@pytest.fixture(scope="module")
def font() -> Font:
    try:
        return Font()
    except NoFont as missing:
        pytest.skip(str(missing))


def printed(font: Font, *commands: Command) -> Image.Image:
    """The paper without its margins."""
    (receipt,) = read_receipts(b"".join(encode(command) for command in commands), COLUMNS)
    return ImageOps.crop(paper(receipt, font), MARGIN)


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is printed."""
    box = ImageOps.invert(image).getbbox()
    assert box is not None
    return box


def darkness(image: Image.Image) -> int:
    return sum(255 * count - value * count for value, count in enumerate(image.histogram()) for count in [count])


def test_a_chinese_character_stands_in_two_cells_and_is_no_box(font: Font) -> None:
    line = printed(font, text("AB取现"), LineFeed())
    assert line.size == (COLUMNS * 12, 30)
    left, _, right, _ = ink(line.crop((24, 0, 72, 24)))
    assert 0 <= left < right <= 48
    assert font.cell("取", 2).tobytes() != font.cell("现", 2).tobytes()
    assert font.cell("取", 2).tobytes() != font.cell("\U0010fffe", 2).tobytes()


@pytest.mark.parametrize(("align", "place"), [(Alignment.LEFT, 0), (Alignment.CENTER, 96), (Alignment.RIGHT, 192)])
def test_alignment_moves_the_line(font: Font, align: Alignment, place: int) -> None:
    line = printed(font, SetAlignment(align), text("取现"), LineFeed())
    left, _, right, _ = ink(line)
    assert place <= left < right <= place + 48


def test_large_characters_are_enlarged_dot_by_dot(font: Font) -> None:
    small = printed(font, text("取"), LineFeed()).crop((0, 0, 24, 24))
    large = printed(font, SetSize(3, 2), text("取"), LineFeed()).crop((0, 0, 72, 48))
    assert large.tobytes() == small.resize((72, 48), Image.Resampling.NEAREST).tobytes()


def test_emphasis_is_darker_and_an_underline_runs_below(font: Font) -> None:
    plain, bold = (printed(font, SetEmphasis(on), text("取现"), LineFeed()) for on in (False, True))
    assert darkness(bold) > darkness(plain)
    lined = printed(font, SetUnderline(2), text("取现"), LineFeed())
    assert {lined.getpixel((x, 23)) for x in range(48)} == {0}


def test_white_on_black_is_the_negative(font: Font) -> None:
    plain, reverse = (printed(font, SetReverse(on), text("取"), LineFeed()) for on in (False, True))
    assert reverse.crop((0, 0, 24, 24)).tobytes() == ImageOps.invert(plain.crop((0, 0, 24, 24))).tobytes()


def test_a_qr_code_is_the_real_one(font: Font) -> None:
    image = printed(font, QrSize(4), QrStore("医保取现 500".encode()), QrPrint())
    matrix = segno.make_qr("医保取现 500", error="L", boost_error=False).matrix
    seen = [[int(image.getpixel((x * 4 + 1, y * 4 + 1)) == 0) for x in range(len(matrix))] for y in range(len(matrix))]
    assert seen == [list(row) for row in matrix]


def test_a_cut_leaves_a_dashed_line_and_a_partial_one_a_bridge(font: Font) -> None:
    full, partial, none = (paper(Receipt(COLUMNS, (), cut), font) for cut in (CutMode.FULL, CutMode.PARTIAL, None))
    assert darkness(full) > darkness(partial) > darkness(none) == 0


def test_a_bar_code_has_its_bars_and_words(font: Font) -> None:
    code = PrintedBarcode(Symbology.EAN_13, "4006381333931", Alignment.LEFT, 50, 2, Words.BELOW)
    image = ImageOps.crop(paper(Receipt(COLUMNS, (code,), None), font), MARGIN)
    assert image.height == 50 + 30
    assert [image.getpixel((x, 10)) for x in (0, 2, 4)] == [0, 255, 0]
    assert ink(image.crop((0, 50, 240, 80)))


@pytest.mark.parametrize(
    "unknown", [PrintedBarcode(Symbology.CODABAR, "A1A"), PrintedImage("stored picture 1", None)], ids=["code", "logo"]
)
def test_what_can_not_be_drawn_is_a_frame_with_its_name(font: Font, unknown: PrintedBarcode | PrintedImage) -> None:
    image = ImageOps.crop(paper(Receipt(30, (unknown,), None), font), MARGIN)
    assert image.height == 96
    assert {image.getpixel((x, 0)) for x in range(100)} == {0}


def test_several_receipts_make_one_file(font: Font) -> None:
    receipts = read_receipts(b"one\n\x1dV\x00two\n\x1dV\x00", COLUMNS)
    image = Image.open(io.BytesIO(png(receipts, font)))
    assert image.size == (COLUMNS * 12 + 2 * MARGIN, 2 * (30 + 2 * MARGIN))
    assert Image.open(io.BytesIO(png([], font))).size[1] == 1


def test_the_same_receipt_gives_the_same_bytes(font: Font) -> None:
    receipts = read_receipts(encode(text("取现")) + encode(LineFeed()) + encode(Cut(CutMode.FULL)), COLUMNS)
    assert png(receipts, font) == png(receipts, Font())


def test_without_a_chinese_font_the_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoFont, match="apt-get install fonts-noto-cjk"):
        find_font([tmp_path, tmp_path / "missing"])


def test_a_file_that_is_no_font_is_told(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    with pytest.raises(NoFont, match=r"font\.ttf can't be read as a font"):
        Font(tmp_path / "font.ttf")
    with pytest.raises(NoFont, match=r"missing\.ttf"):
        Font(tmp_path / "missing.ttf")


def test_the_best_font_is_found_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "wqy-zenhei.ttc").touch()
    (tmp_path / "DejaVuSans.ttf").touch()
    assert find_font([tmp_path]) == tmp_path / "deep" / "er" / "wqy-zenhei.ttc"
