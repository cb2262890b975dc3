import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.fujitsu_f56_codes import Code
from simulators.devices.fujitsu_f56_mechanics import GOOD, Ended, Mechanics, Pace, Stuck, Upset, Wanted
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.scene import Scene
from simulators.world.virtual_time import run


def mechanics_with(notes: int, pool: int = 50) -> tuple[Mechanics, Custody[Note]]:
    custody: Custody[Note] = Custody()
    mechanics = Mechanics(
        scene=Scene(),
        custody=custody,
        name="dispenser",
        cassettes=2,
        pool=pool,
        shutter=True,
        reject_box=100,
        capture_box=100,
        pace=Pace(),
    )
    for position in mechanics.positions:
        custody.put(mechanics.cassette(position), new_notes(100, notes, f"C{position}-"))
    return mechanics, custody


async def test_a_count_of_ten_notes_takes_some_eight_seconds() -> None:
    mechanics, _ = mechanics_with(20)
    assert await mechanics.count({1: Wanted(10, 4, 3)}) is GOOD
    assert 7 < asyncio.get_running_loop().time() < 9


async def test_a_pick_is_tried_again_as_often_as_permitted() -> None:
    mechanics, _ = mechanics_with(20)
    for pick in (1, 2):
        mechanics.upset(Upset.PICK_FAILURE, 1, pick)
    assert await mechanics.count({1: Wanted(1, 0, 2)}) is GOOD
    mechanics.upset(Upset.PICK_FAILURE, 1, 1)
    assert await mechanics.count({1: Wanted(1, 0, 0)}) == Ended(0x16)


async def test_notes_cut_off_on_their_way_to_the_exit_stay_in_the_throat() -> None:
    mechanics, custody = mechanics_with(20)
    await mechanics.count({1: Wanted(3, 0, 0)})
    try:
        async with asyncio.timeout(2.0):
            await mechanics.transport()
    except TimeoutError:
        pass
    assert custody.number("dispenser/throat") == 3
    assert mechanics.outlet_covered
    assert await mechanics.initialise() == Ended(Code.EJECTION_JAM, 0x80)


async def test_a_shutter_stuck_open_takes_notes_back_and_says_that_it_did_not_close() -> None:
    mechanics, custody = mechanics_with(20)
    await mechanics.count({1: Wanted(3, 0, 0)})
    await mechanics.transport()
    mechanics.stick_shutter(Stuck.OPEN)
    assert await mechanics.retrieve() == Ended(Code.SHUTTER_CLOSE_FAILED, notes=3)
    assert custody.number("dispenser/capture") == 3


@settings(deadline=None)
@given(
    pool=st.sampled_from([0, 50]),
    notes=st.integers(0, 8),
    asked=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    upsets=st.lists(st.tuples(st.sampled_from(Upset), st.integers(1, 2), st.integers(1, 8)), max_size=4),
    cut=st.floats(0, 20),
)
def test_no_note_is_lost_and_every_count_is_true(
    pool: int, notes: int, asked: tuple[int, int], upsets: list[tuple[Upset, int, int]], cut: float
) -> None:
    mechanics, custody = mechanics_with(notes, pool)
    for upset, cassette, pick in upsets:
        mechanics.upset(upset, cassette, pick)

    async def story() -> None:
        wanted = {1: Wanted(asked[0], 2, 1), 2: Wanted(asked[1], 2, 1)}
        ended = await mechanics.count(wanted)
        dispensed = sum(want.tally.dispensed for want in wanted.values())
        target = "dispenser/pool" if pool else "dispenser/exit"
        uncounted = ended.error == Code.COUNT_MISMATCH
        assert custody.number(target) == dispensed + uncounted
        assert custody.number("dispenser/reject") == sum(want.tally.rejected for want in wanted.values())
        assert (ended is GOOD) <= (dispensed == sum(asked))
        if pool and ended is GOOD and dispensed:
            await mechanics.transport()
            await mechanics.retrieve()

    async def story_with_a_cut() -> None:
        try:
            async with asyncio.timeout(cut):
                await story()
        except TimeoutError:
            pass
        custody.check()
        assert sum(custody.number(place) for place in list(custody.places())) == 2 * notes

    run(story_with_a_cut())
