import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.devices.note_faults import FATES, Defect, Trouble, Upset
from simulators.devices.note_path import CassetteRun, NotePath
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.scene import Scene
from simulators.world.virtual_time import run


def path_with(notes: int) -> tuple[NotePath, Custody[Note]]:
    custody: Custody[Note] = Custody()
    path = NotePath(scene=Scene(), custody=custody, name="dispenser", cassettes=2)
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


HONEST = [upset for upset in Upset if upset not in FATES or FATES[upset].part not in ("exit", "throat")] + [
    Upset.JAM_AT_EXIT,
    Upset.STAYS_IN_EXIT,
    Upset.LONG_AT_EXIT,
    Upset.SUSPECT_EJECTED,
    Upset.REJECT_EJECTED,
]
"""After these the counts of the device are the truth."""


@settings(deadline=None)
@given(
    notes=st.integers(0, 12),
    asked=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    upsets=st.lists(st.tuples(st.sampled_from(HONEST), st.integers(1, 2), st.integers(1, 12)), max_size=4),
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
        assert checked == exited + rejected + stuck - (result.trouble is Trouble.STRAY_NOTE)
        assert result.trouble is not None or exited == sum(asked)

    async def story_with_a_cut() -> None:
        try:
            async with asyncio.timeout(cut):
                await story()
        except TimeoutError:
            pass
        custody.check()
        assert sum(custody.number(place) for place in list(custody.places())) == 2 * notes

    run(story_with_a_cut())


@settings(deadline=None)
@given(
    upsets=st.lists(st.tuples(st.sampled_from(Upset), st.integers(1, 2), st.integers(1, 12)), max_size=6),
    defects=st.lists(st.tuples(st.sampled_from(Defect), st.floats(0, 8), st.booleans()), max_size=3),
    swap=st.sampled_from([None, True, False]),
)
def test_whatever_breaks_no_note_vanishes_or_doubles(
    upsets: list[tuple[Upset, int, int]], defects: list[tuple[Defect, float, bool]], swap: bool | None
) -> None:
    path, custody = path_with(12)
    for upset, cassette, pick in upsets:
        path.upset(upset, cassette, pick)

    async def story() -> None:
        for defect, when, mended in defects:
            asyncio.get_running_loop().call_later(when, path.mend if mended else path.break_, defect)
        await path.dispense({1: 6, 2: 6})
        if swap is not None:
            path.swap(1, 2, cassettes=swap)
        await path.purge()
        custody.check()
        assert sum(custody.number(place) for place in list(custody.places())) == 24

    run(story())


def test_only_what_a_sensor_can_not_see_makes_the_counts_lie() -> None:
    """Two notes as one, and a note past a blind sensor: of these only a person who counts hears."""
    lying = {upset for upset, fate in FATES.items() if fate.part == "exit" and fate.exited != fate.picked}
    assert lying == {Upset.UNSEEN_DOUBLE_PICK, Upset.MISSED_AT_EJECT, Upset.MISSED_AT_EXIT}


async def test_two_notes_that_no_sensor_tells_apart_count_as_one() -> None:
    path, custody = path_with(10)
    path.upset(Upset.UNSEEN_DOUBLE_PICK, cassette=1)
    assert (await path.dispense({1: 3})).cassettes == {1: CassetteRun(3, 3, 0)}
    assert custody.number(path.place("exit")) == 4


async def test_the_last_note_can_not_be_picked_twice() -> None:
    path, _ = path_with(1)
    path.upset(Upset.UNSEEN_DOUBLE_PICK, cassette=1)
    assert (await path.dispense({1: 1})).cassettes == {1: CassetteRun(1, 1, 0)}


@pytest.mark.parametrize("defect", [Defect.MOTOR, Defect.SAFE_OPEN])
async def test_a_motor_without_current_leaves_the_notes_where_they_are(defect: Defect) -> None:
    path, custody = path_with(10)
    asyncio.get_running_loop().call_later(1.0, path.break_, defect)
    result = await path.dispense({1: 9})
    assert (result.trouble, result.cassettes[1].exited) == (Trouble.MOTOR_STOPPED, 3)
    assert custody.number(path.place("path")) == 1
    assert not path.can_purge


async def test_a_tray_without_room_ends_the_run_at_its_first_reject() -> None:
    path, custody = path_with(10)
    path.tray_stuffed = True
    path.upset(Upset.REJECT, cassette=1, pick=2)
    result = await path.dispense({1: 5})
    assert (result.trouble, result.cassettes[1]) == (Trouble.TOO_MANY_REJECTS, CassetteRun(2, 1, 1))
    assert path.tray_full
    custody.check()


async def test_a_worn_belt_makes_a_run_too_long() -> None:
    path, custody = path_with(20)
    path.break_(Defect.WORN_BELT)
    result = await path.dispense({1: 20})
    assert result.trouble is Trouble.TOO_LONG
    assert custody.number(path.place("exit")) == result.cassettes[1].exited == 10


async def test_what_is_wedged_stays_until_it_is_taken_out() -> None:
    path, custody = path_with(5)
    path.upset(Upset.JAM_IN_PATH, cassette=1)
    await path.dispense({1: 1})
    path.break_(Defect.WEDGED)
    await path.purge()
    assert custody.number(path.place("path")) == 1
    path.mend(Defect.WEDGED)
    await path.purge()
    assert custody.number(path.place("reject")) == 1


def test_swapped_cassettes_bring_their_code_and_mixed_up_notes_do_not() -> None:
    path, custody = path_with(2)
    first = custody.at(path.cassette(1))
    path.swap(1, 2, cassettes=False)
    assert (custody.at(path.cassette(2)), path.code(1), path.code(2)) == (first, 1, 2)
    path.swap(1, 2, cassettes=True)
    assert (custody.at(path.cassette(1)), path.code(1), path.code(2)) == (first, 2, 1)
