"""Worker processes: what they play, and that a seed is not lost when one dies or hangs."""

import os
import signal
import time

import pytest

from simulators.campaign.crew import Crew
from simulators.campaign.job import FAILED, Job, Played, failed
from tests.simulators.campaign.played import played

pytestmark = pytest.mark.real_time

DIES, HANGS = 3, 5


def play(job: Job) -> Played:
    """What a worker of these tests does."""
    if job.seed == DIES:
        os.kill(os.getpid(), signal.SIGKILL)
    if job.seed == HANGS:
        time.sleep(600)
    return played(job.seed)


def test_every_job_is_played_once() -> None:
    with Crew(2, 60.0, play, failed) as crew:
        seeds = [each.job.seed for each in crew.play(Job(seed) for seed in (1, 2, 4, 6, 7))]

    assert sorted(seeds) == [1, 2, 4, 6, 7]


def test_a_worker_that_dies_costs_its_seed_only() -> None:
    with Crew(1, 60.0, play, failed) as crew:
        found = {each.job.seed: each for each in crew.play([Job(2), Job(DIES), Job(4)])}

    assert [violation.invariant for violation in found[DIES].violations] == [FAILED]
    assert "exit code -9" in found[DIES].violations[0].words
    assert (found[2].violations, found[4].violations) == ((), ())


def test_a_worker_that_hangs_costs_its_seed_only() -> None:
    with Crew(1, 0.5, play, failed) as crew:
        found = {each.job.seed: each for each in crew.play([Job(2), Job(HANGS), Job(4)])}

    assert "more than 0.5 seconds" in found[HANGS].violations[0].words
    assert (found[2].violations, found[4].violations) == ((), ())


def test_whoever_stops_asking_leaves_no_process_behind() -> None:
    with Crew(1, 60.0, play, failed) as crew:
        next(crew.play([Job(2), Job(HANGS)]))
        began = time.monotonic()

    assert time.monotonic() - began < 60
