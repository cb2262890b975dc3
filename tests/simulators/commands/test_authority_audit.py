import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulators.authority.actors import SYSTEM
from simulators.authority.database import Database
from simulators.authority.supervision.providers import Provider, authorise_provider
from simulators.commands.authority import authority


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(authority, ["audit", *map(str, words)])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """With an act in it: a provider was entered."""
    path = tmp_path / "authority.db"
    database = Database(path)
    provider = Provider("371000000000001", "测试银行", "371000", date(2026, 1, 1))
    with database.transaction() as connection:
        authorise_provider(connection, SYSTEM, datetime(2026, 1, 1, tzinfo=UTC), provider)
    database.close()
    return path


@pytest.mark.req("S2-08")
def test_the_chain_is_exported_and_checked_without_the_database(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    exported = json.loads(run("export", file, "--database", database, "--json").stdout)
    assert exported["links"] >= 1
    head = exported["head"]
    assert run("verify", "--export", file, "--head", head).exit_code == 0
    assert run("verify", "--database", database, "--head", head).exit_code == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text(lines[0].replace("authority", "nobody") + "\n", encoding="utf-8")
    changed = run("verify", "--export", file)
    assert changed.exit_code == 1
    assert "broken" in changed.stderr


def test_a_chain_that_was_made_anew_is_found_by_its_head(database: Path) -> None:
    result = run("verify", "--database", database, "--head", "f" * 64)
    assert result.exit_code == 1
    assert "cut short" in result.stderr


def test_nothing_is_overwritten(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text("mine", encoding="utf-8")
    assert run("export", file, "--database", database).exit_code == 2
    assert file.read_text(encoding="utf-8") == "mine"
    assert run("verify", "--export", tmp_path / "none").exit_code == 2
