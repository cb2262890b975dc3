"""Opens the workbench on a bench, in real time."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

from simulators.bench.bench import Bench
from simulators.bench.door.server import open_door
from simulators.bench.file import BenchFile
from simulators.bench.lines import LinkKind
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.bench_desk import BenchDesk


def launch(file: BenchFile, folder: Path, link: LinkKind, door: tuple[str, int] | None = None) -> None:
    """Work at this bench until the person quits, or until SIGTERM or SIGHUP.

    Its files go to `folder`, its control door listens at `door`. Raises DoorBlocked.
    """
    asyncio.run(_work(file, folder, link, door))


async def _work(file: BenchFile, folder: Path, link: LinkKind, door: tuple[str, int] | None) -> None:
    bench = Bench(file, folder=folder, link=link)
    try:
        desk = BenchDesk(bench)
        app = WorkbenchApp(desk)
        with _ending_on_signals(app):
            if door is None:
                await app.run_async()
                return
            async with open_door(desk.hands, *door):
                await app.run_async()
    finally:
        bench.close()


@contextlib.contextmanager
def _ending_on_signals(app: WorkbenchApp) -> Iterator[None]:
    """Whoever ends the program from outside finds the terminal as it was."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
