"""A window with a line to type in and a list to choose from: arrows move, enter chooses, escape leaves."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

Row = TypeVar("Row")
Result = TypeVar("Result")


class Chooser(ModalScreen[Result | None], Generic[Row, Result]):
    """Whoever derives from it shows rows and says what becomes of the `chosen` one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"move('{to}')", show=False) for key, to in (("up", "cursor_up"), ("down", "cursor_down"))),
        *(Binding(key, f"move('{to}')", show=False) for key, to in (("pageup", "page_up"), ("pagedown", "page_down"))),
        Binding("escape", "leave", show=False),
    ]
    DEFAULT_CSS = """
    Chooser { align: center middle; }
    Chooser > Vertical {
        width: 76;
        max-width: 96%;
        height: auto;
        max-height: 90%;
        padding: 0 1;
        border: round #ff7b72;
        border-title-color: #ff7b72;
        border-subtitle-color: #8b949e;
        background: #161b22;
    }
    Chooser Input, Chooser Input:focus { border: none; height: 1; padding: 0; background: #0d1117; }
    Chooser OptionList { border: none; height: auto; max-height: 16; padding: 0; background: #161b22; }
    Chooser OptionList > .option-list--option-highlighted { background: #1f6feb; color: #ffffff; }
    Chooser OptionList > .option-list--option-disabled { color: #8b949e; text-style: bold; }
    Chooser Static { height: auto; color: #8b949e; }
    Chooser #remark { color: #ff7b72; }
    """

    def __init__(self, title: str, *, hint: str, typed: str = "", about: str = "") -> None:
        super().__init__()
        self._title, self._about = title, about
        self._rows: list[Row | None] = []
        self._input = Input(typed, placeholder=hint, select_on_focus=False)
        self._list = OptionList(markup=False)
        self._list.can_focus = False
        self._remark = Static(id="remark", markup=False)

    def compose(self) -> ComposeResult:
        """The line, what it can say, the list, and what went wrong."""
        window = Vertical()
        window.border_title = self._title
        window.border_subtitle = "↑ ↓ ⏎  esc leaves"
        with window:
            yield self._input
            if self._about:
                yield Static(self._about, markup=False)
            yield self._list
            yield self._remark

    @property
    def typed(self) -> str:
        """What the line says."""
        return self._input.value

    def show(self, rows: Sequence[tuple[Row | None, Text]]) -> None:
        """Replace the list; a row that is None is a heading. The highlighted row stays so while it is there."""
        before = self._highlighted()
        self._rows = [row for row, _ in rows]
        self._list.clear_options()
        self._list.add_options([Option(text, disabled=row is None) for row, text in rows])
        real = [number for number, row in enumerate(self._rows) if row is not None]
        self._list.highlighted = next(
            (number for number in real if self._rows[number] == before), next(iter(real), None)
        )

    def remark(self, words: str) -> None:
        """Say what went wrong."""
        self._remark.update(words)

    def chosen(self, row: Row) -> None:
        """The person chose this row."""
        raise NotImplementedError

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter chooses the highlighted row."""
        event.stop()
        row = self._highlighted()
        if row is not None:
            self.chosen(row)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """So does a click."""
        event.stop()
        row = self._rows[event.option_index]
        if row is not None:
            self.chosen(row)

    def action_move(self, to: str) -> None:
        """Move in the list while the line keeps the keyboard."""
        getattr(self._list, f"action_{to}")()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def _highlighted(self) -> Row | None:
        number = self._list.highlighted
        return None if number is None or number >= len(self._rows) else self._rows[number]
