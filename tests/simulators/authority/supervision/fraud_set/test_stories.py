import json
from pathlib import Path
from typing import Any

import pytest

from simulators.authority.supervision.fraud_set.measure import our_set
from simulators.authority.supervision.fraud_set.stories import StoriesError, load_stories

GIVEN: dict[str, Any] = {
    "terminals": {"t": "371000"},
    "people": {"p": {"region": "371000", "balance_fen": 500_000}},
    "stories": [
        {
            "name": "one",
            "fraud": True,
            "events": [
                {"do": "draw", "at": "2026-03-02T10:00:00+08:00", "person": "p", "terminal": "t", "fen": 10_000}
            ],
        }
    ],
}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "stories.json"
    ours = our_set(5, 10, 1)
    path.write_text(ours.model_dump_json(), encoding="utf-8")
    assert load_stories(path) == ours


def test_a_terminal_is_a_region_or_a_table(tmp_path: Path) -> None:
    path = tmp_path / "stories.json"
    path.write_text(json.dumps(GIVEN | {"terminals": {"t": "371000", "u": {"region": "440300", "provider": "a shop"}}}))
    found = load_stories(path).terminals
    assert {name: (each.region, each.provider) for name, each in found.items()} == {
        "t": ("371000", None),
        "u": ("440300", "a shop"),
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"stories": GIVEN["stories"] * 2}, "2 stories are called one"),
        ({"terminals": {"t": {"regoin": "371000"}}}, "terminals.t.regoin"),
        (
            {
                "stories": [
                    {
                        "name": "c",
                        "fraud": True,
                        "events": [{"do": "change", "at": "2026-03-02T10:00:00+08:00", "person": "p"}],
                    }
                ]
            },
            "give phone, payee, card or account",
        ),
    ],
)
def test_a_set_that_makes_no_sense_is_told(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    path = tmp_path / "stories.json"
    path.write_text(json.dumps(GIVEN | given))
    with pytest.raises(StoriesError, match=told):
        load_stories(path)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("person", "q", "no person is called q"),
        ("terminal", "u", "no terminal is called u"),
        ("percent", 50, "either fen or percent"),
        ("at", "2026-03-02T10:00:00", "timezone"),
        ("fen", 1.5, "integer"),
        ("amount", 1, "amount"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, key: str, value: object, told: str) -> None:
    path = tmp_path / "stories.json"
    given = json.loads(json.dumps(GIVEN))
    given["stories"][0]["events"][0][key] = value
    path.write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(StoriesError, match=told):
        load_stories(path)


def test_a_missing_file_says_what_to_look_for(tmp_path: Path) -> None:
    with pytest.raises(StoriesError, match="is it there"):
        load_stories(tmp_path / "none.json")
