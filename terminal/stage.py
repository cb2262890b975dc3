"""One job, one timer, one view: what every state of the session is made of; and sometimes a little work beside them.

Events come from jobs, from the timer and from the customer, and are taken one at a time. An event that was posted
before the last move of the machine has lost its meaning and is dropped: a time limit and an answer can't both count.
Only how a job ended counts as long as no other job has taken its place, for a job may post an event on its way.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeAlias

from terminal.faults import Fault
from terminal.journal import JournalError
from terminal.log import log
from terminal.machine import Machine
from terminal.states import TRANSITIONS, Event, State
from terminal.view import View, Words

Job: TypeAlias = Callable[[], Coroutine[Any, Any, Event | None]]
"""Work that ends in one event, or in none where only time leads on."""


class Stage:
    """Runs the table with `effects`, the object whose methods it names."""

    def __init__(self, effects: object, first: View, language: str, help: tuple[Words, ...] = ()) -> None:  # noqa: A002
        self._machine = Machine(effects, TRANSITIONS, self._moved)
        self._inbox: asyncio.Queue[tuple[int | asyncio.Task[None] | None, Event]] = asyncio.Queue()
        self._step = 0
        self._job: asyncio.Task[None] | None = None
        self._interruptible = False
        self._timer: asyncio.TimerHandle | None = None
        self._aside: asyncio.Task[None] | None = None
        self._moving: set[asyncio.Task[None]] = set()
        self._help = help
        self._answered = False
        self._subscribers: list[Callable[[View], None]] = []
        self.language = language
        self.accessible = False
        self.view = replace(first, language=language, help=help)
        self.cause: Event | None = None

    @property
    def state(self) -> State:
        """Where the kiosk is."""
        return self._machine.state

    @property
    def asks(self) -> bool:
        """The view waits for its answer; once the machine has moved on, what was offered before counts no more."""
        return not self._answered

    def subscribe(self, subscriber: Callable[[View], None]) -> None:
        """Have `subscriber` called with every new view."""
        self._subscribers.append(subscriber)

    async def run(self) -> None:
        """Take events until cancelled. A mistake in an effect is an internal fault; one in handling that is raised."""
        try:
            while True:
                source, event = await self._inbox.get()
                if source not in (self._step, self._job, None):
                    continue
                try:
                    await self.fire(event)
                except Exception:
                    log.exception("an event could not be taken", cause=event, state=self.state)
                    if event is Event.INTERNAL_FAULT:
                        raise
                    self.post(Event.INTERNAL_FAULT)
        finally:
            self._leave()
            for task in (*self._moving, *([] if self._job is None else [self._job])):
                task.cancel()

    async def fire(self, event: Event) -> None:
        """The one door to the next state."""
        await self._machine.fire(event)

    def post(self, event: Event) -> None:
        """Have an event taken, if the machine has not moved on by then."""
        self._inbox.put_nowait((self._step, event))

    def insist(self, event: Event) -> None:
        """Have an event taken wherever the machine has got to by then."""
        self._inbox.put_nowait((None, event))

    def answer(self, event: Event) -> bool:
        """The customer's answer to the view; one view takes one answer, and False says that this was not it."""
        if self._answered:
            return False
        self._answered = True
        self.post(event)
        return True

    def show(self, view: View, limit: float | None = None, *, timed_by_job: bool = False) -> None:
        """A new view. After `limit` seconds the customer is late, unless the job keeps the time itself."""
        self._answered = False
        if limit is not None:
            loop = asyncio.get_running_loop()
            view = replace(view, deadline=loop.time() + limit)
            if not timed_by_job:
                self._timer = loop.call_later(limit, self.post, Event.TIMED_OUT)
        self.publish(view)

    def publish(self, view: View) -> None:
        """Change what the present view shows. A subscriber that fails is left out: no screen may stop a kiosk."""
        self.view = view = replace(view, language=self.language, accessible=self.accessible, help=self._help)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(view)
            except Exception:
                log.exception("a subscriber failed", screen=view.screen)
                self._subscribers.remove(subscriber)

    def extend(self, factor: float) -> None:
        """Give the customer `factor` times what is left of the time limit, where it is not the job that keeps it."""
        if self._timer is None or self.view.deadline is None:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(0.0, self.view.deadline - loop.time()) * factor
        self._timer.cancel()
        self._timer = loop.call_at(deadline, self.post, Event.TIMED_OUT)
        self.publish(replace(self.view, deadline=deadline))

    def beside(self, job: Job, *, to_its_end: bool = False) -> None:
        """Do `job` beside the one job, which goes on. Its event is one of this state.

        It ends with the state, unless it moves something and has to come `to_its_end`.
        """
        task = asyncio.ensure_future(self._work_beside(job))
        if to_its_end:
            self._moving.add(task)
            task.add_done_callback(self._moving.discard)
        else:
            self._aside = task

    async def _work_beside(self, job: Job) -> None:
        step = self._step
        try:
            event = await job()
        except Exception:
            log.exception("internal fault")
            event = Event.INTERNAL_FAULT
        if event is not None:
            self._inbox.put_nowait((step, event))

    def begin(self, job: Job, *, interruptible: bool = False) -> None:
        """Make `job` the one job. One that waits for a person is cut short first; the end of a motion is waited for."""
        before = self._job
        if before is not None and self._interruptible:
            before.cancel()
        self._job = asyncio.ensure_future(self._work(job, before))
        self._interruptible = interruptible

    async def _work(self, job: Job, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            event = await job()
        except Fault as fault:
            log.error("fault", cause=str(fault), fault=fault.event)
            event = fault.event
        except JournalError as error:
            log.critical("journal", cause=str(error))
            event = Event.JOURNAL_FAULT
        except Exception:
            log.exception("internal fault")
            event = Event.INTERNAL_FAULT
        if event is not None:
            self._inbox.put_nowait((asyncio.current_task(), event))

    def _moved(self, source: State, event: Event, dest: State) -> None:
        self._step += 1
        self._answered = True  # until the next view is shown, an answer could only be to the last one
        self.cause = event
        self._leave()
        log.debug("transition", source=source, cause=event, dest=dest)

    def _leave(self) -> None:
        """Time limit and side work are of one state only."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._aside is not None:
            self._aside.cancel()
            self._aside = None
