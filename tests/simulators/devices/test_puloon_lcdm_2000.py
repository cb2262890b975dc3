"""Every error of the LCDM-2000's table has a physical cause."""

from collections.abc import Callable

import pytest

from protocol.puloon_lcdm_2000 import (
    PATH_SENSORS,
    Command,
    DispenseReply,
    ErrorCode,
    Message,
    PlainReply,
    Request,
    Sensor,
    StatusReply,
    UnknownRequest,
    device_decoder,
    encode,
)
from simulators.devices.note_faults import STOPS_MOTORS, Defect, Trouble, Upset
from simulators.devices.puloon_lcdm_2000 import PuloonLcdm2000, PuloonLcdm2000Options, _code
from tests.simulators.devices.test_puloon_lcdm import ACK, Host, host_of

UPPER = Request(Command.DISPENSE_UPPER, (3,))
LOWER = Request(Command.DISPENSE_LOWER, (3,))
PURGE = Request(Command.PURGE)
Cause = Callable[[PuloonLcdm2000], object]


def happens(upset: Upset, cassette: int = 1) -> Cause:
    return lambda device: device.upset(upset, cassette)


def broken(defect: Defect) -> Cause:
    return lambda device: device.break_(defect)


def empty(position: int) -> Cause:
    def arrange(device: PuloonLcdm2000) -> None:
        for note in device.path.notes(f"cassette{position}"):
            device.path._custody.move(note, "staff")

    return arrange


def jammed_without_tray(device: PuloonLcdm2000) -> None:
    (note, *_) = device.path.notes("cassette1")
    device.path._move(note, "path")
    device.remove_reject_tray()


CAUSES: list[tuple[ErrorCode, Cause, Message]] = [
    (ErrorCode.GOOD, lambda device: None, PURGE),
    (ErrorCode.NORMAL_STOP, lambda device: None, UPPER),
    (ErrorCode.PICK_UP_ERROR, happens(Upset.PICK_FAILURE), UPPER),
    (ErrorCode.JAM_AT_CHK_1_2, happens(Upset.JAM_AT_CHECK), UPPER),
    (ErrorCode.JAM_AT_CHK_3_4, happens(Upset.JAM_AT_CHECK, 2), LOWER),
    (ErrorCode.JAM_AT_CHK_1_2, broken(Defect.DIRTY_SENSOR), UPPER),
    (ErrorCode.OVERFLOW_BILL, lambda device: device.upset(Upset.PARTING_DOUBLE_PICK, 1, pick=3), UPPER),
    (ErrorCode.JAM_AT_EXIT_OR_EJT, happens(Upset.JAM_AT_EXIT), UPPER),
    (ErrorCode.JAM_AT_EXIT_OR_EJT, happens(Upset.LONG_AT_EXIT), UPPER),
    (ErrorCode.JAM_AT_EXIT_OR_EJT, broken(Defect.EXIT_SENSOR_COVERED), UPPER),
    (ErrorCode.JAM_AT_DIV, happens(Upset.JAM_IN_PATH), UPPER),
    (ErrorCode.JAM_AT_DIV, broken(Defect.FOREIGN_MATTER), UPPER),
    (ErrorCode.UNDEFINED_COMMAND, lambda device: None, UnknownRequest(0x48, b"")),
    (ErrorCode.UPPER_BILL_END, empty(1), UPPER),
    (ErrorCode.LOWER_BILL_END, empty(2), LOWER),
    (ErrorCode.COUNT_DIFFERS_CHK_TO_DIV, happens(Upset.MISSED_AT_DIVERTER), UPPER),
    (ErrorCode.COUNTING_ERROR_CHK_3_4_TO_DIV, happens(Upset.MISSED_AT_DIVERTER, 2), LOWER),
    (ErrorCode.NOTE_REQUEST_ERROR, lambda device: None, Request(Command.DISPENSE_UPPER, (61,))),
    (ErrorCode.COUNTING_ERROR_DIV_TO_EJT, happens(Upset.MISSED_AT_EJECT), UPPER),
    (ErrorCode.COUNTING_ERROR_DIV_TO_EJT, happens(Upset.PARTING_DOUBLE_PICK), UPPER),
    (ErrorCode.COUNTING_ERROR_EJT_TO_EXIT, happens(Upset.MISSED_AT_EXIT), UPPER),
    (ErrorCode.COUNTING_ERROR_EJT_TO_EXIT, broken(Defect.EXIT_SENSOR_BLIND), UPPER),
    (ErrorCode.REJECT_TRAY_NOT_RECOGNISED, PuloonLcdm2000.remove_reject_tray, UPPER),
    (ErrorCode.MOTOR_STOP, broken(Defect.MOTOR), UPPER),
    (ErrorCode.MOTOR_STOP, PuloonLcdm2000.open_safe, UPPER),
    (ErrorCode.JAM_AT_DIV_MOTOR, happens(Upset.JAM_TO_REJECT), UPPER),
    (ErrorCode.TIMEOUT_DIV_TO_EJT, happens(Upset.JAM_BEFORE_EJECT), UPPER),
    (ErrorCode.OVER_REJECT, PuloonLcdm2000.fill_reject_tray, UPPER),
    (ErrorCode.UPPER_CASSETTE_NOT_RECOGNISED, lambda device: device.remove_cassette(1), UPPER),
    (ErrorCode.LOWER_CASSETTE_NOT_RECOGNISED, lambda device: device.remove_cassette(2), LOWER),
    (ErrorCode.DISPENSING_TIMEOUT, broken(Defect.WORN_BELT), Request(Command.DISPENSE_UPPER, (20,))),
    (ErrorCode.JAM_AT_EJT, happens(Upset.JAM_AT_EJECT), UPPER),
    (ErrorCode.DIVERTER_SOLENOID, broken(Defect.SOLENOID), UPPER),
    (ErrorCode.SOL_SENSOR, broken(Defect.SOLENOID_SENSOR), UPPER),
    (ErrorCode.PURGE_ERROR, jammed_without_tray, PURGE),
    (ErrorCode.NOTE_FROM_THE_OTHER_CASSETTE, happens(Upset.STRAY_NOTE), UPPER),
    (ErrorCode.TIMEOUT_CHK_TO_DIV, happens(Upset.JAM_BEFORE_DIVERTER), UPPER),
]


async def answer(host: Host, request: Message) -> Message:
    (reply,) = device_decoder().feed((await host.say(encode(request), quiet=59))[1:])
    await host.say(ACK)
    return reply  # type: ignore[return-value]


@pytest.mark.parametrize(("error", "cause", "request_"), CAUSES, ids=lambda value: getattr(value, "name", None))
async def test_every_error_has_a_physical_cause(error: ErrorCode, cause: Cause, request_: Message) -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        assert isinstance(host.device, PuloonLcdm2000)
        cause(host.device)
        reply = await answer(host, request_)
        assert isinstance(reply, DispenseReply | PlainReply)
        assert ErrorCode(reply.error) is error


def test_no_error_of_the_table_is_left_out() -> None:
    assert {error for error, _, _ in CAUSES} == set(ErrorCode)


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble is not Trouble.TOO_MANY_NOTES])
def test_every_trouble_has_its_code(trouble: Trouble) -> None:
    assert {_code(trouble, position) for position in (1, 2)} <= set(ErrorCode)


@pytest.mark.parametrize(
    ("upset", "cassette", "sensors"),
    [
        (Upset.JAM_AT_CHECK, 1, Sensor.CHK1 | Sensor.CHK2),
        (Upset.JAM_AT_CHECK, 2, Sensor.CHK3 | Sensor.CHK4),
        (Upset.JAM_IN_PATH, 1, Sensor.DIV1),
        (Upset.JAM_TO_REJECT, 1, Sensor.DIV2),
        (Upset.JAM_AT_EJECT, 1, Sensor.EJT),
        (Upset.JAM_AT_EXIT, 1, Sensor.EJT | Sensor.EXIT),
        (Upset.STRAY_NOTE, 1, Sensor.CHK3 | Sensor.CHK4),
    ],
)
async def test_what_stands_on_the_path_covers_its_sensor_until_it_is_purged(
    upset: Upset, cassette: int, sensors: Sensor
) -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        host.device.upset(upset, cassette)
        await answer(host, UPPER if cassette == 1 else LOWER)
        status = await answer(host, Request(Command.STATUS))
        assert isinstance(status, StatusReply)
        assert status.sensors & (PATH_SENSORS | Sensor.EXIT) == sensors
        await answer(host, PURGE)
        status = await answer(host, Request(Command.STATUS))
        assert status == StatusReply(ErrorCode.GOOD, Sensor(0))


@pytest.mark.parametrize("defect", STOPS_MOTORS)
async def test_without_current_nothing_moves_and_afterwards_everything_does(defect: Defect) -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        host.device.break_(defect)
        await answer(host, UPPER)
        assert host.device.notes_at_exit == ()
        assert host.device.snapshot()["broken"] == defect
        host.device.mend(defect)
        await answer(host, UPPER)
        assert len(host.device.notes_at_exit) == 3


async def test_a_part_that_this_model_does_not_have_can_not_break() -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        with pytest.raises(ValueError, match="can't have: EEPROM can't be written; it can have: motor stands still"):
            host.device.break_(Defect.EEPROM)


async def test_mixed_up_notes_are_paid_out_as_if_they_were_right() -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        host.device.mix_up_notes(1, 2)
        reply = await answer(host, UPPER)
        assert isinstance(reply, DispenseReply)
        assert reply.error == ErrorCode.NORMAL_STOP
        assert {note.serial[:2] for note in host.device.notes_at_exit} == {"C2"}


@pytest.mark.parametrize("option", [{"version": "3"}, {"checksum": "B56"}, {"checksum": "b56d"}])
def test_a_version_that_does_not_fit_its_field_is_told(option: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        PuloonLcdm2000Options(**option)  # type: ignore[arg-type]


async def test_a_frame_that_dribbles_in_is_no_frame() -> None:
    async with host_of(PuloonLcdm2000Options(resend_after=300.0)) as host:
        for byte in encode(Request(Command.STATUS)):
            assert await host.say(bytes((byte,)), quiet=0.05) == b""
        assert await host.heard(quiet=1) == b""
