"""Many seeds: who plays them, in which order they are given out, and what is said of all together."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from simulators.campaign import catalogue
from simulators.campaign.job import Job, Played
from simulators.campaign.tally import Tally
from simulators.campaign.version import commit
from terminal.states import TRANSITIONS, State


class Players(Protocol):
    """Whoever can play jobs: processes of this machine, or a cluster."""

    def play(self, work: Iterable[Job]) -> Iterator[Played]:
        """What became of each job, in the order in which they end."""


@dataclass(frozen=True, slots=True)
class Order:
    """So many seeds from `first_seed` on, each `twice_every`-th played twice; none is begun after `seconds`."""

    seeds: int
    first_seed: int = 1
    visits: int | None = None
    twice_every: int = 20
    seconds: float | None = None

    def jobs(self, clock: Callable[[], float] = time.monotonic) -> Iterator[Job]:
        """One for each seed."""
        began = clock()
        for number in range(self.seeds):
            if self.seconds is not None and clock() - began >= self.seconds:
                return
            seed = self.first_seed + number
            yield Job(seed, self.visits, twice=number % self.twice_every == 0)


@dataclass(slots=True)
class Campaign:
    """What is known of a campaign; `interrupted`: not all of it was played."""

    tally: Tally
    wall_seconds: float = 0.0
    interrupted: bool = False

    def play(self, order: Order, players: Players, hear: Callable[[Played], None]) -> None:
        """All of it. Ctrl-C ends it early, with what is known until then."""
        began = time.monotonic()
        try:
            for played in players.play(order.jobs()):
                self.tally.add(played)
                self.wall_seconds = time.monotonic() - began
                hear(played)
        except KeyboardInterrupt:
            self.interrupted = True
        self.wall_seconds = time.monotonic() - began

    @property
    def never_fired(self) -> list[str]:
        """Faults that could have happened and did not."""
        return catalogue.never_fired(self.tally.fired)

    def summary(self) -> dict[str, object]:
        """For a machine: counts by name, where several things are counted."""
        tally, wall = self.tally, max(self.wall_seconds, 1e-9)
        return {
            "first_seed": tally.first_seed,
            "seeds": tally.seeds,
            "played_twice": tally.twice,
            "violations": tally.violations,
            "broken_seeds": sorted(played.job.seed for played in tally.broken),
            "unresolved": tally.unresolved,
            "faults_fired": {fault: tally.fired[fault] for fault in catalogue.in_order(tally.fired)},
            "faults_never_fired": self.never_fired,
            "faults_that_cannot_happen": dict(catalogue.CANT_HAPPEN),
            "power_cuts": tally.cuts,
            "starts": tally.starts,
            "visits": dict(sorted(tally.endings.items())),
            "states_reached": {state: tally.states[state] for state in State if tally.states[state]},
            "states_never_reached": [state.value for state in State if not tally.states[state]],
            "transitions_reached": dict(sorted(tally.transitions.items())),
            "transitions_in_the_table": len(TRANSITIONS),
            "simulated_hours": round(tally.seconds / 3600, 3),
            "wall_seconds": round(self.wall_seconds, 3),
            "seeds_per_second": round(tally.seeds / wall, 3),
            "simulated_hours_per_second": round(tally.seconds / 3600 / wall, 3),
            "commit": commit(),
            "trace_hash": tally.trace_hash,
            "interrupted": self.interrupted,
        }
