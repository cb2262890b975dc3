"""One seed or one tape to play, and what came of it. Both travel between processes and machines."""

import threading
import traceback
from dataclasses import dataclass, fields
from typing import Final

from simulators.campaign import run, swarm
from simulators.campaign.invariants import Violation
from simulators.campaign.run import Outcome
from simulators.campaign.tape import Tape

FAILED: Final = 0
"""In place of an invariant's number: the simulation itself failed."""

DETERMINISM: Final = 16
"""The invariant that is shown by playing twice."""

_one_at_a_time = threading.Lock()
"""A run takes the terminal's log for itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """Play `tape` (JSON), or else what `seed` draws, with so many `visits` if not by chance; `twice` to compare."""

    seed: int
    visits: int | None = None
    twice: bool = False
    tape: str | None = None

    def read(self) -> Tape:
        """The tape to play; through JSON, so that a saved one is the same."""
        if self.tape is not None:
            return Tape.model_validate_json(self.tape)
        return Tape.model_validate_json(swarm.draw(self.seed, self.visits).model_dump_json())


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a job: an outcome, or none when the simulation failed. `details`: the traceback then."""

    job: Job
    outcome: Outcome | None
    violations: tuple[Violation, ...]
    details: str = ""


def play(job: Job) -> Played:
    """Play it; an exception inside becomes a violation."""
    with _one_at_a_time:
        try:
            tape = job.read()
            outcome = run.play(tape)
            violations = outcome.violations
            if job.twice:
                violations += differences(outcome, run.play(tape))
        except Exception as error:
            return failed(job, f"{type(error).__name__}: {error}", traceback.format_exc())
    return Played(job, outcome, violations)


def failed(job: Job, words: str, details: str = "") -> Played:
    """The simulation of this job did not come to its end."""
    return Played(job, None, (Violation(FAILED, 0.0, f"the simulation failed: {words}"),), details)


def differences(first: Outcome, second: Outcome) -> tuple[Violation, ...]:
    """What two runs of the same tape have not in common."""
    names = [each.name for each in fields(Outcome) if getattr(first, each.name) != getattr(second, each.name)]
    if not names:
        return ()
    return (Violation(DETERMINISM, first.seconds, f"played twice, the runs differ in {', '.join(names)}"),)
