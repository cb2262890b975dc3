"""Bars as inline SVG, for pages that must stand alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from terminal.receipts import width

WIDTH: Final = 920
ROW: Final = 22
CHARACTER: Final = 7.0
"""Pixels of a narrow character at 13 px; Chinese ones take two."""

ROOM_FOR_VALUES: Final = 90


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. `kind` is its class in the page's style: `bad` stands out."""

    label: str
    value: float
    shown: str
    kind: str = ""


def room_for(labels: Iterable[str]) -> float:
    """Pixels that the longest of them takes."""
    return 16 + CHARACTER * max(map(width, labels), default=0)


def bars(rows: Sequence[Bar], title: str, *, left: float | None = None, most: float | None = None) -> str:
    """Bars that begin `left` pixels from the edge; one of the value `most` takes all the room that there is.

    `title` is for those who can't see.
    """
    if left is None:
        left = room_for(row.label for row in rows)
    if most is None:
        most = max((row.value for row in rows), default=0)
    most = most or 1
    room = WIDTH - left - ROOM_FOR_VALUES
    height = ROW * len(rows) + 4
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">']
    parts.append(f"<title>{escape(title)}</title>")
    for number, row in enumerate(rows):
        top, long = ROW * number + 2, max(room * row.value / most, 1.5 if row.value else 0)
        middle = top + ROW * 0.68
        parts.append(
            f'<g class="{row.kind}"><text x="0" y="{middle:.1f}">{escape(row.label)}'
            f'</text><rect x="{left:.1f}" y="{top + 3}" width="{long:.1f}" height="{ROW - 8}" rx="2"/>'
            f'<text class="value" x="{left + long + 8:.1f}" y="{middle:.1f}">{escape(row.shown)}</text></g>'
        )
    return "".join([*parts, "</svg>"])
