"""The `medteller` program: what it prints and how it exits."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from terminal import cli
from terminal.config import ConfigError, KioskConfig
from terminal.journal import Entry, Journal

EXAMPLE = Path(__file__).parents[2] / "docs" / "kiosk.example.toml"


def medteller(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    writer = Journal(path, lambda: datetime(2026, 1, 5, 9, 30, tzinfo=UTC))
    writer.write(Entry.STARTED, version="1.0")
    writer.write(Entry.DISPENSE_INTENT, "visit1", amount_fen=50_000)
    writer.close()
    return path


def test_help_shows_an_example_and_the_exit_codes() -> None:
    result = medteller("--help")

    assert result.exit_code == 0
    assert "medteller run --config kiosk.toml" in result.stdout
    assert "130" in result.stdout


def test_the_journal_is_shown_oldest_first(journal: Path) -> None:
    result = medteller("journal", "show", journal)

    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert "started" in first
    assert "visit1" in second
    assert "amount_fen=50000" in second


def test_the_journal_can_be_narrowed_and_read_by_programs(journal: Path) -> None:
    result = medteller("journal", "show", journal, "--kind", "dispense_intent", "--last", "1", "--json")

    [line] = result.stdout.splitlines()
    assert json.loads(line)["data"] == {"amount_fen": 50_000}


def test_a_good_chain_verifies(journal: Path) -> None:
    result = medteller("journal", "verify", journal, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"] == 2


def test_a_broken_chain_is_told_and_is_an_exit_code(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b"50000", b"90000"))

    result = medteller("journal", "verify", journal)

    assert result.exit_code == 1
    assert "1 records are good; record 2 was changed" in result.stderr


def test_a_journal_that_is_not_there_is_told_without_a_traceback(tmp_path: Path) -> None:
    result = medteller("journal", "show", tmp_path / "nowhere.db")

    assert result.exit_code == 1
    assert "can't be opened" in result.stderr
    assert "Traceback" not in result.output


def test_a_good_configuration_is_told_in_a_line() -> None:
    result = medteller("config", "check", "--config", EXAMPLE)

    assert result.exit_code == 0
    assert "terminal 33100001" in result.stdout


def test_a_wrong_configuration_is_told_and_nothing_runs(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text("journal = 5\n", encoding="utf-8")

    for command in (["config", "check"], ["run"]):
        result = medteller(*command, "--config", path)
        assert result.exit_code == 1
        assert "host is missing" in result.stderr


def test_a_device_that_no_driver_fits_is_told_before_anything_runs(tmp_path: Path) -> None:
    """File, key and what there is instead; the check finds what the kiosk would refuse."""
    path = tmp_path / "kiosk.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('"puloon-lcdm-4000"', '"escpos"').replace("columns", "colums")
    path.write_text(text, encoding="utf-8")

    for command in (["config", "check"], ["run"]):
        result = medteller(*command, "--config", path)
        assert result.exit_code == 1
        model, option = result.stderr.splitlines()
        assert model.startswith(f"{path}: devices.cash_dispenser.model: ")
        assert "there is puloon-lcdm-4000" in model
        assert option.startswith(f"{path}: devices.receipt_printer.options: unknown option colums; known here: columns")


def test_what_is_found_at_the_start_names_the_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(settings: KioskConfig) -> None:
        raise ConfigError("devices.pin_pad: the UID has 8, 16 or 24 bytes, not 4")

    monkeypatch.setattr("terminal.program.run_kiosk", refused)

    assert medteller("run", "--config", EXAMPLE).stderr.startswith(f"{EXAMPLE}: devices.pin_pad: ")


def test_ctrl_c_ends_a_kiosk_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(settings: KioskConfig) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("terminal.program.run_kiosk", interrupted)

    result = medteller("run", "--config", EXAMPLE)

    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_an_unknown_option_is_wrong_usage() -> None:
    assert medteller("run", "--nonsense").exit_code == 2


def test_a_wire_trace_can_be_asked_for_one_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[KioskConfig] = []
    monkeypatch.setattr("terminal.program.run_kiosk", ran.append)

    result = medteller("run", "--config", EXAMPLE, "--trace", tmp_path / "wire.jsonl")

    assert result.exit_code == 0
    assert [config.wire_trace for config in ran] == [tmp_path / "wire.jsonl"]
