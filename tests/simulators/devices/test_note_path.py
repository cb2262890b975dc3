import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.devices.note_path import CassetteRun, NotePath, Pace, Trouble, Upset
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.scene import Scene
from simulators.world.virtual_time import run


def path_with(notes: int) -> tuple[NotePath, Custody[Note]]:
    custody: Custody[Note] = Custody()
    path = NotePath(scene=Scene(), custody=custody, name="dispenser", cassettes=2, pace=Pace())
    for position in path.positions:
        custody.put(path.cassette(position), new_notes(100, notes, f"C{position}-"))
    return path, custody


async def test_a_run_takes_the_time_that_notes_take() -> None:
    path, _ = path_with(10)
    await path.dispense({1: 7})
    assert asyncio.get_running_loop().time() == pytest.approx(2.0, rel=0.05)


async def test_an_upset_comes_at_its_pick_and_only_once() -> None:
    path, _ = path_with(10)
    path.upset(Upset.REJECT, cassette=1, pick=2)
    assert (await path.dispense({2: 3})).cassettes == {2: CassetteRun(3, 3, 0)}
    assert (await path.dispense({1: 3})).cassettes == {1: CassetteRun(4, 3, 1)}
    assert (await path.dispense({1: 3})).cassettes == {1: CassetteRun(3, 3, 0)}


async def test_a_failed_pick_leaves_the_note_in_the_cassette() -> None:
    path, custody = path_with(10)
    path.upset(Upset.PICK_FAILURE, cassette=1, pick=3)
    result = await path.dispense({1: 5})
    assert (result.trouble, result.at) == (Trouble.PICK_FAILURE, 1)
    assert custody.number(path.cassette(1)) == 8


async def test_a_cassette_pulled_out_in_the_middle_gives_nothing_more() -> None:
    path, custody = path_with(10)
    asyncio.get_running_loop().call_later(1.0, path.insert, 1, False)
    result = await path.dispense({1: 9})
    assert result.trouble is Trouble.EMPTY
    assert custody.number(path.place("exit")) == result.cassettes[1].exited == 4


async def test_staff_take_out_what_is_stuck() -> None:
    path, custody = path_with(10)
    path.upset(Upset.JAM_AT_EXIT, cassette=1)
    await path.dispense({1: 1})
    assert path.blocked == Trouble.JAM_AT_EXIT
    assert len(path.take("throat", "staff")) == 1
    assert not path.blocked
    assert custody.count("staff") == {100: 1}


@settings(deadline=None)
@given(
    notes=st.integers(0, 12),
    asked=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    upsets=st.lists(st.tuples(st.sampled_from(Upset), st.integers(1, 2), st.integers(1, 12)), max_size=4),
    cut=st.floats(0, 8),
)
def test_no_note_is_lost_and_every_count_is_true(
    notes: int, asked: tuple[int, int], upsets: list[tuple[Upset, int, int]], cut: float
) -> None:
    path, custody = path_with(notes)
    for upset, cassette, pick in upsets:
        path.upset(upset, cassette, pick)

    async def story() -> None:
        result = await path.dispense({1: asked[0], 2: asked[1]})
        exited = sum(counts.exited for counts in result.cassettes.values())
        rejected = sum(counts.rejected for counts in result.cassettes.values())
        checked = sum(counts.checked for counts in result.cassettes.values())
        stuck = custody.number(path.place("path")) + custody.number(path.place("throat"))
        assert custody.number(path.place("exit")) == exited
        assert custody.number(path.place("reject")) == rejected
        assert checked == exited + rejected + stuck
        assert (result.trouble is None) == (exited == sum(asked))

    async def story_with_a_cut() -> None:
        try:
            async with asyncio.timeout(cut):
                await story()
        except TimeoutError:
            pass
        custody.check()
        assert sum(custody.number(place) for place in list(custody.places())) == 2 * notes

    run(story_with_a_cut())
