import html
import re
from pathlib import Path

from textual.events import Key

from simulators.bench.bench import Bench
from simulators.bench.file import load_bench
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.bench_desk import BenchDesk
from simulators.workbench.screenshot import SIZE, picture, walk_to_the_cash
from simulators.world.people import load_people
from terminal.view import Screen
from tests.terminal.kiosk import golden


async def test_a_whole_withdrawal_is_done_with_the_keys_of_the_workbench(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    app = WorkbenchApp(BenchDesk(bench), refresh=1.0)
    async with app.run_test(size=SIZE) as pilot:
        await walk_to_the_cash(bench, app)
        assert [note.denomination for note in bench.dispenser.notes_at_exit] == [100] * 5
        app.post_message(Key("n", None))
        await bench.scene.until(lambda: bench.session.view.screen is Screen.FINISHED)
        for key in ("r", "w", "w"):
            app.post_message(Key(key, None))
        await pilot.pause(2.0)
        shown = golden.text_of(app)
    bench.close()
    assert "已取现 500.00 元" in shown
    assert "取现成功" in shown


async def test_the_picture_shows_the_scene_and_no_secret(tmp_path: Path) -> None:
    svg = html.unescape(await picture(tmp_path)).replace("\xa0", " ")
    five_wide_characters = re.search(r'textLength="([\d.]+)"[^>]*>请取走现金<', svg)
    assert five_wide_characters is not None
    assert float(five_wide_characters[1]) == 10 * 12.2
    assert "cash_dispenser" in svg
    person = load_people()[0]
    assert person.pin not in svg
    assert person.pan not in svg
