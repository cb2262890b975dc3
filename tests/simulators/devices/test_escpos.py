import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocol.escpos_commands import (
    AskStatus,
    ClearBuffers,
    Command,
    Cut,
    CutMode,
    LineFeed,
    Recover,
    SetAutomaticStatus,
    TransmitPaperStatus,
    encode,
    text,
)
from protocol.escpos_status import AutomaticCauses, StatusKind
from simulators.devices.escpos import EscPosOptions, EscPosPrinter
from simulators.devices.receipt import PrintedLine, Receipt
from simulators.world.line import memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

RECEIPT: tuple[Command, ...] = (text("医保取现"), LineFeed(), text("100.00"), LineFeed(), Cut(CutMode.PARTIAL, 0))

EVERYTHING = AutomaticCauses.ONLINE | AutomaticCauses.ERROR | AutomaticCauses.PAPER

OPTIONS = EscPosOptions(columns=32, near_end=10)


class Bench:
    """A printer and the host's end of its line."""

    def __init__(self, paper: int, options: EscPosOptions) -> None:
        self.scene = Scene()
        self.printer = EscPosPrinter(scene=self.scene, paper=paper, options=options)
        self.host, self._device = memory_line()
        self.serving = asyncio.create_task(self.printer.serve(self._device))

    async def send(self, *commands: Command) -> None:
        await self.host.send(b"".join(encode(command) for command in commands))

    async def ask(self, command: Command) -> bytes:
        await self.send(command)
        return await self.host.receive()

    @property
    def texts(self) -> list[str]:
        return [receipt.text for receipt in self.printer.receipts]

    async def idle(self) -> None:
        """Long enough for any receipt."""
        await asyncio.sleep(60.0)


@asynccontextmanager
async def bench(paper: int = 1000, options: EscPosOptions = OPTIONS) -> AsyncIterator[Bench]:
    made = Bench(paper, options)
    try:
        yield made
    finally:
        made.serving.cancel()
        await asyncio.gather(made.serving, return_exceptions=True)


async def test_a_receipt_is_printed_cut_and_torn_off() -> None:
    async with bench() as made:
        await made.send(*RECEIPT)
        receipt: Receipt = await made.scene.until(lambda: made.printer.receipt_at_slot)
        assert receipt.text == "医保取现\n100.00"
        assert receipt.cut is CutMode.PARTIAL
        assert made.printer.tear_off() == receipt
        assert made.printer.tear_off() is None
        assert made.printer.receipts == (receipt,)


async def test_printing_takes_its_time_and_paper() -> None:
    async with bench() as made:
        await made.send(*RECEIPT)
        await made.scene.until(lambda: made.printer.receipt_at_slot)
        assert asyncio.get_running_loop().time() == pytest.approx(2 * 0.03 + 0.3)
        assert made.printer.paper == 998


async def test_what_is_not_cut_can_not_be_torn_off() -> None:
    async with bench() as made:
        await made.send(*RECEIPT[:2])
        await made.idle()
        assert made.printer.tear_off() is None
        assert len(made.printer.uncut) == 1


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (StatusKind.PRINTER, "online and ready"),
        (StatusKind.OFFLINE_CAUSE, "online and ready"),
        (StatusKind.ERROR_CAUSE, "online and ready"),
        (StatusKind.PAPER, "online and ready"),
    ],
)
async def test_a_ready_printer_has_no_bit_set(kind: StatusKind, answer: str) -> None:
    async with bench() as made:
        assert await made.ask(AskStatus(kind)) == vector("escpos", answer)


async def test_an_open_cover_shows() -> None:
    async with bench() as made:
        made.printer.open_cover()
        assert await made.ask(AskStatus(StatusKind.PRINTER)) == vector("escpos", "offline")
        assert await made.ask(AskStatus(StatusKind.OFFLINE_CAUSE)) == vector("escpos", "cover open")


async def test_a_jam_shows_as_a_cutter_error() -> None:
    async with bench() as made:
        made.printer.jam()
        assert await made.ask(AskStatus(StatusKind.ERROR_CAUSE)) == vector("escpos", "cutter error")


async def test_the_end_of_the_roll_shows_before_it_comes() -> None:
    async with bench(paper=11) as made:
        assert await made.ask(AskStatus(StatusKind.PAPER)) == vector("escpos", "online and ready")
        await made.send(LineFeed())
        assert await made.ask(TransmitPaperStatus()) == vector("escpos", "printed, paper near end")
        assert await made.ask(AskStatus(StatusKind.PAPER)) == vector("escpos", "paper near end")


async def test_without_paper_printing_stops_and_goes_on_with_a_new_roll() -> None:
    async with bench(paper=1) as made:
        await made.send(*RECEIPT)
        await made.idle()
        assert made.printer.receipts == ()
        assert await made.ask(AskStatus(StatusKind.PAPER)) == vector("escpos", "paper near end and out")
        assert await made.ask(AskStatus(StatusKind.OFFLINE_CAUSE)) == vector("escpos", "stopped by paper end")
        made.printer.load_paper(500)
        await made.idle()
        assert made.texts == ["医保取现\n100.00"]


@pytest.mark.parametrize("command", [ClearBuffers(), Recover(forget=True)], ids=["DLE DC4", "DLE ENQ"])
async def test_a_stopped_receipt_can_be_forgotten(command: Command) -> None:
    async with bench(paper=1) as made:
        await made.send(*RECEIPT)
        await made.idle()
        await made.send(command)
        await made.idle()
        made.printer.load_paper(500)
        await made.idle()
        assert made.printer.receipts == ()


async def test_a_jam_in_the_middle_stops_the_receipt_until_it_is_cleared() -> None:
    async with bench() as made:
        made.printer.jam(after_lines=1)
        await made.send(*RECEIPT)
        await made.idle()
        assert len(made.printer.uncut) == 1
        made.printer.clear_jam()
        await made.idle()
        assert made.texts == ["医保取现\n100.00"]


async def test_the_real_time_status_is_answered_while_printing_and_the_paper_question_after_it() -> None:
    async with bench() as made:
        await made.send(*RECEIPT, TransmitPaperStatus(), AskStatus(StatusKind.PRINTER))
        assert await made.host.receive() == vector("escpos", "online and ready")
        assert made.printer.receipts == ()
        assert await made.host.receive() == vector("escpos", "printed, paper adequate")
        assert len(made.printer.receipts) == 1


async def test_power_off_loses_what_was_not_printed_and_keeps_what_was() -> None:
    async with bench() as made:
        await made.send(*RECEIPT)
        await made.scene.until(lambda: made.printer.uncut != ())
        made.printer.power_off()
        await made.send(AskStatus(StatusKind.PRINTER))
        await made.idle()
        made.printer.power_on()
        assert await made.ask(AskStatus(StatusKind.PRINTER)) == vector("escpos", "online and ready")
        assert made.printer.receipts == ()
        assert len(made.printer.uncut) == 1


async def test_a_line_that_goes_down_does_not_stop_the_paper() -> None:
    async with bench() as made:
        await made.send(*RECEIPT)
        await asyncio.sleep(0.01)
        made.host.close()
        await made.serving
        assert len(made.printer.receipts) == 1


async def test_a_printer_can_be_served_again_on_another_line() -> None:
    async with bench() as made:
        made.host.close()
        await made.serving
        host, device = memory_line()
        serving = asyncio.create_task(made.printer.serve(device))
        await host.send(encode(AskStatus(StatusKind.PRINTER)))
        assert await host.receive() == vector("escpos", "online and ready")
        serving.cancel()


async def test_the_status_comes_by_itself_when_it_was_asked_for() -> None:
    async with bench(paper=12) as made:
        assert await made.ask(SetAutomaticStatus(EVERYTHING)) == vector("escpos", "automatic status, ready")
        made.printer.open_cover()
        assert await made.host.receive() == vector("escpos", "automatic status, cover open")
        made.printer.close_cover()
        assert await made.host.receive() == vector("escpos", "automatic status, ready")
        await made.send(LineFeed(), LineFeed())
        assert await made.host.receive() == bytes.fromhex("10 00 03 00")
        await made.send(SetAutomaticStatus(AutomaticCauses(0)))
        await made.idle()
        made.printer.open_cover()
        assert await made.ask(AskStatus(StatusKind.PRINTER)) == vector("escpos", "offline")


async def test_only_what_was_asked_for_is_told_and_some_firmware_tells_nothing() -> None:
    async with bench() as made:
        await made.ask(SetAutomaticStatus(AutomaticCauses.PAPER))
        made.printer.open_cover()
        made.printer.load_paper(0)
        assert await made.host.receive() == bytes.fromhex("10 00 0F 00")
    async with bench(options=EscPosOptions(automatic_status=False)) as made:
        await made.send(SetAutomaticStatus(EVERYTHING))
        assert await made.ask(AskStatus(StatusKind.PRINTER)) == vector("escpos", "online and ready")


async def test_a_blocked_cutter_is_an_error_until_it_is_free_and_then_cuts() -> None:
    async with bench() as made:
        made.printer.block_cutter()
        assert await made.ask(AskStatus(StatusKind.ERROR_CAUSE)) == vector("escpos", "online and ready")
        await made.send(*RECEIPT)
        await made.idle()
        assert await made.ask(AskStatus(StatusKind.ERROR_CAUSE)) == vector("escpos", "cutter error")
        assert made.printer.receipts == ()
        made.printer.free_cutter()
        await made.idle()
        assert made.texts == ["医保取现\n100.00"]


async def test_a_hot_print_head_goes_on_by_itself() -> None:
    async with bench() as made:
        made.printer.overheat()
        await made.send(*RECEIPT)
        await made.idle()
        assert made.printer.uncut == ()
        assert await made.ask(AskStatus(StatusKind.ERROR_CAUSE)) == b"\x52"
        made.printer.cool_down()
        await made.idle()
        assert made.texts == ["医保取现\n100.00"]


async def test_a_broken_printer_prints_only_when_it_was_repaired() -> None:
    async with bench() as made:
        made.printer.break_down()
        await made.send(*RECEIPT)
        await made.idle()
        assert await made.ask(AskStatus(StatusKind.ERROR_CAUSE)) == b"\x32"
        assert await made.ask(AskStatus(StatusKind.OFFLINE_CAUSE)) == b"\x52"
        made.printer.repair()
        await made.idle()
        assert len(made.printer.receipts) == 1


async def test_a_jam_in_the_middle_of_a_line_leaves_half_of_it_on_the_paper() -> None:
    async with bench() as made:
        made.printer.jam(after_lines=1, within_line=True)
        await made.send(*RECEIPT)
        await made.idle()
        assert [line.text for line in made.printer.uncut if isinstance(line, PrintedLine)] == ["医保取现", "100"]
        made.printer.clear_jam()
        await made.idle()
        assert made.texts == ["医保取现\n100\n100.00"]


async def test_the_roll_ends_in_the_middle_of_a_receipt() -> None:
    async with bench() as made:
        made.printer.ailments()["C21"].happen(after_lines=1)
        await made.send(*RECEIPT)
        await made.idle()
        assert [line.text for line in made.printer.uncut if isinstance(line, PrintedLine)] == ["医保取现"]
        mend = made.printer.ailments()["C21"].mend
        assert mend is not None
        mend()
        await made.idle()
        assert made.texts == ["医保取现\n100.00"]


async def test_every_split_of_a_receipt_prints_the_same() -> None:
    data = b"".join(encode(command) for command in RECEIPT)
    for cut in range(1, len(data)):
        async with bench() as made:
            await made.host.send(data[:cut])
            await asyncio.sleep(0.1)
            await made.host.send(data[cut:])
            await made.idle()
            assert made.texts == ["医保取现\n100.00"]


async def test_the_workbench_sees_the_state_in_words() -> None:
    async with bench(paper=5) as made:
        made.printer.open_cover()
        assert made.printer.snapshot()["cover"] == "open"
        assert made.printer.snapshot()["paper"] == "5 lines, near end"
