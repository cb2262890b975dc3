"""A seeded event loop whose clock jumps to the next timer when nothing is ready.

Terminal, drivers, devices, lines and authority run in it together. There are no threads and no sockets in it: what
would wait for the outside world would wait for ever, and is reported as `Stuck`.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextvars import Context, copy_context
from datetime import datetime, timedelta, timezone
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


RESOLUTION = 1e-6
"""Seconds; timers closer together than this fire in the same instant, in order."""

MANY = 100
"""Cancelled timers that are not worth being thrown out."""


class Stuck(RuntimeError):
    """Everybody waits and no timer is set: the run can't go on."""


class _Call(asyncio.TimerHandle):
    """A callback that is due now or later; the loop is told when a timer is cancelled."""

    __slots__ = ()

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: Sequence[Any],
        loop: "VirtualTimeLoop",
        context: Context | None,
    ) -> None:
        # What asyncio.Handle sets, without its questions whether somebody debugs: most of a simulation is calls.
        self._when = when
        self._callback = callback
        self._args = args
        self._loop = loop
        self._context = copy_context() if context is None else context
        self._cancelled = False
        self._scheduled = False
        self._repr = None
        self._source_traceback = None

    def cancel(self) -> None:
        """Not to be called any more."""
        if not self._cancelled:
            self._cancelled = True
            self._callback, self._args = _nothing, ()
            if self._scheduled:
                self._loop.timer_cancelled()


def _nothing() -> None:
    return None


class VirtualTimeLoop(asyncio.BaseEventLoop):
    """asyncio with a clock of its own, starting at 0.0 seconds, and without files, signals and other processes."""

    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._numbers = count()
        self._calls: deque[_Call] = deque()
        self._timers: list[tuple[float, int, _Call]] = []
        self._cancelled_timers = 0

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call it in the next round."""
        call = _Call(0.0, callback, args, self, context)
        self._calls.append(call)
        return call

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As `call_soon`: a signal handler asks like this."""
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call it at `when`; timers of the same time in the order in which they were set."""
        call = _Call(when, callback, args, self, context)
        call._scheduled = True
        heappush(self._timers, (when, next(self._numbers), call))
        return call

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call it `delay` seconds from now."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def timer_cancelled(self) -> None:
        """One of the timers will not be needed; once these are the most, they are thrown out."""
        self._cancelled_timers += 1
        if self._cancelled_timers > MANY and self._cancelled_timers * 2 > len(self._timers):
            self._timers[:] = [timer for timer in self._timers if not timer[2]._cancelled]
            heapify(self._timers)
            self._cancelled_timers = 0

    def _run_once(self) -> None:
        """Rounds until the loop is stopped: what is due by the clock joins what waits; then every call that waits.

        The clock jumps when nothing waits.
        """
        calls, timers = self._calls, self._timers
        while not self._stopping or calls:
            if not calls:
                self._jump()
            due = self._now + RESOLUTION
            while timers and timers[0][0] < due:
                call = heappop(timers)[2]
                call._scheduled = False
                if call._cancelled:
                    self._cancelled_timers -= 1
                else:
                    calls.append(call)
            for _ in range(len(calls)):
                call = calls.popleft()
                if not call._cancelled:
                    call._run()
            if self._stopping:
                return

    def _jump(self) -> None:
        """To the next timer."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heappop(timers)[2]._scheduled = False
            self._cancelled_timers -= 1
        if not timers:
            raise Stuck("no task is ready and no timer is set")
        self._now = max(self._now, timers[0][0])

    def jump(self, seconds: float) -> None:
        """Something held up the whole program for so long, such as a slow disk."""
        self._now += seconds


BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one time zone of the service; it has no summer time."""


class World:
    """The sources of time and chance of one run; nothing else in it may ask for either.

    Without `start` time is the machine's, without `seed` chance is.
    """

    def __init__(self, seed: int | None = None, start: datetime | None = None) -> None:
        self.seed = seed
        self._start = start
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The wall clock: `start` plus the loop's time, and what it was put forward."""
        if self._start is None:
            return datetime.now(BEIJING) + self._ahead
        return self._start + timedelta(seconds=asyncio.get_running_loop().time()) + self._ahead

    def put_clock(self, at: datetime) -> None:
        """It is `at` now. No timer hears of it: for stories of several days, on any line."""
        self._ahead += at - self.now()

    def chance(self, name: str) -> random.Random:
        """A stream of randomness of its own for `name`: a new user of chance disturbs no other."""
        if self.seed is None:
            return random.SystemRandom()
        return random.Random(f"{self.seed}/{name}")  # noqa: S311  # repeatable on purpose, never for real keys


def run(main: Coroutine[Any, Any, T], tasks: Iterable[Coroutine[Any, Any, Any]] = ()) -> T:
    """Run `main` in virtual time, with `tasks` beside it, and return its result.

    A task that ends with an error ends the run with it; one that just ends does not.
    """

    async def together() -> T:
        first = asyncio.ensure_future(main)
        beside = [asyncio.ensure_future(task) for task in tasks]
        running: list[asyncio.Future[Any]] = [first, *beside]
        try:
            while not first.done():
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in running if task in ended and task is not first]:
                    running.remove(task)
                    if not task.cancelled():
                        task.result()
            return first.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(together())
