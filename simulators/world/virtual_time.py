"""A seeded event loop whose clock jumps to the next timer when nothing is ready.

Terminal, drivers, devices, lines and authority run in it together. There are no threads and no sockets in it: what
would wait for the outside world would wait for ever, and is reported as `Stuck`.
"""

import asyncio
import random
import selectors
from collections.abc import Coroutine, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

T = TypeVar("T")


RESOLUTION = 1e-6
"""Seconds; timers closer together than this fire in the same instant, in order."""


class Stuck(RuntimeError):
    """Everybody waits and no timer is set: the run can't go on."""


class _NoFiles(selectors.SelectSelector):
    """A selector that never waits: it tells the loop's clock how far to jump instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("no task is ready and no timer is set")
        self.now += max(timeout, 0.0)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """asyncio with a clock of its own, starting at 0.0 seconds."""

    def __init__(self) -> None:
        self._files = _NoFiles()
        super().__init__(self._files)
        # Timers this close count as due. With asyncio's own nanosecond, which a double can't tell after some months,
        # the loop would spin.
        self._clock_resolution = RESOLUTION

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._files.now

    def jump(self, seconds: float) -> None:
        """Something held up the whole program for so long, such as a slow disk."""
        self._files.now += seconds


BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one time zone of the service; it has no summer time."""


class World:
    """The sources of time and chance of one run; nothing else in it may ask for either.

    Without `start` time is the machine's, without `seed` chance is.
    """

    def __init__(self, seed: int | None = None, start: datetime | None = None) -> None:
        self.seed = seed
        self._start = start

    def now(self) -> datetime:
        """The wall clock: `start` plus the loop's time."""
        if self._start is None:
            return datetime.now(BEIJING)
        return self._start + timedelta(seconds=asyncio.get_running_loop().time())

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
