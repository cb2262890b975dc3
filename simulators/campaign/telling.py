"""What a person reads while a campaign runs and at its end."""

import time
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from simulators.campaign import catalogue, rules
from simulators.campaign.campaign import Campaign, Order
from simulators.campaign.job import Played
from simulators.campaign.version import commit
from terminal.states import TRANSITIONS, State

TOLD: Final = 50
"""Seeds that broke a rule of which people hear at the end; the report has all."""


class Progress:
    """A bar on a terminal, with what was found until now; nothing where there is no terminal. A context manager."""

    def __init__(self, order: Order) -> None:
        console = Console(stderr=True)
        self._bar = Bar(
            TextColumn("seeds"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=order.seeds, found="")
        self._violations = self._cuts = 0
        self._simulated = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, played: Played) -> None:
        """One seed more."""
        self._violations += len(played.violations)
        if played.outcome is not None:
            self._cuts += played.outcome.cuts
            self._simulated += played.outcome.seconds
        hours_a_second = self._simulated / 3600 / max(time.monotonic() - self._began, 1e-9)
        found = f"{self._violations} violations, {self._cuts} power cuts, {hours_a_second:.2f} simulated hours/s"
        self._bar.update(self._task, advance=1, found=found)


def begin(console: Console, order: Order) -> None:
    """What will be played."""
    console.print(f"{order.seeds} seeds from {order.first_seed} on, at commit {commit()}", soft_wrap=True)


def end(console: Console, campaign: Campaign) -> None:
    """What was found."""
    tally = campaign.tally
    for played in tally.broken[:TOLD]:
        for violation in played.violations:
            rule = f"{violation.invariant} ({rules.words(violation.invariant)})"
            console.print(f"seed {played.job.seed} breaks rule {rule}", soft_wrap=True)
            console.print(f"    at {violation.at:.2f} s: {violation.words}", soft_wrap=True, markup=False)
    if len(tally.broken) > TOLD:
        console.print(f"and {len(tally.broken) - TOLD} seeds more")
    table = Table.grid(padding=(0, 2))
    wall = max(campaign.wall_seconds, 1e-9)
    reached = sum(bool(tally.states[state]) for state in State)
    for name, value in (
        ("seeds", f"{tally.seeds}, {tally.twice} of them played twice"),
        ("violations", f"{tally.violations} in {len(tally.broken)} seeds"),
        ("visits", ", ".join(f"{count} {ending}" for ending, count in sorted(tally.endings.items()))),
        ("power cuts", f"{tally.cuts}; {tally.starts} starts"),
        ("faults", f"{sum(tally.fired.values())}, of {len(tally.fired)} kinds"),
        ("never fired", ", ".join(campaign.never_fired) or "none"),
        ("can't happen here", ", ".join(catalogue.in_order(catalogue.CANT_HAPPEN))),
        ("states reached", f"{reached} of {len(State)}{_names('without', _unreached(campaign))}"),
        ("transitions", f"{len(tally.transitions)}; the table has {len(TRANSITIONS)}"),
        ("time", f"{tally.seconds / 3600:.1f} simulated hours in {wall:.1f} s, {tally.seeds / wall:.2f} seeds/s"),
    ):
        table.add_row(name, value)
    console.print(table)
    console.print(f"trace hash          {tally.trace_hash}")
    if campaign.interrupted:
        console.print("interrupted: this is what was known until then")


def _unreached(campaign: Campaign) -> list[str]:
    return [state.value for state in State if not campaign.tally.states[state]]


def _names(word: str, names: Iterable[str]) -> str:
    return f", {word} {', '.join(names)}" if names else ""
