"""Puloon LCDM-2000: the dispenser itself, as its host knows it on the wire.

What each command does and what each trouble is called; the handshake, the power and the hands are in
`note_dispenser`, the notes in `note_path`.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol.puloon_lcdm import error_2000
from protocol.puloon_lcdm_2000 import (
    MAX_NOTES,
    CassetteCounts,
    Command,
    DispenseReply,
    ErrorCode,
    Message,
    PlainReply,
    Request,
    Sensor,
    StatusReply,
    UnknownRequest,
    VersionReply,
    encode,
    host_decoder,
)
from protocol.wire import Decoder
from simulators.devices.note_dispenser import NoteDispenser
from simulators.devices.note_faults import Defect, Point, Trouble
from simulators.devices.note_path import CassetteRun, NotePath, Pace, Run
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene


@dataclass(frozen=True, slots=True)
class PuloonLcdm2000Options:
    """One LCDM-2000; times in seconds.

    `grouped` is the other order of counts in DISPENSE BOTH. `exit_sensor_sees_notes`: notes that wait at the exit cover
    the EXIT sensor. `reject_tray` is how many notes fit into the tray. `resend_after` is the silence after which an
    unanswered response is sent again.
    """

    name: str = "dispenser"
    version: str = "30"
    checksum: str = "B56D"
    grouped: bool = False
    near_end: int = 30
    reject_limit: int = 20
    reject_tray: int = 200
    exit_sensor_sees_notes: bool = False
    pace: Pace = field(default_factory=Pace)
    acknowledge: float = 0.01
    resend_after: float = 20.0

    def __post_init__(self) -> None:
        if not (len(self.version) == 2 and self.version.isascii() and self.version.isdigit()):
            raise ValueError(f"version: two digits, not {self.version!r}")
        if not (len(self.checksum) == 4 and all(digit in "0123456789ABCDEF" for digit in self.checksum)):
            raise ValueError(f"checksum: four hexadecimal digits in capitals, not {self.checksum!r}")


_CASSETTES: Mapping[Command, tuple[int, ...]] = {
    Command.DISPENSE_UPPER: (1,),
    Command.DISPENSE_LOWER: (2,),
    Command.DISPENSE_BOTH: (1, 2),
    Command.TEST_UPPER: (1,),
    Command.TEST_LOWER: (2,),
}
_TESTS = (Command.TEST_UPPER, Command.TEST_LOWER)
_ABSENT = {1: ErrorCode.UPPER_CASSETTE_NOT_RECOGNISED, 2: ErrorCode.LOWER_CASSETTE_NOT_RECOGNISED}


def _same(error: ErrorCode) -> tuple[ErrorCode, ErrorCode]:
    return error, error


_TROUBLES: Mapping[Trouble, tuple[ErrorCode, ErrorCode]] = {
    Trouble.EMPTY: (ErrorCode.UPPER_BILL_END, ErrorCode.LOWER_BILL_END),
    Trouble.PICK_FAILURE: _same(ErrorCode.PICK_UP_ERROR),
    Trouble.STRAY_NOTE: _same(ErrorCode.NOTE_FROM_THE_OTHER_CASSETTE),
    Trouble.JAM_AT_CHECK: (ErrorCode.JAM_AT_CHK_1_2, ErrorCode.JAM_AT_CHK_3_4),
    Trouble.JAM_BEFORE_DIVERTER: _same(ErrorCode.TIMEOUT_CHK_TO_DIV),
    Trouble.JAM_IN_PATH: _same(ErrorCode.JAM_AT_DIV),
    Trouble.JAM_TO_REJECT: _same(ErrorCode.JAM_AT_DIV_MOTOR),
    Trouble.JAM_BEFORE_EJECT: _same(ErrorCode.TIMEOUT_DIV_TO_EJT),
    Trouble.JAM_AT_EJECT: _same(ErrorCode.JAM_AT_EJT),
    Trouble.JAM_AT_EXIT: _same(ErrorCode.JAM_AT_EXIT_OR_EJT),
    Trouble.STAYS_IN_EXIT: _same(ErrorCode.JAM_AT_EXIT_OR_EJT),
    Trouble.LONG_AT_EJECT: _same(ErrorCode.JAM_AT_EJT),
    Trouble.LONG_AT_EXIT: _same(ErrorCode.JAM_AT_EXIT_OR_EJT),
    Trouble.COUNT_AT_DIVERTER: (ErrorCode.COUNT_DIFFERS_CHK_TO_DIV, ErrorCode.COUNTING_ERROR_CHK_3_4_TO_DIV),
    Trouble.COUNT_AT_EJECT: _same(ErrorCode.COUNTING_ERROR_DIV_TO_EJT),
    Trouble.COUNT_AT_EXIT: _same(ErrorCode.COUNTING_ERROR_EJT_TO_EXIT),
    Trouble.SUSPECT_EJECTED: _same(ErrorCode.COUNTING_ERROR_DIV_TO_EJT),
    Trouble.REJECT_EJECTED: _same(ErrorCode.COUNTING_ERROR_DIV_TO_EJT),
    Trouble.EXCESS: _same(ErrorCode.OVERFLOW_BILL),
    Trouble.TOO_MANY_REJECTS: _same(ErrorCode.OVER_REJECT),
    Trouble.TOO_LONG: _same(ErrorCode.DISPENSING_TIMEOUT),
    Trouble.MOTOR_STOPPED: _same(ErrorCode.MOTOR_STOP),
}
"""What a trouble at the upper and at the lower cassette is called; where the sources leave room, the nearest one."""

_DEFECTS: Mapping[Defect, ErrorCode] = {
    Defect.MOTOR: ErrorCode.MOTOR_STOP,
    Defect.SAFE_OPEN: ErrorCode.MOTOR_STOP,
    Defect.SOLENOID: ErrorCode.DIVERTER_SOLENOID,
    Defect.SOLENOID_SENSOR: ErrorCode.SOL_SENSOR,
    Defect.DIRTY_SENSOR: ErrorCode.JAM_AT_CHK_1_2,
    Defect.FOREIGN_MATTER: ErrorCode.JAM_AT_DIV,
}
"""Why nothing is begun."""

_TWO_DIGITS = 99


class PuloonLcdm2000(NoteDispenser[Message]):
    """An LCDM-2000: upper and lower cassette; forgets a response once it gave up sending it."""

    defects = (
        *_DEFECTS,
        Defect.EXIT_SENSOR_BLIND,
        Defect.EXIT_SENSOR_COVERED,
        Defect.EXIT_SENSOR_STICKS,
        Defect.WEDGED,
        Defect.WORN_BELT,
    )

    def __init__(
        self, *, scene: Scene, custody: Custody[Note], options: PuloonLcdm2000Options = PuloonLcdm2000Options()
    ) -> None:
        path = NotePath(
            scene=scene,
            custody=custody,
            name=options.name,
            cassettes=2,
            pace=options.pace,
            tray=options.reject_tray,
        )
        super().__init__(
            path, acknowledge=options.acknowledge, resend_after=options.resend_after, closes_with_eot=False
        )
        self._options = options
        self._last_error = ErrorCode.GOOD

    def _decoder(self) -> Decoder[Message]:
        return host_decoder()

    def _forget(self) -> None:
        self._last_error = ErrorCode.GOOD

    def _last_error_words(self) -> str:
        return error_2000(self._last_error)

    def _steps(self, request: Message) -> Sequence[Callable[[], Coroutine[Any, Any, bytes]]]:
        async def step() -> bytes:
            return encode(await self._answer(request), grouped=self._options.grouped)

        return (step,)

    async def _answer(self, request: Message) -> Message:
        match request:
            case Request(Command.STATUS):
                return StatusReply(self._last_error, self._sensors())
            case Request(Command.ROM_VERSION):
                return VersionReply("T", self._options.version, self._options.checksum)
            case Request(Command.PURGE):
                await self.path.purge()
                clear = self.path.can_purge and not self.path.blocked
                self._last_error = ErrorCode.GOOD if clear else ErrorCode.PURGE_ERROR
                return PlainReply(Command.PURGE, self._last_error)
            case Request(command, counts):
                return await self._dispense(command, counts)
            case UnknownRequest(command):
                return PlainReply(command, ErrorCode.UNDEFINED_COMMAND)
            case _:
                raise AssertionError(f"not a command: {request}")

    async def _dispense(self, command: Command, counts: tuple[int, ...]) -> Message:
        self.dispense_frames += command not in _TESTS
        positions = _CASSETTES[command]
        asked = dict(zip(positions, counts or (1,), strict=True))
        refusal = self._refusal(asked)
        if refusal is None:
            run = await self.path.dispense(asked, to_reject=command in _TESTS, reject_limit=self._options.reject_limit)
            self._last_error = self._error(run)
        else:
            run = Run({position: CassetteRun() for position in positions})
            self._last_error = refusal
        return DispenseReply(
            command,
            self._last_error,
            tuple(
                CassetteCounts(
                    min(k.checked, _TWO_DIGITS), k.exited, min(k.rejected, _TWO_DIGITS), self._near_end(position)
                )
                for position, k in run.cassettes.items()
            ),
        )

    def _refusal(self, asked: Mapping[int, int]) -> ErrorCode | None:
        """What is wrong before anything moves."""
        if not sum(asked.values()) or max(asked.values()) > MAX_NOTES:
            return ErrorCode.NOTE_REQUEST_ERROR
        for position, number in asked.items():
            if number and not self.path.inserted(position):
                return _ABSENT[position]
        if not self.path.reject_tray_inserted:
            return ErrorCode.REJECT_TRAY_NOT_RECOGNISED
        for defect in self.path.defects:
            if defect in _DEFECTS:
                return _DEFECTS[defect]
        if self.path.blocked is not None:
            return _code(self.path.blocked, self.path.blocked_at)
        return ErrorCode.OVER_REJECT if self.path.tray_full else None

    def _error(self, run: Run) -> ErrorCode:
        return ErrorCode.NORMAL_STOP if run.trouble is None else _code(run.trouble, run.at)

    def _near_end(self, position: int) -> bool:
        return self.path.inserted(position) and self.path.left(position) <= self._options.near_end

    def _sensors(self) -> Sensor:
        path, throat = self.path, bool(self.path.notes("throat"))
        waiting = self._options.exit_sensor_sees_notes and path.exit_covered
        covered = (waiting or throat) and not path.has(Defect.EXIT_SENSOR_BLIND)
        upper, lower = (path.standing(Point.CHECK, position) for position in (1, 2))
        seen = {
            Sensor.CHK1: upper or path.has(Defect.DIRTY_SENSOR),
            Sensor.CHK2: upper,
            Sensor.CHK3: lower,
            Sensor.CHK4: lower,
            Sensor.DIV1: path.standing(Point.DIVERTER) or path.has(Defect.FOREIGN_MATTER),
            Sensor.DIV2: path.standing(Point.REJECT),
            Sensor.EJT: path.standing(Point.EJECT) or throat,
            Sensor.EXIT: covered or path.has(Defect.EXIT_SENSOR_COVERED),
            Sensor.UPPER_NEAR_END: self._near_end(1),
            Sensor.LOWER_NEAR_END: self._near_end(2),
            Sensor.UPPER_ABSENT: not path.inserted(1),
            Sensor.LOWER_ABSENT: not path.inserted(2),
            Sensor.SOL: path.has(Defect.SOLENOID, Defect.SOLENOID_SENSOR),
            Sensor.REJECT_TRAY_ABSENT: not path.reject_tray_inserted,
        }
        return Sensor(sum(sensor for sensor, is_set in seen.items() if is_set))


def _code(trouble: Trouble, position: int) -> ErrorCode:
    return _TROUBLES[trouble][position == 2]
