"""The pane that shows how the devices are."""

from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from simulators.bench.faults import Armed
from simulators.workbench.desk import Desk
from simulators.workbench.wire_log import Colours
from simulators.world.faults import CATALOGUE

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
    ("chip", "off"),
    ("captured", "0 in the box, counter 0"),
    ("exit", "0 notes"),
    ("reject tray", "0 notes"),
    ("last error", "good"),
    ("printing", "no"),
    ("at slot", "0 receipts"),
)
"""Facts of a device that are not worth a line."""


def packed(items: Sequence[T], widths: Sequence[int], columns: int) -> list[list[T]]:
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


def named(armed: Armed) -> str:
    """An armed fault in a few words."""
    return f"{armed.fault} {CATALOGUE[armed.fault][1]} ({armed.device})"


class Devices(VerticalScroll, can_focus=False):
    """What is remarkable about each device, and what was broken by hand."""

    def __init__(self, desk: Desk, colours: Colours, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self.border_title = "devices"
        self._desk = desk
        self._colours = colours
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def look(self) -> None:
        """Show how they are now."""
        columns = max(self.scrollable_content_region.width, 1)
        text = Text()
        for name, device in self._desk.devices.items():
            text.append(f"{name}\n", style=f"bold {self._colours.of(name)}")
            facts = [fact for fact in device.snapshot().items() if fact not in AS_IT_SHOULD_BE]
            for line in packed(facts, [cell_len(f" {what} {value} ") for what, value in facts], columns):
                for what, value in line:
                    text.append(f" {what} ", style="dim")
                    text.append(f"{value} ")
                text.append("\n")
        standing = self._desk.injector.standing()
        broken = [fault.name for fault in self._desk.faults if fault.on]
        broken += [named(armed) for armed in standing if not armed.active]
        if broken:
            text.append("broken: " + ", ".join(broken) + "\n", style="bold #ff7b72")
        waiting = [named(armed) for armed in standing if armed.active]
        if waiting:
            text.append("armed: " + ", ".join(waiting), style="bold #d29922")
        self._text.update(text)
