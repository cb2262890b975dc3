from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from simulators.campaign import findings, job, swarm
from simulators.campaign.findings import Finding, Workshop
from simulators.campaign.invariants import Violation
from simulators.campaign.job import Job, Played
from simulators.campaign.story import Story
from simulators.campaign.tape import Act, Tape, Visit
from tests.simulators.campaign.played import outcome, played

RULE = Violation(4, 900.0, "visit-000001: 50000 fen were taken, 0 fen are debited")
TAPE = Tape(
    seed=7,
    visits=tuple(Visit(person=1, acts=(Act(fault=f"C{number}"), Act(fault="B1"))) for number in range(1, 6)),
)


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every seed draws the same tape."""
    monkeypatch.setattr(swarm, "draw", lambda seed, visits: TAPE.model_copy(update={"seed": seed}))


def plays(work: Iterable[Job]) -> Iterator[Played]:
    """A kiosk that loses money when a dispenser jams."""
    for each in reversed(list(work)):
        broken = (RULE,) if '"C3"' in (each.tape or "") else (Violation(9, 1.0, "another rule"),)
        yield Played(each, outcome(each.seed, *broken), broken)


def tells(tapes: Iterable[Tape]) -> Iterator[Story]:
    for tape in tapes:
        yield Story(tape, outcome(tape.seed, RULE, trace_hash="5eed"), (RULE,), ())


def worked_out(folder: Path, of: Played | None = None) -> Finding:
    return Workshop(plays, tells, folder, seconds=60.0, at_once=2).work_out(of or played(7, RULE), RULE)


def test_a_finding_is_a_short_tape_that_can_be_played_again(tmp_path: Path) -> None:
    found = worked_out(tmp_path)

    assert found.replay == f"medteller-sim campaign --replay {tmp_path}/seed-7-rule-4.json"
    assert Tape.load(found.path) == Tape(seed=7, visits=(Visit(person=0, acts=(Act(fault="C3"),)),))
    assert found.complete


def test_a_finding_is_written_in_words_beside_its_tape(tmp_path: Path) -> None:
    text = worked_out(tmp_path).path.with_suffix(".txt").read_text(encoding="utf-8")

    for words in (
        "Rule 4 is broken: debit = notes taken",
        "50000 fen were taken, 0 fen are debited",
        "seed 7, commit ",
        "5 visits with 10 faults on the tape of the seed, 1 visits with 1 faults on the shortest found",
        "trace hash 5eed",
        "--replay",
    ):
        assert words in text


def test_what_does_not_come_again_is_told_so(tmp_path: Path) -> None:
    other = Violation(5, 1.0, "words")
    found = Workshop(plays, tells, tmp_path, 60.0).work_out(played(7, other), other)

    assert found.tape.visits == TAPE.visits
    assert "broke no such rule" in "\n".join(found.text())


def test_a_run_that_hangs_is_not_played_again(tmp_path: Path) -> None:
    def never(_: Iterable[object]) -> Iterator[Played]:
        raise AssertionError("it would hang")

    hung = job.failed(Job(7), "it went on for more than 120 seconds")
    found = Workshop(never, never, tmp_path, 60.0).work_out(hung, hung.violations[0])  # type: ignore[arg-type]

    assert Tape.load(found.path).visits == TAPE.visits
    assert found.story is None


def test_each_rule_is_worked_out_once() -> None:
    broken = [
        played(3, RULE, Violation(9, 1.0, "words")),
        played(2, RULE),
        job.failed(Job(4), "KeyError: 1", "Traceback"),
        job.failed(Job(5), "KeyError: 2", "Traceback"),
        job.failed(Job(6), "ValueError: 2", "Traceback"),
    ]

    assert [(each.job.seed, violation.invariant) for each, violation in findings.first_of_each_kind(broken)] == [
        (4, 0),
        (6, 0),
        (2, 4),
        (3, 9),
    ]
