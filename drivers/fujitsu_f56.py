"""Fujitsu F53 and F56 as a CashDispenser: an F56 stacks into its pool and presents, an F53 counts to the exit.

The device remembers no result, and no command repeats one: a lost answer to a motion is `Unknown`. What is known about
the pool and about what was presented is the memory of this driver, from its last reset on.

Retrieve (`retract`, `reject`) and shutter bytes are not publicly known. With `extensions` the driver uses those of this
project's simulator; on a real unit leave it off, and both raise unsupportedCommand.
"""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from drivers.dispense_verdict import Answer, verdict
from drivers.exchange import ExchangeFailed, NoReply, NotAcknowledged
from drivers.fujitsu_f56_errors import NEEDS_RESET, UNTRUE_COUNTS, device_error, meaning_of
from drivers.fujitsu_f56_line import F56Line, LineTimers, NothingSent
from drivers.fujitsu_f56_options import DEFAULTS, FujitsuF56Options, Model, Timing
from drivers.fujitsu_f56_status import told
from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserCapabilities,
    DispenserState,
    DispenserStatus,
    Done,
    ErrorCode,
    Outcome,
    PositionStatus,
    PresentState,
    PresentStatus,
    Refused,
    UnitCounts,
    Unknown,
)
from drivers.link import Link
from protocol.fujitsu_f56_codes import CASSETTES, Code
from protocol.fujitsu_f56_messages import (
    MAX_NOTES,
    POLYMER,
    Area,
    CancelRequest,
    Command,
    Common,
    CountReply,
    CountRequest,
    InitialiseReply,
    InitialiseRequest,
    PlainReply,
    Reply,
    Request,
    RetrieveReply,
    RetrieveRequest,
    StatusRequest,
    TransportRequest,
)

__all__ = ["FujitsuF56", "FujitsuF56Options", "LineTimers", "Model", "Timing"]

R = TypeVar("R", PlainReply, InitialiseReply, CountReply, RetrieveReply)


class FujitsuF56:
    """F53 or F56: `unit1` is the top cassette."""

    def __init__(self, link: Link, options: FujitsuF56Options = DEFAULTS) -> None:
        self._name = f"Fujitsu {options.model}"
        self._options = options
        self._line = F56Line(link, options.timers)
        self._pool = options.model is Model.F56
        self._capabilities = DispenserCapabilities(
            tuple(f"unit{position}" for position in range(1, options.cassettes + 1)),
            max_items=options.pool if self._pool else MAX_NOTES * options.cassettes,
            max_items_per_unit=MAX_NOTES,
            intermediate_stacker=self._pool,
            retract=self._pool and options.extensions,
        )
        self._initialised = False
        self._stacker = PositionStatus.UNKNOWN if self._pool else PositionStatus.EMPTY
        self._presented = PresentState.UNKNOWN
        self._last: Mapping[str, UnitCounts] | None = None

    @property
    def capabilities(self) -> DispenserCapabilities:
        """Fixed for the device."""
        return self._capabilities

    # Questions

    async def status(self) -> DispenserStatus:
        """Ask the device; one that doesn't answer is offline."""
        try:
            common = await self._status()
        except DeviceError as silent:
            return DispenserStatus(
                DeviceState.OFFLINE, DispenserState.UNKNOWN, {}, stacker=PositionStatus.UNKNOWN, detail=str(silent)
            )
        return told(
            common, self._options, units=self._capabilities.units, stacker=self._stacker, ready=self._initialised
        )

    async def get_present_status(self) -> PresentStatus:
        """What this driver did since its last reset, unless the exit's sensor says otherwise. Raises DeviceError."""
        covered = (await self._status()).notes_at_exit
        state = self._presented
        if covered:
            state = PresentState.UNKNOWN if state is PresentState.NOT_PRESENTED else PresentState.PRESENTED
        return PresentStatus(state, self._last)

    async def items_taken(self, timeout: float) -> bool:
        """Ask the exit's sensor each second until it is free or `timeout` seconds are over. Raises DeviceError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (await self._status()).notes_at_exit:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(self._options.timing.taken_interval, deadline - loop.time()))
        return True

    # Motions

    async def reset(self) -> Outcome[None]:
        """Initialise: tell the notes' sizes, and clear path and pool into the reject box."""
        self._initialised = False
        try:
            await self._awake()
            self._stacker = self._unknown_stacker
            reply = await self._move(self._initialise(), InitialiseReply)
        except DeviceError as refused:
            return Refused(refused)
        except ExchangeFailed as failed:
            return Unknown(f"{self._name}: initialise: {failed}")
        if not _is_good(reply):
            return Unknown(f"{self._name}: initialise ended with: {reply.common.words}")
        self._initialised, self._stacker, self._last = True, PositionStatus.EMPTY, None
        self._presented = PresentState.UNKNOWN if reply.common.notes_at_exit else PresentState.NOT_PRESENTED
        return Done(None)

    async def dispense(self, units: Mapping[str, int]) -> Outcome[Dispensed]:
        """Count notes into the pool, or without one straight to the customer. Never repeated."""
        if (impossible := self._impossible(units)) is not None:
            return Refused(impossible)
        asked = {name: units[name] for name in self._capabilities.units if units.get(name)}
        try:
            before = await self._status()
        except DeviceError as silent:
            return Refused(silent)
        if before.error in NEEDS_RESET:
            self._initialised, self._last, self._presented = False, None, PresentState.NOT_PRESENTED
            return Refused(device_error(self._name, before))
        if before.notes_at_exit:
            return Refused(
                self._error(CompletionCode.COMMAND_ERROR_CODE, "notes stand at the exit", ErrorCode.ITEMS_LEFT)
            )
        stacker, self._stacker = self._stacker, self._unknown_stacker
        self._last, self._presented = None, self._presented_by_count(PresentState.UNKNOWN)
        outcome = await self._counted(asked)
        match outcome:
            case Refused():
                self._stacker, self._presented = stacker, PresentState.NOT_PRESENTED
            case Done(result):
                self._last = result.units
                moved = any(counts.dispensed for counts in result.units.values())
                if moved and self._pool:
                    stacker = PositionStatus.NOT_EMPTY
                self._stacker = stacker
                self._presented = self._presented_by_count(
                    PresentState.PRESENTED if moved else PresentState.NOT_PRESENTED
                )
            case Unknown():
                pass
        return outcome

    async def present(self) -> Outcome[None]:
        """Transport the pool's notes to the front exit. Raises DeviceError unsupportedCommand on an F53."""
        if not self._pool:
            raise self._error(CompletionCode.UNSUPPORTED_COMMAND, "an F53 counts straight to the exit")
        before = self._stacker, self._presented
        self._stacker, self._presented = PositionStatus.UNKNOWN, PresentState.UNKNOWN
        try:
            await self._status()
            reply = await self._move(TransportRequest(), PlainReply)
        except DeviceError as refused:
            self._stacker, self._presented = before
            return Refused(refused)
        except ExchangeFailed as failed:
            return Unknown(f"{self._name}: transport to the exit: {failed}")
        if _is_good(reply):
            self._stacker, self._presented = PositionStatus.EMPTY, PresentState.PRESENTED
            return Done(None)
        if _refuses(reply) and not reply.common.notes_at_exit:
            self._stacker, self._presented = before
            return Refused(device_error(self._name, reply.common))
        return Unknown(f"{self._name}: transport to the exit ended with: {reply.common.words}")

    async def retract(self) -> Outcome[int | None]:
        """Retrieve what is at the exit into the capture box. Raises DeviceError without `extensions`."""
        self._must_have_extensions("retract")
        return await self._retrieved(Area.CAPTURE_BOX)

    async def reject(self) -> Outcome[int | None]:
        """Bring the pool's notes into the reject box. Raises DeviceError without `extensions`, and on an F53."""
        if not self._pool:
            raise self._error(CompletionCode.UNSUPPORTED_COMMAND, "an F53 has no stacker")
        self._must_have_extensions("reject")
        stacker, self._stacker = self._stacker, PositionStatus.UNKNOWN
        outcome = await self._retrieved(Area.REJECT_BOX)
        if not isinstance(outcome, Unknown):
            self._stacker = PositionStatus.EMPTY if isinstance(outcome, Done) else stacker
        return outcome

    # Helpers

    async def _counted(self, asked: Mapping[str, int]) -> Outcome[Dispensed]:
        notes = tuple(asked.get(f"unit{position}", 0) for position in range(1, CASSETTES + 1))
        request = CountRequest(notes, (self._options.rejects,) * CASSETTES, (self._options.retries,) * CASSETTES)
        try:
            reply = await self._move(request, CountReply)
        except DeviceError as refused:
            return Refused(refused)
        except ExchangeFailed as failed:
            return Unknown(f"{self._name}: count: {failed}")
        if reply.common.error in NEEDS_RESET:
            self._initialised = False
        counts = None
        if isinstance(reply, CountReply):
            counts = {f"unit{n}": UnitCounts(k.dispensed, k.rejected) for n, k in enumerate(reply.cassettes, 1)}
        meaning = None if _is_good(reply) else meaning_of(reply.common.error)
        answer = Answer(counts, reply.common.words, meaning, self._contradiction(reply))
        return verdict(self._name, asked, answer)

    def _contradiction(self, reply: CountReply | PlainReply) -> str:
        """What in the response to a count can't be true; empty when nothing."""
        common = reply.common
        if reply.good != (common.error == Code.GOOD):
            return f"{'success' if reply.good else 'error'} with code {common.error:02X}"
        if common.error in UNTRUE_COUNTS:
            return "these are not the counts of the notes that moved"
        if self._pool and common.notes_at_exit:
            return "notes stand at the exit, none were sent there"
        if isinstance(reply, CountReply):
            for position, moved in enumerate(reply.cassettes, 1):
                if position > self._options.cassettes and (moved.dispensed or moved.rejected):
                    return f"notes from cassette {position}, which there is not"
        return ""

    async def _retrieved(self, area: Area) -> Outcome[int | None]:
        words = f"retrieve into the {area.name.lower().replace('_', ' ')}"
        try:
            await self._status()
            reply = await self._move(RetrieveRequest(area), RetrieveReply)
        except DeviceError as refused:
            return Refused(refused)
        except ExchangeFailed as failed:
            return Unknown(f"{self._name}: {words}: {failed}")
        if _is_good(reply) and isinstance(reply, RetrieveReply):
            return Done(reply.notes)
        counted = reply.notes if isinstance(reply, RetrieveReply) else None
        if _refuses(reply) and not counted:
            return Refused(device_error(self._name, reply.common))
        return Unknown(f"{self._name}: {words} ended with: {reply.common.words}; {counted} notes were counted")

    async def _move(self, request: Request, kind: type[R]) -> R | PlainReply:
        """Send a motion, once. Raises DeviceError when it certainly did not begin, else ExchangeFailed."""
        command = _COMMANDS[type(request)]

        def answers(reply: Reply) -> bool:
            match reply:
                case PlainReply() | CountReply():
                    return reply.command == command
                case _:
                    return isinstance(reply, kind)

        try:
            reply = await self._line.request(request, answers, timeout=self._options.timing.motion, motion=True)
        except NothingSent as failed:
            raise self._error(CompletionCode.DEVICE_NOT_READY, str(failed)) from failed
        except NotAcknowledged as failed:
            if failed.may_have_run or not await self._idles():
                raise
            raise self._error(CompletionCode.DEVICE_NOT_READY, str(failed)) from failed
        assert isinstance(reply, kind | PlainReply)
        return reply

    async def _idles(self) -> bool:
        """After a NAK, which may be a damaged ACK: the device answers a question, and has nothing else to say."""
        said: list[object] = []
        try:
            await self._line.request(StatusRequest(), _is_status, timeout=self._options.timing.query, aside=said.append)
        except ExchangeFailed:
            return False
        return not said

    async def _awake(self) -> None:
        """A device that still owes a response would not hear a command; `cancel` frees it. Raises DeviceError."""
        try:
            await self._status()
        except DeviceError:
            try:
                await self._line.tell(CancelRequest())
            except ExchangeFailed as failed:
                raise self._error(CompletionCode.DEVICE_NOT_READY, str(failed)) from failed
            await self._status()

    async def _status(self) -> Common:
        """Ask, twice if need be. Raises DeviceError when the device doesn't answer."""
        timeout = self._options.timing.query
        try:
            try:
                reply = await self._line.request(StatusRequest(), _is_status, timeout=timeout)
            except (NoReply, NotAcknowledged):
                reply = await self._line.request(StatusRequest(), _is_status, timeout=timeout)
        except ExchangeFailed as failed:
            raise self._error(CompletionCode.DEVICE_NOT_READY, str(failed)) from failed
        return reply.common

    def _initialise(self) -> InitialiseRequest:
        return InitialiseRequest(self._options.bills, odr=POLYMER if self._options.polymer else 0)

    def _presented_by_count(self, without_pool: PresentState) -> PresentState:
        """What a count has presented: into a pool nothing."""
        return PresentState.NOT_PRESENTED if self._pool else without_pool

    @property
    def _unknown_stacker(self) -> PositionStatus:
        return PositionStatus.UNKNOWN if self._pool else PositionStatus.EMPTY

    def _impossible(self, units: Mapping[str, int]) -> DeviceError | None:
        """Why nothing needs to be sent."""
        capabilities = self._capabilities
        if unknown := [name for name in units if name not in capabilities.units]:
            return self._error(CompletionCode.INVALID_DATA, f"there is no {', '.join(unknown)}")
        if any(number < 0 for number in units.values()) or not sum(units.values()):
            return self._error(CompletionCode.INVALID_DATA, f"not a number of notes: {dict(units)}")
        if sum(units.values()) > capabilities.max_items or max(units.values()) > MAX_NOTES:
            detail = f"{sum(units.values())} notes, {capabilities.max_items} can be had, {MAX_NOTES} from one cassette"
            return self._error(CompletionCode.COMMAND_ERROR_CODE, detail, ErrorCode.TOO_MANY_ITEMS)
        return None

    def _must_have_extensions(self, command: str) -> None:
        if not self._options.extensions:
            raise self._error(
                CompletionCode.UNSUPPORTED_COMMAND, f"how a real unit is told to {command} is not publicly known"
            )

    def _error(self, completion: CompletionCode, detail: str, code: ErrorCode | None = None) -> DeviceError:
        return DeviceError(self._name, completion, detail, code=code)


_COMMANDS: Mapping[type[Request], Command] = {
    InitialiseRequest: Command.INITIALISE,
    CountRequest: Command.COUNT,
    TransportRequest: Command.TRANSPORT,
    RetrieveRequest: Command.RETRIEVE,
}


def _is_status(reply: Reply) -> bool:
    return isinstance(reply, PlainReply) and reply.command == Command.STATUS


def _is_good(reply: Reply) -> bool:
    return reply.good and reply.common.error == Code.GOOD


def _refuses(reply: Reply) -> bool:
    """An error that the device finds before anything moves."""
    return not reply.good and meaning_of(reply.common.error).before_motion
