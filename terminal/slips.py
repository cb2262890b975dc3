"""A page on paper: what stood on the screen, for any paper width."""

from collections.abc import Sequence
from datetime import datetime

from drivers.interfaces import Align, PrintItem, PrintText
from terminal.equipment import Notices
from terminal.receipts import wrap
from terminal.texts import render
from terminal.view import View, Words


def slip(view: View, notices: Notices, at: datetime, columns: int, language: str) -> Sequence[PrintItem]:
    """Title, lines, table, and where and when; every row of a table is a paragraph of its own."""

    def said(words: Words) -> list[str]:
        return wrap(render(words, language), columns)

    items: list[PrintItem] = [PrintText(line, Align.CENTER, emphasized=True) for line in said(view.title)]
    items += [PrintText(line) for words in view.lines for line in said(words)]
    if view.table is not None:
        for row in view.table.rows:
            items.append(PrintText("-" * columns))
            for head, cell in zip(view.table.head, row, strict=True):
                text = f"{render(head, language)}: {render(cell, language)}"
                items += [PrintText(line) for line in wrap(text, columns)]
    items.append(PrintText("-" * columns))
    for words in (
        Words("slip_of_page.time", {"time": f"{at:%Y-%m-%d %H:%M:%S}"}),
        Words("slip_of_page.terminal", {"terminal": notices.terminal_id}),
        Words("slip_of_page.hotline", {"hotline": notices.hotline}),
    ):
        items += [PrintText(line) for line in said(words)]
    return items
