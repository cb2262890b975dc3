"""Opens the workbench on a bench, in real time."""

import asyncio
from pathlib import Path

from simulators.bench.bench import Bench
from simulators.bench.file import BenchFile
from simulators.bench.lines import LinkKind
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.bench_desk import BenchDesk


def launch(file: BenchFile, folder: Path, link: LinkKind) -> None:
    """Work at this bench until the person quits; its files go to `folder`."""
    asyncio.run(_work(file, folder, link))


async def _work(file: BenchFile, folder: Path, link: LinkKind) -> None:
    bench = Bench(file, folder=folder, link=link)
    try:
        await WorkbenchApp(BenchDesk(bench)).run_async()
    finally:
        bench.close()
