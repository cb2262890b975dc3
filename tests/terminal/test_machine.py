import asyncio
import gc
from weakref import ref

import pytest
from transitions.core import MachineError
from transitions.extensions.asyncio import AsyncMachine

from terminal.machine import Machine
from terminal.states import Event, State, Transition

TABLE = (
    Transition(State.STARTING, Event.STARTED, State.PREPARING, "note"),
    Transition(State.PREPARING, Event.READY, State.IDLE, "wait_long"),
)


class Effects:
    def __init__(self) -> None:
        self.noted: list[str] = []

    def note(self) -> None:
        self.noted.append("note")

    async def wait_long(self) -> None:
        await asyncio.sleep(3600)


def machine(effects: Effects, seen: list[tuple[State, Event, State]]) -> Machine:
    return Machine(effects, TABLE, lambda *step: seen.append(step))


async def test_an_event_moves_to_the_state_of_its_row_and_starts_its_effect() -> None:
    effects, seen = Effects(), list[tuple[State, Event, State]]()
    tested = machine(effects, seen)

    await tested.fire(Event.STARTED)

    assert tested.state is State.PREPARING
    assert effects.noted == ["note"]
    assert seen == [(State.STARTING, Event.STARTED, State.PREPARING)]


async def test_an_event_without_a_row_is_an_error_and_changes_nothing() -> None:
    effects, seen = Effects(), list[tuple[State, Event, State]]()
    tested = machine(effects, seen)

    with pytest.raises(MachineError):
        await tested.fire(Event.DISPENSED)

    assert tested.state is State.STARTING
    assert effects.noted == []
    assert seen == []


async def test_a_cancellation_passes_through_a_trigger() -> None:
    tested = machine(Effects(), [])
    await tested.fire(Event.STARTED)

    task = asyncio.ensure_future(tested.fire(Event.READY))
    await asyncio.sleep(1)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_time_out_passes_through_a_trigger() -> None:
    tested = machine(Effects(), [])
    await tested.fire(Event.STARTED)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await tested.fire(Event.READY)


async def test_kiosks_that_share_a_table_go_their_own_ways() -> None:
    first, second = Effects(), Effects()
    one, other = machine(first, []), machine(second, [])
    await one.fire(Event.STARTED)
    await other.fire(Event.STARTED)

    waiting = asyncio.ensure_future(one.fire(Event.READY))
    await asyncio.sleep(1)
    async with asyncio.timeout(2 * 3600):
        await other.fire(Event.READY)

    assert (one.state, other.state) == (State.IDLE, State.IDLE)
    assert waiting.done()
    assert (first.noted, second.noted) == (["note"], ["note"])


async def test_a_kiosk_that_is_gone_leaves_nothing_in_the_shared_machine() -> None:
    effects = Effects()
    gone = ref(effects)
    tested = machine(effects, [])
    await tested.fire(Event.STARTED)

    del effects, tested
    gc.collect()

    assert gone() is None


async def test_the_library_still_swallows_cancellations_so_the_strict_subclass_is_still_needed() -> None:
    """Fails when `transitions` mends it: then `StrictMachine` can go."""

    class Holder:
        state = ""

        async def wait_long(self) -> None:
            await asyncio.sleep(3600)

    holder = Holder()
    plain = AsyncMachine(holder, states=["a", "b"], initial="a", auto_transitions=False, queued=True)
    plain.add_transition("go", "a", "b", after="wait_long")
    task = asyncio.ensure_future(plain.events["go"].trigger(holder))
    await asyncio.sleep(1)
    task.cancel()

    assert await task is False
