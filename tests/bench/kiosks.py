"""Memory of simulated kiosks: each with devices, notes, terminal and journal, at one host, all in one process.

Run as a process of its own, `python -m tests.bench.kiosks NUMBER [--who]`, so that nothing else is in the figures.
Kiosks are measured idle: signed on, hours and notices known, waiting for a customer.
"""

import asyncio
import gc
import json
import subprocess
import sys
import tracemalloc
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulators.bench.bench import Bench
from simulators.bench.file import BenchFile, load_bench
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.world import virtual_time
from simulators.world.virtual_time import World
from terminal.states import State

PATIENCE = 120.0
"""Virtual seconds in which a kiosk must have come up."""

QUIET = 60.0
"""Virtual seconds after which a kiosk that has come up has asked all it asks."""

OWNERS = 12
"""How many places of the program are told that own memory."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of resident memory: the process before the first kiosk is counted, and what each kiosk adds to it."""

    kiosks: int
    before: int
    each: float

    @property
    def thousand(self) -> float:
        """MiB of a process with 1,000 kiosks."""
        return (self.before + 1000 * self.each) / 2**20


def measure(kiosks: int) -> Memory:
    """In a process of its own."""
    return Memory(**json.loads(_run(kiosks)))


def owners(kiosks: int) -> list[str]:
    """Which lines of the program own most of the memory, in a process of its own: bytes per kiosk and the line."""
    return list(json.loads(_run(kiosks, "--who")))


def _run(kiosks: int, *options: str) -> str:
    command = [sys.executable, "-m", "tests.bench.kiosks", str(kiosks), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def _come_up(file: BenchFile, folder: Path, number: int, host: Host) -> Bench:
    """A kiosk that runs and waits for a customer."""
    kiosk = file.kiosk.model_copy(update={"terminal": f"{number:08d}"})
    bench = Bench(file.model_copy(update={"kiosk": kiosk}), folder=folder, seed=number, host=host)
    up = asyncio.Event()
    bench.session.subscribe(lambda _: up.set() if bench.session.state is State.IDLE else None)
    _RUNNING.append(asyncio.ensure_future(bench.run()))
    async with asyncio.timeout(PATIENCE):
        await up.wait()
    return bench


_RUNNING: list[asyncio.Task[None]] = []


async def _measured(folders: list[Path], who: bool) -> object:
    file, kiosks = load_bench(), len(folders) - 1
    host = Host(World(0, START), folders[0] / "authority.db")
    benches = [await _come_up(file, folders[0], 0, host)]
    await asyncio.sleep(QUIET)
    gc.collect()
    before = _resident()
    if who:
        tracemalloc.start(1)
    for number, folder in enumerate(folders[1:], 1):
        benches.append(await _come_up(file, folder, number, host))
    await asyncio.sleep(QUIET)
    gc.collect()
    if who:
        statistics = tracemalloc.take_snapshot().statistics("lineno")[:OWNERS]
        found: object = [f"{each.size // kiosks:8} {_place(each.traceback)}" for each in statistics]
    else:
        found = {"kiosks": kiosks, "before": before, "each": (_resident() - before) / kiosks}
    for task in _RUNNING:
        task.cancel()
    await asyncio.gather(*_RUNNING, return_exceptions=True)
    for bench in benches:
        bench.close()
    host.close()
    return found


def _place(traceback: tracemalloc.Traceback) -> str:
    frame = traceback[0]
    return f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno}"


def _resident() -> int:
    """Bytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def _main() -> None:
    with ExitStack() as stack:
        number = int(sys.argv[1]) + 1
        folders = [Path(stack.enter_context(TemporaryDirectory(prefix="medteller-"))) for _ in range(number)]
        print(json.dumps(virtual_time.run(_measured(folders, "--who" in sys.argv))))


if __name__ == "__main__":
    _main()
