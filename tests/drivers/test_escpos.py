import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.escpos import PROBLEMS, EscPosOptions, EscPosPrinter
from drivers.interfaces import (
    Align,
    CompletionCode,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Identity,
    Outcome,
    PaperSupply,
    PrinterStatus,
    PrintQr,
    PrintText,
    ReceiptPrinter,
    Refused,
    Unknown,
)
from protocol.escpos_status import StatusKind
from simulators.devices.escpos import EscPosOptions as PrinterOptions
from simulators.devices.escpos import EscPosPrinter as SimulatedPrinter
from simulators.world.line import memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

ITEMS = (
    PrintText("医保个人账户取现", Align.CENTER, double_size=True),
    PrintText("实付金额 100.00", emphasized=True),
    PrintText("2025-06-01", Align.RIGHT),
    PrintQr("000000123456 AB12"),
)


class Bench:
    """The driver, the simulated printer, and the bytes between them."""

    def __init__(self, columns: int, paper: int) -> None:
        host, device = memory_line(9600)
        self.scene = Scene()
        self.paper = SimulatedPrinter(scene=self.scene, paper=paper, options=PrinterOptions(columns=columns))
        self.printer: ReceiptPrinter = EscPosPrinter(host, EscPosOptions(columns=columns))
        self.host = host
        self.serving = asyncio.create_task(self.paper.serve(device))


@asynccontextmanager
async def bench(columns: int = 32, paper: int = 1000) -> AsyncIterator[Bench]:
    made = Bench(columns, paper)
    try:
        yield made
    finally:
        made.serving.cancel()
        await asyncio.gather(made.serving, return_exceptions=True)


def refusal(outcome: Outcome[None]) -> DeviceError:
    assert isinstance(outcome, Refused)
    return outcome.error


async def test_a_receipt_is_printed_as_it_was_asked_for() -> None:
    async with bench() as made:
        assert await made.printer.print_form(ITEMS) == Done(None)
        receipt = made.paper.tear_off()
        assert receipt is not None
        assert receipt.text.splitlines() == [
            "医保个人账户取现",
            "实付金额 100.00",
            "                      2025-06-01",
            "     [QR 000000123456 AB12]",
        ]
        assert receipt.qr == ("000000123456 AB12",)


@pytest.mark.parametrize("columns", [32, 42, 48])
async def test_the_paper_may_have_any_of_the_usual_widths(columns: int) -> None:
    async with bench(columns) as made:
        assert made.printer.columns == columns
        await made.printer.print_form([PrintText("x" * columns), PrintText("结束", Align.RIGHT)])
        receipt = made.paper.tear_off()
        assert receipt is not None
        assert receipt.text.splitlines() == ["x" * columns, " " * (columns - 4) + "结束"]


async def test_done_means_that_the_receipt_is_cut() -> None:
    async with bench() as made:
        await made.printer.print_form(ITEMS)
        assert len(made.paper.receipts) == 1


async def test_a_ready_printer_is_online() -> None:
    async with bench() as made:
        assert await made.printer.status() == PrinterStatus(DeviceState.ONLINE, PaperSupply.FULL)


async def test_the_near_end_of_the_paper_is_reported_and_printing_goes_on() -> None:
    async with bench(paper=100) as made:
        assert (await made.printer.status()).paper is PaperSupply.LOW
        assert await made.printer.print_form(ITEMS) == Done(None)


async def test_without_paper_nothing_is_begun() -> None:
    async with bench(paper=0) as made:
        assert (await made.printer.status()).paper is PaperSupply.OUT
        assert refusal(await made.printer.print_form(ITEMS)).code is ErrorCode.PAPER_OUT
        made.paper.load_paper(500)
        await asyncio.sleep(60.0)
        assert made.paper.receipts == ()
        assert made.paper.uncut == ()


async def test_a_jam_refuses_the_next_receipt() -> None:
    async with bench() as made:
        made.paper.jam()
        assert (await made.printer.status()).paper is PaperSupply.JAMMED
        assert refusal(await made.printer.print_form(ITEMS)).code is ErrorCode.PAPER_JAMMED


async def test_an_open_cover_refuses_the_next_receipt_and_says_what_helps() -> None:
    async with bench() as made:
        made.paper.open_cover()
        error = refusal(await made.printer.print_form(ITEMS))
        assert error.completion is CompletionCode.USER_ERROR
        assert "Close it" in str(error)


async def test_a_silent_printer_gets_no_receipt() -> None:
    async with bench() as made:
        made.paper.power_off()
        assert (await made.printer.status()).device is DeviceState.POWER_OFF
        assert refusal(await made.printer.print_form(ITEMS)).completion is CompletionCode.DEVICE_NOT_READY
        made.paper.power_on()
        assert await made.printer.print_form(ITEMS) == Done(None)
        assert len(made.paper.receipts) == 1


async def test_a_printer_that_is_gone_gets_no_receipt() -> None:
    async with bench() as made:
        made.host.close()
        assert (await made.printer.status()).device is DeviceState.NO_DEVICE
        refusal(await made.printer.print_form(ITEMS))


async def test_paper_that_ends_in_the_middle_leaves_the_outcome_open_and_no_second_receipt() -> None:
    async with bench(paper=2) as made:
        outcome = await made.printer.print_form(ITEMS)
        assert isinstance(outcome, Unknown)
        assert "no paper" in outcome.cause
        made.paper.load_paper(500)
        await asyncio.sleep(60.0)
        assert made.paper.receipts == ()


async def test_a_jam_in_the_middle_leaves_the_outcome_open_and_no_second_receipt() -> None:
    async with bench() as made:
        made.paper.jam(after_lines=1)
        outcome = await made.printer.print_form(ITEMS)
        assert isinstance(outcome, Unknown)
        assert "cutter is blocked" in outcome.cause
        made.paper.clear_jam()
        await asyncio.sleep(60.0)
        assert made.paper.receipts == ()


async def test_a_printer_that_falls_silent_in_the_middle_leaves_the_outcome_open() -> None:
    async with bench() as made:
        printing = asyncio.create_task(made.printer.print_form(ITEMS))
        await made.scene.until(lambda: made.paper.uncut != ())
        made.paper.power_off()
        assert isinstance(await printing, Unknown)


async def test_a_line_that_goes_down_in_the_middle_leaves_the_outcome_open() -> None:
    async with bench() as made:
        printing = asyncio.create_task(made.printer.print_form(ITEMS))
        await made.scene.until(lambda: made.paper.uncut != ())
        made.host.close()
        assert isinstance(await printing, Unknown)


@pytest.mark.parametrize("words", ["two\nlines", "\x1b@"])
async def test_words_that_would_be_commands_are_refused(words: str) -> None:
    async with bench() as made:
        assert refusal(await made.printer.print_form([PrintText(words)])).completion is CompletionCode.INVALID_DATA
        await asyncio.sleep(60.0)
        assert made.paper.uncut == ()


async def test_reset_forgets_an_unfinished_receipt() -> None:
    async with bench() as made:
        await made.host.send(vector("escpos", "Chinese in GB18030"))
        await made.printer.reset()
        await made.printer.print_form([PrintText("A")])
        assert [receipt.text for receipt in made.paper.receipts] == ["A"]


async def test_reset_says_why_a_printer_is_not_ready() -> None:
    async with bench(paper=0) as made:
        with pytest.raises(DeviceError, match="no paper"):
            await made.printer.reset()
        made.paper.power_off()
        with pytest.raises(DeviceError, match="does not answer"):
            await made.printer.reset()


async def test_the_bytes_of_a_receipt_are_those_of_the_command_reference() -> None:
    host, device = memory_line()
    printer = EscPosPrinter(host, EscPosOptions(columns=32))
    sent = b""

    async def answer() -> None:
        nonlocal sent
        while True:
            data = await device.receive()
            sent += data
            await device.send(b"\x00" if data.endswith(vector("escpos", "paper status when printed")) else b"\x12")

    answering = asyncio.create_task(answer())
    assert await printer.print_form([PrintText("取现", Align.CENTER, double_size=True)]) == Done(None)
    answering.cancel()
    questions = b"".join(
        vector("escpos", f"ask {name}") for name in ("printer status", "offline cause", "error cause", "paper status")
    )
    receipt = b"".join(
        [
            vector("escpos", "initialise"),
            vector("escpos", "Kanji mode on"),
            vector("escpos", "centre"),
            vector("escpos", "emphasis off"),
            vector("escpos", "double width and height"),
            bytes.fromhex("C8A1 CFD6"),
            vector("escpos", "line feed"),
            bytes.fromhex("1D 56 42 00"),
            vector("escpos", "paper status when printed"),
        ]
    )
    assert sent == questions + receipt + questions


class SimplePrinter:
    """A far end that knows the real-time status questions and nothing else."""

    def __init__(self) -> None:
        self.host, self._device = memory_line()
        self.printed = b""
        self.status = b"\x12"

    async def serve(self) -> None:
        while True:
            data = await self._device.receive()
            if data.startswith(b"\x10\x04"):
                await self._device.send(self.status)
            else:
                self.printed += data


async def test_a_printer_that_knows_only_the_status_questions_prints() -> None:
    far = SimplePrinter()
    serving = asyncio.create_task(far.serve())
    printer = EscPosPrinter(far.host)
    await printer.reset()
    assert await printer.print_form([PrintText("A")]) == Done(None)
    assert b"A\n" in far.printed
    assert vector("escpos", "clear buffers") not in far.printed.partition(b"A\n")[2]
    serving.cancel()


async def test_a_printer_that_confirmed_before_and_lost_a_receipt_has_not_printed_it() -> None:
    async with bench() as made:
        await made.printer.reset()
        printing = asyncio.create_task(made.printer.print_form(ITEMS))
        await made.scene.until(lambda: made.paper.uncut != ())
        made.paper.power_off()
        made.paper.power_on()
        assert isinstance(await printing, Unknown)


def test_every_problem_names_bits_of_its_question() -> None:
    assert {problem.kind for problem in PROBLEMS} == set(StatusKind)
    assert all(problem.bits for problem in PROBLEMS)


async def test_a_status_that_comes_by_itself_answers_no_question() -> None:
    """Some printers are set to send it from power-on."""
    async with bench() as made:
        await made.host.send(b"\x1da\x0e")
        made.paper.jam(after_lines=2, within_line=True)
        assert isinstance(await made.printer.print_form(ITEMS), Unknown)
        made.paper.clear_jam()
        await made.printer.reset()
        made.paper.open_cover()
        made.paper.close_cover()
        assert (await made.printer.status()).device is DeviceState.ONLINE
        assert await made.printer.print_form(ITEMS) == Done(None)


async def test_a_cutter_that_blocks_leaves_the_receipt_in_doubt() -> None:
    async with bench() as made:
        made.paper.block_cutter()
        assert isinstance(await made.printer.print_form(ITEMS), Unknown)
        assert refusal(await made.printer.print_form(ITEMS)).code is ErrorCode.PAPER_JAMMED
        made.paper.free_cutter()
        await made.printer.reset()
        assert await made.printer.print_form(ITEMS) == Done(None)
        assert len(made.paper.receipts) == 1, "the first receipt was cleared before its cut"


async def test_a_hot_print_head_is_busy_and_not_broken() -> None:
    async with bench() as made:
        made.paper.overheat()
        assert (await made.printer.status()).device is DeviceState.DEVICE_BUSY
        assert isinstance(await made.printer.print_form(ITEMS), Refused)
        made.paper.cool_down()
        assert await made.printer.print_form(ITEMS) == Done(None)


async def test_a_power_cut_while_printing_is_unknown_and_nothing_is_printed_again() -> None:
    async with bench() as made:
        printing = asyncio.ensure_future(made.printer.print_form(ITEMS))
        await made.scene.until(lambda: made.paper.uncut != ())
        made.paper.power_off()
        assert isinstance(await printing, Unknown)
        made.paper.power_on()
        await asyncio.sleep(60)
        assert made.paper.receipts == ()


async def test_a_printer_says_what_it_is_and_prints_nothing() -> None:
    async with bench() as made:
        assert isinstance(made.printer, Identity)
        assert await made.printer.identify() == "maker MEDTELLER, model SIM-42, firmware 1.00 ESC/POS, serial 0001"
        assert made.paper.uncut == ()


@pytest.mark.parametrize(
    ("silent", "told"), [({"serial": ""}, "maker MEDTELLER, model SIM-42, firmware 1.00 ESC/POS"), ({"maker": ""}, "")]
)
async def test_what_a_printer_does_not_answer_is_left_out(silent: dict[str, str], told: str) -> None:
    async with bench() as made:
        host, device = memory_line(9600)
        simple = SimulatedPrinter(scene=made.scene, options=PrinterOptions(**silent))  # type: ignore[arg-type]
        serving = asyncio.create_task(simple.serve(device))
        printer = EscPosPrinter(host)
        if told:
            assert await printer.identify() == told
        else:
            with pytest.raises(DeviceError):
                await printer.identify()
        assert (await printer.status()).device is DeviceState.ONLINE
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
