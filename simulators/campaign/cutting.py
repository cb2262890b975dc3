"""The exhaustive mode for people and machines: a bar while it runs, tapes of what was broken, and what was counted."""

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simulators.campaign import exhaustive, rules
from simulators.campaign.campaign import Campaign
from simulators.campaign.exhaustive import Found, Order
from simulators.campaign.job import Job, Played, failed
from simulators.campaign.tally import Tally

TOLD: Final = 20
"""Runs that broke a rule of which people hear; tapes are kept of all."""


@dataclass(slots=True)
class Cutting:
    """What is known until now; `reached`: places of the scenarios, `points`: cuts that were played, by place."""

    folder: Path
    campaign: Campaign = field(default_factory=lambda: Campaign(Tally(1)))
    reached: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    second: int = 0
    _hashes: list[str] = field(default_factory=list)
    _told: int = 0

    def play(self, scenarios: list[str], processes: int, order: Order, console: Console) -> None:
        """All cuts of all scenarios. Ctrl-C ends it early, with what is known until then."""
        began = time.monotonic()
        try:
            for scenario in scenarios:
                self._play(scenario, processes, order, console)
        except KeyboardInterrupt:
            self.campaign.interrupted = True
        self.campaign.wall_seconds = time.monotonic() - began

    def summary(self) -> dict[str, object]:
        """For a machine."""
        return {
            "cut_points": sum(self.points.values()),
            "cut_points_by_place": dict(sorted(self.points.items())),
            "second_cuts": self.second,
            "places": dict(sorted(self.reached.items())),
            **self.campaign.summary(),
            "trace_hash": hashlib.sha256("\n".join(sorted(self._hashes)).encode()).hexdigest(),
        }

    def _play(self, scenario: str, processes: int, order: Order, console: Console) -> None:
        places = exhaustive.places(scenario, order)
        self.reached.update(places.reached)
        bar = Progress(
            TextColumn(scenario),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[found]} violations"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            task = bar.add_task("", total=places.wanted, found=0)
            for found in exhaustive.run(scenario, processes, order):
                self._hear(scenario, found, console)
                cut = found.tape.cut
                advance = 1 if cut is not None and cut.then is None else 0
                bar.update(task, advance=advance, found=self.campaign.tally.violations)

    def _hear(self, scenario: str, found: Found, console: Console) -> None:
        tally, cut = self.campaign.tally, found.tape.cut
        job = Job(tally.seeds + 1, tape=found.tape.model_dump_json())
        if found.outcome is None:
            played = failed(job, found.failure.strip().splitlines()[-1], found.failure)
        else:
            played = Played(job, found.outcome, found.outcome.violations)
            self._hashes.append(f"{scenario} {found.tape.cut} {found.outcome.trace_hash}")
        tally.add(played)
        if cut is not None:
            self.points[cut.place] += 1
            self.second += cut.then is not None
        if played.violations:
            self._keep(scenario, found, played, console)

    def _keep(self, scenario: str, found: Found, played: Played, console: Console) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{scenario}-{played.job.seed}.json"
        found.tape.save(path)
        self._told += 1
        if self._told <= TOLD:
            where = "no cut" if found.tape.cut is None else found.tape.cut.words()
            console.print(f"{scenario}, {where}:", markup=False)
            for violation in played.violations:
                console.print(
                    f"  rule {violation.invariant} is broken: {rules.words(violation.invariant)}", markup=False
                )
                console.print(f"  at {violation.at:.2f} s: {violation.words}", markup=False)
            console.print(f"  replay: medteller-sim campaign --replay {path}", markup=False)
