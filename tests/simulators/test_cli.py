"""The `medteller-sim` program: what it prints and how it exits."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulators import cli
from simulators.bench import play
from simulators.bench.journeys.catalogue import JOURNEYS
from simulators.bench.scenarios import SCENARIOS


def medteller_sim(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_the_demo_ends_with_one_json_line_of_known_keys() -> None:
    result = medteller_sim("demo", "--link", "memory", "--json", "--seed", "3")

    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    summary = json.loads(line)
    assert list(summary) == [
        "scenario",
        "outcome",
        "ok",
        "amount_fen",
        "notes_taken",
        "card",
        "account_debit_fen",
        "ledger_balanced",
        "journal_verified",
        "frames",
        "seconds",
        "link",
        "seed",
        "trace_hash",
        "failed_checks",
    ]
    assert (summary["outcome"], summary["ok"], summary["notes_taken"], summary["seed"]) == ("paid", True, {"100": 5}, 3)


def test_without_json_the_story_is_told() -> None:
    result = medteller_sim("demo", "--link", "memory", "--scenario", "cancel-at-pin", "--language", "en")

    assert result.exit_code == 0
    assert "customer cancels" in result.stdout


def test_a_check_that_does_not_hold_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**SCENARIOS, "withdraw": SCENARIOS["card-left-behind"].__class__("Told wrong.", "declined")}  # type: ignore[arg-type]
    monkeypatch.setattr(play, "SCENARIOS", wrong)

    result = medteller_sim("demo", "--link", "memory", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["failed_checks"] != []


def test_the_scenarios_are_listed() -> None:
    assert all(name in medteller_sim("demo", "--list").stdout for name in (*SCENARIOS, *JOURNEYS))
    assert list(json.loads(medteller_sim("demo", "--list", "--json").stdout)) == [*SCENARIOS, *JOURNEYS]


def test_the_wire_trace_is_written_as_json_lines(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"

    result = medteller_sim("demo", "--link", "memory", "--json", "--trace", trace)

    header, *records = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    assert len(records) == json.loads(result.stdout)["frames"]
    assert {record["port"] for record in records} == {
        "card_reader",
        "pin_pad",
        "cash_dispenser",
        "receipt_printer",
        "host",
    }
    assert header["trace"] == 1
    assert header["ports"]["card_reader"] == {"model": "sankyo-ict3q8", "line": "38400 8E1"}
    assert header["ports"]["host"] == {"model": "money-line"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scenario", "bank-robbery"), "--list shows them"),
        (("--bench", "no-such.toml"), "leave it out for the default one"),
        (("--trace", "/no/such/folder/trace.jsonl"), "No such file"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_helps(arguments: tuple[str, ...], told: str) -> None:
    result = medteller_sim("demo", "--link", "memory", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.real_time
def test_ctrl_c_ends_the_demo_at_once_and_without_a_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "simulators", "demo", "--link", "pty", "--language", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told all processes to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as demo:
        assert demo.stdout is not None
        while "customer" not in demo.stdout.readline():
            assert demo.poll() is None
        demo.send_signal(signal.SIGINT)
        _, errors = demo.communicate(timeout=60)

    assert demo.returncode == cli.INTERRUPTED
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", [("demo", "--link", "memory"), ("workbench",)])
def test_a_bench_with_a_device_that_nobody_simulates_names_file_and_key(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    bench = tmp_path / "bench.toml"
    default = Path(cli.__file__).parent / "bench" / "default.toml"
    bench.write_text(default.read_text(encoding="utf-8").replace('"escpos"', '"escpoz"'), encoding="utf-8")

    result = medteller_sim(*command, "--bench", bench)

    assert result.exit_code == 2
    assert f"{bench}: receipt_printer.model: no simulated escpoz here; there is escpos" in result.stderr
    assert "Traceback" not in result.output
