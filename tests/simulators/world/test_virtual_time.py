import asyncio
import time
from datetime import UTC, datetime, timedelta
from weakref import ref

import pytest

from simulators.world.virtual_time import Stuck, VirtualTimeLoop, World, run

START = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)


class Held:
    """Something that a timer holds on to."""


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_long_wait_costs_no_time() -> None:
    async def wait() -> float:
        await asyncio.sleep(365 * 24 * 3600.0)
        return now()

    began = time.monotonic()
    assert run(wait()) == pytest.approx(365 * 24 * 3600.0)
    assert time.monotonic() - began < 60.0


def test_timers_fire_in_the_order_of_their_times() -> None:
    async def race() -> list[int]:
        order: list[int] = []

        async def runner(seconds: int) -> None:
            await asyncio.sleep(seconds)
            order.append(seconds)

        await asyncio.gather(*(runner(seconds) for seconds in (3, 1, 2)))
        return order

    assert run(race()) == [1, 2, 3]


def test_timers_of_the_same_time_fire_in_the_order_in_which_they_were_set() -> None:
    async def race() -> list[int]:
        loop, order = asyncio.get_running_loop(), list[int]()
        for number in range(20):
            loop.call_at(5.0, order.append, number)
        await asyncio.sleep(6.0)
        return order

    assert run(race()) == list(range(20))


def test_a_timer_that_is_due_comes_in_between_what_never_waits() -> None:
    async def restless() -> int:
        loop, rounds = asyncio.get_running_loop(), 0
        due = loop.create_future()
        loop.call_later(0.0, due.set_result, None)
        while not due.done():
            rounds += 1
            await asyncio.sleep(0)
        return rounds

    assert run(restless()) < 5


def test_cancelled_timers_neither_fire_nor_stay() -> None:
    async def limits() -> tuple[list[int], bool, float]:
        loop, fired = asyncio.get_running_loop(), list[int]()
        held = [Held() for _ in range(1000)]
        gone = [ref(each) for each in held]
        timers = [
            loop.call_later(3600.0, lambda number, _: fired.append(number), n, each) for n, each in enumerate(held)
        ]
        loop.call_later(7200.0, fired.append, -1)
        for timer in timers[:-1]:
            timer.cancel()
        del held, timers
        released = all(each() is None for each in gone[:-2])
        await asyncio.sleep(3600.0 + 1)
        return fired, released, now()

    assert run(limits()) == ([999], True, 3601.0)


def test_time_limits_are_virtual_too() -> None:
    async def limited() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60.0):
                await asyncio.Event().wait()
        return now()

    assert run(limited()) == pytest.approx(60.0)


def test_waiting_for_what_can_never_come_is_reported() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        run(wait())


def test_every_run_starts_at_zero() -> None:
    async def beginning() -> float:
        return now()

    assert (run(beginning()), run(beginning())) == (0.0, 0.0)


def test_what_runs_beside_ends_with_the_main_task() -> None:
    ended: list[str] = []

    async def device() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("device")

    async def main() -> str:
        await asyncio.sleep(1.0)
        return "done"

    assert run(main(), [device()]) == "done"
    assert ended == ["device"]


def test_a_device_that_crashes_ends_the_run_with_its_error() -> None:
    async def device() -> None:
        await asyncio.sleep(1.0)
        raise ZeroDivisionError("a defect of the simulator")

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ZeroDivisionError, match="a defect of the simulator"):
        run(main(), [device()])


def test_the_error_of_the_main_task_is_the_error_of_the_run() -> None:
    async def main() -> None:
        raise ValueError("wrong")

    async def device() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ValueError, match="wrong"):
        run(main(), [device()])


def test_the_same_run_is_the_same_every_time() -> None:
    async def story() -> list[tuple[float, int]]:
        world = World(7, START)
        told: list[tuple[float, int]] = []

        async def actor(number: int) -> None:
            chance = world.chance(f"actor {number}")
            for _ in range(5):
                await asyncio.sleep(chance.random())
                told.append((now(), number))

        await asyncio.gather(*(actor(number) for number in range(5)))
        return told

    assert run(story()) == run(story())


def test_streams_of_chance_do_not_disturb_each_other() -> None:
    alone = World(7, START).chance("customer").random()
    world = World(7, START)
    world.chance("line noise").random()
    assert world.chance("customer").random() == alone
    assert world.chance("line noise").random() != alone
    assert World(8, START).chance("customer").random() != alone


def test_the_wall_clock_follows_virtual_time() -> None:
    async def later() -> datetime:
        world = World(7, START)
        await asyncio.sleep(90.0)
        return world.now()

    assert run(later()) == START + timedelta(seconds=90)


def test_the_wall_clock_can_be_put_forward_while_no_timer_hears_of_it() -> None:
    async def later() -> tuple[datetime, float]:
        world = World(7, START)
        world.put_clock(START + timedelta(days=3))
        await asyncio.sleep(90.0)
        return world.now(), asyncio.get_running_loop().time()

    assert run(later()) == (START + timedelta(days=3, seconds=90), 90.0)


async def test_async_tests_run_in_virtual_time() -> None:
    assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


@pytest.mark.real_time
async def test_tests_of_the_outside_world_do_not() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
