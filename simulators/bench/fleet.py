"""Many kiosks in one process, at one host: load for an authority, or a row of machines to watch."""

import asyncio
from pathlib import Path

import apsw

from simulators.bench.bench import Bench
from simulators.bench.file import BenchFile
from simulators.bench.host import Host
from terminal.states import State

PATIENCE = 120.0
"""Seconds in which a kiosk must have come up."""


class Fleet:
    """Kiosks of one bench file, their terminals numbered from 0; each has a folder in `folder` and chance of its own.

    Whoever made the host closes it.
    """

    def __init__(self, file: BenchFile, host: Host, folder: Path) -> None:
        self.benches: list[Bench] = []
        self._file = file
        self._host = host
        self._folder = folder
        self._running: list[asyncio.Future[None]] = []

    async def add(self) -> Bench:
        """One more, which runs and waits for a customer. Raises TimeoutError when it does not come up."""
        number = len(self.benches)
        kiosk = self._file.kiosk.model_copy(update={"terminal": f"{number:08d}"})
        folder = self._folder / kiosk.terminal
        folder.mkdir(exist_ok=True)
        file = self._file.model_copy(update={"kiosk": kiosk})
        bench = Bench(file, folder=folder, seed=number, host=self._host)
        self.benches.append(bench)
        up = asyncio.Event()
        bench.watch(lambda _: up.set() if bench.session.state is State.IDLE else None)
        self._running.append(asyncio.ensure_future(bench.run()))
        async with asyncio.timeout(PATIENCE):
            await up.wait()
        return bench

    async def close(self) -> None:
        """Switch all of them off."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for bench in self.benches:
            bench.close()


def spare_memory() -> None:
    """Have SQLite keep no memory at hand for each journal, 48 kB otherwise. Before the process opens the first one."""
    assert not apsw.connections(), "a journal is open already"
    apsw.shutdown()
    apsw.config(apsw.SQLITE_CONFIG_LOOKASIDE, 0, 0)
    apsw.initialize()
