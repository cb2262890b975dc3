"""Puloon LCDM-2000 and LCDM-4000: the dispensers themselves, as their hosts know them on the wire.

What each command does and what each trouble is called, per family; the handshake, the power and the hands that both
share are in `note_dispenser`, the notes in `note_path`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.puloon_lcdm import error_2000, error_4000
from protocol.wire import Decoder
from simulators.devices.note_dispenser import NoteDispenser
from simulators.devices.note_path import CassetteRun, NotePath, Pace, Run, Trouble
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene


@dataclass(frozen=True, slots=True)
class PuloonLcdm2000Options:
    """One LCDM-2000; times in seconds.

    `grouped` is the other order of counts in DISPENSE BOTH. `exit_sensor_sees_notes`: notes that wait at the exit cover
    the EXIT sensor. `resend_after` is the silence after which an unanswered response is sent again.
    """

    name: str = "dispenser"
    version: str = "30"
    checksum: str = "B56D"
    grouped: bool = False
    near_end: int = 30
    reject_limit: int = 20
    exit_sensor_sees_notes: bool = False
    pace: Pace = field(default_factory=Pace)
    acknowledge: float = 0.01
    resend_after: float = 20.0


class ResetReply(StrEnum):
    """How firmware of the 4000 answers RESET: not at all, or with a response before and one after the motors ran."""

    SILENT = "silent"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class PuloonLcdm4000Options:
    """One LCDM-4000; times in seconds.

    `checks_serial`: a dispense with the serial of the last one is refused. `near_end_refuses`: a cassette near its end
    gives nothing. `opacity` and `length` are the settings of all cassettes when new. `reset_time` is below the 1.1 s
    after which a host sends a command for the last time.
    """

    name: str = "dispenser"
    cassettes: int = 4
    reset_reply: ResetReply = ResetReply.SILENT
    reset_time: float = 1.0
    checks_serial: bool = False
    near_end: int = 30
    near_end_refuses: bool = False
    reject_limit: int = 10
    opacity: int = 0x20
    length: int = 0x50
    exit_sensor_sees_notes: bool = False
    pace: Pace = field(default_factory=Pace)
    acknowledge: float = 0.01
    resend_after: float = 20.0


# --- LCDM-2000

_CASSETTES_2000: Mapping[lcdm2000.Command, tuple[int, ...]] = {
    lcdm2000.Command.DISPENSE_UPPER: (1,),
    lcdm2000.Command.DISPENSE_LOWER: (2,),
    lcdm2000.Command.DISPENSE_BOTH: (1, 2),
    lcdm2000.Command.TEST_UPPER: (1,),
    lcdm2000.Command.TEST_LOWER: (2,),
}
_TESTS_2000 = (lcdm2000.Command.TEST_UPPER, lcdm2000.Command.TEST_LOWER)
_ABSENT_2000 = {
    1: lcdm2000.ErrorCode.UPPER_CASSETTE_NOT_RECOGNISED,
    2: lcdm2000.ErrorCode.LOWER_CASSETTE_NOT_RECOGNISED,
}
_BILL_END_2000 = {1: lcdm2000.ErrorCode.UPPER_BILL_END, 2: lcdm2000.ErrorCode.LOWER_BILL_END}
_TROUBLE_2000 = {
    Trouble.PICK_FAILURE: lcdm2000.ErrorCode.PICK_UP_ERROR,
    Trouble.JAM_IN_PATH: lcdm2000.ErrorCode.JAM_AT_DIV,
    Trouble.JAM_AT_EXIT: lcdm2000.ErrorCode.JAM_AT_EXIT_OR_EJT,
    Trouble.TOO_MANY_REJECTS: lcdm2000.ErrorCode.OVER_REJECT,
}
_TWO_DIGITS = 99


class PuloonLcdm2000(NoteDispenser[lcdm2000.Message]):
    """An LCDM-2000: upper and lower cassette; forgets a response once it gave up sending it."""

    def __init__(
        self, *, scene: Scene, custody: Custody[Note], options: PuloonLcdm2000Options = PuloonLcdm2000Options()
    ) -> None:
        path = NotePath(scene=scene, custody=custody, name=options.name, cassettes=2, pace=options.pace)
        super().__init__(
            path, acknowledge=options.acknowledge, resend_after=options.resend_after, closes_with_eot=False
        )
        self._options = options
        self._last_error = lcdm2000.ErrorCode.GOOD

    def _decoder(self) -> Decoder[lcdm2000.Message]:
        return lcdm2000.host_decoder()

    def _forget(self) -> None:
        self._last_error = lcdm2000.ErrorCode.GOOD

    def _last_error_words(self) -> str:
        return error_2000(self._last_error)

    def _steps(self, request: lcdm2000.Message) -> Sequence[Callable[[], Coroutine[Any, Any, bytes]]]:
        async def step() -> bytes:
            return lcdm2000.encode(await self._answer(request), grouped=self._options.grouped)

        return (step,)

    async def _answer(self, request: lcdm2000.Message) -> lcdm2000.Message:
        match request:
            case lcdm2000.Request(lcdm2000.Command.STATUS):
                return lcdm2000.StatusReply(self._last_error, self._sensors())
            case lcdm2000.Request(lcdm2000.Command.ROM_VERSION):
                return lcdm2000.VersionReply("T", self._options.version, self._options.checksum)
            case lcdm2000.Request(lcdm2000.Command.PURGE):
                if self.path.can_purge:
                    await self.path.purge()
                self._last_error = lcdm2000.ErrorCode.GOOD if self.path.can_purge else lcdm2000.ErrorCode.PURGE_ERROR
                return lcdm2000.PlainReply(lcdm2000.Command.PURGE, self._last_error)
            case lcdm2000.Request(command, counts):
                return await self._dispense(command, counts)
            case lcdm2000.UnknownRequest(command):
                return lcdm2000.PlainReply(command, lcdm2000.ErrorCode.UNDEFINED_COMMAND)
            case _:
                raise AssertionError(f"not a command: {request}")

    async def _dispense(self, command: lcdm2000.Command, counts: tuple[int, ...]) -> lcdm2000.Message:
        self.dispense_frames += command not in _TESTS_2000
        positions = _CASSETTES_2000[command]
        asked = dict(zip(positions, counts or (1,), strict=True))
        refusal = self._refusal(asked)
        if refusal is None:
            run = await self.path.dispense(
                asked, to_reject=command in _TESTS_2000, reject_limit=self._options.reject_limit
            )
            self._last_error = self._error(run)
        else:
            run = Run({position: CassetteRun() for position in positions})
            self._last_error = refusal
        return lcdm2000.DispenseReply(
            command,
            self._last_error,
            tuple(
                lcdm2000.CassetteCounts(
                    min(k.checked, _TWO_DIGITS), k.exited, min(k.rejected, _TWO_DIGITS), self._near_end(position)
                )
                for position, k in run.cassettes.items()
            ),
        )

    def _refusal(self, asked: Mapping[int, int]) -> lcdm2000.ErrorCode | None:
        """What is wrong before anything moves."""
        if not sum(asked.values()) or max(asked.values()) > lcdm2000.MAX_NOTES:
            return lcdm2000.ErrorCode.NOTE_REQUEST_ERROR
        for position, number in asked.items():
            if number and not self.path.inserted(position):
                return _ABSENT_2000[position]
        if not self.path.reject_tray_inserted:
            return lcdm2000.ErrorCode.REJECT_TRAY_NOT_RECOGNISED
        return _TROUBLE_2000[self.path.blocked] if self.path.blocked else None

    def _error(self, run: Run) -> lcdm2000.ErrorCode:
        if run.trouble is None:
            return lcdm2000.ErrorCode.NORMAL_STOP
        return _BILL_END_2000[run.at] if run.trouble is Trouble.EMPTY else _TROUBLE_2000[run.trouble]

    def _near_end(self, position: int) -> bool:
        return self.path.inserted(position) and self.path.left(position) <= self._options.near_end

    def _sensors(self) -> lcdm2000.Sensor:
        covered = self._options.exit_sensor_sees_notes and bool(self.notes_at_exit)
        seen = {
            lcdm2000.Sensor.DIV1: bool(self.path.notes("path")),
            lcdm2000.Sensor.EJT: bool(self.path.notes("throat")),
            lcdm2000.Sensor.EXIT: covered or bool(self.path.notes("throat")),
            lcdm2000.Sensor.UPPER_NEAR_END: self._near_end(1),
            lcdm2000.Sensor.LOWER_NEAR_END: self._near_end(2),
            lcdm2000.Sensor.UPPER_ABSENT: not self.path.inserted(1),
            lcdm2000.Sensor.LOWER_ABSENT: not self.path.inserted(2),
            lcdm2000.Sensor.REJECT_TRAY_ABSENT: not self.path.reject_tray_inserted,
        }
        sensors = lcdm2000.Sensor(0)
        for sensor, set_ in seen.items():
            if set_:
                sensors |= sensor
        return sensors


# --- LCDM-4000

_TROUBLE_4000 = {
    Trouble.EMPTY: lcdm4000.ErrorCode.PICK_UP_ERROR,
    Trouble.PICK_FAILURE: lcdm4000.ErrorCode.PICK_UP_ERROR,
    Trouble.JAM_IN_PATH: lcdm4000.ErrorCode.JAM_CHK_TO_DVT,
    Trouble.JAM_AT_EXIT: lcdm4000.ErrorCode.JAM_EJT_TO_EXIT,
    Trouble.TOO_MANY_REJECTS: lcdm4000.ErrorCode.TOO_MANY_REJECTS,
    Trouble.TOO_MANY_NOTES: lcdm4000.ErrorCode.TOO_MANY_NOTES,
}
_NO_COMMAND = 0x20
_DIAGNOSTIC_NOTES = 5
_DIVERT_MS = 2
_MOST_IN_STATUS = 0xFF - 0x20
"""STATUS tells opacity and length with 20 added; settings of a whole byte can be larger."""


class PuloonLcdm4000(NoteDispenser[lcdm4000.Message]):
    """An LCDM-4000: up to four cassettes; settings are in EEPROM, the last result and the serial only in memory."""

    def __init__(
        self, *, scene: Scene, custody: Custody[Note], options: PuloonLcdm4000Options = PuloonLcdm4000Options()
    ) -> None:
        path = NotePath(scene=scene, custody=custody, name=options.name, cassettes=options.cassettes, pace=options.pace)
        super().__init__(path, acknowledge=options.acknowledge, resend_after=options.resend_after, closes_with_eot=True)
        self._options = options
        self._settings = {
            lcdm4000.Command.GET_OPACITIES: [options.opacity] * lcdm4000.CASSETTES,
            lcdm4000.Command.GET_LENGTHS: [options.length] * lcdm4000.CASSETTES,
        }
        self._order = (1, 2, 3, 4)
        self._forget()

    def _forget(self) -> None:
        self._serial = 0
        self._last = lcdm4000.LastStatusReply(_NO_COMMAND, lcdm4000.ErrorCode.GOOD, self._counts(Run()))

    def _decoder(self) -> Decoder[lcdm4000.Message]:
        return lcdm4000.host_decoder()

    def _last_error_words(self) -> str:
        return error_4000(self._last.error)

    def _is_silent(self, request: lcdm4000.Message) -> bool:
        return request == lcdm4000.Request(lcdm4000.Command.RESET) and (self._options.reset_reply is ResetReply.SILENT)

    def _steps(self, request: lcdm4000.Message) -> Sequence[Callable[[], Coroutine[Any, Any, bytes]]]:
        answer = lcdm4000.encode(lcdm4000.PlainReply(lcdm4000.Command.RESET, lcdm4000.ErrorCode.GOOD))

        async def step() -> bytes:
            return lcdm4000.encode(await self._answer(request))

        async def at_once() -> bytes:
            return answer

        async def run_motors() -> bytes:
            await asyncio.sleep(self._options.reset_time)
            return b"" if self._is_silent(request) else answer

        if request != lcdm4000.Request(lcdm4000.Command.RESET):
            return (step,)
        return (run_motors,) if self._is_silent(request) else (at_once, run_motors)

    async def _answer(self, request: lcdm4000.Message) -> lcdm4000.Message:
        good = lcdm4000.ErrorCode.GOOD
        match request:
            case lcdm4000.Request(lcdm4000.Command.STATUS):
                return lcdm4000.StatusReply(good, self._sensors(), tuple(map(self._cassette, (1, 2, 3, 4))))
            case lcdm4000.Request(lcdm4000.Command.LAST_STATUS):
                return self._last
            case lcdm4000.Request(lcdm4000.Command.PURGE) if not self.path.can_purge:
                return self._ended(lcdm4000.Command.PURGE, lcdm4000.ErrorCode.PURGE_ENDED_ABNORMALLY, Run())
            case lcdm4000.Request(lcdm4000.Command.PURGE):
                return self._ended(lcdm4000.Command.PURGE, good, await self.path.purge())
            case lcdm4000.DispenseRequest():
                return await self._dispense(request)
            case lcdm4000.DiagnoseRequest(position):
                return await self._diagnose(position)
            case lcdm4000.SettingRequest(command, values):
                self._set(command, values)
                return lcdm4000.PlainReply(command, good)
            case lcdm4000.Request((lcdm4000.Command.GET_OPACITIES | lcdm4000.Command.GET_LENGTHS) as command):
                return lcdm4000.SettingsReply(command, good, tuple(self._settings[command]))
            case lcdm4000.OrderRequest(order):
                if sorted(order) != [1, 2, 3, 4]:
                    return lcdm4000.PlainReply(lcdm4000.Command.SET_ORDER, lcdm4000.ErrorCode.ABNORMAL_PARAMETER)
                self._order = order
                return lcdm4000.PlainReply(lcdm4000.Command.SET_ORDER, good)
            case lcdm4000.Request(lcdm4000.Command.GET_ORDER):
                return lcdm4000.OrderReply(good, self._order)
            case lcdm4000.Request(lcdm4000.Command.GET_SERIAL):
                return lcdm4000.SerialReply(good, self._serial)
            case lcdm4000.UnknownRequest(command):
                return lcdm4000.PlainReply(command, lcdm4000.ErrorCode.ABNORMAL_COMMAND)
            case _:
                raise AssertionError(f"not a command: {request}")

    async def _dispense(self, request: lcdm4000.DispenseRequest) -> lcdm4000.Message:
        test = request.command == lcdm4000.Command.TEST_DISPENSE
        self.dispense_frames += not test
        asked = {position: request.counts[position - 1] for position in self._order if request.counts[position - 1]}
        if self._options.checks_serial and request.serial is not None and request.serial == self._serial:
            # Not a dispense: LAST STATUS goes on telling what became of the first one.
            return lcdm4000.NotesReply(request.command, lcdm4000.ErrorCode.ABNORMAL_PARAMETER, self._counts(Run()))
        refusal = self._refusal(asked)
        if refusal is not None:
            return self._ended(request.command, refusal, Run())
        self._serial = self._serial if request.serial is None else request.serial
        run = await self.path.dispense(
            asked, to_reject=test, reject_limit=self._options.reject_limit, limit=lcdm4000.MAX_NOTES
        )
        error = _TROUBLE_4000[run.trouble] if run.trouble else lcdm4000.ErrorCode.GOOD
        return self._ended(request.command, error, run)

    def _refusal(self, asked: Mapping[int, int]) -> lcdm4000.ErrorCode | None:
        """What is wrong before anything moves."""
        if not asked:
            return lcdm4000.ErrorCode.ABNORMAL_PARAMETER
        if sum(asked.values()) > lcdm4000.MAX_NOTES:
            return lcdm4000.ErrorCode.TOO_MANY_NOTES
        if not all(map(self.path.inserted, asked)):
            return lcdm4000.ErrorCode.REQUESTED_CASSETTE_ABSENT
        if self._options.near_end_refuses and any(map(self._near_end, asked)):
            return lcdm4000.ErrorCode.REQUESTED_CASSETTE_NEAR_END
        if not self.path.reject_tray_inserted:
            return lcdm4000.ErrorCode.NO_REJECT_TRAY
        return lcdm4000.ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP if self.path.blocked else None

    async def _diagnose(self, position: int) -> lcdm4000.Message:
        if not 1 <= position <= lcdm4000.CASSETTES:
            return lcdm4000.DiagnosisReply(lcdm4000.ErrorCode.ABNORMAL_PARAMETER, 0, 0, 0, 0)
        asked = {position: _DIAGNOSTIC_NOTES}
        if (refusal := self._refusal(asked)) is not None:
            return lcdm4000.DiagnosisReply(refusal, 0, 0, 0, 0)
        run = await self.path.dispense(asked, to_reject=True)
        error = _TROUBLE_4000[run.trouble] if run.trouble else lcdm4000.ErrorCode.GOOD
        cassette = self._cassette(position)
        rejected = run.cassettes[position].rejected
        return lcdm4000.DiagnosisReply(error, cassette.opacity, cassette.length, _DIVERT_MS, rejected)

    def _ended(self, command: lcdm4000.Command, error: lcdm4000.ErrorCode, run: Run) -> lcdm4000.Message:
        self._last = lcdm4000.LastStatusReply(command, error, self._counts(run))
        return lcdm4000.NotesReply(command, error, self._last.cassettes)

    def _counts(self, run: Run) -> tuple[lcdm4000.CassetteCounts, ...]:
        return tuple(
            lcdm4000.CassetteCounts(counts.exited, counts.rejected, self._type(position))
            for position in (1, 2, 3, 4)
            for counts in (run.cassettes.get(position, CassetteRun()),)
        )

    def _type(self, position: int) -> int:
        return position if self.path.inserted(position) else 0

    def _cassette(self, position: int) -> lcdm4000.CassetteStatus:
        sensors = lcdm4000.CassetteSensor(0)
        if self.path.inserted(position):
            sensors |= lcdm4000.CassetteSensor.PRESENT
        if self._near_end(position):
            sensors |= lcdm4000.CassetteSensor.NEAR_END
        return lcdm4000.CassetteStatus(
            sensors,
            self._type(position),
            min(self._settings[lcdm4000.Command.GET_OPACITIES][position - 1], _MOST_IN_STATUS),
            min(self._settings[lcdm4000.Command.GET_LENGTHS][position - 1], _MOST_IN_STATUS),
        )

    def _near_end(self, position: int) -> bool:
        return self.path.inserted(position) and self.path.left(position) <= self._options.near_end

    def _sensors(self) -> lcdm4000.PathSensor:
        sensors = lcdm4000.PathSensor(0)
        if self.path.notes("path"):
            sensors |= lcdm4000.PathSensor.DVTL
        if self.path.notes("throat") or (self._options.exit_sensor_sees_notes and self.notes_at_exit):
            sensors |= lcdm4000.PathSensor.EXIT
        return sensors

    def _set(self, command: lcdm4000.Command, values: tuple[int, ...]) -> None:
        """The SET command is one below its GET; a value of 0 keeps the old one."""
        setting = self._settings[lcdm4000.Command(command + 1)]
        setting[:] = [new or old for new, old in zip(values, setting, strict=True)]
