"""Receipt printers that speak ESC/POS, as published in Epson's command reference; checked against no hardware.

A receipt is printed once. The paper question at its end (GS r) is answered when everything before it is on paper. When
no answer comes, the outcome is open, and what is left is cleared, so that paper put in later does not bring an old
receipt to light. Only a printer that never answered this question, and says that it is ready, has printed all the same.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import TypeAlias, TypeVar, assert_never

from drivers.exchange import Exchange, ExchangeFailed, Handshake
from drivers.interfaces import (
    Align,
    CompletionCode,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Outcome,
    PaperSupply,
    PrinterStatus,
    PrintItem,
    PrintQr,
    PrintText,
    Refused,
    Unknown,
)
from drivers.link import Link
from protocol.escpos_commands import (
    Alignment,
    AskStatus,
    ClearBuffers,
    Command,
    Cut,
    CutMode,
    ErrorCorrection,
    Initialize,
    LineFeed,
    QrCorrection,
    QrModel,
    QrPrint,
    QrSize,
    QrStore,
    SetAlignment,
    SetEmphasis,
    SetKanji,
    SetSize,
    TransmitName,
    TransmitPaperStatus,
    encode,
    text,
)
from protocol.escpos_status import (
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
    StatusKind,
    scan_printer,
)
from protocol.wire import Decoder, LocalProtocolError

DEVICE = "receipt printer"

ALIGNMENTS = {Align.LEFT: Alignment.LEFT, Align.CENTER: Alignment.CENTER, Align.RIGHT: Alignment.RIGHT}


@dataclass(frozen=True, slots=True)
class EscPosOptions:
    """Paper width in narrow characters (32 for 58 mm, 42 or 48 for 80 mm) and time limits in seconds."""

    columns: int = 42
    answer_limit: float = 1.0
    attempts: int = 2
    print_limit: float = 20.0
    qr_dots: int = 6
    cut: CutMode = CutMode.PARTIAL

    def __post_init__(self) -> None:
        if not 16 <= self.columns <= 96:
            raise ValueError(f"columns: {self.columns}; paper of 58 mm has 32, of 80 mm 42 or 48")
        if self.attempts < 1 or self.answer_limit <= 0 or self.print_limit <= 0:
            raise ValueError("attempts must be 1 or more, answer_limit and print_limit more than 0 seconds")
        if not 1 <= self.qr_dots <= 16:
            raise ValueError(f"qr_dots: {self.qr_dots}; a QR module has 1 to 16 dots")


@dataclass(frozen=True, slots=True)
class Problem:
    """A status bit that keeps a receipt from being printed, in XFS4IoT words."""

    kind: StatusKind
    bits: IntFlag
    device: DeviceState
    completion: CompletionCode
    code: ErrorCode | None
    detail: str
    remedy: str


PROBLEMS = (
    Problem(
        StatusKind.PAPER,
        PaperBits.END,
        DeviceState.ONLINE,
        CompletionCode.COMMAND_ERROR_CODE,
        ErrorCode.PAPER_OUT,
        "no paper",
        "Put in a new roll.",
    ),
    Problem(
        StatusKind.ERROR_CAUSE,
        ErrorBits.CUTTER,
        DeviceState.HARDWARE_ERROR,
        CompletionCode.COMMAND_ERROR_CODE,
        ErrorCode.PAPER_JAMMED,
        "the cutter is blocked",
        "Open the cover and remove the jammed paper.",
    ),
    Problem(
        StatusKind.ERROR_CAUSE,
        ErrorBits.UNRECOVERABLE,
        DeviceState.HARDWARE_ERROR,
        CompletionCode.HARDWARE_ERROR,
        None,
        "unrecoverable error",
        "Switch the printer off and on; if it stays, replace it.",
    ),
    Problem(
        StatusKind.ERROR_CAUSE,
        ErrorBits.RECOVERABLE,
        DeviceState.HARDWARE_ERROR,
        CompletionCode.COMMAND_ERROR_CODE,
        ErrorCode.PAPER_JAMMED,
        "mechanical error",
        "Open the cover, remove the paper and put it in again.",
    ),
    Problem(
        StatusKind.ERROR_CAUSE,
        ErrorBits.AUTO_RECOVERABLE,
        DeviceState.DEVICE_BUSY,
        CompletionCode.DEVICE_NOT_READY,
        None,
        "the print head is too hot",
        "It cools down by itself.",
    ),
    Problem(
        StatusKind.OFFLINE_CAUSE,
        OfflineBits.COVER_OPEN,
        DeviceState.USER_ERROR,
        CompletionCode.USER_ERROR,
        None,
        "the cover is open",
        "Close it.",
    ),
    Problem(
        StatusKind.OFFLINE_CAUSE,
        OfflineBits.PAPER_END,
        DeviceState.ONLINE,
        CompletionCode.COMMAND_ERROR_CODE,
        ErrorCode.PAPER_OUT,
        "printing stopped because the paper is used up",
        "Put in a new roll.",
    ),
    Problem(
        StatusKind.PRINTER,
        PrinterBits.OFFLINE,
        DeviceState.OFFLINE,
        CompletionCode.DEVICE_NOT_READY,
        None,
        "the printer is offline",
        "Check its lamps and its cover.",
    ),
)
"""The first row that applies is what is reported."""

SUPPLIES = {ErrorCode.PAPER_OUT: PaperSupply.OUT, ErrorCode.PAPER_JAMMED: PaperSupply.JAMMED}

Condition: TypeAlias = Mapping[StatusKind, int]
R = TypeVar("R", RealTimeStatus, PaperStatus, BuffersCleared)


class EscPosPrinter:
    """A receipt printer on a serial line."""

    def __init__(self, link: Link, options: EscPosOptions | None = None) -> None:
        self._options = options or EscPosOptions()
        self._confirms = False
        self._exchange: Exchange[Reply] = Exchange(
            link,
            Decoder(scan_printer),
            Handshake(ack=0.1, acknowledged=False, acknowledge_reply=False, write=self._options.print_limit),
        )

    @property
    def columns(self) -> int:
        """Narrow characters in a line; a Chinese character takes two."""
        return self._options.columns

    async def reset(self) -> None:
        """Forget what was not printed and restore the settings. Raises DeviceError."""
        try:
            with contextlib.suppress(ExchangeFailed):  # simple printers know only the status questions
                await self._ask(encode(ClearBuffers()), BuffersCleared)
            await self._exchange.send(encode(Initialize()))
            condition = await self._condition()
        except (ExchangeFailed, ConnectionError) as error:
            raise _silent(error) from error
        if (problem := _problem(condition)) is not None:
            raise _error(problem)
        with contextlib.suppress(ExchangeFailed, ConnectionError):
            await self._ask(encode(TransmitPaperStatus()), PaperStatus)
            self._confirms = True

    async def status(self) -> PrinterStatus:
        """Ask for sensors and causes; prints nothing."""
        try:
            condition = await self._condition()
        except ConnectionError as error:
            return PrinterStatus(DeviceState.NO_DEVICE, PaperSupply.UNKNOWN, str(error))
        except ExchangeFailed as error:
            return PrinterStatus(DeviceState.POWER_OFF, PaperSupply.UNKNOWN, str(error))
        problem = _problem(condition)
        if problem is None:
            low = condition[StatusKind.PAPER] & PaperBits.NEAR_END
            return PrinterStatus(DeviceState.ONLINE, PaperSupply.LOW if low else PaperSupply.FULL)
        supply = SUPPLIES.get(problem.code, PaperSupply.UNKNOWN) if problem.code else PaperSupply.UNKNOWN
        return PrinterStatus(problem.device, supply, problem.detail)

    async def identify(self) -> str:
        """What it answers to GS I, in one line. Raises DeviceError where it answers nothing."""
        told: dict[PrinterName, str] = {}
        silence: ExchangeFailed | None = None
        try:
            for name in (PrinterName.MAKER, PrinterName.MODEL, PrinterName.FIRMWARE, PrinterName.SERIAL):
                told[name] = await self._name(name)
        except ExchangeFailed as failed:
            silence = failed  # the answers don't say to what: after a silence, the next could be the last one's
        except ConnectionError as down:
            raise _silent(down) from down
        if not told:
            assert silence is not None
            raise _silent(silence) from silence
        return ", ".join(f"{name.name.lower()} {words}" for name, words in told.items())

    async def print_form(self, items: Sequence[PrintItem]) -> Outcome[None]:
        """Print one receipt and cut it. Unknown once bytes have left and the printer did not confirm."""
        try:
            receipt = b"".join(encode(command) for command in self._commands(items))
        except LocalProtocolError as error:
            return Refused(DeviceError(DEVICE, CompletionCode.INVALID_DATA, str(error)))
        try:
            condition = await self._condition()
        except (ExchangeFailed, ConnectionError) as error:
            return Refused(_silent(error))
        if (problem := _problem(condition)) is not None:
            return Refused(_error(problem))
        unconfirmed: ExchangeFailed | None = None
        try:
            try:
                await self._exchange.request(
                    receipt + encode(TransmitPaperStatus()),
                    lambda reply: isinstance(reply, PaperStatus),
                    timeout=self._options.print_limit,
                    motion=True,
                )
                self._confirms = True
            except ExchangeFailed as failure:
                unconfirmed = failure
            condition = await self._condition()
        except (ExchangeFailed, ConnectionError) as error:
            await self._clear()
            return Unknown(f"the receipt was sent and not confirmed: {error}")
        problem = _problem(condition)
        if unconfirmed is not None and (self._confirms or problem is not None):
            await self._clear()
            return Unknown(f"the receipt was sent and not confirmed: {problem.detail if problem else unconfirmed}")
        if problem is not None and problem.code is ErrorCode.PAPER_JAMMED:
            return Unknown(f"the receipt was printed, then {problem.detail}")
        return Done(None)

    def _commands(self, items: Sequence[PrintItem]) -> Iterator[Command]:
        yield Initialize()
        yield SetKanji(True)
        for item in items:
            match item:
                case PrintText(words, align, emphasized, double_size):
                    size = 2 if double_size else 1
                    yield from (SetAlignment(ALIGNMENTS[align]), SetEmphasis(emphasized), SetSize(size, size))
                    yield from (text(words), LineFeed())
                case PrintQr(data):
                    yield from (SetAlignment(Alignment.CENTER), QrModel(2), QrSize(self._options.qr_dots))
                    yield from (QrCorrection(ErrorCorrection.M), QrStore(data.encode()), QrPrint())
                case _:
                    assert_never(item)
        yield Cut(self._options.cut, 0)

    async def _clear(self) -> None:
        """The rest of a receipt that was not confirmed is forgotten, if the printer still hears."""
        with contextlib.suppress(ExchangeFailed, ConnectionError):
            await self._ask(encode(ClearBuffers()), BuffersCleared)

    async def _name(self, name: PrinterName) -> str:
        reply = await self._exchange.request(
            encode(TransmitName(name)), lambda reply: isinstance(reply, NameReply), timeout=self._options.answer_limit
        )
        assert isinstance(reply, NameReply)
        return reply.text

    async def _condition(self) -> Condition:
        return {kind: (await self._ask(encode(AskStatus(kind)), RealTimeStatus)).value for kind in StatusKind}

    async def _ask(self, question: bytes, answer: type[R]) -> R:
        """A real-time question; asking twice does no harm."""
        for attempt in range(1, self._options.attempts + 1):
            try:
                reply = await self._exchange.request(
                    question, lambda reply: isinstance(reply, answer), timeout=self._options.answer_limit
                )
            except ExchangeFailed:
                if attempt == self._options.attempts:
                    raise
            else:
                assert isinstance(reply, answer)
                return reply
        raise AssertionError("the last attempt returns or raises")


def _problem(condition: Condition) -> Problem | None:
    return next((problem for problem in PROBLEMS if condition[problem.kind] & problem.bits), None)


def _error(problem: Problem) -> DeviceError:
    return DeviceError(DEVICE, problem.completion, problem.detail, code=problem.code, remedy=problem.remedy)


def _silent(error: Exception) -> DeviceError:
    return DeviceError(
        DEVICE, CompletionCode.DEVICE_NOT_READY, f"it does not answer ({error})", remedy="Check power, cable and port."
    )
