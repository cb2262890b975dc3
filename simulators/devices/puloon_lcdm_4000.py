"""Puloon LCDM-4000: the dispenser itself, as its host knows it on the wire.

What each command does and what each trouble is called; the handshake, the power and the hands are in
`note_dispenser`, the notes in `note_path`, the settings in `puloon_lcdm_4000_settings`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from protocol.puloon_lcdm import error_4000
from protocol.puloon_lcdm_4000 import (
    CASSETTES,
    MAX_NOTES,
    CassetteCounts,
    CassetteSensor,
    CassetteStatus,
    Command,
    DiagnoseRequest,
    DiagnosisReply,
    DispenseRequest,
    ErrorCode,
    LastStatusReply,
    Message,
    NotesReply,
    PathSensor,
    PlainReply,
    Request,
    SerialReply,
    StatusReply,
    UnknownRequest,
    encode,
    host_decoder,
)
from protocol.wire import Decoder
from simulators.devices.note_dispenser import NoteDispenser
from simulators.devices.note_faults import Defect, Point, Trouble
from simulators.devices.note_path import CassetteRun, NotePath, Pace, Run
from simulators.devices.puloon_lcdm_4000_settings import Settings
from simulators.world.custody import Custody, Note
from simulators.world.faults import Ailment
from simulators.world.scene import Scene


class ResetReply(StrEnum):
    """How firmware answers RESET: not at all, or with a response before and one after the motors ran."""

    SILENT = "silent"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class PuloonLcdm4000Options:
    """One LCDM-4000; times in seconds.

    `numbered_dispense`: a dispense with the number (serial) of the last one is refused. `near_end_refuses`: a cassette
    near its end gives nothing. `coded`: TYPE tells the number coded on a cassette; without it, only that there is one.
    `max_notes` in one command: some units stop at 40. `opacity` and `length` are the settings of all cassettes when
    new, `order` the dispense order. `reset_time` is below the 1.1 s after which a host sends a command for
    the last time.
    """

    name: str = "dispenser"
    cassettes: int = 4
    coded: bool = True
    reset_reply: ResetReply = ResetReply.SILENT
    reset_time: float = 1.0
    numbered_dispense: bool = False
    near_end: int = 30
    near_end_refuses: bool = False
    max_notes: int = MAX_NOTES
    reject_limit: int = 10
    reject_tray: int = 200
    opacity: int = 0x20
    length: int = 0x50
    order: str = "1234"
    exit_sensor_sees_notes: bool = False
    pace: Pace = field(default_factory=Pace)
    acknowledge: float = 0.01
    resend_after: float = 20.0

    def __post_init__(self) -> None:
        if sorted(self.order) != list("1234"):
            raise ValueError(f"order: each of 1, 2, 3, 4 once, not {self.order!r}")
        if not 1 <= self.cassettes <= CASSETTES:
            raise ValueError(f"cassettes: 1 to {CASSETTES}, not {self.cassettes}")
        for name, value in (("opacity", self.opacity), ("length", self.length)):
            if not 0 <= value <= 0xFF:
                raise ValueError(f"{name}: 0 to 255, not {value}")


_TROUBLES: Mapping[Trouble, ErrorCode] = {
    Trouble.EMPTY: ErrorCode.PICK_UP_ERROR,
    Trouble.PICK_FAILURE: ErrorCode.PICK_UP_ERROR,
    Trouble.STRAY_NOTE: ErrorCode.STRAY_NOTE_FROM_CASSETTE_1,
    Trouble.JAM_AT_CHECK: ErrorCode.JAM_CHK_TO_DVT,
    Trouble.JAM_BEFORE_DIVERTER: ErrorCode.JAM_CHK_TO_DVT,
    Trouble.JAM_IN_PATH: ErrorCode.JAM_CHK_TO_DVT,
    Trouble.JAM_TO_REJECT: ErrorCode.JAM_DVT_TO_EJT,
    Trouble.JAM_BEFORE_EJECT: ErrorCode.JAM_DVT_TO_EJT,
    Trouble.JAM_AT_EJECT: ErrorCode.JAM_DVT_TO_EJT,
    Trouble.JAM_AT_EXIT: ErrorCode.JAM_EJT_TO_EXIT,
    Trouble.STAYS_IN_EXIT: ErrorCode.NOTE_STAYING_IN_EXIT,
    Trouble.LONG_AT_EJECT: ErrorCode.NOTE_TOO_LONG_AT_EJECT,
    Trouble.LONG_AT_EXIT: ErrorCode.NOTE_TOO_LONG_AT_EXIT,
    Trouble.COUNT_AT_DIVERTER: ErrorCode.JAM_CHK_TO_DVT,
    Trouble.COUNT_AT_EJECT: ErrorCode.COUNT_MISMATCH_AT_EJECT,
    Trouble.COUNT_AT_EXIT: ErrorCode.JAM_EJT_TO_EXIT,
    Trouble.SUSPECT_EJECTED: ErrorCode.SUSPECTED_REJECT_EJECTED,
    Trouble.REJECT_EJECTED: ErrorCode.REJECT_PASSED_EJECT,
    Trouble.EXCESS: ErrorCode.MORE_THAN_REQUESTED,
    Trouble.TOO_MANY_REJECTS: ErrorCode.TOO_MANY_REJECTS,
    Trouble.TOO_MANY_NOTES: ErrorCode.TOO_MANY_NOTES,
    Trouble.TOO_LONG: ErrorCode.PICK_UP_ERROR,
    Trouble.MOTOR_STOPPED: ErrorCode.MOTOR_OR_SLIT_SENSOR,
}
"""What a trouble is called (a stray note: by its cassette); where the sources leave room, the nearest one."""

_DEFECTS: Mapping[Defect, ErrorCode] = {
    Defect.MOTOR: ErrorCode.MOTOR_OR_SLIT_SENSOR,
    Defect.SAFE_OPEN: ErrorCode.MOTOR_OR_SLIT_SENSOR,
    Defect.SOLENOID: ErrorCode.SOLENOID_BEFORE_DISPENSE,
    Defect.SOLENOID_SENSOR: ErrorCode.SOLENOID_BEFORE_DISPENSE,
    Defect.DIRTY_SENSOR: ErrorCode.SENSOR_TROUBLE_BEFORE_START,
    Defect.FOREIGN_MATTER: ErrorCode.ABNORMAL_MATERIAL_BEFORE_START,
    Defect.PROGRAM: ErrorCode.VERIFY_NOT_OPERABLE_AFTER_DOWNLOAD,
    Defect.PROGRAM_MEMORY: ErrorCode.PROGRAM_WRITE,
    Defect.PROGRAM_DAMAGED: ErrorCode.VERIFY,
}
"""Why nothing is begun."""

_NO_COMMAND = 0x20
_DIAGNOSTIC_NOTES = 5
_DIVERT_MS = 2
_MOST_IN_BYTE = 0xFF - 0x20
"""Numbers are told with 20 added; STATUS has no more to tell of settings that can be larger."""


class PuloonLcdm4000(NoteDispenser[Message]):
    """An LCDM-4000: up to four cassettes; settings are in EEPROM, the last result and the serial only in memory."""

    defects = (
        *_DEFECTS,
        Defect.EEPROM,
        Defect.EXIT_SENSOR_BLIND,
        Defect.EXIT_SENSOR_COVERED,
        Defect.EXIT_SENSOR_STICKS,
        Defect.WEDGED,
        Defect.WORN_BELT,
    )

    def __init__(
        self, *, scene: Scene, custody: Custody[Note], options: PuloonLcdm4000Options = PuloonLcdm4000Options()
    ) -> None:
        path = NotePath(
            scene=scene,
            custody=custody,
            name=options.name,
            cassettes=options.cassettes,
            pace=options.pace,
            tray=options.reject_tray,
        )
        super().__init__(path, acknowledge=options.acknowledge, resend_after=options.resend_after, closes_with_eot=True)
        self._options = options
        first, second, third, fourth = map(int, options.order)
        self._settings = Settings(options.opacity, options.length, (first, second, third, fourth))
        self._forget()

    def spoil_settings(self) -> None:
        """The EEPROM's checksum no longer fits: at the next start the settings are those of a new device."""
        self._settings.spoil()

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""
        return {**super().ailments(), "B23": Ailment(lambda: self.exhaust_numbers())}

    def exhaust_numbers(self, last: int = _MOST_IN_BYTE) -> None:
        """As if the last dispense had this number: with the largest that a byte can tell, the next must begin again."""
        self._serial = last

    def _forget(self) -> None:
        self._serial = 0
        self._last = LastStatusReply(_NO_COMMAND, ErrorCode.GOOD, self._counts(Run()))
        self._state = self._settings.start()

    def _decoder(self) -> Decoder[Message]:
        return host_decoder()

    def _last_error_words(self) -> str:
        return error_4000(self._last.error)

    def _is_silent(self, request: Message) -> bool:
        return request == Request(Command.RESET) and (self._options.reset_reply is ResetReply.SILENT)

    def _steps(self, request: Message) -> Sequence[Callable[[], Coroutine[Any, Any, bytes]]]:
        answer = encode(PlainReply(Command.RESET, ErrorCode.GOOD))

        async def step() -> bytes:
            return encode(await self._answer(request))

        async def at_once() -> bytes:
            return answer

        async def run_motors() -> bytes:
            await asyncio.sleep(self._options.reset_time)
            self._state = ErrorCode.GOOD
            return b"" if self._is_silent(request) else answer

        if request != Request(Command.RESET):
            return (step,)
        return (run_motors,) if self._is_silent(request) else (at_once, run_motors)

    async def _answer(self, request: Message) -> Message:
        good = ErrorCode.GOOD
        if (settings := self._settings.answer(request, writable=not self.path.has(Defect.EEPROM))) is not None:
            return settings
        match request:
            case Request(Command.STATUS):
                return StatusReply(self._state, self._sensors(), tuple(map(self._cassette, (1, 2, 3, 4))))
            case Request(Command.LAST_STATUS):
                return self._last
            case Request(Command.PURGE):
                run = await self.path.purge()
                clear = self.path.can_purge and not self.path.blocked
                return self._ended(Command.PURGE, good if clear else ErrorCode.PURGE_ENDED_ABNORMALLY, run)
            case DispenseRequest():
                return await self._dispense(request)
            case DiagnoseRequest(position):
                return await self._diagnose(position)
            case Request(Command.GET_SERIAL):
                return SerialReply(good, self._serial)
            case UnknownRequest(command):
                return PlainReply(command, ErrorCode.ABNORMAL_COMMAND)
            case _:
                raise AssertionError(f"not a command: {request}")

    async def _dispense(self, request: DispenseRequest) -> Message:
        test = request.command == Command.TEST_DISPENSE
        self.dispense_frames += not test
        asked = {
            position: request.counts[position - 1] for position in self._settings.order if request.counts[position - 1]
        }
        if self._options.numbered_dispense and request.serial is not None and request.serial == self._serial:
            # Not a dispense: LAST STATUS goes on telling what became of the first one.
            return NotesReply(request.command, ErrorCode.ABNORMAL_PARAMETER, self._counts(Run()))
        refusal = self._refusal(asked)
        if refusal is not None:
            return self._ended(request.command, refusal, Run())
        self._serial = self._serial if request.serial is None else request.serial
        limits = self._options.reject_limit, self._options.max_notes
        run = await self.path.dispense(asked, to_reject=test, reject_limit=limits[0], limit=limits[1])
        return self._ended(request.command, _error(run), run)

    def _refusal(self, asked: Mapping[int, int]) -> ErrorCode | None:
        """What is wrong before anything moves."""
        if not asked:
            return ErrorCode.ABNORMAL_PARAMETER
        if sum(asked.values()) > self._options.max_notes:
            return ErrorCode.TOO_MANY_NOTES
        if not all(map(self.path.inserted, asked)):
            return ErrorCode.REQUESTED_CASSETTE_ABSENT
        if self._options.near_end_refuses and any(map(self._near_end, asked)):
            return ErrorCode.REQUESTED_CASSETTE_NEAR_END
        if not self.path.reject_tray_inserted:
            return ErrorCode.NO_REJECT_TRAY
        for defect in self.path.defects:
            if defect in _DEFECTS:
                return _DEFECTS[defect]
        if self.path.blocked is not None:
            return ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP
        return ErrorCode.TOO_MANY_REJECTS if self.path.tray_full else None

    async def _diagnose(self, position: int) -> Message:
        if not 1 <= position <= CASSETTES:
            return DiagnosisReply(ErrorCode.ABNORMAL_PARAMETER, 0, 0, 0, 0)
        asked = {position: _DIAGNOSTIC_NOTES}
        if (refusal := self._refusal(asked)) is not None:
            return DiagnosisReply(refusal, 0, 0, 0, 0)
        run = await self.path.dispense(asked, to_reject=True)
        cassette = self._cassette(position)
        rejected = run.cassettes[position].rejected
        return DiagnosisReply(_error(run), cassette.opacity, cassette.length, _DIVERT_MS, rejected)

    def _ended(self, command: Command, error: ErrorCode, run: Run) -> Message:
        self._last = LastStatusReply(command, error, self._counts(run))
        return NotesReply(command, error, self._last.cassettes)

    def _counts(self, run: Run) -> tuple[CassetteCounts, ...]:
        return tuple(
            CassetteCounts(counts.exited, counts.rejected, self._type(position))
            for position in (1, 2, 3, 4)
            for counts in (run.cassettes.get(position, CassetteRun()),)
        )

    def _type(self, position: int) -> int:
        if self._options.coded:
            return self.path.code(position)
        return position if self.path.inserted(position) else 0

    def _cassette(self, position: int) -> CassetteStatus:
        sensors = CassetteSensor(0)
        if self.path.inserted(position):
            sensors |= CassetteSensor.PRESENT
        if self._near_end(position):
            sensors |= CassetteSensor.NEAR_END
        if self.path.standing(Point.CHECK, position):
            sensors |= CassetteSensor.CHKL | CassetteSensor.CHKR
        if position == 1 and self.path.has(Defect.DIRTY_SENSOR):
            sensors |= CassetteSensor.CHKL
        return CassetteStatus(
            sensors,
            self._type(position),
            min(self._settings.opacity(position), _MOST_IN_BYTE),
            min(self._settings.length(position), _MOST_IN_BYTE),
        )

    def _near_end(self, position: int) -> bool:
        return self.path.inserted(position) and self.path.left(position) <= self._options.near_end

    def _sensors(self) -> PathSensor:
        path, throat = self.path, bool(self.path.notes("throat"))
        waiting = self._options.exit_sensor_sees_notes and path.exit_covered
        covered = (waiting or throat) and not path.has(Defect.EXIT_SENSOR_BLIND)
        seen = {
            PathSensor.DVTL: path.standing(Point.DIVERTER) or path.has(Defect.FOREIGN_MATTER),
            PathSensor.DVTR: path.standing(Point.DIVERTER),
            PathSensor.EJT: path.standing(Point.EJECT),
            PathSensor.EXIT: covered or path.has(Defect.EXIT_SENSOR_COVERED),
            PathSensor.RJT: path.standing(Point.REJECT),
            PathSensor.SOL: path.has(Defect.SOLENOID, Defect.SOLENOID_SENSOR),
        }
        return PathSensor(sum(sensor for sensor, is_set in seen.items() if is_set))


def _error(run: Run) -> ErrorCode:
    if run.trouble is None:
        return ErrorCode.GOOD
    code = _TROUBLES[run.trouble]
    return ErrorCode(code + run.at - 1) if run.trouble is Trouble.STRAY_NOTE else code
