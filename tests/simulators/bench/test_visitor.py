import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.bench.bench import Bench
from simulators.bench.events import EventLog
from simulators.bench.faults import CUSTOMER, Target
from simulators.bench.file import load_bench
from simulators.bench.hands import Hands
from simulators.bench.hardware import Hardware
from simulators.bench.visitor import Visitor
from simulators.world.faults import FaultRefused
from terminal.journal import Entry
from terminal.view import Screen
from terminal.visit import Ending


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = asyncio.ensure_future(bench.run())
    await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)
    yield bench
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    bench.close()


@pytest.fixture
async def hands(bench: Bench) -> Hands:
    return Hands(bench, EventLog(lambda: ""), bench.people)


@pytest.fixture
async def visitor(bench: Bench, hands: Hands) -> Visitor:
    visitor = Visitor(hands, bench.surroundings(), bench.world.chance("visitor"))
    bench.injector.add(CUSTOMER, Target(visitor.ailments()))
    return visitor


async def gone(visitor: Visitor) -> None:
    assert visitor.visit is not None
    await visitor.visit


def endings(bench: Bench) -> list[object]:
    return [record.data["ending"] for record in bench.journal.records(Entry.VISIT_ENDED)]


async def test_somebody_comes_and_does_what_was_armed_and_the_next_time_something_else(
    bench: Bench, hands: Hands, visitor: Visitor
) -> None:
    first = bench.injector.arm("G1")
    await gone(visitor)
    second = bench.injector.arm("G8", options={"left": 2})
    await gone(visitor)

    assert endings(bench) == [Ending.CANCELLED, Ending.PAID]
    assert [len(first.fired), len(second.fired)] == [1, 1]
    assert [bench.custody.number("customer"), len(bench.dispenser.notes_at_exit)] == [3, 2]
    assert set(hands.cards().values()) == {"hand"}


async def test_who_is_there_already_is_not_joined_by_another(bench: Bench, visitor: Visitor) -> None:
    bench.injector.arm("G7")
    bench.injector.arm("G1")
    await gone(visitor)

    assert len(endings(bench)) == 1


async def test_who_thinks_better_of_it_behaves(bench: Bench, visitor: Visitor) -> None:
    bench.injector.disarm(bench.injector.arm("G1").number)
    await gone(visitor)

    assert endings(bench) == [Ending.PAID]


async def test_whose_card_is_in_the_reader_does_not_come_but_the_next_one(
    bench: Bench, hands: Hands, visitor: Visitor
) -> None:
    first, second, *_ = hands.people
    await bench.scene.until(lambda: bench.reader.takes_cards)
    hands.insert_card(first)
    bench.injector.arm("G1")
    assert hands.whereabouts(second) == "hand"
    async with asyncio.timeout(1000.0):
        await bench.scene.until(lambda: hands.whereabouts(second) != "hand")
    assert endings(bench)


async def test_without_a_kiosk_nobody_comes_and_the_refusal_says_where_somebody_does() -> None:
    with pytest.raises(FaultRefused, match="is what a person does at a kiosk, and nobody here plays one"):
        Hardware(load_bench()).injector.arm("G1")
