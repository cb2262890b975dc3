"""Every error of the LCDM-4000's table has a physical cause."""

from collections.abc import Callable

import pytest

from protocol.puloon_lcdm_4000 import (
    CHECK_SENSORS,
    PATH_SENSORS,
    CassetteSensor,
    Command,
    DiagnoseRequest,
    DispenseRequest,
    ErrorCode,
    LastStatusReply,
    Message,
    NotesReply,
    OrderReply,
    OrderRequest,
    PathSensor,
    PlainReply,
    Request,
    SettingRequest,
    SettingsReply,
    StatusReply,
    UnknownRequest,
    device_decoder,
    encode,
)
from protocol.wire import EOT
from simulators.devices.note_faults import Defect, Trouble, Upset
from simulators.devices.puloon_lcdm_4000 import _TROUBLES, PuloonLcdm4000, PuloonLcdm4000Options
from tests.simulators.devices.test_puloon_lcdm import ACK, Host, host_of

GIVE = DispenseRequest(Command.DISPENSE, (3, 0, 0, 0))
STATUS, PURGE = Request(Command.STATUS), Request(Command.PURGE)
LENGTHS = SettingRequest(Command.SET_LENGTHS, (198, 0, 0, 0))
Cause = Callable[[PuloonLcdm4000], object]


def nothing(device: PuloonLcdm4000) -> None:
    pass


def happens(upset: Upset, cassette: int = 1) -> Cause:
    return lambda device: device.upset(upset, cassette)


def broken(defect: Defect) -> Cause:
    return lambda device: device.break_(defect)


def only(position: int) -> Cause:
    """A note of cassette `position` comes along while another dispenses."""

    def arrange(device: PuloonLcdm4000) -> None:
        giving = 2 if position == 1 else 1
        for other in device.path.positions:
            if other not in (position, giving):
                device.remove_cassette(other)
        device.upset(Upset.STRAY_NOTE, giving)

    return arrange


def many_rejects(device: PuloonLcdm4000) -> None:
    for pick in range(1, 12):
        device.upset(Upset.REJECT, 1, pick)


def jammed_without_tray(device: PuloonLcdm4000) -> None:
    (note, *_) = device.path.notes("cassette1")
    device.path._move(note, "path")
    device.remove_reject_tray()


def spoilt(device: PuloonLcdm4000) -> None:
    device.spoil_settings()
    device.reset_itself()


CAUSES: list[tuple[ErrorCode, Cause, Message]] = [
    (ErrorCode.GOOD, nothing, GIVE),
    (ErrorCode.PICK_UP_ERROR, happens(Upset.PICK_FAILURE), GIVE),
    (ErrorCode.PICK_UP_ERROR, broken(Defect.WORN_BELT), DispenseRequest(Command.DISPENSE, (20, 0, 0, 0))),
    (ErrorCode.JAM_CHK_TO_DVT, happens(Upset.JAM_AT_CHECK), GIVE),
    (ErrorCode.JAM_DVT_TO_EJT, happens(Upset.JAM_BEFORE_EJECT), GIVE),
    (ErrorCode.JAM_EJT_TO_EXIT, happens(Upset.JAM_AT_EXIT), GIVE),
    (ErrorCode.JAM_EJT_TO_EXIT, broken(Defect.EXIT_SENSOR_BLIND), GIVE),
    (ErrorCode.NOTE_STAYING_IN_EXIT, happens(Upset.STAYS_IN_EXIT), GIVE),
    (ErrorCode.NOTE_STAYING_IN_EXIT, broken(Defect.EXIT_SENSOR_COVERED), GIVE),
    (ErrorCode.SUSPECTED_REJECT_EJECTED, happens(Upset.SUSPECT_EJECTED), GIVE),
    (ErrorCode.COUNT_MISMATCH_AT_EJECT, happens(Upset.MISSED_AT_EJECT), GIVE),
    (ErrorCode.REJECT_PASSED_EJECT, happens(Upset.REJECT_EJECTED), GIVE),
    (ErrorCode.NOTE_TOO_LONG_AT_EJECT, happens(Upset.LONG_AT_EJECT), GIVE),
    (ErrorCode.NOTE_TOO_LONG_AT_EXIT, happens(Upset.LONG_AT_EXIT), GIVE),
    (ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP, lambda device: device.path._move(first(device), "path"), GIVE),
    (ErrorCode.TOO_MANY_NOTES, nothing, DispenseRequest(Command.DISPENSE, (50, 50, 0, 0))),
    (ErrorCode.TOO_MANY_REJECTS, many_rejects, GIVE),
    (ErrorCode.TOO_MANY_REJECTS, PuloonLcdm4000.fill_reject_tray, GIVE),
    (ErrorCode.PURGE_ENDED_ABNORMALLY, jammed_without_tray, PURGE),
    (ErrorCode.SENSOR_TROUBLE_BEFORE_START, broken(Defect.DIRTY_SENSOR), GIVE),
    (ErrorCode.ABNORMAL_MATERIAL_BEFORE_START, broken(Defect.FOREIGN_MATTER), GIVE),
    (ErrorCode.SOLENOID_BEFORE_DISPENSE, broken(Defect.SOLENOID), GIVE),
    (ErrorCode.MOTOR_OR_SLIT_SENSOR, PuloonLcdm4000.open_safe, GIVE),
    (ErrorCode.REQUESTED_CASSETTE_ABSENT, lambda device: device.remove_cassette(1), GIVE),
    (ErrorCode.REQUESTED_CASSETTE_NEAR_END, lambda device: leave(device, 20), GIVE),
    (ErrorCode.NO_REJECT_TRAY, PuloonLcdm4000.remove_reject_tray, GIVE),
    (ErrorCode.MORE_THAN_REQUESTED, lambda device: device.upset(Upset.PARTING_DOUBLE_PICK, 1, pick=3), GIVE),
    (ErrorCode.ABNORMAL_COMMAND, nothing, UnknownRequest(0x71, b"0   ")),
    (ErrorCode.ABNORMAL_PARAMETER, nothing, OrderRequest((1, 1, 2, 3))),
    (ErrorCode.VERIFY_NOT_OPERABLE_AFTER_DOWNLOAD, broken(Defect.PROGRAM), GIVE),
    (ErrorCode.PROGRAM_WRITE, broken(Defect.PROGRAM_MEMORY), GIVE),
    (ErrorCode.VERIFY, broken(Defect.PROGRAM_DAMAGED), GIVE),
    (ErrorCode.EEPROM_WRITE, broken(Defect.EEPROM), LENGTHS),
    (ErrorCode.EEPROM_CHECKSUM, spoilt, STATUS),
    (ErrorCode.STRAY_NOTE_FROM_CASSETTE_1, only(1), DispenseRequest(Command.DISPENSE, (0, 3, 0, 0))),
    (ErrorCode.STRAY_NOTE_FROM_CASSETTE_2, only(2), GIVE),
    (ErrorCode.STRAY_NOTE_FROM_CASSETTE_3, only(3), GIVE),
    (ErrorCode.STRAY_NOTE_FROM_CASSETTE_4, only(4), GIVE),
]


def first(device: PuloonLcdm4000):  # type: ignore[no-untyped-def]
    return device.path.notes("cassette1")[0]


def leave(device: PuloonLcdm4000, notes: int) -> None:
    """Only so many notes are left in cassette 1."""
    for note in device.path.notes("cassette1")[notes:]:
        device.path._custody.move(note, "staff")


async def answer(host: Host, request: Message) -> Message:
    (reply,) = device_decoder().feed((await host.say(encode(request), quiet=59))[1:])
    assert await host.say(ACK) == EOT.raw
    return reply  # type: ignore[return-value]


@pytest.mark.parametrize(("error", "cause", "request_"), CAUSES, ids=lambda value: getattr(value, "name", None))
async def test_every_error_has_a_physical_cause(error: ErrorCode, cause: Cause, request_: Message) -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0, near_end_refuses=True, max_notes=40)) as host:
        assert isinstance(host.device, PuloonLcdm4000)
        cause(host.device)
        reply = await answer(host, request_)
        assert isinstance(reply, NotesReply | PlainReply | StatusReply)
        assert ErrorCode(reply.error) is error
        if isinstance(reply, NotesReply):
            last = await answer(host, Request(Command.LAST_STATUS))
            assert last == LastStatusReply(reply.command, error, reply.cassettes)


def test_no_error_of_the_table_is_left_out() -> None:
    assert {error for error, _, _ in CAUSES} == set(ErrorCode)


def test_every_trouble_has_its_code() -> None:
    assert set(_TROUBLES) == set(Trouble)


@pytest.mark.parametrize(
    ("upset", "path", "checks"),
    [
        (Upset.JAM_AT_CHECK, PathSensor(0), [1]),
        (Upset.STRAY_NOTE, PathSensor(0), [2]),
        (Upset.JAM_IN_PATH, PathSensor.DVTL | PathSensor.DVTR, []),
        (Upset.JAM_TO_REJECT, PathSensor.RJT, []),
        (Upset.JAM_AT_EJECT, PathSensor.EJT, []),
        (Upset.JAM_AT_EXIT, PathSensor.EXIT, []),
    ],
)
async def test_what_stands_on_the_path_covers_its_sensor_until_it_is_purged(
    upset: Upset, path: PathSensor, checks: list[int]
) -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0)) as host:
        host.device.upset(upset, 1)
        await answer(host, GIVE)
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert status.path & (PATH_SENSORS | PathSensor.EXIT) == path
        assert [k for k, unit in enumerate(status.cassettes, 1) if unit.sensors & CHECK_SENSORS] == checks
        await answer(host, PURGE)
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert status.path == PathSensor(0)
        assert not any(unit.sensors & CHECK_SENSORS for unit in status.cassettes)


@pytest.mark.parametrize(("coded", "types"), [(True, [2, 1, 3, 4]), (False, [1, 2, 3, 4])])
async def test_swapped_cassettes_show_if_they_are_coded(coded: bool, types: list[int]) -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0, coded=coded)) as host:
        host.device.swap_cassettes(1, 2)
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert [unit.position for unit in status.cassettes] == types


async def test_a_part_of_another_position_shows_which_cassette_is_absent() -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0, cassettes=2)) as host:
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert [CassetteSensor.PRESENT in unit.sensors for unit in status.cassettes] == [True, True, False, False]


async def test_settings_are_lost_only_when_their_checksum_is() -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0, length=100, opacity=50, order="4321")) as host:
        assert isinstance(host.device, PuloonLcdm4000)
        await answer(host, LENGTHS)
        await answer(host, SettingRequest(Command.SET_OPACITIES, (0, 60, 0, 0)))
        await answer(host, OrderRequest((2, 1, 4, 3)))
        host.device.reset_itself()
        assert await settings(host) == ((50, 60, 50, 50), (198, 100, 100, 100), (2, 1, 4, 3))
        spoilt(host.device)
        assert await settings(host) == ((50,) * 4, (100,) * 4, (4, 3, 2, 1))
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert status.error == ErrorCode.EEPROM_CHECKSUM
        await host.say(encode(Request(Command.RESET)))
        status = await answer(host, STATUS)
        assert isinstance(status, StatusReply)
        assert status.error == ErrorCode.GOOD


async def test_a_setting_that_can_not_be_written_stays_as_it_was() -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0)) as host:
        before = await settings(host)
        host.device.break_(Defect.EEPROM)
        for request in (LENGTHS, OrderRequest((4, 3, 2, 1)), SettingRequest(Command.SET_OPACITIES, (1, 1, 1, 1))):
            reply = await answer(host, request)
            assert isinstance(reply, PlainReply)
            assert reply.error == ErrorCode.EEPROM_WRITE
        assert await settings(host) == before


async def settings(host: Host) -> tuple[tuple[int, ...], ...]:
    opacities = await answer(host, Request(Command.GET_OPACITIES))
    lengths = await answer(host, Request(Command.GET_LENGTHS))
    order = await answer(host, Request(Command.GET_ORDER))
    assert isinstance(opacities, SettingsReply)
    assert isinstance(lengths, SettingsReply)
    assert isinstance(order, OrderReply)
    return opacities.values, lengths.values, order.order


async def test_diagnostics_that_can_not_end_tell_why() -> None:
    async with host_of(PuloonLcdm4000Options(resend_after=300.0)) as host:
        host.device.upset(Upset.JAM_IN_PATH, 1, pick=3)
        reply = await answer(host, DiagnoseRequest(1))
        assert getattr(reply, "error", None) == ErrorCode.JAM_CHK_TO_DVT
        assert getattr(reply, "rejected", None) == 2


@pytest.mark.parametrize(
    ("option", "told"), [({"order": "1123"}, "order"), ({"cassettes": 5}, "cassettes"), ({"opacity": 256}, "opacity")]
)
def test_options_that_no_unit_has_are_told(option: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PuloonLcdm4000Options(**option)  # type: ignore[arg-type]
