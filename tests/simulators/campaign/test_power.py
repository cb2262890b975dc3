"""Power that goes where it was told to, and nowhere any more once faults have stopped."""

import pytest

from simulators.campaign import run
from simulators.campaign.tape import Act, Tape, Visit
from simulators.world.fault_options import Option
from terminal.journal import Entry

# A run has a virtual-time loop of its own, so these tests are not asynchronous.


def _day(fault: str, **options: Option) -> run.Outcome:
    act = Act(fault=fault, at=Entry.VISIT_ENDED, options=options)
    return run.play(Tape(seed=3, visits=(Visit(person=0, acts=(act,)),)))


@pytest.mark.parametrize(("fault", "options"), [("A1", {"step": 20}), ("A9", {"step": 20, "second": 20})])
def test_the_power_goes_at_a_step(fault: str, options: dict[str, Option]) -> None:
    assert fault in _day(fault, **options).fired


@pytest.mark.parametrize(
    ("fault", "options", "cuts"),
    [("A1", {"step": 100_000}, 0), ("A9", {"step": 100_000}, 0), ("A9", {"step": 20, "second": 10_000}, 1)],
)
def test_a_cut_that_still_waits_when_faults_stop_never_comes(fault: str, options: dict[str, Option], cuts: int) -> None:
    outcome = _day(fault, **options)

    assert (outcome.cuts, outcome.violations) == (cuts, ())
