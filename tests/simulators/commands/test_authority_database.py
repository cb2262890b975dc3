import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.authority.database import Database
from simulators.cli import app
from tests.simulators.authority.kiosk import JIA, Clock, make_authority


@pytest.fixture
def authority_db(tmp_path: Path) -> Path:
    """A database with one person, who was credited once."""
    database = Database(tmp_path / "authority.db")
    make_authority(Clock(), JIA, database=database)
    database.close()
    return tmp_path / "authority.db"


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["authority", "database", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_database_is_checked_backed_up_and_restored(authority_db: Path) -> None:
    folder = authority_db.parent
    assert run("check", "--database", authority_db) == (
        0,
        "the books balance and the audit chain holds: 1 persons, 1 entries\n",
    )
    assert run("backup", folder / "backup", "--database", authority_db)[0] == 0
    code, told = run("restore", folder / "backup", "--database", folder / "new.db", "--json")

    assert (code, json.loads(told)) == (0, {"persons": 1, "entries": 1})


def test_what_cannot_be_done_is_told_and_touches_nothing(authority_db: Path) -> None:
    folder = authority_db.parent
    assert run("check", "--database", folder / "none.db") == (2, f"{folder / 'none.db'} is not there\n")
    assert not (folder / "none.db").exists()
    assert run("restore", folder / "none", "--database", folder / "new.db")[0] == 2
    assert run("backup", authority_db, "--database", authority_db)[0] == 2


def test_each_command_has_help_with_an_example() -> None:
    for command in ("check", "backup", "restore"):
        code, told = run(command, "--help")
        assert code == 0
        assert "Example: medteller-sim" in told
