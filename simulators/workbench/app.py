"""The developer's workbench: a whole kiosk in one window, driven in real time.

Left the kiosk's own screen, right its devices, below what is said on the wires, the journal and the last receipt.
"""

from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.widgets import ContentSwitcher, Static

from drivers.trace import TraceRecord
from simulators.bench.faults import Armed
from simulators.workbench.desk import Desk, JournalRecord
from simulators.workbench.devices import Devices, named, packed
from simulators.workbench.faults import Candidate, Choice, FaultMenu
from simulators.workbench.keys import Action, Hands
from simulators.workbench.lines import Lines
from simulators.workbench.strike import StrikeMenu
from simulators.workbench.wire_log import KEPT, Colours, WireLog
from terminal.kiosk.screen import KioskScreen
from terminal.view import View

REFRESH = 0.1
"""Seconds from a change until it is shown."""

TABS = {"wire": "Wire", "journal": "Journal", "receipt": "Receipt"}


class WorkbenchApp(App[None]):
    """Shows one desk and lets one person at the keyboard do everything to it."""

    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  # Textual declares it so
    CSS = """
    Screen { background: #0d1117; color: #c9d1d9; }
    Chooser { background: #0d1117 50%; }
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
    #keys { height: auto; padding: 0 1; background: #161b22; }
    """

    def __init__(self, desk: Desk, *, refresh: float = REFRESH) -> None:
        super().__init__()
        self._pause = refresh
        self._desk = desk
        self._hands = Hands(desk)
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
        for name in desk.devices:
            self._colours.of(name)
        self._kiosk = KioskScreen(desk.session.view, id="kiosk")
        self._kiosk.can_focus = False
        self._devices = Devices(desk, self._colours, id="devices")
        self._tabs = {tab: Lines(id=tab, follow=tab != "receipt") for tab in TABS}
        self._switcher = ContentSwitcher(*self._tabs.values(), initial="wire", id="lower")
        self._key_bar = Static(id="keys")

    def compose(self) -> ComposeResult:
        """The places; `_refresh` fills them."""
        with Horizontal(id="upper"):
            yield self._kiosk
            yield self._devices
        yield self._switcher
        yield self._key_bar

    def on_mount(self) -> None:
        """Follow the kiosk, then start it."""
        self._desk.session.subscribe(self._show_view)
        self._desk.watch(self._changed)
        self._desk.watch_wire(self._hear)
        self._desk.injector.watch(lambda _: self._changed())
        self.run_worker(self._desk.run())
        self._changed()

    async def on_kiosk_screen_answered(self, event: KioskScreen.Answered) -> None:
        """The person touched the kiosk's screen."""
        await self._desk.session.intent(event.intent)

    def on_key(self, event: Key) -> None:
        """One key: first for what the kiosk's screen offers, then for the hands, then for the PIN pad."""
        if self.screen.is_modal:
            return  # the keys are those of a list now
        if self._kiosk.answer(event.key):
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
        self._key_bar.update(self._keys(event.size.width - 2))
        self._changed()

    # what is shown

    def _show_view(self, view: View) -> None:
        self._kiosk.show(view)
        self._changed()

    def _hear(self, record: TraceRecord) -> None:
        self._wire.add(record)
        self._changed()

    def _changed(self) -> None:
        """Refresh soon, and once, however much changes until then."""
        if not self._stale:
            self._stale = True
            self.set_timer(self._pause, self._refresh)

    def _refresh(self) -> None:
        self._stale = False
        self._journal += self._desk.journal_after(self._journal[-1].seq if self._journal else 0)
        person, tab = self._hands.person, self._tab
        self._kiosk.border_title = f"kiosk · {person.name}: {person.note}"
        names = (f"【{name}】" if tab == each else name for each, name in TABS.items())
        self._switcher.border_title = " ".join(names)
        self._tabs[tab].show(self._lines(tab))
        self._devices.look()
        if isinstance(self.screen, FaultMenu):
            self.screen.look()

    @property
    def _tab(self) -> str:
        return self._switcher.current or "wire"

    def _lines(self, tab: str) -> list[Text]:
        match tab:
            case "wire":
                return self._wire.lines(with_hex=self._with_hex)
            case "journal":
                return [_journal_line(record) for record in self._journal[-KEPT:]]
            case _:
                return [Text(line) for line in (self._hands.receipt or "no receipt in hand").splitlines()]

    def _keys(self, columns: int) -> str:
        own = [(action.key, action.label, f"app.press('{action.key}')") for action in self._actions.values()]
        others = [("0-9 ⏎ ⌫ esc", "PIN pad", ""), ("1-9 F1-F9 c e a l m", "Screen", "")]
        keys = [*own[:2], *others, *own[2:]]
        lines = packed(keys, [cell_len(f"{key} {label}  ") for key, label, _ in keys], columns + 2)
        return "\n".join("  ".join(_key(*key) for key in line) for line in lines)

    # what the footer's keys do to the workbench itself

    def _choose_fault(self) -> None:
        self.push_screen(FaultMenu(self._desk.faults, self._desk.injector), self._break_or_mend)

    def _break_or_mend(self, chosen: Choice | None) -> None:
        match chosen:
            case None:
                pass
            case Armed():
                self._desk.injector.disarm(chosen.number)
                self.notify(f"Disarmed: {named(chosen)}", timeout=3)
            case Candidate():
                self.push_screen(StrikeMenu(chosen, self._desk.injector), lambda _: self._changed())
            case _:
                chosen.toggle()
        self._changed()

    def _next_tab(self) -> None:
        tabs = list(TABS)
        self._switcher.current = tabs[(tabs.index(self._tab) + 1) % len(tabs)]

    def _switch_hex(self) -> None:
        self._with_hex = not self._with_hex


def _key(key: str, label: str, action: str) -> str:
    shown = f"[b]{key}[/b] {label}"
    return f"[@click={action}]{shown}[/]" if action else shown


def _journal_line(record: JournalRecord) -> Text:
    text = Text(f"{record.seq:5} {record.time[11:23]} ", style="dim")
    text.append(f"{record.kind:<24}", style="not dim bold")
    text.append(" ".join(f"{name}={value}" for name, value in record.data.items()), style="not dim")
    return text
