"""The wire log: traced messages with a colour for each port; an exchange that repeats is one line with a count."""

from collections import deque
from dataclasses import dataclass

from rich.text import Text

from drivers.trace import Sender, TraceRecord

PALETTE = ("#e5c07b", "#61afef", "#98c379", "#d19aff", "#56d4c0", "#ff9e64")

KEPT = 1000
"""Lines."""


class Colours:
    """A colour for each name, by the order in which they are first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The colour of this port or device."""
        return self._known.setdefault(name, PALETTE[len(self._known) % len(PALETTE)])


@dataclass(slots=True)
class WireLine:
    """One line of the log: what was said first, how often since, and when last."""

    record: TraceRecord
    times: int
    last: float


class WireLog:
    """Keeps the last `KEPT` lines.

    Devices are polled: a message that says the same as the one before it, or the one before that (request and reply in
    turns), on the same port only counts up.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._lines: deque[WireLine] = deque(maxlen=KEPT)
        self._recent: dict[str, deque[WireLine]] = {}
        self._start: float | None = None

    def add(self, record: TraceRecord) -> None:
        """Hear one message."""
        if self._start is None:
            self._start = record.t
        recent = self._recent.setdefault(record.port, deque(maxlen=4))
        for line in recent:
            if _says(line.record) == _says(record):
                line.times += 1
                line.last = record.t
                return
        line = WireLine(record, 1, record.t)
        recent.append(line)
        self._lines.append(line)

    def text(self, lines: int, *, with_hex: bool = False) -> Text:
        """The last `lines` lines."""
        shown = list(self._lines)[-lines:]
        return Text("\n", no_wrap=True, overflow="crop").join(self._line(line, with_hex=with_hex) for line in shown)

    def _line(self, line: WireLine, *, with_hex: bool) -> Text:
        record = line.record
        arrow = "→" if record.direction is Sender.HOST else "←"
        text = Text(f"{record.t - (self._start or 0.0):9.3f} ", style="dim")
        text.append(f"{record.port:<10}{arrow} ", style=f"not dim {self._colours.of(record.port)}")
        text.append(record.note or record.hex, style="not dim")
        if line.times > 1:
            text.append(f" ×{line.times}")
        if with_hex:
            text.append(f"  {record.hex}")
        return text


def _says(record: TraceRecord) -> tuple[Sender, str, str]:
    return record.direction, record.note, record.hex
