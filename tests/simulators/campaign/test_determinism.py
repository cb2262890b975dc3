"""A seed is one run, in whatever process it is played."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time

ROOT = Path(__file__).parents[3]

PLAY = """
import sys
from simulators.campaign import run, swarm
for seed in map(int, sys.argv[1:]):
    print(run.play(swarm.draw(seed, visits=2)))
"""


def outcomes(hash_seed: str, *seeds: int) -> list[str]:
    names = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PLAY, *map(str, seeds)]
    done = subprocess.run(command, cwd=ROOT, env=names, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_order_of_sets_decides_nothing() -> None:
    assert outcomes("1", 4, 5, 9) == outcomes("2", 4, 5, 9)


def test_the_runs_before_it_decide_nothing() -> None:
    assert outcomes("1", 9) == outcomes("1", 4, 9)[1:]
