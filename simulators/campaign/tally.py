"""Sums over many runs; the same whatever the order in which they end."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from simulators.campaign.job import Played


@dataclass(slots=True)
class Tally:
    """Everything is a sum over the seeds from `first_seed` on."""

    first_seed: int
    seeds: int = 0
    twice: int = 0
    violations: int = 0
    unresolved: int = 0
    cuts: int = 0
    starts: int = 0
    seconds: float = 0.0
    fired: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    transitions: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    seconds_in: dict[str, float] = field(default_factory=dict)
    broken: list[Played] = field(default_factory=list)
    """Runs that broke a rule."""
    _hashes: dict[int, str] = field(default_factory=dict)
    _next: int = field(init=False)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._next = self.first_seed

    @property
    def trace_hash(self) -> str:
        """SHA-256 over the seeds and the trace hash of each, in the order of the seeds."""
        whole = self._digest.copy()
        for seed in sorted(self._hashes):
            whole.update(_line(seed, self._hashes[seed]))
        return whole.hexdigest()

    def add(self, played: Played) -> None:
        """One run more."""
        self.seeds += 1
        self.twice += played.job.twice
        if played.violations:
            self.violations += len(played.violations)
            self.broken.append(played)
        outcome = played.outcome
        self._hash(played.job.seed, "none" if outcome is None else outcome.trace_hash)
        if outcome is None:
            return
        self.unresolved += outcome.unresolved
        self.cuts += outcome.cuts
        self.starts += outcome.starts
        self.seconds += outcome.seconds
        self.fired.update(outcome.fired)
        self.states.update(outcome.states)
        self.transitions.update(outcome.transitions)
        self.endings.update(outcome.endings)
        for state, seconds in outcome.seconds_in.items():
            self.seconds_in[state] = self.seconds_in.get(state, 0.0) + seconds

    def _hash(self, seed: int, trace_hash: str) -> None:
        self._hashes[seed] = trace_hash
        while (following := self._hashes.pop(self._next, None)) is not None:
            self._digest.update(_line(self._next, following))
            self._next += 1


def _line(seed: int, trace_hash: str) -> bytes:
    return f"{seed} {trace_hash}\n".encode()
