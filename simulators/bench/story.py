"""Tells a scenario as it happens: what the customer sees, what devices and host say, and the proof at the end."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from drivers.trace import Sender, TraceRecord
from simulators.bench.bench import Bench
from simulators.bench.result import Result
from terminal.receipts import width
from terminal.texts import languages, render
from terminal.view import View

COLOURS = {
    "card_reader": "cyan",
    "pin_pad": "magenta",
    "cash_dispenser": "green",
    "receipt_printer": "yellow",
    "host": "blue",
}

HOST = "host"

SHOWN_BYTES = 24
"""Bytes of a message shown in hex."""

ARROWS = {Sender.HOST: "→", Sender.DEVICE: "←"}


class Repeats:
    """Keeps polling from drowning the story: an exchange that repeats the one before is counted, not told."""

    def __init__(self, tell: Callable[[TraceRecord], None], tell_repeats: Callable[[str, int], None]) -> None:
        self._tell = tell
        self._tell_repeats = tell_repeats
        self._last: list[TraceRecord] = []
        self._now: list[TraceRecord] = []
        self._repeating = False
        self._times = 0

    def __call__(self, record: TraceRecord) -> None:
        """Hear one message of one port."""
        if record.direction is Sender.HOST and record.note not in ("ACK", "NAK"):
            self._close()
        self._now.append(record)
        if self._repeating and not _same(record, self._last[len(self._now) - 1 : len(self._now)]):
            self.flush()
            for held in self._now:
                self._tell(held)
            self._repeating = False
        elif not self._repeating:
            self._tell(record)

    def flush(self) -> None:
        """Tell how often the last exchange came again."""
        if self._times:
            self._tell_repeats(self._last[0].port, self._times)
            self._times = 0

    def _close(self) -> None:
        """An exchange is over, and perhaps its repetition begins."""
        if self._repeating and len(self._now) == len(self._last):
            self._times += 1
        elif self._now:
            self._last = self._now
        self._now = []
        self._repeating = bool(self._last)


def _same(record: TraceRecord, before: list[TraceRecord]) -> bool:
    return bool(before) and (before[0].direction, before[0].note) == (record.direction, record.note)


class Storyteller:
    """Follows a bench and prints; `told` prints the end of the story.

    `briefly`, for stories of days: by the clock on the wall, and of the wires only what terminal and host say.
    """

    def __init__(self, console: Console, language: str, *, briefly: bool = False) -> None:
        self._console = console
        self._language = language
        self._briefly = briefly
        self._repeats: dict[str, Repeats] = {}
        self._screen: tuple[object, ...] = ()
        self._bench: Bench | None = None

    def open(self, name: str, story: str, link: str, seed: int) -> None:
        """The title."""
        self._console.rule(f"[bold]{name}[/]")
        self._console.print(f"{story}  [dim](link {link}, seed {seed})[/]\n")

    def follow(self, bench: Bench) -> None:
        """Tell what happens on this bench from now on."""
        self._bench = bench
        bench.tracer.add(self._hear)
        bench.watch(self._see)
        bench.deeds.append(self._do)

    def chapter(self, words: str) -> None:
        """A new day or place."""
        self._console.print()
        self._console.print(f"[bold underline]{escape(words)}[/]", soft_wrap=True)

    def says(self, who: str, words: str) -> None:
        """Somebody does or says something, or is told something."""
        self._console.print(f"{self._time()} [bold red]{escape(who)}[/] {escape(words)}", soft_wrap=True)

    def told(self, result: Result) -> None:
        """Receipts, postings, journal and checks."""
        for repeats in self._repeats.values():
            repeats.flush()
        for receipt in result.receipts:
            self._receipt(receipt)
        self._postings(result)
        if not self._briefly:
            self._journal(result)
        self._console.rule("[bold]checks[/]")
        for check in result.checks:
            self._console.print(f"[green]✓[/] {check.name}" if check.held else f"[bold red]✗ {check.name}[/]")
        notes = ", ".join(f"{count} x {denomination}" for denomination, count in result.notes_taken.items()) or "none"
        self._console.print(
            f"\n[bold]{result.outcome}[/]: notes taken {notes}; account debited "
            f"{result.account_debit_fen / 100:.2f} yuan; card {result.card}; "
            f"{result.frames} frames in {result.seconds:.1f} s"
        )

    def _do(self, deed: str) -> None:
        self._console.print(f"{self._time()} [bold red]customer[/] [bold]{escape(deed)}[/]")

    def _see(self, view: View) -> None:
        screen = (view.screen, view.title, view.lines, view.choices)
        if screen == self._screen:
            return
        self._screen = screen
        self._console.print(f"{self._time()} [bold reverse] {escape(render(view.title, self._language))} [/]")
        lines = [render(line, self._language) for line in view.lines]
        lines += [f"▸ {render(choice.words, self._language)}" for choice in view.choices]
        for line in lines:
            self._console.print(f"           [bold]│[/] {escape(line)}")

    def _hear(self, record: TraceRecord) -> None:
        if self._briefly and record.port != HOST:
            return
        if record.port not in self._repeats:
            self._repeats[record.port] = Repeats(self._message, self._again)
        self._repeats[record.port](record)

    def _message(self, record: TraceRecord) -> None:
        colour = COLOURS.get(record.port, "white")
        shown = " ".join(record.hex.split()[:SHOWN_BYTES])
        more = " …" if len(record.hex.split()) > SHOWN_BYTES else ""
        self._console.print(
            f"{self._time()} [{colour}]{record.port:15} {ARROWS[record.direction]} {escape(record.note)}[/] "
            f"[dim]{shown}{more}[/]",
            soft_wrap=True,
        )

    def _again(self, port: str, times: int) -> None:
        self._console.print(f"           [dim]{port:15}   … the same again, {times}×[/]")

    def _time(self) -> str:
        if self._bench is None:
            return ""
        if self._briefly:
            return f"[dim]{self._bench.world.now():%m-%d %H:%M:%S}[/]"
        return f"[dim]{self._bench.elapsed():8.3f} s[/]"

    def _receipt(self, receipt: str) -> None:
        self._console.rule("[bold]receipt[/]")
        lines = receipt.splitlines()
        widest = max((width(line) for line in lines), default=0)
        for line in lines:
            self._console.print(f"   │ {escape(line)}{' ' * (widest - width(line))} │", soft_wrap=True)

    def _postings(self, result: Result) -> None:
        self._console.rule("[bold]ledger postings of this visit[/]")
        if not result.postings:
            self._console.print("none: no money moved")
            return
        table = Table("entry", "account", "debit (yuan)", "credit (yuan)", "text")
        for row in result.postings:
            debit, credit = (f"{fen / 100:.2f}" if fen else "" for fen in (row.debit_fen, row.credit_fen))
            table.add_row(str(row.entry), row.account, debit, credit, row.text)
        self._console.print(table)

    def _journal(self, result: Result) -> None:
        self._console.rule("[bold]journal[/]")
        for record in result.journal:
            data = "  ".join(f"{key}={value}" for key, value in record.data.items() if key != "sealed")
            visit = record.transaction or ""
            self._console.print(
                f"{record.seq:4} {record.time[11:23]} {record.kind:22} [dim]{visit:13} {escape(data)}[/]",
                soft_wrap=True,
            )


def default_language() -> str:
    """What the story is told in: English where there is such a file."""
    return "en" if "en" in languages() else languages()[0]
