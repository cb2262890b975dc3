"""Maintenance, sensor levels, ports, the firmware's two areas, and the dialect of the ICT3K5."""

import asyncio

import pytest

from protocol.sankyo_ict3q8 import CLEAR_LINE, CardPosition
from protocol.sankyo_ict3q8_codes import Dialect, ErrorCode
from protocol.sankyo_ict3q8_status import Barrier, Performance, Sensors, parse_levels, parse_percent
from protocol.wire import ACK
from simulators.devices.sankyo_ict3q8_options import Motion, SankyoIct3q8Options
from simulators.world.cards import issue
from simulators.world.people import person
from tests.simulators.devices.sankyo_bench import Bench, bench, bench_with, unready
from tests.vectors import vector

__all__ = ["bench", "unready"]


async def test_in_maintenance_the_outputs_are_driven_one_family_at_a_time(bench: Bench) -> None:
    assert await bench.refusal("C=3") == ErrorCode.NOT_EXECUTABLE
    await bench.good("C=0")
    assert Sensors.parse((await bench.good("C=2E")).data).shutter_switch
    assert await bench.refusal("C=2", b"\x4c") == ErrorCode.NOT_EXECUTABLE
    assert await bench.refusal("C=2", b"\x50") == ErrorCode.BAD_DATA
    assert Sensors.parse((await bench.good("C=3")).data).shutter_switch
    await bench.good("C=1")
    assert await bench.refusal("C=2E") == ErrorCode.NOT_EXECUTABLE


async def test_leaving_maintenance_ejects_a_card(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C=0")
    assert (await bench.good("C=1")).st is CardPosition.AT_GATE
    assert bench.reader.card_at_gate is card


async def test_dirty_sensors_show_in_the_levels_until_they_are_calibrated(bench: Bench) -> None:
    bench.reader.dirty_sensor(Barrier.PD2, 60)
    percent = parse_percent((await bench.good("C>2")).data)
    assert (percent[Barrier.PD1], percent[Barrier.PD2]) == (100, 60)
    levels = parse_levels((await bench.good("C>0")).data)
    assert levels[Barrier.PD2] < levels[Barrier.PD1]
    await bench.good("C>3")
    assert parse_percent((await bench.good("C>2")).data)[Barrier.PD2] == 100


async def test_sensors_that_see_nothing_can_not_be_calibrated_and_stop_the_card(bench: Bench) -> None:
    card = await bench.insert()
    bench.reader.dirty_sensor(Barrier.PD1, 20)
    assert await bench.refusal("C>3") == ErrorCode.SENSOR
    assert await bench.refusal("C30") == ErrorCode.SENSOR
    assert bench.reader.card_inside is card
    bench.reader.dirty_sensor(Barrier.PD1, 100)
    await bench.good("C30")


async def test_while_it_calibrates_the_reader_hears_nothing(bench: Bench) -> None:
    assert await bench.say(b"\xf2\x00\x03C>3" + _crc(b"\xf2\x00\x03C>3"), silence=0.3) == ACK.raw
    assert not (await bench.say(CLEAR_LINE, silence=0.5))
    assert (await bench.hear(3.0))[3:8] == b"P>300"


async def test_inputs_are_told_and_outputs_take_modes_with_and_without_time(bench: Bench) -> None:
    bench.reader.set_inputs(0b0101)
    assert (await bench.good("C58")).data == b"\x35"
    for text in ("C500", "C5123", "C533", "C534"):
        await bench.good(text)
    assert [await bench.refusal(text) for text in ("C5001", "C5124", "C535")] == [ErrorCode.BAD_DATA] * 3


async def test_the_firmware_is_replaced_in_the_supervisor_area_only(bench: Bench) -> None:
    assert await bench.refusal("CJ0") == ErrorCode.UNKNOWN_COMMAND
    assert await bench.say(vector("sankyo_ict3q8", "CK0")) == ACK.raw + vector("sankyo_ict3q8", "PK000")
    assert await bench.say(vector("sankyo_ict3q8", "C0032400")) == ACK.raw + vector("sankyo_ict3q8", "N0002")
    assert (await bench.good("CA0")).data == b"2345-01A"
    assert await bench.refusal("CJ1line") == ErrorCode.NOT_EXECUTABLE
    await bench.good("CJ4attest")
    await bench.good("CJ0")
    assert await bench.refusal("CK0") == ErrorCode.FIRMWARE_CRC
    for text in ("CJ1first", "CJ1second", "CJ2"):
        await bench.good(text)
    assert (await bench.good("CK0")).st is CardPosition.NO_CARD
    assert await bench.refusal("C10") == ErrorCode.NOT_INITIALIZED
    await bench.good("C0432400001011")


async def test_a_reader_without_a_whole_firmware_wakes_up_in_the_supervisor_area(bench: Bench) -> None:
    for text in ("CK0", "CJ4attest", "CJ0"):
        await bench.good(text)
    bench.reader.restart()
    assert await bench.refusal("C0032400") == ErrorCode.NOT_EXECUTABLE
    assert await bench.refusal("C10") == ErrorCode.UNKNOWN_COMMAND


async def test_the_performance_log_is_only_there_where_it_is_offered(bench: Bench) -> None:
    assert await bench.refusal("CfA") == ErrorCode.UNKNOWN_COMMAND
    other, serving = bench_with(SankyoIct3q8Options(performance_log=True))
    await other.good("C0432400001011")
    assert (await other.good("CfC0")).data == bytes(5)
    await other.insert()
    await other.refusal("C:9")
    assert Performance.parse((await other.good("CfA")).data).passes == 1
    assert (await other.good("CfC0")).data == b"C:901"
    serving.cancel()


async def test_the_ict3k5_has_its_own_initialize_lamp_track_and_error() -> None:
    bench, serving = bench_with(SankyoIct3q8Options(dialect=Dialect.ICT3K5))
    assert await bench.refusal("C0432400001011") == ErrorCode.BAD_DATA
    assert len(await bench.say(vector("sankyo_ict3q8", "C00324100100 (ICT3K5)"), silence=2.0)) == 1 + 26
    assert (await bench.say(vector("sankyo_ict3q8", "C50 (ICT3K5)")))[:1] == ACK.raw
    assert await bench.refusal("C5120") == ErrorCode.BAD_DATA
    assert await bench.refusal("C58") == ErrorCode.BAD_PARAMETER
    await bench.insert(issue(person("jia")))
    assert await bench.refusal("C64") == ErrorCode.TRACK_BLANK
    bench.reader.push_second_card(issue(person("yi")))
    assert await bench.refusal("C30") == "18"
    serving.cancel()


async def test_on_the_ict3q8_there_is_no_track_4(bench: Bench) -> None:
    await bench.insert()
    assert await bench.refusal("C64") == ErrorCode.BAD_PARAMETER


@pytest.mark.parametrize(
    "options", [{"sams": 9}, {"pace": 0.0}, {"type_code": "short"}], ids=lambda each: next(iter(each))
)
def test_options_that_make_no_unit_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        SankyoIct3q8Options(**options)  # type: ignore[arg-type]


async def test_a_slow_unit_takes_its_time() -> None:
    bench, serving = bench_with(SankyoIct3q8Options(pace=3.0))
    await bench.good("C0432400001011")
    await bench.insert()
    bench.reader.fail_next(Motion.EJECT)
    before = asyncio.get_running_loop().time()
    assert await bench.refusal("C30") == ErrorCode.JAM
    assert asyncio.get_running_loop().time() - before > 2.0
    serving.cancel()


def _crc(body: bytes) -> bytes:
    crc = 0
    for byte in body:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc.to_bytes(2, "big")
