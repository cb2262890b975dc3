"""The developer's workbench: a whole kiosk in one window, driven in real time.

Left the kiosk's own screen, right its devices, below what is said on the wires, the journal and the last receipt.
"""

from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key, Resize
from textual.widgets import ContentSwitcher, Static

from drivers.trace import TraceRecord
from simulators.workbench.bench import Bench, Fault, JournalRecord
from simulators.workbench.faults import FaultMenu
from simulators.workbench.keys import Action, Hands
from simulators.workbench.wire_log import Colours, WireLog
from terminal.kiosk.screen import KioskScreen
from terminal.view import View

T = TypeVar("T")

AS_IT_SHOULD_BE = (
    ("power", "on"),
    ("state", "ready"),
    ("authenticated", "yes"),
    ("path", "clear"),
    ("cover", "closed"),
    ("cutter", "ok"),
    ("error", "none"),
    ("PIN", ""),
)
"""Facts of a device that are not worth a line."""

TABS = {"wire": "Wire", "journal": "Journal", "receipt": "Receipt"}


class WorkbenchApp(App[None]):
    """Shows one bench and lets one person at the keyboard do everything to it."""

    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  # Textual declares it so
    CSS = """
    Screen { background: #0d1117; color: #c9d1d9; }
    #upper { height: 20; }
    .-narrow #upper { height: 17; }
    #kiosk { width: 62; border: round #30363d; border-title-color: #8b949e; }
    .-narrow #kiosk { width: 52; }
    #kiosk > .title { height: 1; padding: 0 2; }
    #kiosk > .lines { padding: 0 2; }
    #kiosk > .choices { margin: 0 2; grid-gutter: 0 2; }
    #devices {
        width: 1fr;
        height: 100%;
        border: round #30363d;
        border-title-color: #8b949e;
        padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    #lower { height: 1fr; border: round #30363d; border-title-color: #8b949e; padding: 0 1; }
    #lower Static { height: auto; }
    #lower VerticalScroll { scrollbar-size-vertical: 1; }
    #keys { height: auto; padding: 0 1; background: #161b22; }
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self._hands = Hands(bench)
        self._colours = Colours()
        self._wire = WireLog(self._colours)
        self._with_hex = False
        self._journal: list[JournalRecord] = []
        self._stale = False
        self._actions = {
            action.key: action
            for action in (
                *self._hands.actions(),
                Action("x", "Faults", self._choose_fault),
                Action("w", "Tab", self._next_tab),
                Action("h", "Hex", self._switch_hex),
                Action("q", "Quit", self.exit),
            )
        }
        for name in bench.devices:
            self._colours.of(name)

    def compose(self) -> ComposeResult:
        """The places; `_refresh` fills them."""
        with Horizontal(id="upper"):
            kiosk = KioskScreen(self._bench.session.view, id="kiosk")
            kiosk.border_title = "kiosk"
            kiosk.can_focus = False
            yield kiosk
            with VerticalScroll(id="devices", can_focus=False) as devices:
                devices.border_title = "devices"
                yield Static(markup=False)
        with Vertical(id="lower"), ContentSwitcher(initial="wire"):
            for tab in TABS:
                with VerticalScroll(id=tab, can_focus=False):
                    yield Static(markup=False)
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Follow the bench, then start it."""
        self._bench.session.subscribe(self._show_view)
        self._bench.watch(self._changed)
        self._bench.watch_wire(self._hear)
        self.run_worker(self._bench.run())
        self._changed()

    async def on_kiosk_screen_answered(self, event: KioskScreen.Answered) -> None:
        """The person touched the kiosk's screen."""
        await self._bench.session.intent(event.intent)

    def on_key(self, event: Key) -> None:
        """One key: first for what the kiosk's screen offers, then for the hands, then for the PIN pad."""
        if self.query_one(KioskScreen).answer(event.key):
            event.stop()
        elif event.key in self._actions:
            event.stop()
            self.action_press(event.key)
        elif self._hands.press(event.key):
            event.stop()

    def action_press(self, key: str) -> None:
        """Do what a key of the footer stands for."""
        if remark := self._actions[key].do():
            self.notify(remark, timeout=3)
        self._changed()

    def on_resize(self, event: Resize) -> None:
        """Lines break elsewhere now."""
        self.query_one("#keys", Static).update(self._key_bar(event.size.width - 2))
        self._changed()

    # what is shown

    def _show_view(self, view: View) -> None:
        self.query_one(KioskScreen).show(view)
        self._changed()

    def _hear(self, record: TraceRecord) -> None:
        self._wire.add(record)
        self._changed()

    def _changed(self) -> None:
        """Refresh once, however much changes at a time."""
        if not self._stale:
            self._stale = True
            self.call_after_refresh(self._refresh)

    def _refresh(self) -> None:
        self._stale = False
        if not self.is_running or not self.query("#lower"):
            return
        self._journal += self._bench.journal_after(self._journal[-1].seq if self._journal else 0)
        self.query_one("#devices Static", Static).update(self._device_text())
        self.query_one("#kiosk").border_title = f"kiosk · {self._hands.person.name}: {self._hands.person.note}"
        tab = self.query_one(ContentSwitcher).current or "wire"
        names = (f"【{name}】" if tab == each else name for each, name in TABS.items())
        self.query_one("#lower").border_title = " ".join(names)
        match tab:
            case "wire":
                text = self._wire.text(200, with_hex=self._with_hex)
            case "journal":
                text = _journal_text(self._journal[-200:])
            case _:
                text = Text(self._hands.receipt or "no receipt in hand")
        scroll = self.query_one(f"#{tab}", VerticalScroll)
        follows = scroll.is_vertical_scroll_end
        scroll.query_one(Static).update(text)
        if follows:
            scroll.scroll_end(animate=False)

    def _device_text(self) -> Text:
        text = Text()
        columns = max(self.query_one("#devices").scrollable_content_region.width, 1)
        for name, device in self._bench.devices.items():
            text.append(f"{name}\n", style=f"bold {self._colours.of(name)}")
            facts = [fact for fact in device.snapshot().items() if fact not in AS_IT_SHOULD_BE]
            for line in _packed(facts, [cell_len(f" {what} {value} ") for what, value in facts], columns):
                for what, value in line:
                    text.append(f" {what} ", style="dim")
                    text.append(f"{value} ")
                text.append("\n")
        broken = [fault.name for fault in self._bench.faults if fault.on]
        if broken:
            text.append("broken: " + ", ".join(broken), style="bold #ff7b72")
        return text

    def _key_bar(self, columns: int) -> str:
        own = [(action.key, action.label, f"app.press('{action.key}')") for action in self._actions.values()]
        others = [("0-9 ⏎ ⌫ esc", "PIN pad", ""), ("1-9 F1-F9 c l", "Screen", "")]
        keys = [*own[:2], *others, *own[2:]]
        lines = _packed(keys, [cell_len(f"{key} {label}  ") for key, label, _ in keys], columns + 2)
        return "\n".join("  ".join(_key(*key) for key in line) for line in lines)

    # what the footer's keys do to the workbench itself

    def _choose_fault(self) -> None:
        def toggle(fault: Fault | None) -> None:
            if fault is not None:
                fault.toggle()
            self._changed()

        self.push_screen(FaultMenu(self._bench.faults), toggle)

    def _next_tab(self) -> None:
        switcher = self.query_one(ContentSwitcher)
        tabs = list(TABS)
        switcher.current = tabs[(tabs.index(switcher.current or "wire") + 1) % len(tabs)]

    def _switch_hex(self) -> None:
        self._with_hex = not self._with_hex


def _packed(items: Sequence[T], widths: Sequence[int], columns: int) -> list[list[T]]:
    """The items in lines of at most `columns`, as many in a line as fit."""
    lines: list[list[T]] = []
    room = 0
    for item, width in zip(items, widths, strict=True):
        if width > room:
            lines.append([])
            room = columns
        lines[-1].append(item)
        room -= width
    return lines


def _key(key: str, label: str, action: str) -> str:
    shown = f"[b]{key}[/b] {label}"
    return f"[@click={action}]{shown}[/]" if action else shown


def _journal_text(records: list[JournalRecord]) -> Text:
    text = Text(no_wrap=True, overflow="crop")
    for record in records:
        text.append(f"{record.seq:5} {record.time[11:23]} ", style="dim")
        text.append(f"{record.kind:<24}", style="bold")
        text.append(" ".join(f"{name}={value}" for name, value in record.data.items()) + "\n")
    return text
