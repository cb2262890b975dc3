"""Sankyo ICT3Q8: reading and writing the stripe of the card inside. No error says what stands on a track."""

from collections.abc import Mapping
from contextlib import suppress

from drivers.interfaces import CompletionCode, DeviceError, ErrorCode, WriteMethod
from drivers.sankyo_ict3q8_errors import DEVICE, no_card, not_answered
from drivers.sankyo_ict3q8_line import Lost
from drivers.sankyo_ict3q8_unit import Unit
from protocol.sankyo_ict3q8 import CardPosition, Command, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.sankyo_ict3q8_codes import error_meaning
from protocol.sankyo_ict3q8_stripe import (
    FILL,
    READ_BUFFER,
    READ_ONCE,
    WRITE,
    Coercivity,
    Written,
    parse_results,
    writable,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError

_BAD_TRACK = (
    ReaderError.PARITY,
    ReaderError.READ,
    ReaderError.TRACK_EMPTY,
    ReaderError.TRACK_BLANK,
    ReaderError.NO_START_SENTINEL,
    ReaderError.NO_END_SENTINEL,
    ReaderError.LRC,
)
_NO_SUCH_TRACK = (ReaderError.BAD_PARAMETER, ReaderError.OPTION_ABSENT)
CLEAR_BUFFERS, WRITE_FILLED = Command("6", "6"), Command("7", "9")
_CURRENT = {WriteMethod.LOCO: Coercivity.LOW, WriteMethod.HICO: Coercivity.HIGH}


async def read_track(unit: Unit, number: int, *, again: bool = False) -> str | None:
    """As it was read at intake, or in a pass of its own; None when it can't be read. Raises DeviceError."""
    reply = await unit.line.ask(Command("6", (READ_ONCE if again else READ_BUFFER)[number]))
    if isinstance(reply, NegativeReply) and reply.error in _BAD_TRACK + _NO_SUCH_TRACK:
        return None
    return unit.line.positive(reply).data.decode("latin-1") or None


async def write_tracks(unit: Unit, tracks: Mapping[int, str], method: WriteMethod | None) -> None:
    """Write, let the reader verify, and read again. The write itself is sent once. Raises DeviceError."""
    try:
        data = {number: writable(number, text) for number, text in sorted(tracks.items())}
    except LocalProtocolError as error:
        raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, str(error)) from error
    if not data:
        raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, "there is no track to write")
    if await unit.position() is not CardPosition.INSIDE:
        raise no_card("there is no card inside to write")
    await unit.release_contact()
    if method is not None:
        await _use(unit, method)
    command = await _prepared(unit, data)
    answer = await unit.line.once(command, unit.options.motion_timeout)
    if isinstance(answer, NegativeReply):
        raise _bad_write(unit, answer)
    if isinstance(answer, PositiveReply):
        with suppress(RemoteProtocolError):
            results = parse_results(answer.data)
            if missing := [number for number in data if results[number].written is not Written.GOOD]:
                raise _not_good(f"track {', '.join(map(str, missing))} was not written")
    for number, text in data.items():
        if await read_track(unit, number, again=True) != text.decode("latin-1"):
            if isinstance(answer, Lost):
                raise not_answered("write", answer.cause)
            raise _not_good(f"track {number} reads otherwise than it was written")


async def _prepared(unit: Unit, data: Mapping[int, bytes]) -> Command:
    """One track is written by its own command, several are filled in and written in one pass."""
    if len(data) == 1:
        ((number, text),) = data.items()
        return Command("7", WRITE[number], text)
    await unit.line.do(CLEAR_BUFFERS)
    for number, text in data.items():
        await unit.line.do(Command("7", FILL[number], text))
    return WRITE_FILLED


async def _use(unit: Unit, method: WriteMethod) -> None:
    reply = await unit.line.ask(Command("7", "0", f"{_CURRENT[method]}0".encode()))
    if isinstance(reply, NegativeReply):
        detail = unit.line.error(reply).detail
        raise DeviceError(DEVICE, CompletionCode.COMMAND_ERROR_CODE, detail, code=ErrorCode.WRITE_METHOD)


def _bad_write(unit: Unit, reply: NegativeReply) -> DeviceError:
    """With the results of each track, where the reader gives them."""
    try:
        results = parse_results(reply.data)
    except RemoteProtocolError:
        return unit.line.error(reply)
    bad = [f"track {n}: {error_meaning(each.detail)}" for n, each in results.items() if each.written is Written.BAD]
    return _not_good(f"the write failed ({'; '.join(bad)})")


def _not_good(detail: str) -> DeviceError:
    return DeviceError(DEVICE, CompletionCode.COMMAND_ERROR_CODE, detail, code=ErrorCode.INVALID_MEDIA)
