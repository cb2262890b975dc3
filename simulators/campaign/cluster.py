"""Seeds spread over a Dask cluster, in chunks. A worker that dies or hangs costs its seed, as in a crew.

The workers need the same program, and one thread each: a run takes the log of its whole process.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Final, Self

from distributed import Client, Future, wait

from simulators.campaign import job
from simulators.campaign.job import Job, Played
from simulators.campaign.version import commit

CHUNK: Final = 8
"""Seeds in one task: enough to make its way there worth it."""

AHEAD: Final = 2
"""Tasks that wait for each thread, so that none is idle."""

CONNECT: Final = 15.0
"""Seconds."""


class NoCluster(Exception):
    """There is none to play on; the message says what to do."""


class Cluster:
    """The workers of the scheduler at `address`; `limit` is the seconds of wall time for a run. A context manager."""

    def __init__(self, address: str, limit: float) -> None:
        self._limit = limit
        try:
            self._client = Client(address, timeout=CONNECT)
        except (OSError, ValueError) as error:
            raise NoCluster(f"no Dask scheduler at {address}: {error}; start one with: dask scheduler") from None
        commits = {str(each) for each in self._client.run(commit).values()}
        if not commits:
            self._client.close()
            raise NoCluster(f"{address} has no workers; start some: dask worker {address} --nthreads 1 --nworkers auto")
        if commits != {commit()}:
            self._client.close()
            raise NoCluster(f"workers play {', '.join(sorted(commits))}, and this is {commit()}; install the same one")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def play(self, work: Iterable[Job]) -> Iterator[Played]:
        """What became of each job, in the order in which they end."""
        left = iter(work)
        running: dict[Future, list[Job]] = {}
        try:
            while True:
                threads = sum(self._client.nthreads().values())
                while len(running) < AHEAD * max(threads, 1) and (chunk := list(islice(left, CHUNK))):
                    self._give(chunk, running)
                if not running:
                    return
                try:
                    wait(list(running), timeout=self._limit * CHUNK, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    yield from self._given_up(running)
                for future in [each for each in running if each.done()]:
                    chunk = running.pop(future)
                    if future.status == "finished":
                        yield from future.result()
                    else:
                        yield from self._lost(chunk, f"its worker: {future.exception()}", running)
        finally:
            self._client.cancel(list(running))

    def _give(self, chunk: list[Job], running: dict[Future, list[Job]]) -> None:
        running[self._client.submit(play_all, chunk, pure=False)] = chunk

    def _lost(self, chunk: list[Job], words: str, running: dict[Future, list[Job]]) -> Iterator[Played]:
        """Which seed of a chunk it was is found out by playing each alone."""
        if len(chunk) == 1:
            yield job.failed(chunk[0], words)
            return
        for each in chunk:
            self._give([each], running)

    def _given_up(self, running: dict[Future, list[Job]]) -> Iterator[Played]:
        """Nothing has ended for long: whatever is being played hangs."""
        at_it = {worker: set(keys) for worker, keys in self._client.processing().items() if keys}
        hanging = [future for future in running if any(future.key in keys for keys in at_it.values())]
        self._client.cancel(hanging)
        with suppress(ValueError):  # workers without a nanny can't be started again
            self._client.restart_workers(list(at_it), raise_for_error=False)
        for future in hanging:
            yield from self._lost(running.pop(future), f"it went on for more than {self._limit:g} seconds", running)


def play_all(chunk: list[Job]) -> list[Played]:
    """One after the other, on a worker."""
    return [job.play(each) for each in chunk]
