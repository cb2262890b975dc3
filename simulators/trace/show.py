"""A wire trace for the eye: one line a message, with its time, the silence before it, and what should stand out."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from drivers.trace_file import BadLine, Line, Sender, TraceHeader, TraceRecord

ARROWS = {Sender.HOST: "→", Sender.DEVICE: "←"}
COLOURS = ("cyan", "magenta", "green", "yellow", "blue")
SHOWN_BYTES = 24
LONG_SILENCE = 1.0
"""Seconds of silence on a port that stand out."""

UNANSWERED = 0.25
"""Seconds after which a host that speaks again without having heard anything was waiting in vain."""

_CONTROLS = ("ACK", "NAK", "EOT")
_NEVER_ANSWERED = ("escpos",)
"""Models whose host says much that has no answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with what its neighbours tell: seconds since the first, and since the last one on its port."""

    number: int
    record: TraceRecord
    model: str
    since_start: float
    gap: float
    unanswered: bool

    @property
    def broken(self) -> bool:
        """Bytes that are no message."""
        return self.record.note.startswith(("damaged", "noise"))

    def to_json(self) -> str:
        """The record's line, with what was found out about it."""
        record = json.loads(self.record.to_json())
        found = {"line": self.number, "model": self.model, "since_start": round(self.since_start, 6)}
        found |= {"gap": round(self.gap, 6), "unanswered": self.unanswered, "broken": self.broken}
        return json.dumps({**record, **found}, ensure_ascii=False)


def timed(lines: Iterable[tuple[int, Line]], port: str | None = None) -> Iterator[Shown | tuple[int, Line]]:
    """The records of a trace (of one `port`) with their times; headers and bad lines pass as they are."""
    models: dict[str, str] = {}
    start: float | None = None
    last: dict[str, TraceRecord] = {}
    for number, line in lines:
        if isinstance(line, TraceHeader):
            models, start, last = {name: about.model for name, about in line.ports.items()}, None, {}
        if not isinstance(line, TraceRecord):
            yield number, line
        elif port is None or line.port == port:
            start = line.t if start is None else start
            before = last.get(line.port)
            gap = 0.0 if before is None else line.t - before.t
            model = models.get(line.port, "")
            last[line.port] = line
            yield Shown(number, line, model, line.t - start, gap, _in_vain(before, line, gap, model))


def _in_vain(before: TraceRecord | None, now: TraceRecord, gap: float, model: str) -> bool:
    both_host = before is not None and before.direction is now.direction is Sender.HOST
    return both_host and gap >= UNANSWERED and model not in _NEVER_ANSWERED and before.note not in _CONTROLS  # type: ignore[union-attr]


class Screen:
    """Prints what `timed` yields. `raw` shows all bytes."""

    def __init__(self, console: Console, *, raw: bool = False) -> None:
        self._console = console
        self._raw = raw
        self._colours: dict[str, str] = {}
        self._width = 0

    def header(self, header: TraceHeader) -> None:
        """A program began to record."""
        self._width = max((len(name) for name in header.ports), default=0)
        self._console.rule(f"trace{f' begun {header.began}' if header.began else ''}", style="dim")
        for name, port in header.ports.items():
            self._print(Text.assemble(f"{name:{self._width}}  ", (f"{port.model}  {port.line}", "dim")))

    def record(self, shown: Shown) -> None:
        """One message."""
        record = shown.record
        self._width = max(self._width, len(record.port))
        colour = self._colours.setdefault(record.port, COLOURS[len(self._colours) % len(COLOURS)])
        if shown.unanswered:
            words = f"{'':26}{record.port:{self._width}}   no answer for {shown.gap:.3f} s"
            self._print(Text(words, "bold yellow"))
        style = "bold red" if shown.broken else "dim" if record.note in _CONTROLS else colour
        silence = "bold yellow" if shown.gap >= LONG_SILENCE else "dim"
        line = Text.assemble(
            (f"{shown.since_start:11.4f}  ", "dim"),
            (f"{shown.gap:+11.4f}  ", silence),
            (f"{record.port:{self._width}} {ARROWS[record.direction]} ", colour),
            (record.note or "(not decoded)", style),
        )
        pieces = record.hex.split()
        if self._raw:
            self._print(line)
            for start in range(0, len(pieces), SHOWN_BYTES):
                self._print(Text(f"{'':26}{'':{self._width}}   {' '.join(pieces[start : start + SHOWN_BYTES])}", "dim"))
            return
        more = " …" if len(pieces) > SHOWN_BYTES else ""
        self._print(line.append(f"  {' '.join(pieces[:SHOWN_BYTES])}{more}", "dim"))

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)


def told(number: int, bad: BadLine) -> str:
    """A bad line in words."""
    return f"line {number}: {bad.reason}"
