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
        """What became of each job, in the order in which they end.

        Whatever was on a worker that died or hung is played again in the end, each seed with nothing beside it.
        """
        left = iter(work)
        running: dict[Future, list[Job]] = {}
        suspects: list[Job] = []
        try:
            while True:
                threads = sum(self._client.nthreads().values())
                while len(running) < AHEAD * max(threads, 1) and (chunk := list(islice(left, CHUNK))):
                    self._give(chunk, running)
                if not running and not suspects:
                    return
                alone = not running
                if alone:
                    self._give([suspects.pop()], running)
                for chunk, done in self._ended(running):
                    if isinstance(done, list):
                        yield from done
                    elif alone:
                        yield job.failed(chunk[0], done)
                    else:
                        suspects += chunk
        finally:
            self._client.cancel(list(running))

    def _give(self, chunk: list[Job], running: dict[Future, list[Job]]) -> None:
        running[self._client.submit(play_all, chunk, pure=False)] = chunk

    def _ended(self, running: dict[Future, list[Job]]) -> Iterator[tuple[list[Job], list[Played] | str]]:
        """Chunks, and what became of them, or in words why nothing did."""
        try:
            wait(list(running), timeout=self._limit * CHUNK, return_when="FIRST_COMPLETED")
        except TimeoutError:
            for future in self._stopped(list(running)):
                yield running.pop(future), f"it went on for more than {self._limit:g} seconds"
        for future in [each for each in running if each.done()]:
            chunk = running.pop(future)
            played: list[Played] | str = (
                future.result() if future.status == "finished" else f"its worker: {future.exception()}"
            )
            yield chunk, played

    def _stopped(self, running: list[Future]) -> list[Future]:
        """Nothing has ended for long: whatever is being played hangs, and its workers are started again."""
        at_it = {worker: set(keys) for worker, keys in self._client.processing().items() if keys}
        hanging = [future for future in running if any(future.key in keys for keys in at_it.values())]
        self._client.cancel(hanging)
        with suppress(ValueError):  # workers without a nanny can't be started again
            self._client.restart_workers(list(at_it), raise_for_error=False)
        return hanging


def play_all(chunk: list[Job]) -> list[Played]:
    """One after the other, on a worker."""
    return [job.play(each) for each in chunk]
