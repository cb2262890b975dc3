"""Many lines to scroll through, of which only those in sight are rendered."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Lines(ScrollView, can_focus=False):
    """With `follow` it stays at the last line until the reader scrolls up."""

    DEFAULT_CSS = "Lines { scrollbar-size-vertical: 1; overflow-x: hidden; }"

    def __init__(self, *, follow: bool, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._follow = follow
        self._lines: Sequence[Text] = ()

    def show(self, lines: Sequence[Text]) -> None:
        """Replace all lines."""
        at_end = self.is_vertical_scroll_end
        self._lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        if self._follow and at_end:
            self.scroll_end(animate=False, immediate=True, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line in sight."""
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        segments = self._lines[number].render(self.app.console)
        styled = Segment.apply_style(segments, self.rich_style)
        return Strip(styled).adjust_cell_length(self.size.width, self.rich_style)
