"""Puloon LCDM-4000 as a CashDispenser without a stacker: notes go straight to the customer.

It remembers how its last dispense ended, so a lost answer can be asked for with LAST STATUS. That is believed where it
must be about our dispense: the device acknowledged the command, or says something else than before it. A dispense with
a number is surer: LAST STATUS is believed where the device names that number as its last, and nowhere else.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from drivers.dispense_verdict import Answer, Meaning, verdict
from drivers.exchange import ExchangeFailed, NotAcknowledged
from drivers.interfaces import (
    CashUnitStatus,
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserCapabilities,
    DispenserStatus,
    Done,
    ErrorCode,
    Outcome,
    PositionStatus,
    PresentState,
    PresentStatus,
    Replenishment,
    UnitCounts,
    UnitStatus,
    Unknown,
)
from drivers.link import Link
from drivers.puloon_lcdm_common import ACK_TIME, PuloonLcdm, Timing, dispenser_state, position_status
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.puloon_lcdm import error_4000
from protocol.wire import ACK, Event


@dataclass(frozen=True, slots=True)
class PuloonLcdm4000Options:
    """How one LCDM-4000 with 1 to 4 `cassettes` is used.

    `exit_sensor`: waiting notes cover the EXIT sensor. `numbered_dispense`: a dispense carries a number, which newer
    firmware keeps and tells (GET SERIAL NUMBER).
    """

    cassettes: int = 4
    exit_sensor: bool = True
    numbered_dispense: bool = False
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        if not 1 <= self.cassettes <= 4:
            raise ValueError(f"cassettes: an LCDM-4000 has 1 to 4, not {self.cassettes}")


_CASH_UNIT = Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR)
_IN_REACH = Meaning(in_reach=True)
_BEFORE_MOTION = Meaning(CompletionCode.HARDWARE_ERROR, before_motion=True)
_BAD_REQUEST = Meaning(CompletionCode.INVALID_DATA, before_motion=True)
_CASH_UNIT_BEFORE_MOTION = Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR, before_motion=True)

_MEANINGS: Mapping[int, Meaning] = {
    lcdm4000.ErrorCode.PICK_UP_ERROR: _CASH_UNIT,
    lcdm4000.ErrorCode.JAM_EJT_TO_EXIT: _IN_REACH,
    lcdm4000.ErrorCode.NOTE_STAYING_IN_EXIT: _IN_REACH,
    lcdm4000.ErrorCode.SUSPECTED_REJECT_EJECTED: _IN_REACH,
    lcdm4000.ErrorCode.COUNT_MISMATCH_AT_EJECT: _IN_REACH,
    lcdm4000.ErrorCode.REJECT_PASSED_EJECT: _IN_REACH,
    lcdm4000.ErrorCode.NOTE_TOO_LONG_AT_EJECT: _IN_REACH,
    lcdm4000.ErrorCode.NOTE_TOO_LONG_AT_EXIT: _IN_REACH,
    lcdm4000.ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.ITEMS_LEFT, before_motion=True, remedy="Reset the dispenser"
    ),
    lcdm4000.ErrorCode.TOO_MANY_NOTES: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.TOO_MANY_ITEMS, before_motion=True
    ),
    lcdm4000.ErrorCode.SENSOR_TROUBLE_BEFORE_START: _BEFORE_MOTION,
    lcdm4000.ErrorCode.ABNORMAL_MATERIAL_BEFORE_START: _BEFORE_MOTION,
    lcdm4000.ErrorCode.SOLENOID_BEFORE_DISPENSE: _BEFORE_MOTION,
    lcdm4000.ErrorCode.REQUESTED_CASSETTE_ABSENT: _CASH_UNIT_BEFORE_MOTION,
    lcdm4000.ErrorCode.REQUESTED_CASSETTE_NEAR_END: _CASH_UNIT_BEFORE_MOTION,
    lcdm4000.ErrorCode.NO_REJECT_TRAY: Meaning(
        CompletionCode.USER_ERROR, before_motion=True, remedy="Put the reject tray in"
    ),
    lcdm4000.ErrorCode.VERIFY_NOT_OPERABLE_AFTER_DOWNLOAD: _BEFORE_MOTION,
    lcdm4000.ErrorCode.PROGRAM_WRITE: _BEFORE_MOTION,
    lcdm4000.ErrorCode.VERIFY: _BEFORE_MOTION,
    lcdm4000.ErrorCode.MORE_THAN_REQUESTED: Meaning(excess=True),
    lcdm4000.ErrorCode.ABNORMAL_COMMAND: _BAD_REQUEST,
    lcdm4000.ErrorCode.ABNORMAL_PARAMETER: _BAD_REQUEST,
}
"""Every other error is a fault of the hardware, found while notes may move."""

LAST_NUMBER = 100
"""Numbers of dispenses go from 1 to this and begin again: a byte that dispensers are known to read as a count.

None is 0, which a device names that has started since. Nobody has published where firmware or other hosts wrap.
"""

_RESET_SILENCE = 2.0
"""A device that answers nothing to RESET is ready after this time (seconds)."""

_RESET_MOTORS = 15.0
"""A device that answered RESET has run its motors after this time (seconds), also if it does not say so."""

_MOST_PICKED = 2 * lcdm4000.MAX_NOTES
"""More notes than this, delivered and rejected, no run can move: the device stops at 100."""


class PuloonLcdm4000(PuloonLcdm[lcdm4000.Message]):
    """LCDM-4000: `unit1` is the top cassette; 100 notes in one dispense."""

    _name = "Puloon LCDM-4000"

    def __init__(self, link: Link, options: PuloonLcdm4000Options = PuloonLcdm4000Options()) -> None:
        units = tuple(f"unit{position}" for position in range(1, options.cassettes + 1))
        capabilities = DispenserCapabilities(
            units, max_items=lcdm4000.MAX_NOTES, intermediate_stacker=False, retract=False
        )
        super().__init__(
            link,
            lcdm4000.device_decoder(),
            options.timing,
            capabilities,
            exit_sensor=options.exit_sensor,
            closing_eot=ACK_TIME,
        )
        self._numbered = options.numbered_dispense
        self._number: int | None = None

    async def reset(self) -> Outcome[None]:
        """RESET, and PURGE when notes stand on the path."""
        try:
            await self._restart()
            if (await self._status()).transport is PositionStatus.EMPTY:
                return Done(None)
            reply = await self._exchange.request(
                _frame(lcdm4000.Command.PURGE),
                lambda message: (
                    isinstance(message, lcdm4000.NotesReply | lcdm4000.PlainReply)
                    and message.command == lcdm4000.Command.PURGE
                ),
                timeout=self._timing.motion,
                motion=True,
            )
        except (ExchangeFailed, ConnectionError, DeviceError) as failed:
            return Unknown(f"{self._name}: RESET: {failed}")
        assert isinstance(reply, lcdm4000.NotesReply | lcdm4000.PlainReply)
        if reply.error != lcdm4000.ErrorCode.GOOD:
            return Unknown(f"{self._name}: PURGE ended with: {error_4000(reply.error)}")
        if isinstance(reply, lcdm4000.NotesReply) and (out := sum(cassette.exited for cassette in reply.cassettes)):
            return Unknown(f"{self._name}: PURGE pushed {out} notes out to the customer")
        return Done(None)

    async def get_present_status(self) -> PresentStatus:
        """What LAST STATUS says, unless the last command was none, a purge or a test. Raises DeviceError."""
        last = await self._memory()
        if last is None or last.last_command != lcdm4000.Command.DISPENSE or last.missing:
            return PresentStatus(PresentState.UNKNOWN)
        units = {
            name: UnitCounts(cassette.exited, cassette.rejected)
            for name, cassette in zip(self._capabilities.units, last.cassettes, strict=False)
        }
        presented = any(counts.dispensed for counts in units.values())
        return PresentStatus(PresentState.PRESENTED if presented else PresentState.NOT_PRESENTED, units)

    async def _restart(self) -> None:
        """RESET is answered with nothing, or with a response before and one after the motors ran, by firmware."""
        await self._exchange.send(_frame(lcdm4000.Command.RESET))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _RESET_SILENCE
        answers = 0
        while answers < 2 and (left := deadline - loop.time()) > 0:
            event = await self._exchange.receive(left)
            if isinstance(event, lcdm4000.PlainReply) and event.command == lcdm4000.Command.RESET:
                answers += 1
                deadline = loop.time() + _RESET_MOTORS
                await self._exchange.send(ACK.raw)

    async def _status(self) -> DispenserStatus:
        reply = await self._ask(_frame(lcdm4000.Command.STATUS), lcdm4000.StatusReply)
        units = {
            name: _unit(position, cassette)
            for position, (name, cassette) in enumerate(
                zip(self._capabilities.units, reply.cassettes, strict=False), start=1
            )
        }
        solenoid = lcdm4000.PathSensor.SOL in reply.path
        blocked = bool(reply.path & lcdm4000.PATH_SENSORS) or any(
            cassette.sensors & lcdm4000.CHECK_SENSORS for cassette in reply.cassettes
        )
        return DispenserStatus(
            DeviceState.HARDWARE_ERROR if solenoid else DeviceState.ONLINE,
            dispenser_state(units, fault=solenoid, blocked=blocked),
            units,
            position=position_status(lcdm4000.PathSensor.EXIT in reply.path),
            transport=position_status(blocked),
            detail="" if reply.error == lcdm4000.ErrorCode.GOOD else error_4000(reply.error),
        )

    async def _memory(
        self, aside: Callable[[Event[lcdm4000.Message]], None] = lambda _: None
    ) -> lcdm4000.LastStatusReply | None:
        """LAST STATUS; a device that does not know it must at least answer STATUS, and so be idle."""
        try:
            return await self._ask(_frame(lcdm4000.Command.LAST_STATUS), lcdm4000.LastStatusReply, aside)
        except DeviceError:
            await self._status()
            return None

    async def _after_lost_answer(
        self, asked: Mapping[str, int], before: object, failed: ExchangeFailed
    ) -> Outcome[Dispensed]:
        """LAST STATUS is about this dispense if the device took the command, or if it says something new."""
        last = await self._memory()
        if self._number is not None and last is not None:
            if (theirs := await self._last_number()) != self._number:
                return Unknown(f"{self._name}: {failed}; its last dispense is number {theirs}, not {self._number}")
        elif last is None or (isinstance(failed, NotAcknowledged) and before in (None, last)):
            return Unknown(f"{self._name}: {failed}, and LAST STATUS says nothing new")
        return self._verdict(asked, last)

    async def _after_nak(
        self,
        asked: Mapping[str, int],
        before: lcdm4000.Message | None,
        heard: Sequence[Event[lcdm4000.Message]],
        failed: ExchangeFailed,
    ) -> Outcome[Dispensed]:
        """A device that names our number took the command, whatever its NAK said."""
        since = list(heard)
        if self._number is not None and await self._last_number(since.append) == self._number:
            return await self._after_lost_answer(asked, before, failed)
        return await super()._after_nak(asked, before, since, failed)

    async def _last_number(self, aside: Callable[[Event[lcdm4000.Message]], None] = lambda _: None) -> int:
        """Of the last dispense that the device accepted. Raises DeviceError."""
        try:
            return (await self._ask(_frame(lcdm4000.Command.GET_SERIAL), lcdm4000.SerialReply, aside)).serial
        except DeviceError as error:
            raise self._error(
                CompletionCode.DEVICE_NOT_READY,
                f"the number of its last dispense: {error.detail}",
                remedy="For firmware that keeps no numbers, set numbered_dispense = false",
            ) from error

    def _too_much(self, units: Mapping[str, int]) -> str:
        number = sum(units.values())
        return f"{number} notes, {lcdm4000.MAX_NOTES} can be had" if number > lcdm4000.MAX_NOTES else ""

    async def _dispense_frame(self, asked: Mapping[str, int]) -> bytes:
        first, second, third, fourth = (asked.get(f"unit{position}", 0) for position in (1, 2, 3, 4))
        if self._numbered:
            self._number = await self._last_number() % LAST_NUMBER + 1  # other than the last, wherever that stands
        return lcdm4000.encode(
            lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (first, second, third, fourth), serial=self._number)
        )

    def _answers(self, asked: Mapping[str, int], message: object) -> bool:
        return isinstance(message, lcdm4000.NotesReply | lcdm4000.PlainReply) and (
            message.command == lcdm4000.Command.DISPENSE
        )

    def _verdict(self, asked: Mapping[str, int], reply: object) -> Outcome[Dispensed]:
        assert isinstance(reply, lcdm4000.NotesReply | lcdm4000.PlainReply | lcdm4000.LastStatusReply)
        words = error_4000(reply.error)
        meaning = None if reply.error == lcdm4000.ErrorCode.GOOD else _MEANINGS.get(reply.error, Meaning())
        if isinstance(reply, lcdm4000.PlainReply):
            return verdict(self._name, asked, Answer(None, words, meaning))
        if isinstance(reply, lcdm4000.LastStatusReply) and reply.last_command != lcdm4000.Command.DISPENSE:
            return Unknown(f"{self._name}: LAST STATUS is not about a dispense")
        counts = {
            f"unit{position}": UnitCounts(cassette.exited, cassette.rejected)
            for position, cassette in enumerate(reply.cassettes, start=1)
        }
        return verdict(self._name, asked, Answer(counts, words, meaning, _contradiction(reply)))


def _contradiction(reply: lcdm4000.NotesReply | lcdm4000.LastStatusReply) -> str:
    """What in the counts no LCDM-4000 can mean; empty when nothing."""
    if reply.missing:
        return f"{reply.missing} notes are missing"
    picked = sum(cassette.exited + cassette.rejected for cassette in reply.cassettes)
    if picked > _MOST_PICKED:
        return f"{picked} notes in one run"
    for position, cassette in enumerate(reply.cassettes, start=1):
        if cassette.position not in (0, position):
            return f"cassette {cassette.position} in position {position}"
        if not cassette.position and (cassette.exited or cassette.rejected):
            return f"notes from cassette {position}, which is absent"
    return ""


def _unit(position: int, cassette: lcdm4000.CassetteStatus) -> CashUnitStatus:
    if not cassette.position:
        return CashUnitStatus(UnitStatus.MISSING, Replenishment.UNKNOWN)
    if cassette.position != position:
        return CashUnitStatus(UnitStatus.MANIPULATED, Replenishment.UNKNOWN)
    near_end = lcdm4000.CassetteSensor.NEAR_END in cassette.sensors
    return CashUnitStatus(UnitStatus.OK, Replenishment.LOW if near_end else Replenishment.OK)


def _frame(command: lcdm4000.Command) -> bytes:
    return lcdm4000.encode(lcdm4000.Request(command))
