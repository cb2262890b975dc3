"""How a card is waited for: one blocking command, interrupted now and then, or polling."""

import asyncio

import pytest

from drivers.interfaces import DeviceError, DeviceState, Done, Media, MoveTarget
from drivers.sankyo_ict3q8 import SankyoIct3q8, SankyoIct3q8Options
from drivers.sankyo_ict3q8_options import Entry
from protocol.sankyo_ict3q8_codes import Dialect
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from simulators.devices.sankyo_ict3q8_line import Mishap
from simulators.devices.sankyo_ict3q8_options import Motion
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.world.cards import issue
from simulators.world.line import memory_line
from simulators.world.people import person
from tests.drivers.sankyo_bench import POLLING, Bench, bench, make_bench, readers_end_with_the_test

__all__ = ["bench", "readers_end_with_the_test"]


async def test_an_idle_hour_costs_few_commands(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await asyncio.sleep(3600.0)
    assert len(bench.reader.executed) < 300
    assert bench.reader.takes_cards
    bench.reader.insert_card(issue(person("jia")))
    assert (await reading).atr is not None


async def test_a_reader_that_dies_while_a_card_is_waited_for_is_noticed(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await asyncio.sleep(100.0)
    bench.reader.power_off()
    async with asyncio.timeout(60.0):
        with pytest.raises(DeviceError):
            await reading


@pytest.mark.parametrize("options", [SankyoIct3q8Options(), POLLING], ids=["blocking", "polling"])
async def test_a_reader_that_restarts_while_a_card_is_waited_for_takes_cards_again(
    options: SankyoIct3q8Options,
) -> None:
    bench = make_bench(options)
    await bench.driver.reset()
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.reader.restart()
    await bench.scene.until(lambda: bench.reader.takes_cards)
    card = issue(person("jia"))
    bench.reader.insert_card(card)
    assert (await reading).track2 == card.tracks[2]
    assert (await bench.driver.status()).retained == 0


async def test_a_restarted_reader_is_an_error_where_the_operator_wants_that() -> None:
    bench = make_bench(SankyoIct3q8Options(reinitialize=False))
    await bench.driver.reset()
    bench.reader.restart()
    with pytest.raises(DeviceError, match="not initialised"):
        await bench.driver.read_raw_data()


async def test_a_question_meanwhile_is_answered_and_the_slot_opens_again(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    before = asyncio.get_running_loop().time()
    assert (await bench.driver.status()).device is DeviceState.ONLINE
    assert asyncio.get_running_loop().time() - before < 3.0
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.reader.insert_card(issue(person("jia")))
    assert (await reading).atr is not None


async def test_a_card_on_its_way_in_when_the_wait_is_interrupted_is_pulled_in(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    card = issue(person("jia"))
    bench.reader.insert_card(card)
    await bench.driver.status()
    assert (await reading).track2 == card.tracks[2]
    assert bench.motions("C40") == 1


async def test_a_card_that_nobody_offered_is_not_pulled_in(bench: Bench) -> None:
    card = await bench.with_card_at_slot()
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await asyncio.sleep(100.0)
    assert bench.reader.card_at_gate is card
    bench.reader.take_card()
    await bench.scene.until(lambda: bench.reader.takes_cards)
    assert bench.reader.insert_card(card)
    assert (await reading).track2 == card.tracks[2]


@pytest.mark.parametrize("mishap", [Mishap.SILENT, Mishap.NAK, Mishap.NO_ACK, Mishap.LOSE_REPLY])
async def test_an_entry_that_was_disturbed_is_asked_about_and_begun_anew(bench: Bench, mishap: Mishap) -> None:
    bench.reader.disturb(mishap, "C20")
    card = issue(person("jia"))
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await asyncio.sleep(5.0)
    assert bench.reader.takes_cards
    bench.reader.insert_card(card)
    assert (await reading).track2 == card.tracks[2]
    bench.reader.cards.check()


async def test_a_program_that_starts_anew_finds_the_reader_still_waiting_for_a_card(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.unplug()
    with pytest.raises(DeviceError):
        await reading
    still_open = bench.reader.takes_cards
    near, far = memory_line(9600)
    serving = asyncio.ensure_future(bench.reader.serve(far))
    assert await SankyoIct3q8(near).reset() == Done(Media.NOT_PRESENT)
    assert (still_open, bench.reader.takes_cards) == (True, False)
    serving.cancel()


async def test_a_card_that_came_in_while_nobody_listened_is_found(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.unplug()
    with pytest.raises(DeviceError):
        await reading
    card = issue(person("jia"))
    assert bench.reader.insert_card(card)
    await asyncio.sleep(5.0)
    near, far = memory_line(9600)
    serving = asyncio.ensure_future(bench.reader.serve(far))
    assert (await SankyoIct3q8(near).read_raw_data()).track2 == card.tracks[2]
    serving.cancel()


async def test_a_reader_that_refuses_every_entry_is_reported(bench: Bench) -> None:
    for _ in range(3):
        bench.reader.disturb(Mishap.NAK, "C20")
    with pytest.raises(DeviceError, match="entry"):
        await bench.driver.read_raw_data()


async def test_a_jam_at_intake_is_told_with_the_card_at_the_slot(bench: Bench) -> None:
    bench.reader.fail_next(Motion.INTAKE, ReaderError.JAM)
    card = issue(person("jia"))
    with pytest.raises(DeviceError, match="jam"):
        await bench.read(card)
    assert bench.reader.card_at_gate is card
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)


async def test_an_ict3k5_is_polled_and_shows_at_its_bezel_whether_it_takes_cards() -> None:
    bench = make_bench(SankyoIct3q8Options(dialect=Dialect.ICT3K5), UnitOptions(dialect=Dialect.ICT3K5), baud=115200)
    assert await bench.driver.reset() == Done(Media.NOT_PRESENT)
    card = issue(person("jia"))
    assert (await bench.read(card)).track2 == card.tracks[2]
    done = [each for each in bench.reader.executed if each in ("C51", "C:0", "C:1", "C52", "C61")]
    assert done == ["C51", "C:0", "C:1", "C52", "C61"]
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)
    assert (await bench.driver.status()).retained == 1


def test_how_a_card_is_waited_for_depends_on_the_dialect_unless_it_is_said() -> None:
    assert SankyoIct3q8Options().entry_blocks
    assert not SankyoIct3q8Options(dialect=Dialect.ICT3K5).entry_blocks
    assert SankyoIct3q8Options(dialect=Dialect.ICT3K5, entry=Entry.BLOCKING).entry_blocks
    assert not SankyoIct3q8Options(entry=Entry.POLLING).entry_blocks
