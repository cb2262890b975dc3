import pytest
from rich.text import Text
from textual.app import App, ComposeResult

from simulators.workbench.lines import Lines
from tests.terminal.kiosk import golden


class Frame(App[None]):
    """Ten rows."""

    def __init__(self, *, follow: bool) -> None:
        super().__init__()
        self._follow = follow

    def compose(self) -> ComposeResult:
        yield Lines(follow=self._follow)


def numbered(count: int) -> list[Text]:
    return [Text(f"line {n}") for n in range(count)]


@pytest.mark.parametrize(("follow", "first", "last"), [(True, "line 20", "line 29"), (False, "line 0", "line 9")])
async def test_the_end_or_the_beginning_is_in_sight(follow: bool, first: str, last: str) -> None:
    app = Frame(follow=follow)
    async with app.run_test(size=(20, 10)) as pilot:
        for count in (5, 15, 30):
            app.query_one(Lines).show(numbered(count))
            await pilot.pause()
        rows = [row.split("  ")[0].rstrip("▁▂▃▄▅▆▇█ ") for row in golden.text_of(app).splitlines()]
        assert rows[0] == first
        assert rows[9] == last


async def test_who_scrolls_up_is_left_there() -> None:
    app = Frame(follow=True)
    async with app.run_test(size=(20, 10)) as pilot:
        app.query_one(Lines).show(numbered(30))
        await pilot.pause()
        app.query_one(Lines).scroll_home(animate=False, force=True)
        await pilot.pause()
        app.query_one(Lines).show(numbered(40))
        await pilot.pause()
        assert golden.text_of(app).startswith("line 0")
