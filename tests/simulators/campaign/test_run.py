"""Whole runs of the campaign: a day without faults, a power cut, and that a seed is played the same way twice."""

import pytest

from simulators.campaign import run, swarm
from simulators.campaign.population import DISPENSERS
from simulators.campaign.tape import Act, Tape, Visit

# A run has a virtual-time loop of its own, so these tests are not asynchronous.


@pytest.mark.parametrize("dispenser", DISPENSERS)
def test_a_day_without_faults_pays_everybody(dispenser: str) -> None:
    outcome = run.play(Tape(seed=1, dispenser=dispenser, visits=(Visit(person=0), Visit(person=1, amount=1300))))

    assert outcome.violations == ()
    assert outcome.endings == {"paid": 2}


@pytest.mark.parametrize("dispenser", DISPENSERS)
@pytest.mark.parametrize("step", [1, 150, 300, 400])
def test_after_a_power_cut_every_transaction_comes_to_its_end(dispenser: str, step: int) -> None:
    cut = Act(fault="A1", after=4.0, options={"step": step, "seconds": 2.0})
    outcome = run.play(Tape(seed=2, dispenser=dispenser, visits=(Visit(person=0, acts=(cut,)),)))

    assert outcome.violations == ()
    assert outcome.cuts == 1


@pytest.mark.parametrize("seed", [3, 4])
def test_a_seed_is_played_the_same_way_twice(seed: int) -> None:
    tape = swarm.draw(seed)
    assert run.play(tape) == run.play(tape)
