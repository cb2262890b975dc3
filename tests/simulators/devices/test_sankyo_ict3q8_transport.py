"""Cards are somewhere, once: jams, hands, second cards, stuck shutters, full boxes and power cuts."""

import asyncio

import pytest

from protocol.sankyo_ict3q8 import CardPosition
from protocol.sankyo_ict3q8_codes import ErrorCode
from protocol.sankyo_ict3q8_initialize import DsrWatch, Initialize, InitialMove, OnPowerDown
from simulators.devices.sankyo_ict3q8_options import Motion, Place, SankyoIct3q8Options, Shutter
from simulators.world.cards import issue
from simulators.world.fault_options import Option
from simulators.world.faults import CATALOGUE, FaultRefused
from simulators.world.people import person
from tests.simulators.devices.sankyo_bench import Bench, bench, bench_with, unready

__all__ = ["bench", "unready"]


@pytest.mark.parametrize(("motion", "text"), [(Motion.EJECT, "C30"), (Motion.CAPTURE, "C31"), (Motion.TO_CHIP, "C@0")])
async def test_a_jam_lasts_as_often_as_told_and_leaves_the_card_inside(bench: Bench, motion: Motion, text: str) -> None:
    card = await bench.insert()
    bench.reader.fail_next(motion, ErrorCode.JAM, times=2)
    assert [await bench.refusal(text), await bench.refusal(text)] == [ErrorCode.JAM] * 2
    assert bench.reader.cards.where(card) == Place.INSIDE
    await bench.good(text)
    bench.reader.cards.check()


async def test_a_card_that_is_held_is_not_pulled_in(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C30")
    bench.reader.hold_card()
    assert await bench.refusal("C40") == ErrorCode.JAM_AT_RETRIEVE
    assert await bench.refusal("C31") == ErrorCode.JAM
    assert bench.reader.cards.where(card) == Place.GATE
    bench.reader.let_go()
    await bench.good("C40")


async def test_a_card_snatched_from_a_retrieve_is_in_the_hand_and_nowhere_else(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C30")
    bench.reader.ailments()["C18"].happen()
    assert await bench.refusal("C40") == ErrorCode.JAM_AT_RETRIEVE
    assert (await bench.good("C10")).st is CardPosition.NO_CARD
    assert bench.reader.cards.where(card) == Place.HAND
    assert not bench.reader.captured


async def test_a_second_card_stops_everything_until_it_is_pulled_out(bench: Bench) -> None:
    first, second = await bench.insert(), issue(person("yi"))
    assert not bench.reader.insert_card(second)
    bench.reader.push_second_card(second)
    assert await bench.refusal("C10") == ErrorCode.SHUTTER
    assert await bench.refusal("C30") == ErrorCode.SENSOR
    assert bench.reader.take_card() is second
    await bench.good("C30")
    assert bench.reader.take_card() is first
    bench.reader.cards.check()


async def test_every_fault_of_the_catalogue_can_happen_and_be_mended(bench: Bench) -> None:
    await bench.insert()
    for fault, ailment in bench.reader.ailments().items():
        assert fault in CATALOGUE
        options: dict[str, Option] = {"motion": "capture", "times": 2} if fault == "C16" else {}
        ailment.happen(**ailment.checked(options))
        if ailment.mend is not None:
            ailment.mend()
    assert bench.reader.take_card() is not None
    await bench.good("C30")
    bench.reader.cards.check()


async def test_the_catalogues_second_card_needs_a_first(bench: Bench) -> None:
    with pytest.raises(FaultRefused):
        bench.reader.ailments()["G3"].happen()


async def test_a_card_is_in_no_two_hands(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C31")
    await bench.good("C:0")
    with pytest.raises(ValueError, match="nobody's hand"):
        bench.reader.insert_card(card)
    assert bench.reader.empty_bin() == [card]
    assert bench.reader.insert_card(card)


async def test_a_shutter_stuck_closed_keeps_cards_in_and_out(bench: Bench) -> None:
    card = await bench.insert()
    bench.reader.stick_shutter(Shutter.STUCK_CLOSED)
    assert await bench.refusal("C30") == ErrorCode.SHUTTER
    assert bench.reader.card_inside is card
    assert await bench.refusal("C0432400001011") == ErrorCode.SHUTTER
    await bench.good("C0332400001011")
    await bench.good("C31")
    await bench.good("C:0")
    assert not bench.reader.insert_card(issue(person("yi")))
    bench.reader.stick_shutter(Shutter.WORKS)
    assert bench.reader.takes_cards


async def test_through_a_shutter_stuck_open_a_card_can_be_pushed_but_nobody_takes_it(bench: Bench) -> None:
    bench.reader.stick_shutter(Shutter.STUCK_OPEN)
    card = issue(person("jia"))
    assert bench.reader.insert_card(card)
    await asyncio.sleep(5.0)
    assert (await bench.good("C13")).st is CardPosition.AT_GATE
    await bench.good("C:0")
    await bench.scene.until(lambda: bench.reader.card_inside is card)


async def test_a_full_box_jams_and_a_missing_one_loses_the_card_into_the_cabinet() -> None:
    bench, serving = bench_with(SankyoIct3q8Options(box_room=0))
    await bench.good("C0432400001011")
    card = await bench.insert()
    assert await bench.refusal("C31") == ErrorCode.JAM
    assert bench.reader.card_inside is card
    bench.reader.set_box(False)
    await bench.good("C31")
    assert bench.reader.cards.where(card) == Place.CABINET
    assert bench.reader.clear_path() == [card]
    serving.cancel()


async def test_a_forced_card_is_given_to_nobody_but_the_box(bench: Bench) -> None:
    card = await bench.insert()
    bench.reader.force_card()
    assert await bench.refusal("C30") == ErrorCode.CARD_FORCED
    await bench.good("C31")
    assert bench.reader.captured == (card,)


async def test_a_card_from_the_rear_is_taken_when_it_is_waited_for(bench: Bench) -> None:
    card = issue(person("jia"))
    entry = asyncio.ensure_future(bench.ask("C22"))
    await asyncio.sleep(3.0)
    bench.reader.insert_from_rear(card)
    await entry
    assert bench.reader.card_inside is card
    await bench.good("C31")
    bench.reader.empty_bin()
    bench.reader.insert_from_rear(card)
    assert await bench.refusal("C10") == ErrorCode.CARD_FORCED


async def test_a_power_cut_without_backup_leaves_the_card_in_the_throat(bench: Bench) -> None:
    card = await bench.insert()
    ejecting = asyncio.ensure_future(bench.ask("C30"))
    await asyncio.sleep(0.3)
    bench.reader.power_off(backup=False)
    await ejecting
    assert bench.reader.cards.where(card) == Place.THROAT
    assert bench.reader.take_card() is None
    bench.reader.power_on()
    assert (await bench.good("C0432400001011")).st is CardPosition.AT_GATE
    bench.reader.cards.check()


async def test_a_card_coming_in_when_the_mains_fail_can_be_pulled_out(bench: Bench) -> None:
    card = issue(person("jia"))
    await bench.good("C:0")
    bench.reader.insert_card(card)
    await asyncio.sleep(0.3)
    bench.reader.power_off(backup=False)
    await asyncio.sleep(5.0)
    assert bench.reader.take_card() is card


@pytest.mark.parametrize("taken", [False, True])
async def test_at_power_down_the_card_is_offered_and_captured_after_30_s(unready: Bench, taken: bool) -> None:
    setup = Initialize(InitialMove.TO_GATE_COUNTED, OnPowerDown.OFFER_THEN_CAPTURE).command()
    await unready.good("C04", setup.data)
    card = await unready.insert()
    unready.reader.power_off()
    assert unready.reader.card_at_gate is card
    if taken:
        unready.reader.take_card()
    await asyncio.sleep(31.0)
    assert unready.reader.captured == (() if taken else (card,))
    unready.reader.cards.check()


async def test_while_the_supply_sinks_status_says_so_for_a_second(bench: Bench) -> None:
    await bench.insert_to_contact()
    await bench.good("CI0")
    sinking = asyncio.ensure_future(bench.reader.brown_out())
    await asyncio.sleep(0.2)
    assert await bench.refusal("C13") == ErrorCode.POWER_DOWN
    await sinking
    assert bench.reader.card_at_gate is not None


@pytest.mark.parametrize(("watch", "place"), [(DsrWatch.EJECT, Place.GATE), (DsrWatch.PULL_IN, Place.INSIDE)])
async def test_a_host_that_falls_silent_gets_its_card_out_or_in(unready: Bench, watch: DsrWatch, place: Place) -> None:
    setup = Initialize(InitialMove.TO_GATE_COUNTED, dsr_watch=watch).command()
    await unready.good("C04", setup.data)
    card = await unready.insert()
    if watch is DsrWatch.PULL_IN:
        await unready.good("C30")
    unready.reader.set_dsr(False)
    assert unready.reader.cards.where(card) == place
    assert await unready.refusal("C10") == ErrorCode.DSR_OFF
    unready.reader.set_dsr(True)
    await unready.good("C10")
