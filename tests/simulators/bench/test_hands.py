"""Hands in virtual time: what the world allows, and that nothing happened when it does not."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from drivers.interfaces import Done
from drivers.registry import MODELS
from drivers.reopening import ReopeningLink
from simulators.bench.events import EventLog
from simulators.bench.file import load_bench
from simulators.bench.hands import CantBe, Hands, NotThere
from simulators.bench.hardware import Hardware
from simulators.world.people import load_people
from terminal.assembly import ROLES


@pytest.fixture
async def hands() -> AsyncIterator[Hands]:
    """Hands at a bench whose reader has taken in the card of jia."""
    hardware = Hardware(load_bench(), seed=1)
    hands = Hands(hardware, EventLog(lambda: ""), load_people())
    serving = asyncio.ensure_future(hardware.serve())
    await hardware.laid.wait()
    entry = MODELS["sankyo-ict3q8"]
    reader = entry.driver(ReopeningLink(hardware.lines["card_reader"].open), entry.options())
    assert isinstance(await reader.reset(), Done)
    reading = asyncio.ensure_future(reader.read_raw_data())
    await hardware.scene.until(lambda: hardware.reader.takes_cards)
    hands.insert_card("jia")
    await reading
    yield hands
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_second_card_can_be_forced_in_and_staff_get_both_out(hands: Hands) -> None:
    assert hands.whereabouts("jia").startswith("card_reader/")
    with pytest.raises(CantBe, match="in no hand"):
        hands.push_second_card("jia")
    hands.push_second_card("yi")
    assert hands.whereabouts("yi") == "card_reader/slot"

    assert sorted(hands.clear_cards()) == ["jia", "yi"]
    assert hands.whereabouts("jia") == hands.whereabouts("yi") == "hand"
    with pytest.raises(CantBe, match="no card inside"):
        hands.push_second_card("yi")


async def test_only_a_card_at_the_slot_can_be_held(hands: Hands) -> None:
    with pytest.raises(CantBe, match="no card at the slot"):
        hands.hold_card(held=True)


async def test_power_and_lines_are_switched_once(hands: Hands) -> None:
    last = hands.log.last
    hands.power("pin_pad", on=True)
    await hands.plug("pin_pad", plugged=True)
    assert hands.log.last == last

    hands.power("pin_pad", on=False)
    assert not hands.powered("pin_pad")
    assert hands.log.last == last + 1


async def test_what_is_not_there_is_told_with_what_is(hands: Hands) -> None:
    with pytest.raises(NotThere, match="no card 'x'; there are jia, yi"):
        hands.insert_card("x")
    with pytest.raises(NotThere, match="no cassette 3; there are 1, 2"):
        hands.in_cassette(3)
    with pytest.raises(NotThere, match="no person"):
        hands.pin_of("x")


@pytest.mark.parametrize("missing", ROLES)
async def test_a_device_that_is_left_out_can_t_be_touched(missing: str) -> None:
    hardware = Hardware(load_bench(), seed=1, roles=[role for role in ROLES if role != missing])
    hands = Hands(hardware, EventLog(lambda: ""), load_people())
    acts: dict[str, list[Callable[[], object]]] = {
        "card_reader": [hands.take_card, hands.pull_card, hands.clear_cards, lambda: hands.insert_card("jia")],
        "pin_pad": [hands.tamper_with_pad],
        "cash_dispenser": [hands.take_notes, hands.clear_notes, hands.cassettes, hands.empty_pool],
        "receipt_printer": [hands.tear_off, hands.clear_paper, lambda: hands.load_paper(1)],
    }
    for act in acts[missing]:
        with pytest.raises(NotThere, match=f"no {missing} on this bench"):
            act()
