"""Jobs, timer and answers around a table, without any session."""

import asyncio
from typing import Any

import pytest

from terminal.faults import Fault
from terminal.journal import JournalError
from terminal.stage import Stage
from terminal.states import TRANSITIONS, Event, State
from terminal.view import Screen, View, Words

VIEW = View(Screen.NOTICE, Words("notice.title"), can_cancel=True)


class Effects:
    """Every effect only says that it ran, unless `on` has something to do for it."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.on: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in {row.effect for row in TRANSITIONS}:
            raise AttributeError(name)

        def effect() -> None:
            self.ran.append(name)
            self.on.get(name, lambda: None)()

        return effect


@pytest.fixture
async def effects() -> Effects:
    return Effects()


@pytest.fixture
async def stage(effects: Effects) -> Stage:
    """A stage that shows the notice, in NOTICE, and does not run yet."""
    stage = Stage(effects, VIEW, "zh_CN")
    for event in (Event.STARTED, Event.READY, Event.CARD_INSERTED, Event.CARD_ACCEPTED):
        await stage.fire(event)
    stage.show(VIEW)
    effects.ran.clear()
    return stage


async def run(stage: Stage, seconds: float = 100) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await stage.run()


async def test_a_customer_who_says_nothing_is_late_after_the_limit(stage: Stage, effects: Effects) -> None:
    stage.show(VIEW, 20)

    await run(stage, 19.9)
    assert effects.ran == []

    stage.show(VIEW, 20)
    await run(stage, 20.1)
    assert effects.ran == ["return_card"]


@pytest.mark.parametrize("answer_first", [True, False])
async def test_an_answer_and_the_time_limit_in_the_same_moment_count_once(
    stage: Stage, effects: Effects, answer_first: bool
) -> None:
    effects.on["ask_pin"] = lambda: stage.show(VIEW)
    loop = asyncio.get_running_loop()
    if answer_first:
        loop.call_later(20, stage.answer, Event.AGREED)
    stage.show(VIEW, 20)
    if not answer_first:
        loop.call_later(20, stage.answer, Event.AGREED)

    await run(stage)

    assert effects.ran == (["ask_pin"] if answer_first else ["return_card"])


async def test_a_view_takes_one_answer_and_says_that_the_second_was_none(stage: Stage, effects: Effects) -> None:
    stage.show(VIEW)

    assert stage.answer(Event.AGREED)
    assert not stage.answer(Event.CANCELLED)
    await run(stage)

    assert effects.ran == ["ask_pin"]


async def test_the_end_of_a_job_counts_although_the_job_posted_an_event_in_the_same_moment(effects: Effects) -> None:
    """A card that is refused at the slot is announced and rejected at once."""
    stage = Stage(effects, VIEW, "zh_CN")
    await stage.fire(Event.STARTED)
    await stage.fire(Event.READY)

    async def job() -> Event:
        stage.post(Event.CARD_INSERTED)
        return Event.CARD_REJECTED

    stage.begin(job, interruptible=True)
    await run(stage)

    assert effects.ran[-2:] == ["show_reading", "return_card"]
    assert stage.state is State.EJECTING_CARD


async def test_the_end_of_a_job_that_was_replaced_says_nothing(stage: Stage, effects: Effects) -> None:
    """CANCEL on the screen and ENTER on the PIN pad in the same moment: the first of them counts."""
    await stage.fire(Event.AGREED)
    effects.on["return_card"] = lambda: stage.begin(job_ending_in(Event.CARD_TAKEN))
    stage.show(VIEW)
    stage.begin(job_ending_in(Event.PIN_ENTERED), interruptible=True)
    stage.answer(Event.CANCELLED)
    await asyncio.sleep(1)

    await run(stage)

    assert effects.ran == ["ask_pin", "return_card", "settle"]


async def test_work_for_a_person_is_cut_short_when_the_state_changes(stage: Stage, effects: Effects) -> None:
    cut_short: list[str] = []

    async def waiting() -> Event:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            cut_short.append("waiting")
            raise
        return Event.PIN_ENTERED

    stage.begin(waiting, interruptible=True)
    effects.on["return_card"] = lambda: stage.begin(job_ending_in(Event.CARD_TAKEN))
    stage.answer(Event.CANCELLED)
    await run(stage)

    assert cut_short == ["waiting"]
    assert effects.ran == ["return_card", "settle"]


async def test_a_motion_is_waited_for_before_the_next_job_begins(stage: Stage, effects: Effects) -> None:
    steps: list[str] = []

    async def motion() -> None:
        await asyncio.sleep(50)
        steps.append("motion ended")

    async def after() -> None:
        steps.append("next job")

    stage.begin(motion)
    await asyncio.sleep(1)
    stage.begin(after)
    await run(stage)

    assert steps == ["motion ended", "next job"]


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (Fault(Event.PIN_PAD_FAULT, "gone"), Event.PIN_PAD_FAULT),
        (JournalError("full"), Event.JOURNAL_FAULT),
        (ZeroDivisionError(), Event.INTERNAL_FAULT),
    ],
)
async def test_what_goes_wrong_in_a_job_becomes_an_event(
    stage: Stage, effects: Effects, error: Exception, event: Event
) -> None:
    async def job() -> Event:
        raise error

    stage.begin(job)
    await run(stage)

    assert stage.cause is event
    assert stage.state in (State.EJECTING_CARD, State.OUT_OF_SERVICE)


async def test_a_mistake_in_an_effect_is_an_internal_fault_and_one_in_handling_that_is_told(
    stage: Stage, effects: Effects
) -> None:
    def mistake() -> None:
        raise ZeroDivisionError

    effects.on["ask_pin"] = mistake
    stage.answer(Event.AGREED)
    await run(stage)
    assert (stage.cause, stage.state) == (Event.INTERNAL_FAULT, State.EJECTING_CARD)

    effects.on["close"] = mistake
    stage.post(Event.INTERNAL_FAULT)
    with pytest.raises(ZeroDivisionError):
        await stage.run()


async def test_an_event_that_has_no_row_is_an_internal_fault(stage: Stage) -> None:
    stage.post(Event.DISPENSED)
    await run(stage)

    assert (stage.cause, stage.state) == (Event.INTERNAL_FAULT, State.EJECTING_CARD)


async def test_a_screen_that_fails_is_left_out_and_the_others_still_see(stage: Stage) -> None:
    seen: list[View] = []

    def broken(view: View) -> None:
        raise ZeroDivisionError

    stage.subscribe(broken)
    stage.subscribe(seen.append)
    stage.publish(VIEW)
    stage.publish(VIEW)

    assert seen == [VIEW, VIEW]


def job_ending_in(event: Event, after: float = 0.0) -> Any:
    async def job() -> Event:
        await asyncio.sleep(after)
        return event

    return job


async def test_an_answer_to_the_last_view_is_none_to_the_next_state(stage: Stage, effects: Effects) -> None:
    """The time limit has just been taken, and its effect has not shown anything yet."""
    taken: list[bool] = []
    effects.on["return_card"] = lambda: taken.append(stage.answer(Event.AGREED))
    stage.show(VIEW, 20)

    await run(stage, 30)

    assert (taken, stage.cause, stage.state) == ([False], Event.TIMED_OUT, State.EJECTING_CARD)
