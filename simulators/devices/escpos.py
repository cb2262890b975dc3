"""A receipt printer that speaks ESC/POS: paper roll, print head, cutter, and the receipts that hang from its slot."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import assert_never

from protocol.escpos import scan_host
from protocol.escpos_commands import (
    AskStatus,
    ClearBuffers,
    Command,
    Cut,
    Recover,
    SetAutomaticStatus,
    TransmitName,
    TransmitPaperStatus,
)
from protocol.escpos_status import (
    LONGEST_NAME,
    AutomaticCauses,
    AutomaticStatus,
    BuffersCleared,
    ErrorBits,
    NameReply,
    OfflineBits,
    PaperBits,
    PaperStatus,
    PrinterBits,
    PrinterName,
    RealTimeStatus,
    Reply,
    SensorBits,
    StateBits,
    StatusKind,
    encode_reply,
)
from protocol.wire import Damaged, Decoder, Noise
from simulators.devices.receipt import LINE_DOTS, Printed, PrintedLine, Receipt, Step, paper_dots
from simulators.devices.receipt_typesetter import Typesetter
from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd
from simulators.world.scene import Scene

FULL_ROLL = 5000
"""Lines of paper on a new roll."""


@dataclass(frozen=True, slots=True)
class EscPosOptions:
    """Width in narrow characters, and mechanics: seconds, and lines of paper.

    `automatic_status`: firmware knows GS a; without it, the command is skipped. `maker` to `serial` are what it says it
    is (GS I); an empty one is not answered.
    """

    columns: int = 42
    line_time: float = 0.03
    cut_time: float = 0.3
    near_end: int = 200
    qr_lines: int = 8
    automatic_status: bool = True
    maker: str = "MEDTELLER"
    model: str = "SIM-42"
    firmware: str = "1.00 ESC/POS"
    serial: str = "0001"

    def __post_init__(self) -> None:
        for name in (self.maker, self.model, self.firmware, self.serial):
            if len(name) > LONGEST_NAME or not name.isascii() or (name and not name.isprintable()):
                raise ValueError(f"a name has at most {LONGEST_NAME} printable ASCII characters, not {name!r}")


class EscPosPrinter:
    """A printer with `paper` lines on its roll."""

    def __init__(self, *, scene: Scene, paper: int = FULL_ROLL, options: EscPosOptions | None = None) -> None:
        self._scene = scene
        self._options = options or EscPosOptions()
        self._paper = paper
        self._cover_open = False
        self._jammed = False
        self._jam_in: int | None = None
        self._jams_within_line = False
        self._cutter_blocks = False
        self._errors = ErrorBits(0)
        self._powered = True
        self._line: LineEnd | None = None
        self._causes = AutomaticCauses(0)
        self._told: AutomaticStatus | None = None
        self._uncut: list[Printed] = []
        self._hanging: list[Receipt] = []
        self._receipts: list[Receipt] = []
        self._wake = asyncio.Event()
        self._forget()

    # --- the line

    async def serve(self, line: LineEnd) -> None:
        """Print and answer what comes on `line` until it goes down; what has come by then is still printed."""
        self._line = line
        printing = asyncio.create_task(self._keep_printing(line))
        try:
            while True:
                await self._hear(await line.receive(), line)
        except ConnectionError:
            pass
        finally:
            printing.cancel()
            await asyncio.gather(printing, return_exceptions=True)
            self._line = None
        await self._print_all(line)

    async def _hear(self, data: bytes, line: LineEnd) -> None:
        if not self._powered:
            return
        for event in self._decoder.feed(data):
            match event:
                case AskStatus(kind):
                    await _answer(line, RealTimeStatus(self._status_bits(kind)))
                case ClearBuffers():
                    self._forget()
                    await _answer(line, BuffersCleared())
                case Recover(forget):
                    if not self._jammed and not self._cutter_blocks:
                        self._errors &= ~ErrorBits.CUTTER
                        if forget:
                            self._forget()
                case Noise() | Damaged():
                    pass  # as the reference says: ignored
                case _:
                    self._steps += self._typesetter.take(event)
        self._wake.set()

    # --- what a person sees and does

    @property
    def receipt_at_slot(self) -> Receipt | None:
        """The receipt that can be torn off now."""
        return self._hanging[0] if self._hanging else None

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Every receipt ever cut, torn off or not."""
        return tuple(self._receipts)

    @property
    def uncut(self) -> tuple[Printed, ...]:
        """What has been printed since the last cut."""
        return tuple(self._uncut)

    @property
    def paper(self) -> int:
        """Lines left on the roll."""
        return self._paper

    def tear_off(self) -> Receipt | None:
        """Take the oldest receipt from the slot; None when no cut one hangs there."""
        if not self._hanging:
            return None
        receipt = self._hanging.pop(0)
        self._scene.changed()
        return receipt

    def load_paper(self, lines: int) -> None:
        """Put in a roll of `lines` lines."""
        self._paper = lines
        self._changed()

    def open_cover(self) -> None:
        """Printing stops."""
        self._cover_open = True
        self._changed()

    def close_cover(self) -> None:
        """Printing goes on."""
        self._cover_open = False
        self._changed()

    def jam(self, after_lines: int = 0, *, within_line: bool = False) -> None:
        """Let the paper jam, now or when `after_lines` more lines are printed; or in the middle of the line then."""
        self._jam_in = after_lines
        self._jams_within_line = within_line
        self._jammed = after_lines == 0 and not within_line
        self._changed()

    def clear_jam(self) -> None:
        """Remove the jammed paper; printing goes on."""
        self._jammed, self._jam_in = False, None
        self._changed()

    def block_cutter(self) -> None:
        """The knife meets something at the next cut."""
        self._cutter_blocks = True
        self._changed()

    def free_cutter(self) -> None:
        """Take away what blocks the knife; the cut is made."""
        self._cutter_blocks = False
        self._errors &= ~ErrorBits.CUTTER
        self._changed()

    def overheat(self) -> None:
        """The print head is too hot: printing waits until it has cooled down by itself."""
        self._errors |= ErrorBits.AUTO_RECOVERABLE
        self._changed()

    def cool_down(self) -> None:
        """The print head is cool again; printing goes on."""
        self._errors &= ~ErrorBits.AUTO_RECOVERABLE
        self._changed()

    def break_down(self) -> None:
        """An error that nothing but a repair ends."""
        self._errors |= ErrorBits.UNRECOVERABLE
        self._changed()

    def repair(self) -> None:
        """It is as new again."""
        self._errors = ErrorBits(0)
        self._changed()

    def end_paper(self, after_lines: int = 0) -> None:
        """The roll ends, now or after so many lines."""
        self.load_paper(after_lines)

    def power_off(self) -> None:
        """What was not printed is lost; the printer is deaf."""
        self._powered = False
        self._causes = AutomaticCauses(0)
        self._forget()
        self._changed()

    def power_on(self) -> None:
        """Start with default settings."""
        self._powered = True
        self._changed()

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def end_paper(after_lines: int = 0) -> None:
            self.end_paper(after_lines)

        def jam(after_lines: int = 0, within_line: bool = False) -> None:
            self.jam(after_lines, within_line=within_line)

        lines = Whole(0, FULL_ROLL, usual=30)
        return {
            "C21": Ailment(end_paper, lambda: self.load_paper(FULL_ROLL), {"after_lines": lines}),
            "C22": Ailment(jam, self.clear_jam, {"after_lines": lines}),
        }

    def snapshot(self) -> dict[str, str]:
        """In a few words, for the workbench."""
        return {
            "power": "on" if self._powered else "off",
            "paper": f"{self._paper} lines" + (", near end" if self._near_end else ""),
            "cover": "open" if self._cover_open else "closed",
            "cutter": "jammed" if self._jammed or self._errors & ErrorBits.CUTTER else "ok",
            "printing": "yes" if self._steps else "no",
            "at slot": f"{len(self._hanging)} receipts",
        }

    # --- mechanics

    @property
    def _stopped(self) -> bool:
        return not self._powered or self._cover_open or self._jammed or self._paper <= 0 or bool(self._errors)

    @property
    def _near_end(self) -> bool:
        return self._paper <= self._options.near_end

    def _changed(self) -> None:
        self._wake.set()
        self._scene.changed()

    async def _tell(self) -> None:
        """The automatic status, if what was asked for has changed since it was told."""
        line, status = self._line, self._automatic_status()
        if line is not None and self._causes and self._powered and status != self._told:
            self._told = status
            await _answer(line, status)

    def _forget(self) -> None:
        """Nothing unprinted is left, and all settings are those of power-on."""
        self._decoder: Decoder[Command] = Decoder(scan_host)
        self._typesetter = Typesetter(self._options.columns)
        self._steps: deque[Step] = deque()

    async def _keep_printing(self, line: LineEnd) -> None:
        while True:
            self._wake.clear()
            await self._tell()
            await self._print_all(line)
            await self._wake.wait()

    async def _print_all(self, line: LineEnd) -> None:
        """Take step after step until none is left or the printer stops; a step that was stopped is taken again."""
        while self._steps and not self._stopped:
            steps, step = self._steps, self._steps[0]
            await asyncio.sleep(self._duration(step))
            if steps is not self._steps or self._stopped or await self._is_hindered(step):
                continue
            steps.popleft()
            await self._finish(step, line)

    def _duration(self, step: Step) -> float:
        match step:
            case Cut():
                return self._options.cut_time
            case TransmitPaperStatus() | TransmitName() | SetAutomaticStatus():
                return 0.0
            case _:
                return self._height(step) * self._options.line_time

    def _height(self, printed: Printed) -> int:
        """Lines of paper it takes."""
        return max(1, round(paper_dots(printed, self._options.qr_lines * LINE_DOTS) / LINE_DOTS))

    async def _finish(self, step: Step, line: LineEnd) -> None:
        match step:
            case Cut(mode):
                receipt = Receipt(self._options.columns, tuple(self._uncut), mode)
                self._uncut.clear()
                self._hanging.append(receipt)
                self._receipts.append(receipt)
                self._scene.changed()
            case TransmitPaperStatus():
                await _answer(line, PaperStatus(self._sensors()))
            case TransmitName(name):
                if told := self._name(name):
                    await _answer(line, NameReply(told))
            case SetAutomaticStatus(causes):
                self._causes = causes if self._options.automatic_status else AutomaticCauses(0)
                self._told = None
                await self._tell()
            case _:
                self._uncut.append(step)
                self._paper = max(0, self._paper - self._height(step))
                if self._jam_in is not None:
                    self._jam_in -= 1
                    self._jammed = self._jam_in <= 0 and not self._jams_within_line
                self._scene.changed()
                await self._tell()

    async def _is_hindered(self, step: Step) -> bool:
        """Whether the mechanics stop at this very step; it is taken again later."""
        if isinstance(step, Cut) and self._cutter_blocks:
            self._errors |= ErrorBits.CUTTER
        elif (
            isinstance(step, PrintedLine) and self._jams_within_line and self._jam_in is not None and self._jam_in <= 0
        ):
            # The paper stands while half of the line is burnt in; afterwards the line is printed anew.
            self._uncut.append(PrintedLine(step.text[: len(step.text) // 2], step.cells // 2, step.align))
            self._jammed, self._jams_within_line = True, False
        else:
            return False
        self._scene.changed()
        await self._tell()
        return True

    # --- status

    def _status_bits(self, kind: StatusKind) -> int:
        out = self._paper <= 0
        match kind:
            case StatusKind.PRINTER:
                return PrinterBits.OFFLINE if self._stopped else 0
            case StatusKind.OFFLINE_CAUSE:
                return (
                    (OfflineBits.COVER_OPEN if self._cover_open else 0)
                    | (OfflineBits.PAPER_END if out else 0)
                    | (OfflineBits.ERROR if self._all_errors else 0)
                )
            case StatusKind.ERROR_CAUSE:
                return self._all_errors
            case StatusKind.PAPER:
                return (PaperBits.NEAR_END if self._near_end else 0) | (PaperBits.END if out else 0)
            case _:
                assert_never(kind)

    @property
    def _all_errors(self) -> ErrorBits:
        return self._errors | (ErrorBits.CUTTER if self._jammed else ErrorBits(0))

    def _name(self, name: PrinterName) -> str:
        match name:
            case PrinterName.FIRMWARE:
                return self._options.firmware
            case PrinterName.MAKER:
                return self._options.maker
            case PrinterName.MODEL:
                return self._options.model
            case PrinterName.SERIAL:
                return self._options.serial
            case _:
                assert_never(name)

    def _automatic_status(self) -> AutomaticStatus:
        """What was asked for of the state; what was not, reads as well."""
        causes = self._causes
        state = StateBits(0)
        if AutomaticCauses.ONLINE in causes:
            state |= StateBits.OFFLINE if self._stopped else StateBits(0)
            state |= StateBits.COVER_OPEN if self._cover_open else StateBits(0)
        errors = self._all_errors if AutomaticCauses.ERROR in causes else ErrorBits(0)
        sensors = self._sensors() if AutomaticCauses.PAPER in causes else SensorBits(0)
        return AutomaticStatus(state, errors, sensors, waiting=False)

    def _sensors(self) -> SensorBits:
        near = SensorBits.NEAR_END if self._near_end else SensorBits(0)
        return near | (SensorBits.END if self._paper <= 0 else SensorBits(0))


async def _answer(line: LineEnd, reply: Reply) -> None:
    """Nobody listens when the line is down; the printer does not mind."""
    with contextlib.suppress(ConnectionError):
        await line.send(encode_reply(reply))
