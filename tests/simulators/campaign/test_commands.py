"""The command line of a campaign."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from simulators.campaign import planted, run
from simulators.campaign.tape import Act, Tape, Visit
from simulators.cli import app


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["campaign", *arguments])


def summary(result: Result) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(result.stdout)
    return read


@pytest.mark.real_time
def test_the_same_seeds_give_the_same_hash_on_one_processor_and_on_two(tmp_path: Path) -> None:
    results = [
        command("--seeds", "3", "--visits", "1", "--json", "--processes", number, "--tapes", str(tmp_path))
        for number in ("1", "2")
    ]

    assert [result.exit_code for result in results] == [0, 0], results[0].stderr
    one, two = map(summary, results)
    assert (one["seeds"], one["violations"], one["first_seed"], one["played_twice"]) == (3, 0, 1, 1)
    assert one["trace_hash"] == two["trace_hash"]
    assert one["faults_fired"] == two["faults_fired"]


def test_a_tape_is_replayed_with_the_hash_of_the_run_it_is_of(tmp_path: Path) -> None:
    tape = Tape(seed=5, visits=(Visit(person=0, acts=(Act(fault="C21", after=10.0),)),))
    tape.save(tmp_path / "tape.json")
    result = command("--replay", str(tmp_path / "tape.json"), "--json")

    assert result.exit_code == 0, result.stderr
    assert summary(result) == {"seed": 5, "violations": [], "trace_hash": run.play(tape).trace_hash}
    assert "guest1 comes for 500 yuan" in result.stderr


@pytest.mark.parametrize(("found", "code"), [(True, 0), (False, 1)])
def test_a_planted_bug_that_is_not_found_is_a_failure(found: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def hunt(*, first: int, processes: int) -> Iterator[planted.Hunted]:
        assert (first, processes) == (7, 2)
        yield planted.Hunted("M1", "the intent is not synced", "terminal.journal", found, 3, (6,) if found else ())

    monkeypatch.setattr(planted, "hunt", hunt)
    result = command("--planted", "--json", "--first-seed", "7", "--processes", "2")

    assert result.exit_code == code
    assert (summary(result)["planted"], summary(result)["found"]) == (1, int(found))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replay", "none.json"], "none.json: No such file"),
        (["--replay", __file__], "not a fault tape"),
        (["--tapes", f"{__file__}/tapes"], "is no folder"),
        (["--replay", "none.json", "--language", "tlh"], "--language tlh"),
        (["--report", f"{__file__}/page.html"], "is no folder"),
        (["--seeds", "0"], "--seeds"),
        (["--processes", "0"], "--processes"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], words: str) -> None:
    result = command(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr
