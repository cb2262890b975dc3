"""The workbench in the middle of a withdrawal, as a picture: `python -m simulators.workbench.screenshot PATH.svg`.

The scene runs in virtual time from one seed, so the picture changes only when the program does.
"""

import asyncio
import html
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.cells import cell_len
from textual.events import Key

from simulators.bench.bench import Bench
from simulators.bench.file import load_bench
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.bench_desk import BenchDesk
from simulators.world import virtual_time
from terminal import views
from terminal.kiosk.screen import KioskScreen
from terminal.view import Screen

SIZE = (100, 30)
"""Columns and rows."""

AMOUNT = f"{views.AMOUNT}50000"
"""What the person draws."""


async def walk_to_the_cash(bench: Bench, app: WorkbenchApp) -> None:
    """Do with the keys of the workbench what leads to notes in reach."""

    def press(key: str) -> None:
        app.post_message(Key(key, None))

    async def reach(screen: Screen) -> None:
        await bench.scene.until(lambda: bench.session.view.screen is screen)

    def choose(choice: str) -> None:
        offered = [offer.id for offer in bench.session.view.choices]
        press(str(offered.index(choice) + 1))

    await reach(Screen.IDLE)
    await bench.scene.until(lambda: bench.reader.takes_cards)
    press("i")
    await reach(Screen.NOTICE)
    choose(views.AGREE)
    await reach(Screen.PIN)
    await bench.scene.until(lambda: bench.pad.listening)
    press("k")
    await reach(Screen.MENU)
    choose(views.CASH)
    await reach(Screen.AMOUNT)
    choose(AMOUNT)
    await reach(Screen.CONFIRM)
    choose(views.CONFIRM)
    await reach(Screen.TAKE_CARD)
    await bench.scene.until(lambda: bench.reader.card_at_gate)
    press("t")
    await reach(Screen.TAKE_CASH)


def with_wide_characters(svg: str) -> str:
    """The same picture with room for Chinese: the export gives every character the width of a narrow one."""

    def widened(found: re.Match[str]) -> str:
        text = html.unescape(found["text"])
        length = float(found["length"]) * cell_len(text) / len(text)
        return f'textLength="{length:g}" lengthAdjust="spacingAndGlyphs"{found["more"]}>{found["text"]}<'

    return re.sub(r'textLength="(?P<length>[\d.]+)"(?P<more>[^>]*)>(?P<text>[^<]+)<', widened, svg)


async def picture(folder: Path) -> str:
    """The SVG."""
    bench = Bench(load_bench(), folder=folder, seed=1)
    app = WorkbenchApp(BenchDesk(bench))
    try:
        async with app.run_test(size=SIZE) as pilot:
            await walk_to_the_cash(bench, app)
            await asyncio.sleep(1.2)
            app.query_one(KioskScreen).show(bench.session.view)
            await pilot.pause()
            return with_wide_characters(app.export_screenshot(title="medteller-sim workbench"))
    finally:
        bench.close()


def main(path: Path) -> None:
    """Write the picture."""
    with TemporaryDirectory(prefix="medteller-") as folder:
        path.write_text(virtual_time.run(picture(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
