"""The list of things to break or mend, over the workbench: what is armed, what hands can do, the fault catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.text import Text
from textual.widgets import Input

from simulators.bench.faults import Armed, Injector
from simulators.workbench.chooser import Chooser
from simulators.workbench.desk import Fault
from simulators.world.faults import CATALOGUE, Trigger


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fault of the catalogue and what is to suffer it there; `options` with what they are when not given."""

    fault: str
    words: str
    device: str
    options: Mapping[str, object]


Choice: TypeAlias = Fault | Armed | Candidate
"""What can be chosen: to switch, to disarm, to arm."""


class FaultMenu(Chooser[Choice, Choice]):
    """Narrowed by what is typed: every word of it is found in the row's id, words or device."""

    def __init__(self, faults: Sequence[Fault], injector: Injector) -> None:
        super().__init__("Break or mend (■ is broken or armed)", hint="type to find: C3, jam, cash_dispenser, armed …")
        self._faults = faults
        self._injector = injector

    def on_mount(self) -> None:
        """Everything, until something is typed."""
        self.look()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self.look()

    def look(self) -> None:
        """Show how it is now."""
        wanted = self.typed.casefold().split()
        rows: list[tuple[Choice | None, Text]] = []
        for heading, group in self._groups():
            found = [(choice, Text(row)) for choice, row in group if _fits(f"{heading} {row}", wanted)]
            if found:
                rows += [(None, Text(heading)), *found]
        self.show(rows)
        self.remark("" if rows else "Nothing here is called so.")

    def chosen(self, row: Choice) -> None:
        """The workbench does it."""
        self.dismiss(row)

    def _groups(self) -> list[tuple[str, list[tuple[Choice, str]]]]:
        """Heading and rows of each group."""
        standing: list[tuple[Choice, str]] = [(armed, _standing(armed)) for armed in self._injector.standing()]
        by_hand: list[tuple[Choice, str]] = [(each, f"{'■' if each.on else '□'} {each.name}") for each in self._faults]
        suffering: dict[str, list[tuple[Choice, str]]] = {}
        for possible in self._injector.possible():
            for device, ailment in possible.devices.items():
                candidate = Candidate(possible.fault, possible.words, device, ailment.options)
                suffering.setdefault(device, []).append((candidate, self._row(candidate)))
        return [("armed", standing), ("by hand", by_hand), *suffering.items()]

    def _row(self, candidate: Candidate) -> str:
        same = [
            each for each in self._injector.armed if (each.fault, each.device) == (candidate.fault, candidate.device)
        ]
        strikes = sum(len(each.fired) for each in same)
        mark = "■" if any(each in same for each in self._injector.standing()) else "□"
        return f"{mark} {candidate.fault:<4}{candidate.words}" + (f" · struck {strikes}×" if strikes else "")


def _standing(armed: Armed) -> str:
    given = "".join(f" {name}={value}" for name, value in armed.options.items())
    state = when(armed.trigger) if armed.active else "stays so until mended"
    struck = f", struck at {armed.fired[-1]:.1f} s" if armed.fired else ""
    return f"■ {armed.fault:<4}{CATALOGUE[armed.fault][1]} · {armed.device}{given} · {state}{struck}"


def when(trigger: Trigger) -> str:
    """When a fault strikes, in words."""
    if trigger.at is not None:
        return f"after {trigger.at:g} s"
    if trigger.command is not None:
        return f"with command {trigger.command}"
    if trigger.byte is not None:
        return f"with byte {trigger.byte}"
    return "now" if trigger.chance is None else f"by chance, {trigger.chance:.0%}"


def _fits(row: str, wanted: Sequence[str]) -> bool:
    """An id means that fault alone; every other word is looked for anywhere."""
    words = row.casefold()
    return all(word in words.split() if word.upper() in CATALOGUE else word in words for word in wanted)
