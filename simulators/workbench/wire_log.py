"""The wire log: traced messages with a colour for each port; an exchange that repeats is one line with a count."""

from dataclasses import dataclass

from rich.text import Text

from drivers.trace import Sender, TraceRecord

PALETTE = ("#e5c07b", "#61afef", "#98c379", "#d19aff", "#56d4c0", "#ff9e64")

KEPT = 500
"""Lines."""

LONGEST_EXCHANGE = 6
"""Messages of one question and its answer, with all that acknowledges them."""


class Colours:
    """A colour for each name, by the order in which they are first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The colour of this port or device."""
        return self._known.setdefault(name, PALETTE[len(self._known) % len(PALETTE)])


@dataclass(slots=True, eq=False)
class WireLine:
    """One line of the log: what was said first, and how often in all."""

    record: TraceRecord
    times: int = 1

    @property
    def said(self) -> tuple[Sender, str, str]:
        """By whom, and what."""
        return self.record.direction, self.record.note, self.record.hex


class WireLog:
    """Keeps the last `KEPT` lines.

    Devices are polled: when the last messages on a port (at most `LONGEST_EXCHANGE`) say the same as those just before
    them, they only count up.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._lines: list[WireLine] = []
        self._recent: dict[str, list[WireLine]] = {}
        self._start: float | None = None

    def add(self, record: TraceRecord) -> None:
        """Hear one message."""
        if self._start is None:
            self._start = record.t
        line = WireLine(record)
        self._lines.append(line)
        recent = self._recent.setdefault(record.port, [])
        recent.append(line)
        for length in range(1, LONGEST_EXCHANGE + 1):
            before, last = recent[-2 * length : -length], recent[-length:]
            if len(before) == length and [each.said for each in before] == [each.said for each in last]:
                self._fold(recent, before, last)
                break
        del recent[: -2 * LONGEST_EXCHANGE]
        del self._lines[:-KEPT]

    def _fold(self, recent: list[WireLine], before: list[WireLine], last: list[WireLine]) -> None:
        for line in before:
            line.times += 1
        del recent[-len(last) :]
        for line in reversed(last):
            del self._lines[max(at for at, kept in enumerate(self._lines) if kept is line)]

    def lines(self, *, with_hex: bool = False) -> list[Text]:
        """All lines, the last message at the end."""
        return [self._line(line, with_hex=with_hex) for line in self._lines]

    def _line(self, line: WireLine, *, with_hex: bool) -> Text:
        record = line.record
        arrow = "→" if record.direction is Sender.HOST else "←"
        text = Text(f"{record.t - (self._start or 0.0):9.3f} ", style="dim")
        text.append(f"{record.port:<16}{arrow} ", style=f"not dim {self._colours.of(record.port)}")
        text.append(record.note or record.hex, style="not dim")
        if line.times > 1:
            text.append(f" ×{line.times}")
        if with_hex:
            text.append(f"  {record.hex}")
        return text
