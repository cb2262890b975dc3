"""The widget that shows a View, whatever it is: for the kiosk's own app and wherever else its screen is wanted."""

import asyncio
from collections.abc import Callable, Sequence

from rich.box import SQUARE
from rich.table import Table as Grid
from textual.app import ComposeResult
from textual.containers import Horizontal, ItemGrid, VerticalScroll
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from terminal.kiosk.layout import Answer, Page, countdown, page
from terminal.view import Intent, View

MOST_CHOICES = 9
"""As many as there are number keys."""


def _drawn(rows: Sequence[Sequence[str]]) -> Grid | str:
    """A table of a page; its first row is the head."""
    if not rows:
        return ""
    head, *body = rows
    grid = Grid(box=SQUARE, expand=True, padding=0, row_styles=("", "reverse"))
    for number, cell in enumerate(head):
        grid.add_column(cell, overflow="fold", ratio=min(number, 2) or None)
    for row in body:
        grid.add_row(*row)
    return grid


class Touch(Static):
    """One thing to touch."""

    class Touched(Message):
        """It was."""

        def __init__(self, intent: Intent) -> None:
            super().__init__()
            self.intent = intent

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(markup=False, classes=classes)
        self._answer: Answer | None = None

    def offer(self, answer: Answer | None) -> None:
        """Show this answer, or nothing."""
        self._answer = answer
        self.display = answer is not None
        if answer is not None:
            self.update(f"[{answer.key.upper()}] {answer.text}")

    def on_click(self, event: Click) -> None:
        """Touching is answering."""
        event.stop()
        if self._answer is not None:
            self.post_message(self.Touched(self._answer.intent))


class KioskScreen(Widget, can_focus=True):
    """A kiosk's screen: renders a View and posts `Answered` with what the customer answers to it."""

    DEFAULT_CSS = """
    KioskScreen {
        layout: vertical;
        background: #f4f7fb;
        color: #10243e;
    }
    KioskScreen > .title {
        height: 3;
        padding: 1 2;
        width: 100%;
        background: #0b5cad;
        color: white;
        text-style: bold;
    }
    KioskScreen.ask > .title { background: #8a5a00; }
    KioskScreen.take > .title { background: #0b7a5b; }
    KioskScreen.good > .title { background: #1d7a2c; }
    KioskScreen.bad > .title { background: #a52a2a; }
    KioskScreen > .steps { height: 1; padding: 0 2; background: #dbe7f5; color: #4a6484; }
    KioskScreen > .lines { height: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; background: #f4f7fb; }
    KioskScreen .line { height: auto; }
    KioskScreen .table { height: auto; margin: 1 0 0 0; }
    KioskScreen.large { background: black; color: yellow; }
    KioskScreen.large > .title { height: 5; padding: 2 2; }
    KioskScreen.large > .lines { background: black; }
    KioskScreen.large .line { text-style: bold; }
    KioskScreen.large > .choices Touch { height: 3; padding: 1 1; text-style: bold; }
    KioskScreen > .entry {
        height: 3;
        width: 32;
        margin: 0 2;
        padding: 0 2;
        border: round #0b5cad;
        text-style: bold;
    }
    KioskScreen > .choices { height: auto; margin: 0 2 1 2; grid-columns: 1fr 1fr; grid-gutter: 1 2; }
    KioskScreen Touch { height: 1; padding: 0 1; background: #0b5cad; color: white; }
    KioskScreen Touch:hover { background: #1673cf; }
    KioskScreen > .foot { height: 1; background: #dbe7f5; }
    KioskScreen > .foot > .left { width: 1fr; padding: 0 2; color: #4a6484; }
    KioskScreen > .foot > Touch { width: auto; margin: 0 0 0 1; }
    KioskScreen > .foot > .cancel { background: #a52a2a; }
    """

    class Answered(Message):
        """The customer answered the view that is shown."""

        def __init__(self, intent: Intent) -> None:
            super().__init__()
            self.intent = intent

    def __init__(self, view: View, *, now: Callable[[], float] | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown = view
        self._page: Page = page(view)
        self._now = now
        self._composed = False

    def compose(self) -> ComposeResult:
        """The places of a page; `show` fills them."""
        yield Static(classes="title", markup=False)
        yield Static(classes="steps", markup=False)
        with VerticalScroll(classes="lines", can_focus=False):
            yield Static(classes="line", markup=False)
            yield Static(classes="table", markup=False)
        yield Static(classes="entry", markup=False)
        with ItemGrid(classes="choices", min_column_width=24, stretch_height=False):
            for _ in range(MOST_CHOICES):
                yield Touch()
        with Horizontal(classes="foot"):
            yield Static(classes="left", markup=False)
            yield Touch(classes="cancel")
            yield Touch(classes="help")
            yield Touch(classes="accessible")
            yield Touch(classes="language")

    def on_mount(self) -> None:
        """Show the first view and let the countdown run."""
        self._composed = True
        self.show(self._shown)
        self.set_interval(1.0, self._count_down)

    def show(self, view: View) -> None:
        """Replace everything on the screen; nothing of the view before stays."""
        self._shown = view
        self._page = shown = page(view)
        if not self._composed:
            return
        self.set_classes(f"{shown.tone} large" if view.accessible else shown.tone)
        self.query_one(".title", Static).update(shown.title)
        steps = self.query_one(".steps", Static)
        steps.display = bool(shown.steps)
        steps.update(" › ".join(f"【{name}】" if present else name for name, present in shown.steps))
        self.query_one(".line", Static).update(("\n\n" if view.accessible else "\n").join(shown.lines))
        table = self.query_one(".table", Static)
        table.display = bool(shown.table)
        table.update(_drawn(shown.table))
        self.query_one(".lines").scroll_home(animate=False)
        entry = self.query_one(".entry", Static)
        entry.display = shown.entry is not None
        entry.update(f"{shown.entry}▏")
        choices = self.query_one(".choices")
        choices.display = bool(shown.choices)
        for number, touch in enumerate(choices.query(Touch)):
            touch.offer(shown.choices[number] if number < len(shown.choices) else None)
        self.query_one(".cancel", Touch).offer(shown.cancel)
        self.query_one(".help", Touch).offer(shown.help)
        self.query_one(".accessible", Touch).offer(shown.accessible)
        self.query_one(".language", Touch).offer(shown.language)
        self._count_down()

    def answer(self, key: str) -> bool:
        """Answer by key, as if touched; False when the page has no such key."""
        for answer in self._page.answers():
            if answer.key == key:
                self.post_message(self.Answered(answer.intent))
                return True
        return False

    def on_key(self, event: Key) -> None:
        """Keys of this page."""
        if self.answer(event.key):
            event.stop()

    def on_touch_touched(self, event: Touch.Touched) -> None:
        """A touch is an answer."""
        event.stop()
        self.post_message(self.Answered(event.intent))

    def _count_down(self) -> None:
        now = self._now() if self._now is not None else asyncio.get_running_loop().time()
        self.query_one(".left", Static).update(countdown(self._shown, now))
