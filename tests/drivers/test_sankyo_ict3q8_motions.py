"""No card is retained without a record, and none is recorded that is not in the box."""

import asyncio

import pytest

from drivers.interfaces import DeviceError, Done, ErrorCode, Media, MoveTarget, Refused, Unknown
from drivers.sankyo_ict3q8 import SankyoIct3q8Options
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from simulators.devices.sankyo_ict3q8_options import Motion, Place, Shutter
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.world.cards import issue
from simulators.world.people import person
from tests.drivers.sankyo_bench import Bench, bench, make_bench, readers_end_with_the_test

__all__ = ["bench", "readers_end_with_the_test"]


@pytest.mark.parametrize("begins", ["C40", "C31"])
async def test_a_card_pulled_out_while_it_is_retained_is_not_recorded_as_retained(bench: Bench, begins: str) -> None:
    card = await bench.with_card_at_slot()
    bench.reader.ailments()["C18"].happen()
    outcome = await bench.driver.move(MoveTarget.RETAIN)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.NO_MEDIA
    assert bench.reader.cards.where(card) == Place.HAND
    assert (await bench.driver.status()).retained == 0
    assert bench.motions(begins) == (begins == "C40")


async def test_a_held_card_is_not_retained_and_not_called_gone(bench: Bench) -> None:
    card = await bench.with_card_at_slot()
    bench.reader.hold_card()
    outcome = await bench.driver.move(MoveTarget.RETAIN)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.MEDIA_JAM
    assert bench.reader.card_at_gate is card
    bench.reader.let_go()
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)


async def test_a_reader_that_only_refuses_never_makes_a_card_gone(bench: Bench) -> None:
    """Error 02 means no card at most commands; where the card is, tells the sensor."""
    card = await bench.with_card_inside()
    bench.reader.fail_next(Motion.EJECT, ReaderError.NOT_EXECUTABLE)
    outcome = await bench.driver.move(MoveTarget.EXIT)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is None
    assert bench.reader.card_inside is card


async def test_a_shutter_that_sticks_keeps_the_card_inside(bench: Bench) -> None:
    card = await bench.with_card_inside()
    bench.reader.stick_shutter(Shutter.STUCK_CLOSED)
    outcome = await bench.driver.move(MoveTarget.EXIT)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.SHUTTER_FAIL
    assert bench.reader.card_inside is card
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)


async def test_a_full_box_and_a_missing_box_keep_the_card_inside() -> None:
    bench = make_bench(unit=UnitOptions(box_room=0))
    await bench.driver.reset()
    card = await bench.with_card_inside()
    for box in (True, False):
        bench.reader.set_box(box)
        assert isinstance(await bench.driver.move(MoveTarget.RETAIN), Refused)
        assert bench.reader.card_inside is card


async def test_a_unit_without_a_box_sensor_captures_all_the_same() -> None:
    bench = make_bench(SankyoIct3q8Options(box_sensor=False), UnitOptions(capture_box=False))
    await bench.driver.reset()
    await bench.with_card_inside()
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)


@pytest.mark.parametrize("to", MoveTarget)
async def test_a_reader_that_restarts_in_a_motion_is_asked_where_the_card_is(bench: Bench, to: MoveTarget) -> None:
    card = await bench.with_card_inside()
    moving = asyncio.ensure_future(bench.driver.move(to))
    await bench.until_begun("C30", "C31")
    bench.reader.restart()
    outcome = await moving
    assert bench.reader.card_at_gate is card
    assert outcome == Done(Media.ENTERING) if to is MoveTarget.EXIT else isinstance(outcome, Refused)
    assert bench.motions("C30") + bench.motions("C31") == 1
    assert await bench.driver.media_removed(0.5) is False
    bench.reader.take_card()
    assert await bench.driver.media_removed(1.0)


async def test_a_card_left_in_the_throat_by_a_power_cut_comes_out_at_the_reset(bench: Bench) -> None:
    card = await bench.with_card_inside()
    moving = asyncio.ensure_future(bench.driver.move(MoveTarget.EXIT))
    await bench.until_begun("C30")
    await asyncio.sleep(0.3)
    bench.reader.power_off(backup=False)
    assert isinstance(await moving, Unknown)
    bench.reader.power_on()
    assert await bench.driver.reset() == Done(Media.ENTERING)
    assert bench.reader.card_at_gate is card


async def test_a_second_card_is_named_and_taken_out_before_the_first_moves(bench: Bench) -> None:
    first = await bench.with_card_inside()
    second = issue(person("yi"))
    bench.reader.push_second_card(second)
    assert isinstance(await bench.driver.move(MoveTarget.EXIT), Refused)
    assert bench.reader.take_card() is second
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)
    assert bench.reader.take_card() is first


async def test_the_counter_is_read_set_and_cleared(bench: Bench) -> None:
    await bench.with_card_inside()
    await bench.driver.move(MoveTarget.RETAIN)
    assert await bench.driver.service.retained() == 1
    await bench.driver.service.set_retained(98)
    assert (await bench.driver.status()).retained == 98
    await bench.driver.reset_count()
    assert (await bench.driver.status()).retained == 0
    with pytest.raises(DeviceError):
        await bench.driver.service.set_retained(100)
