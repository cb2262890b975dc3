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
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulators.bench.file import load_bench
from simulators.bench.fleet import Fleet, spare_memory
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.world import virtual_time
from simulators.world.virtual_time import World

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


async def _measured(folder: Path, kiosks: int, who: bool) -> object:
    host = Host(World(0, START), folder / "authority.db")
    fleet = Fleet(load_bench(), host, folder)
    await fleet.add()
    await asyncio.sleep(QUIET)
    gc.collect()
    before = _resident()
    if who:
        tracemalloc.start(1)
    for _ in range(kiosks):
        await fleet.add()
    await asyncio.sleep(QUIET)
    gc.collect()
    if who:
        statistics = tracemalloc.take_snapshot().statistics("lineno")[:OWNERS]
        found: object = [f"{each.size // kiosks:8} {_place(each.traceback)}" for each in statistics]
    else:
        found = {"kiosks": kiosks, "before": before, "each": (_resident() - before) / kiosks}
    await fleet.close()
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
    spare_memory()
    with TemporaryDirectory(prefix="medteller-") as folder:
        print(json.dumps(virtual_time.run(_measured(Path(folder), int(sys.argv[1]), "--who" in sys.argv))))


if __name__ == "__main__":
    _main()
