import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.authority.supervision.fraud_set.measure import our_set
from simulators.commands.authority import authority

MEASURE = ["risk", "measure", "--json", "--seed", "5", "--people", "4", "--of-each", "0"]


@pytest.mark.req("S1-39")
def test_stories_of_a_file_are_replayed(tmp_path: Path) -> None:
    path = tmp_path / "stories.json"
    path.write_text(our_set(5, 4, 0).model_dump_json(), encoding="utf-8")
    given = CliRunner().invoke(authority, [*MEASURE, "--patterns", str(path)])
    assert given.exit_code == 0
    assert json.loads(given.stdout) == json.loads(CliRunner().invoke(authority, MEASURE).stdout)
    assert json.loads(given.stdout)["honest_people"] == 4


def test_a_missed_goal_is_the_exit_code(tmp_path: Path) -> None:
    stories = our_set(5, 0, 1).model_dump(mode="json")
    stories["stories"] = [story for story in stories["stories"] if story["kind"] == "velocity"]
    path, rules = tmp_path / "stories.json", tmp_path / "risk.toml"
    path.write_text(json.dumps(stories), encoding="utf-8")
    rules.write_text('version = "none"\nclue_at = 1\ndecline_at = 1\nrules = []\n', encoding="utf-8")
    result = CliRunner().invoke(authority, ["risk", "measure", "--patterns", str(path), "--risk", str(rules)])
    assert result.exit_code == 1
    assert "missed: " in result.stdout


def test_a_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(authority, ["risk", "measure", "--patterns", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "none.json" in result.stderr
