"""What the service asks of a reader."""

import pytest

from drivers.interfaces import DeviceError
from drivers.sankyo_ict3q8_service import OutputMode, OutputTime
from protocol.sankyo_ict3q8_status import Barrier
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from tests.drivers.sankyo_bench import Bench, bench, make_bench, readers_end_with_the_test

__all__ = ["bench", "readers_end_with_the_test"]


async def test_revisions_sensors_and_ports_are_told(bench: Bench) -> None:
    service = bench.driver.service
    assert (await service.revision(), await service.emv_library()) == ("2345-01A", "2345-01A")
    assert (await service.sensors()).capture_box
    bench.reader.set_inputs(0b1001)
    assert await service.inputs() == (True, False, False, True)
    await service.set_output(2, OutputMode.ONE_SHOT, OutputTime.MS_250)
    assert bench.reader.executed[-1] == "C51"
    with pytest.raises(DeviceError):
        await service.set_output(5, OutputMode.LOW)


async def test_dirty_sensors_are_named_and_calibrated_once_they_are_clean(bench: Bench) -> None:
    service = bench.driver.service
    bench.reader.dirty_sensor(Barrier.PD3, 40)
    assert await service.sensors_to_clean() == [Barrier.PD3]
    assert (await service.sensor_percent())[Barrier.PD3] == 40
    with pytest.raises(DeviceError):
        await service.calibrate()
    bench.reader.dirty_sensor(Barrier.PD3, 80)
    await service.calibrate()
    assert (await service.sensor_percent())[Barrier.PD3] == 100
    assert not await service.sensors_to_clean()


async def test_outputs_are_driven_in_maintenance_only(bench: Bench) -> None:
    service = bench.driver.service
    with pytest.raises(DeviceError):
        await service.drive(shutter=True)
    await service.enter_maintenance()
    assert (await service.drive(shutter=True)).shutter_switch
    await service.leave_maintenance()
    assert not (await service.sensors()).shutter_switch


async def test_life_counters_are_told_where_there_are_some(bench: Bench) -> None:
    with pytest.raises(DeviceError):
        await bench.driver.service.performance()
    other = make_bench(unit=UnitOptions(performance_log=True))
    await other.driver.reset()
    await other.with_card_inside()
    assert (await other.driver.service.performance()).passes == 1
