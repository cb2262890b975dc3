"""A receipt printer prints a receipt once and cuts it, or says beforehand why it can't."""

import pytest
import pytest_asyncio

from drivers.interfaces import (
    Align,
    DeviceState,
    Done,
    ErrorCode,
    PaperSupply,
    PrintItem,
    PrintQr,
    PrintText,
    ReceiptPrinter,
    Refused,
)
from simulators.hil.customer import Customer

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def printer(receipt_printer: ReceiptPrinter) -> ReceiptPrinter:
    """Initialised."""
    await receipt_printer.reset()
    return receipt_printer


def receipt(number: int) -> list[PrintItem]:
    """A receipt with everything that a driver is asked for."""
    return [
        PrintText("CONFORMANCE", Align.CENTER, emphasized=True),
        PrintText("测试凭条", Align.CENTER, double_size=True),
        PrintText(f"No. {number:06d}", Align.RIGHT),
        PrintQr("https://example.com/r?n=1"),
    ]


async def test_a_printer_with_paper_is_online(printer: ReceiptPrinter) -> None:
    status = await printer.status()
    assert status.device is DeviceState.ONLINE
    assert status.paper in (PaperSupply.FULL, PaperSupply.LOW)


async def test_a_receipt_is_printed_and_cut(printer: ReceiptPrinter, customer: Customer) -> None:
    assert await printer.print_form(receipt(1)) == Done(None)
    assert await customer.tear_off("CONFORMANCE", "测试凭条", "No. 000001")


async def test_a_line_is_as_wide_as_the_driver_says(printer: ReceiptPrinter, customer: Customer) -> None:
    line = ("0123456789" * 10)[: printer.columns]
    assert await printer.print_form([PrintText(line)]) == Done(None)
    assert await customer.tear_off(line)


async def test_receipts_come_one_after_the_other(printer: ReceiptPrinter, customer: Customer) -> None:
    for number in (1, 2):
        assert await printer.print_form(receipt(number)) == Done(None)
        assert await customer.tear_off(f"No. {number:06d}")


async def test_without_paper_nothing_is_begun(printer: ReceiptPrinter, customer: Customer) -> None:
    await customer.remove_paper()
    try:
        assert (await printer.status()).paper is PaperSupply.OUT
        outcome = await printer.print_form(receipt(1))
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.PAPER_OUT
    finally:
        await customer.load_paper()
    await printer.reset()
    assert not await customer.paper_at_slot()
    assert await printer.print_form(receipt(2)) == Done(None)
    assert await customer.tear_off("No. 000002")


async def test_with_an_open_cover_nothing_is_begun(printer: ReceiptPrinter, customer: Customer) -> None:
    await customer.open_cover()
    try:
        assert (await printer.status()).device is not DeviceState.ONLINE
        assert isinstance(await printer.print_form(receipt(1)), Refused)
    finally:
        await customer.close_cover()
    await printer.reset()
    assert not await customer.paper_at_slot()


async def test_what_a_printer_can_not_print_is_refused(printer: ReceiptPrinter, customer: Customer) -> None:
    assert isinstance(await printer.print_form([PrintText("a\x1bb")]), Refused)
    assert not await customer.paper_at_slot()
