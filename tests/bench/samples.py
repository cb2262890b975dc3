"""Taking samples in turns, and what is told of them: median and quartiles."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import quantiles

BATCH = 0.01
"""Seconds of processor time that one sample of a rate takes."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of samples, and the quartiles around it."""

    median: float
    low: float
    high: float
    samples: int

    @classmethod
    def of(cls, samples: list[float]) -> "Spread":
        """From at least two samples."""
        low, median, high = quantiles(samples, n=4, method="inclusive")
        return cls(median, low, high, len(samples))


def rates(
    doings: Mapping[str, Callable[[], object]], rounds: int, progress: Callable[[], None] = lambda: None
) -> dict[str, Spread]:
    """How often each can be done in a second of processor time; one sample of each in every round."""
    batches = {name: _batch(doing) for name, doing in doings.items()}
    samples: dict[str, list[float]] = {name: [] for name in doings}
    for _ in range(rounds):
        for name, doing in doings.items():
            samples[name].append(batches[name] / _seconds(doing, batches[name]))
        progress()
    return {name: Spread.of(taken) for name, taken in samples.items()}


def _batch(doing: Callable[[], object]) -> int:
    """How often to do it for one sample."""
    number = 8
    while (seconds := _seconds(doing, number)) < BATCH / 4:
        number *= 2
    return max(1, int(number * BATCH / seconds))


def _seconds(doing: Callable[[], object], number: int) -> float:
    began = time.process_time()
    for _ in range(number):
        doing()
    return max(time.process_time() - began, 1e-9)
