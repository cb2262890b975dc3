import barcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.escpos_graphics import Symbology
from simulators.devices.receipt_barcodes import NoBarcode, modules


def drawn(symbology: Symbology, data: str) -> str:
    return "".join("1" if bar else "0" for bar in modules(symbology, data))


def expected(kind: str, data: str, **options: bool) -> str:
    """As python-barcode draws it."""
    (row,) = barcode.get_barcode_class(kind)(data, **options).build()
    return str(row).replace("G", "1")


@pytest.mark.parametrize(
    ("symbology", "data", "kind"),
    [
        (Symbology.EAN_13, "4006381333931", "ean13"),
        (Symbology.EAN_13, "692123456789", "ean13"),
        (Symbology.EAN_8, "9638507", "ean8"),
        (Symbology.UPC_A, "036000291452", "upca"),
    ],
)
def test_bars_of_articles_are_those_of_another_program(symbology: Symbology, data: str, kind: str) -> None:
    assert drawn(symbology, data) == expected(kind, data)


@given(st.text("0123456789", min_size=1, max_size=9).filter(lambda digits: len(digits) % 2 == 0))
def test_interleaved_bars_are_those_of_another_program(digits: str) -> None:
    kind = barcode.get_barcode_class("itf")(digits, narrow=1, wide=2)
    (row,) = kind.build()
    assert drawn(Symbology.ITF, digits) == row


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%", min_size=1, max_size=12))
def test_code_39_is_that_of_another_program(text: str) -> None:
    (row,) = barcode.get_barcode_class("code39")(text, add_checksum=False).build()
    assert drawn(Symbology.CODE_39, text) == row


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz -/.:", min_size=1, max_size=16))
def test_code_128_is_that_of_another_program(text: str) -> None:
    (row,) = barcode.get_barcode_class("code128")(text).build()
    assert drawn(Symbology.CODE_128, "{B" + text) == row


def test_code_128_packs_digits_in_pairs() -> None:
    (row,) = barcode.get_barcode_class("code128")("1234567890").build()
    assert drawn(Symbology.CODE_128, "{C1234567890") == row


@pytest.mark.parametrize(
    ("symbology", "data"),
    [
        (Symbology.EAN_13, "12345"),
        (Symbology.CODE_39, "lower"),
        (Symbology.ITF, "123"),
        (Symbology.CODE_128, "ABC"),
        (Symbology.CODE_128, "{B取"),
        (Symbology.CODE_128, ""),
        (Symbology.CODABAR, "A1A"),
    ],
)
def test_what_can_not_be_drawn_is_said(symbology: Symbology, data: str) -> None:
    with pytest.raises(NoBarcode):
        modules(symbology, data)
