from collections.abc import Callable

import pytest

from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from simulators.devices.note_ailments import DOUBLE_PICKS, JAMS
from simulators.devices.puloon_lcdm import PuloonLcdm2000, PuloonLcdm2000Options, PuloonLcdm4000, PuloonLcdm4000Options
from simulators.world.faults import CATALOGUE
from tests.simulators.devices.test_puloon_lcdm import ACK, Host, host_of

TWO = PuloonLcdm2000Options(exit_sensor_sees_notes=True)
FOUR = PuloonLcdm4000Options(exit_sensor_sees_notes=True)
models = pytest.mark.parametrize("options", [TWO, FOUR], ids=["2000", "4000"])


async def give(host: Host, notes: int = 3) -> bool:
    """Ask for notes from cassette 1; whether all went well."""
    if isinstance(host.device, PuloonLcdm2000):
        frame = lcdm2000.encode(lcdm2000.Request(lcdm2000.Command.DISPENSE_UPPER, (notes,)))
        well = (await host.say(frame))[9] == lcdm2000.ErrorCode.NORMAL_STOP
    else:
        frame = lcdm4000.encode(lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (notes, 0, 0, 0)))
        well = (await host.say(frame))[5] == lcdm4000.ErrorCode.GOOD
    await host.say(ACK)
    return well


async def test_every_fault_is_one_of_the_catalogue() -> None:
    async with host_of(FOUR) as host:
        assert set(host.device.ailments()) <= set(CATALOGUE)
        assert set(host.device.ailments()) >= {f"C{number}" for number in (*range(1, 10), 13, 28)}


async def test_the_numbers_of_the_4000_can_be_at_their_end() -> None:
    async with host_of(FOUR) as host:
        host.device.ailments()["B23"].happen()
        reply = await host.say(lcdm4000.encode(lcdm4000.Request(lcdm4000.Command.GET_SERIAL)))
        assert reply[1:-2] == bytes.fromhex("01 30 02 67 20 FF")
        await host.say(ACK)
        assert await give(host)


@models
@pytest.mark.parametrize("fault", ["C1", "C3", "C4", "C5", "C6", "C9", "C28"])
async def test_what_stops_a_dispense_can_be_mended(
    options: PuloonLcdm2000Options | PuloonLcdm4000Options, fault: str
) -> None:
    async with host_of(options) as host:
        ailment = host.device.ailments()[fault]
        ailment.happen()
        if fault == "C4":
            assert host.device.path.tray_full
        assert not await give(host)
        if ailment.mend is not None:
            ailment.mend()
        assert await give(host)


@models
@pytest.mark.parametrize("at", JAMS)
async def test_a_note_can_jam_at_every_point(options: PuloonLcdm2000Options | PuloonLcdm4000Options, at: str) -> None:
    async with host_of(options) as host:
        host.device.ailments()["C3"].happen(at=at, pick=2)
        assert not await give(host)
        assert len(host.device.notes_at_exit) == 1
        assert host.device.path.blocked
        assert len(host.device.clear_jam()) == 1


@models
@pytest.mark.parametrize("how", DOUBLE_PICKS)
async def test_a_double_pick_is_seen_or_not(options: PuloonLcdm2000Options | PuloonLcdm4000Options, how: str) -> None:
    async with host_of(options) as host:
        host.device.ailments()["C2"].happen(how=how, pick=3)
        assert await give(host) == (how != "parting")
        assert len(host.device.notes_at_exit) == (3 if how == "seen" else 4)


@pytest.mark.parametrize("covered", [True, False])
async def test_a_stuck_exit_sensor_contradicts_the_notes(covered: bool) -> None:
    async with host_of(FOUR) as host:
        host.device.ailments()["C9"].happen(covered=covered)
        assert not await give(host)
        assert len(host.device.notes_at_exit) == 1


@models
async def test_notes_can_be_taken_without_a_sensor_edge(
    options: PuloonLcdm2000Options | PuloonLcdm4000Options,
) -> None:
    covered: Callable[[], bool]
    async with host_of(options) as host:
        device = host.device
        ailment = device.ailments()["C13"]
        if isinstance(device, PuloonLcdm2000):
            covered = lambda: lcdm2000.Sensor.EXIT in device._sensors()  # noqa: E731
        else:
            covered = lambda: lcdm4000.PathSensor.EXIT in device._sensors()  # noqa: E731
        ailment.happen()
        assert await give(host)
        assert covered()
        device.take_notes()
        assert covered()
        assert ailment.mend is not None
        ailment.mend()
        assert not covered()


async def test_swapping_back_and_sorting_out_restore_every_note() -> None:
    async with host_of(FOUR) as host:
        assert isinstance(host.device, PuloonLcdm4000)
        path = host.device.path
        before = [(path.code(k), path.notes(f"cassette{k}")) for k in path.positions]
        for fault in ("C5", "C7", "C8"):
            ailment = host.device.ailments()[fault]
            ailment.happen()
            assert [(path.code(k), path.notes(f"cassette{k}")) for k in path.positions] != before
            assert ailment.mend is not None
            ailment.mend()
            assert [(path.code(k), path.notes(f"cassette{k}")) for k in path.positions] == before
