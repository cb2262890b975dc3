"""Plays seeds with a bug planted until a rule is broken that the same seed does not break without it."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from statistics import median
from types import FrameType
from typing import Final

from simulators.campaign import run, swarm
from simulators.campaign.invariants import Violation
from simulators.campaign.planted.bug import Patch, Planted
from simulators.campaign.planted.registry import PLANTED
from simulators.campaign.tape import Tape

MOST: Final = 400
"""Seeds that are played before a bug counts as not found."""

PLAYED_TWICE: Final = 2
"""So many of the first seeds are played a second time: the same seed must give the same run."""

ENDLESS: Final = 120.0
"""Seconds of real time after which a run that does not end is ended; one takes about one."""

DETERMINISM, LIVENESS = 16, 15


@dataclass(frozen=True, slots=True)
class Hunted:
    """One bug, and how it was found: after how many seeds, which rules it broke first, and the words of the first."""

    bug: str
    words: str
    where: str
    found: bool
    seeds: int
    invariants: tuple[int, ...] = ()
    how: str = ""


class NeverEnds(KeyboardInterrupt):
    """The run went on without end. A KeyboardInterrupt, because an event loop lets nothing else through."""


def hunt(
    bugs: Iterable[Planted] = PLANTED, *, first: int = 1, most: int = MOST, processes: int = 1
) -> Iterator[Hunted]:
    """Hunt each bug on its own with the seeds from `first` on; results come as they are there."""
    ids = [bug.id for bug in bugs]
    look = partial(_hunt, first=first, most=most)
    if processes <= 1:
        yield from map(look, ids)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(look, each) for each in ids]):
            yield done.result()


def median_seeds(results: Sequence[Hunted]) -> float:
    """Seeds that half of the bugs that were found needed at most; 0 when none was."""
    return median([result.seeds for result in results if result.found] or [0])


def _hunt(bug_id: str, first: int, most: int) -> Hunted:
    bug = next(bug for bug in PLANTED if bug.id == bug_id)
    for seed in range(first, first + most):
        tape = swarm.draw(seed)
        broken = _broken(tape, bug.plant, again=seed < first + PLAYED_TWICE)
        if not broken:
            continue
        anyway = {violation.invariant for violation in _broken(tape, nullcontext, again=False)}
        if new := [violation for violation in broken if violation.invariant not in anyway]:
            rules = tuple(sorted({violation.invariant for violation in new}))
            return Hunted(bug.id, bug.words, bug.where, True, seed - first + 1, rules, new[0].words)
    return Hunted(bug.id, bug.words, bug.where, False, most)


def _broken(tape: Tape, plant: Callable[[], Patch], *, again: bool) -> Sequence[Violation]:
    """What goes wrong in one run, or in two of the same."""
    try:
        with plant(), _ended_after(ENDLESS):
            outcome = run.play(tape)
            if outcome.violations or not again:
                return outcome.violations
            if run.play(tape).trace_hash != outcome.trace_hash:
                return (Violation(DETERMINISM, outcome.seconds, "a second run of the same seed went another way"),)
            return ()
    except NeverEnds:
        return (Violation(LIVENESS, 0.0, f"the run had not ended after {ENDLESS:.0f} s of real time"),)
    except Exception as error:
        return (Violation(LIVENESS, 0.0, f"the run broke with {type(error).__name__}: {error}"),)


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Interrupts what runs too long, where that can be done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_: int, __: FrameType | None) -> None:
        raise NeverEnds

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
