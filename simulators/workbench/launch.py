"""Opens the workbench on a bench, in real time."""

import asyncio
from pathlib import Path

from simulators.bench.bench import Bench
from simulators.bench.door.server import open_door
from simulators.bench.file import BenchFile
from simulators.bench.lines import LinkKind
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.bench_desk import BenchDesk


def launch(file: BenchFile, folder: Path, link: LinkKind, door: tuple[str, int] | None = None) -> None:
    """Work at this bench until the person quits; its files go to `folder`, its control door listens at `door`.

    Raises DoorBlocked.
    """
    asyncio.run(_work(file, folder, link, door))


async def _work(file: BenchFile, folder: Path, link: LinkKind, door: tuple[str, int] | None) -> None:
    bench = Bench(file, folder=folder, link=link)
    try:
        desk = BenchDesk(bench)
        if door is None:
            await WorkbenchApp(desk).run_async()
            return
        async with open_door(desk.hands, *door):
            await WorkbenchApp(desk).run_async()
    finally:
        bench.close()
