"""One life of a program in the simulation: its tasks, counted step by step, until it is killed.

A killed program does not clean up: its coroutines are never resumed. What it held open (lines, files, connections) must
be taken from it by whoever kills it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any


def _nothing() -> None:
    pass


_LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)


class Life:
    """The tasks that `run` started, with all that they started in turn. Needs `install` on the running loop.

    `steps` counts how often one of them went on: each is a place where the power can go.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.killed = False
        self.before_step: Callable[[], None] = _nothing
        """Called before each step; what it does may kill this life."""
        self._strikes: dict[int, Callable[[], None]] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._left: list[_Stepped] = []

    def run(self, main: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin `main` as a part of this life."""
        context = copy_context()
        context.run(_LIFE.set, self)
        return asyncio.get_running_loop().create_task(main, context=context)

    def at_step(self, number: int, strike: Callable[[], None]) -> Callable[[], None]:
        """Have `strike` called before the step that is `number` steps from now; returns how to stop it."""
        place = self.steps + number
        self._strikes[place] = strike

        def stop() -> None:
            if self._strikes.get(place) is strike:
                del self._strikes[place]

        return stop

    def kill(self) -> None:
        """No task goes on from here, not even to clean up."""
        self.killed = True
        for task in self._tasks:
            task.cancel()

    def bury(self) -> None:
        """Let go of what the killed tasks left, at the end of the run, when nothing can come of it."""
        for stepped in self._left:
            with suppress(BaseException):
                stepped.close()
        self._left.clear()

    def adopt(
        self, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop, context: Context | None
    ) -> "asyncio.Task[Any]":
        """A new task of this life."""
        stepped = _Stepped(coroutine, self)
        task = asyncio.Task(stepped, loop=loop, context=context)
        self._tasks.append(task)
        task.add_done_callback(self._ended)
        self._left.append(stepped)
        return task

    def step(self) -> None:
        """A task goes on. Raises CancelledError once this life is over."""
        if not self.killed:
            self.steps += 1
            self.before_step()
            if self._strikes and (strike := self._strikes.pop(self.steps, None)) is not None:
                strike()
        if self.killed:
            raise asyncio.CancelledError

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not self.killed:
            place = self._tasks.index(task)
            del self._tasks[place]
            del self._left[place]


def install(loop: asyncio.AbstractEventLoop) -> None:
    """Let `loop` know which life a new task belongs to."""

    def make(
        loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], context: Context | None = None
    ) -> "asyncio.Task[Any]":
        life = _LIFE.get() if context is None else context.get(_LIFE)
        if life is None:
            return asyncio.Task(coroutine, loop=loop, context=context)
        return life.adopt(coroutine, loop, context)

    loop.set_task_factory(make)  # type: ignore[arg-type]


class _Stepped(Coroutine[Any, Any, Any]):
    """A coroutine that asks its life before it goes on."""

    __slots__ = ("_inner", "_life")

    def __init__(self, inner: Coroutine[Any, Any, Any], life: Life) -> None:
        self._inner = inner
        self._life = life

    def send(self, value: Any) -> Any:
        self._life.step()
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        self._life.step()
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError("a task drives it")
