"""The widget that shows a View, whatever it is: for the kiosk's own app and wherever else its screen is wanted."""

import asyncio
from collections.abc import Callable, Sequence

from rich.box import SQUARE
from rich.cells import cell_len
from rich.table import Table as Grid
from textual.app import ComposeResult
from textual.containers import Horizontal, ItemGrid, VerticalScroll
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from terminal.kiosk.layout import Answer, Page, countdown, page
from terminal.texts import render
from terminal.view import Intent, View, Words

MOST_CHOICES = 9
"""As many as there are number keys."""

MANY_CHOICES = 4
"""More than so many stand close together in the accessible mode, so that there is room for what is to be read."""

BANDS = {False: ("", "on #e1eaf5"), True: ("", "on #3a3a00")}
"""Every other row of a table, in the usual and in the accessible mode."""

READ_ON_KEY = "m"


def _drawn(rows: Sequence[Sequence[str]], *, accessible: bool) -> Grid | str:
    """A table of a page; its first row is the head. Columns are as wide as what stands in them, as far as it goes."""
    if not rows:
        return ""
    head, *body = rows
    grid = Grid(box=SQUARE, expand=True, padding=0, row_styles=BANDS[accessible])
    for cell in head:
        grid.add_column(cell, overflow="fold")
    for row in body:
        grid.add_row(*row)
    return grid


def _label(answer: Answer) -> str:
    return f"[{answer.key.upper()}] {answer.text}"


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
            self.update(_label(answer))

    def on_click(self, event: Click) -> None:
        """Touching is answering."""
        event.stop()
        if self._answer is not None:
            self.post_message(self.Touched(self._answer.intent))


class ReadOn(Static):
    """Leads on in a text that is longer than the screen, and from its end back to its beginning."""

    class Touched(Message):
        """It was."""

    def on_click(self, event: Click) -> None:
        """Touching is reading on."""
        event.stop()
        self.post_message(self.Touched())


class KioskScreen(Widget, can_focus=True):
    """A kiosk's screen: renders a View and posts `Answered` with what the customer answers to it.

    Nothing is out of reach: labels are never cut, and what is too long for the screen can be read on.
    """

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
    KioskScreen .table { height: auto; }
    KioskScreen.large { background: black; color: yellow; }
    KioskScreen.large > .lines { background: black; }
    KioskScreen.large .line { text-style: bold; }
    KioskScreen.large > .choices Touch { padding: 1 1; text-style: bold; }
    KioskScreen.large.many > .choices Touch { padding: 0 1; }
    KioskScreen > .more { height: 1; width: auto; margin: 0 2; padding: 0 1; background: #8a5a00; color: white; }
    KioskScreen > .entry {
        height: 3;
        width: 32;
        margin: 0 2;
        padding: 0 2;
        border: round #0b5cad;
        text-style: bold;
    }
    KioskScreen > .choices { height: auto; margin: 0 2 1 2; grid-gutter: 1 2; }
    KioskScreen Touch { height: auto; padding: 0 1; background: #0b5cad; color: white; }
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
        self._spaced = False

    def compose(self) -> ComposeResult:
        """The places of a page; `show` fills them."""
        yield Static(classes="title", markup=False)
        yield Static(classes="steps", markup=False)
        with VerticalScroll(classes="lines", can_focus=False):
            yield Static(classes="line", markup=False)
            yield Static(classes="table", markup=False)
        yield Static(classes="entry", markup=False)
        yield ReadOn(classes="more", markup=False)
        with ItemGrid(classes="choices", stretch_height=False):
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
        many = " many" if len(shown.choices) > MANY_CHOICES else ""
        self.set_classes(f"{shown.tone} large{many}" if view.accessible else shown.tone)
        self.query_one(".title", Static).update(shown.title)
        steps = self.query_one(".steps", Static)
        steps.display = bool(shown.steps)
        steps.update(" › ".join(f"【{name}】" if present else name for name, present in shown.steps))
        self._write_lines(spaced=view.accessible)
        table = self.query_one(".table", Static)
        table.display = bool(shown.table)
        table.update(_drawn(shown.table, accessible=view.accessible))
        self.query_one(".lines").scroll_home(animate=False)
        entry = self.query_one(".entry", Static)
        entry.display = shown.entry is not None
        entry.update(f"{shown.entry}▏")
        choices = self.query_one(".choices", ItemGrid)
        choices.display = bool(shown.choices)
        choices.min_column_width = max((cell_len(_label(answer)) for answer in shown.choices), default=0) + 2
        for number, touch in enumerate(choices.query(Touch)):
            touch.offer(shown.choices[number] if number < len(shown.choices) else None)
        self.query_one(".cancel", Touch).offer(shown.cancel)
        self.query_one(".help", Touch).offer(shown.help)
        self.query_one(".accessible", Touch).offer(shown.accessible)
        self.query_one(".language", Touch).offer(shown.language)
        self._count_down()
        self.query_one(ReadOn).display = False
        self.call_after_refresh(self._fit)

    def answer(self, key: str) -> bool:
        """Answer by key, as if touched; False when the page has no such key."""
        if key == READ_ON_KEY and self.query_one(ReadOn).display:
            self._read_on()
            return True
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

    def on_read_on_touched(self, event: ReadOn.Touched) -> None:
        """A touch leads on."""
        event.stop()
        self._read_on()

    def on_resize(self) -> None:
        """Another size has room for more, or for less."""
        self.call_after_refresh(self._fit)

    def _write_lines(self, *, spaced: bool) -> None:
        self._spaced = spaced
        line = self.query_one(".line", Static)
        line.display = bool(self._page.lines)
        line.update(("\n\n" if spaced else "\n").join(self._page.lines))

    def _fit(self) -> None:
        """What does not fit stands closer together; what does not fit even so can be read on."""
        lines = self.query_one(".lines", VerticalScroll)
        if lines.max_scroll_y > 0 and self._spaced:
            self._write_lines(spaced=False)
            self.call_after_refresh(self._fit)
            return
        more = self.query_one(ReadOn)
        if more.display != (lines.max_scroll_y > 0):
            more.display = lines.max_scroll_y > 0
        self._tell_more()

    def _read_on(self) -> None:
        lines = self.query_one(".lines", VerticalScroll)
        if self._at_the_end(lines):
            lines.scroll_home(animate=False, immediate=True)
        else:
            lines.scroll_relative(y=max(1, lines.size.height - 1), animate=False, immediate=True)
        self._tell_more()

    def _tell_more(self) -> None:
        lines = self.query_one(".lines", VerticalScroll)
        key = "choice.from_the_top" if self._at_the_end(lines) else "choice.read_on"
        self.query_one(ReadOn).update(f"[{READ_ON_KEY.upper()}] {render(Words(key), self._shown.language)}")

    @staticmethod
    def _at_the_end(lines: VerticalScroll) -> bool:
        return lines.scroll_offset.y >= lines.max_scroll_y

    def _count_down(self) -> None:
        now = self._now() if self._now is not None else asyncio.get_running_loop().time()
        self.query_one(".left", Static).update(countdown(self._shown, now))
