import pytest

from simulators.campaign import job, run
from simulators.campaign.job import DETERMINISM, FAILED, Job
from simulators.campaign.run import Outcome
from simulators.campaign.tape import Tape
from tests.simulators.campaign.played import outcome

# A run has a virtual-time loop of its own, so these tests are not asynchronous.


def test_a_tape_that_is_given_is_played_instead_of_the_seed() -> None:
    played = job.play(Job(5, tape=Tape(seed=7).model_dump_json()))

    assert played.outcome is not None
    assert played.outcome.seed == 7


def test_an_exception_inside_the_simulation_is_a_violation_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(tape: Tape) -> Outcome:
        raise KeyError(f"in seed {tape.seed}")

    monkeypatch.setattr(run, "play", broken)
    played = job.play(Job(5))

    assert played.outcome is None
    assert [each.invariant for each in played.violations] == [FAILED]
    assert "KeyError: 'in seed 5'" in played.violations[0].words
    assert "in broken" in played.details


def test_two_runs_of_one_seed_that_differ_break_the_sixteenth_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter([outcome(5), outcome(5, trace_hash="another")])
    monkeypatch.setattr(run, "play", lambda _: next(runs))

    assert [each.invariant for each in job.play(Job(5, twice=True)).violations] == [DETERMINISM]


def test_two_runs_of_one_seed_that_agree_break_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "play", lambda _: outcome(5))

    assert job.play(Job(5, twice=True)).violations == ()
