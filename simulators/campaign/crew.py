"""Worker processes that do jobs, one at a time each. One that dies or hangs costs its job, and is replaced."""

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final, Generic, Self, TypeVar

START: Final = 120.0
"""Seconds that a worker may take to load the program."""

JOBS_OF_A_WORKER: Final = 2_000
"""Then a new one takes its place, so that what a run leaves in memory can't add up over a night."""

SWEEPS: Final = (50_000, 20, 20)
"""When Python looks for garbage: a run makes much that lives to its end, so that the usual looks find little."""

JobT = TypeVar("JobT")
DoneT = TypeVar("DoneT")

_context = multiprocessing.get_context("spawn")


def processors() -> int:
    """How many this program may use."""
    return len(os.sched_getaffinity(0))


class Crew(Generic[JobT, DoneT]):
    """So many workers; `limit` is the seconds of wall time that one job may take. A context manager.

    `do` is a function of a module, found again by its name in the new process; jobs and what comes of them travel as
    pickles and are never None. Of a job that was not brought to its end `failed` makes something, told what happened.
    """

    def __init__(
        self, number: int, limit: float, do: Callable[[JobT], DoneT], failed: Callable[[JobT, str], DoneT]
    ) -> None:
        self._limit = limit
        self._workers = [_Worker(do, failed) for _ in range(number)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def play(self, work: Iterable[JobT]) -> Iterator[DoneT]:
        """What became of each job, in the order in which they end. Whoever stops asking must end the crew."""
        left = iter(work)
        while True:
            for worker in self._workers:
                if worker.job is None and (following := next(left, None)) is not None:
                    worker.give(following, self._limit)
            busy = [worker for worker in self._workers if worker.job is not None]
            if not busy:
                return
            soonest = min(worker.deadline for worker in busy)
            wait([worker.pipe for worker in busy], max(0.0, soonest - time.monotonic()))
            for worker in busy:
                if (done := worker.look(self._limit)) is not None:
                    yield done


class _Worker(Generic[JobT, DoneT]):
    """One process, and what it is at."""

    def __init__(self, do: Callable[[JobT], DoneT], failed: Callable[[JobT, str], DoneT]) -> None:
        self._do = do
        self._failed = failed
        self.job: JobT | None = None
        self.deadline = 0.0
        self._begin()

    def give(self, job: JobT, limit: float) -> None:
        """Let it play."""
        if self._jobs >= JOBS_OF_A_WORKER:
            self._replace()
        self.job = job
        self.deadline = time.monotonic() + limit + (0.0 if self._jobs else START)
        self._jobs += 1
        with suppress(OSError):  # it died in between: `look` finds out
            self.pipe.send(job)

    def look(self, limit: float) -> DoneT | None:
        """What became of its job, None while it is at it."""
        assert self.job is not None
        job = self.job
        if self.pipe.poll():
            try:
                done: DoneT = self.pipe.recv()
            except (EOFError, OSError):
                self._process.join(1.0)
                done = self._failed(job, f"the process that played it ended with exit code {self._process.exitcode}")
                self._replace()
        elif time.monotonic() >= self.deadline:
            done = self._failed(job, f"it went on for more than {limit:g} seconds")
            self._replace()
        else:
            return None
        self.job = None
        return done

    def end(self) -> None:
        """Whatever it is at."""
        self.pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _begin(self) -> None:
        near, far = _context.Pipe()
        self.pipe: Connection = near
        self._process: SpawnProcess = _context.Process(target=_work, args=(far, self._do), daemon=True)
        self._process.start()
        far.close()
        self._jobs = 0

    def _replace(self) -> None:
        self.end()
        self._begin()


def _work(pipe: Connection, do: Callable[[JobT], DoneT]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who gives out the work
    gc.set_threshold(*SWEEPS)
    loaded = False
    while True:
        try:
            job: JobT = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(do(job))
        if not loaded:
            gc.collect()
            gc.freeze()  # what was imported stays, and need not be looked at again and again
            loaded = True
