"""Sankyo ICT3Q8: waiting for a card until it is inside, with one blocking command or by polling.

A blocking entry is interrupted now and then, and whenever another command wants the line. A card that was on its way in
then may have been pushed back to the slot: it was offered to an open slot, so it is pulled in.
"""

import asyncio
from contextlib import suppress

from drivers.interfaces import DeviceError
from drivers.sankyo_ict3q8_errors import not_answered
from drivers.sankyo_ict3q8_line import Stopped, to_the_end
from drivers.sankyo_ict3q8_unit import STATUS, Unit
from protocol.sankyo_ict3q8 import CardPosition, Command, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_codes import Dialect, ErrorCode

ENTRY, ENTRY_MAGNETIC = Command("2", "0"), Command("2", "1")
ENABLE, DISABLE, ENABLE_MAGNETIC = Command(":", "0"), Command(":", "1"), Command(":", "2")
RETRIEVE = Command("4", "0")
BEZEL_GREEN, BEZEL_RED = Command("5", "1"), Command("5", "2")
LONGEST_WATCH = 30
PATIENCE = 3
"""How often in a row a blocking entry may fail although the reader answers."""
NO_SUCH_COMMAND = (ErrorCode.UNKNOWN_COMMAND, ErrorCode.BAD_PARAMETER, ErrorCode.OPTION_ABSENT)
_ASK_AGAIN = (ErrorCode.NOT_INITIALIZED, ErrorCode.NOT_EXECUTABLE, ErrorCode.POWER_DOWN)
_RESTARTING = (ErrorCode.NOT_INITIALIZED, ErrorCode.POWER_DOWN)


class Intake:
    """The slot of one reader."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._blocks = unit.options.entry_blocks
        self._can_watch = True

    async def card_inside(self) -> None:
        """Return when a card is inside. Cancelling closes the slot. Raises DeviceError."""
        if (position := await self._unit.position()) is CardPosition.INSIDE:
            return
        await self._lit(BEZEL_GREEN)
        try:
            if self._blocks:
                await self._blocking(position)
            if not self._blocks:
                await self._polling()
        finally:
            with suppress(DeviceError):
                await to_the_end(self._lit(BEZEL_RED))

    async def watched(self, seconds: int) -> bool | None:
        """Watch a card at the slot: True when it was taken, None when that is not known yet. Raises DeviceError."""
        unit = self._unit
        if not self._can_watch:
            await asyncio.sleep(min(seconds, unit.options.poll))
            return None
        watch = Command("T", "0", f"{min(seconds, LONGEST_WATCH):02d}".encode())
        reply = await unit.line.waiting(watch, seconds + unit.options.removal_slack)
        match reply:
            case PositiveReply():
                return True
            case (
                Stopped()
                | NegativeReply(error=(ErrorCode.NOT_TAKEN | ErrorCode.NOT_INITIALIZED | ErrorCode.POWER_DOWN))
            ):
                return None
            case NegativeReply() if reply.error in NO_SUCH_COMMAND:
                self._can_watch = False
                return None
            case NegativeReply():
                raise unit.line.error(reply)

    async def _blocking(self, position: CardPosition) -> None:
        """Until a card is inside, or the reader turns out not to know the command."""
        unit, failures, was_open = self._unit, 0, False
        entry = ENTRY_MAGNETIC if unit.options.magnetic_only else ENTRY
        while position is not CardPosition.INSIDE:
            if position is CardPosition.AT_GATE:
                if was_open:
                    await unit.line.once(RETRIEVE, unit.options.motion_timeout)
                else:
                    await self.watched(LONGEST_WATCH)
                was_open = False
                position = await unit.position()
                continue
            reply = await unit.line.waiting(entry, unit.options.entry_check)
            was_open = True
            match reply:
                case PositiveReply(st=CardPosition.INSIDE):
                    return
                case Stopped(""):
                    failures = 0
                case NegativeReply() if reply.error in NO_SUCH_COMMAND:
                    self._blocks = False
                    return
                case NegativeReply() if reply.error not in _ASK_AGAIN:
                    raise unit.line.error(reply)
                case _:
                    failures += 1
                    if failures == PATIENCE:
                        raise not_answered("entry", _why(reply))
            position = await unit.position()

    async def _polling(self) -> None:
        unit = self._unit
        enable = ENABLE_MAGNETIC if unit.options.magnetic_only else ENABLE
        try:
            await unit.line.do(enable)
            while True:
                reply = await unit.line.ask(STATUS)
                if isinstance(reply, NegativeReply) and reply.error in _RESTARTING:
                    await unit.position()
                    await unit.line.do(enable)
                elif unit.line.positive(reply).st is CardPosition.INSIDE:
                    break
                await asyncio.sleep(unit.options.poll)
        except BaseException:
            with suppress(DeviceError):
                await to_the_end(unit.line.do(DISABLE))
            raise
        await to_the_end(unit.line.do(DISABLE))

    async def _lit(self, lamp: Command) -> None:
        """An ICT3K5 shows at its bezel whether it takes cards; a lamp that fails stops nobody."""
        if self._unit.options.dialect is Dialect.ICT3K5:
            await self._unit.line.ask(lamp)


def _why(reply: object) -> str:
    match reply:
        case Stopped(cause):
            return cause
        case NegativeReply(error=error):
            return f"refused with error {error} again and again"
        case _:
            return "answered, but no card is inside"
