"""`medteller-sim trace show`, and what it makes stand out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from drivers.trace_file import Sender, TracedPort, TraceHeader, TraceRecord, read_lines
from simulators import cli
from simulators.trace.show import Shown, timed

HEADER = TraceHeader({"reader": TracedPort("sankyo-ict3q8", "38400 8E1"), "printer": TracedPort("escpos")})


def host(t: float, note: str, port: str = "reader") -> TraceRecord:
    return TraceRecord(t, port, Sender.HOST, "f2 00", note)


def device(t: float, note: str, port: str = "reader") -> TraceRecord:
    return TraceRecord(t, port, Sender.DEVICE, "06", note)


def written(folder: Path, *lines: TraceHeader | TraceRecord | str) -> Path:
    path = folder / "wire.jsonl"
    texts = [line if isinstance(line, str) else line.to_json() for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def show(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["trace", "show", *map(str, arguments)])


def shown(*lines: TraceHeader | TraceRecord, port: str | None = None) -> list[Shown]:
    read = read_lines(line.to_json().encode() for line in lines)
    return [each for each in timed(read, port) if isinstance(each, Shown)]


def test_times_count_from_the_first_message_and_gaps_on_each_port_by_itself() -> None:
    told = shown(HEADER, host(100, "a"), host(101, "b", "printer"), device(103, "ACK"))
    assert [(each.since_start, each.gap) for each in told] == [(0.0, 0.0), (1.0, 0.0), (3.0, 3.0)]


def test_after_another_start_of_the_program_time_begins_anew() -> None:
    told = shown(HEADER, host(100, "a"), HEADER, host(5, "a"))
    assert [(each.since_start, each.gap) for each in told] == [(0.0, 0.0), (0.0, 0.0)]


@pytest.mark.parametrize(
    ("records", "unanswered"),
    [
        ((host(0, "C10 status"), host(0.3, "C10 status")), True),
        ((host(0, "C10 status"), host(0.1, "C10 status")), False),
        ((host(0, "C10 status"), device(0.1, "ACK"), host(3, "C10 status")), False),
        ((host(0, "ACK"), host(3, "C10 status")), False),
        ((host(0, "text", "printer"), host(3, "text", "printer")), False),
    ],
)
def test_a_host_that_waited_in_vain_is_found(records: tuple[TraceRecord, ...], unanswered: bool) -> None:
    assert shown(HEADER, *records)[-1].unanswered is unanswered


def test_a_trace_is_shown_line_by_line_with_arrows(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, host(1, "C10 status"), device(1.5, "医保 ACK"))
    result = show(file)
    assert result.exit_code == 0
    assert "reader   sankyo-ict3q8  38400 8E1" in result.stdout
    assert "     0.0000      +0.0000  reader  → C10 status  f2 00" in result.stdout
    assert "     0.5000      +0.5000  reader  ← 医保 ACK  06" in result.stdout


def test_one_port_can_be_chosen(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, host(1, "C10 status"), host(1, "text", "printer"))
    assert "C10" not in show(file, "--port", "printer").stdout
    nothing = show(file, "--port", "pad")
    assert "nothing was recorded on a port 'pad'" in nothing.stderr


def test_raw_shows_every_byte_and_without_it_the_first_are_shown(tmp_path: Path) -> None:
    long = TraceRecord(0, "reader", Sender.HOST, " ".join(["f2"] * 60), "long")
    file = written(tmp_path, HEADER, long)
    assert show(file).stdout.count("f2") == 24
    assert show(file, "--raw").stdout.count("f2") == 60


def test_json_adds_times_and_what_stands_out(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, host(1, "C10 status"), host(2, "noise, 2 bytes: x"))
    (first, second) = map(json.loads, show(file, "--json").stdout.splitlines())
    assert first["hex"] == "f2 00"
    assert (second["line"], second["model"], second["since_start"], second["gap"]) == (3, "sankyo-ict3q8", 1.0, 1.0)
    assert (second["unanswered"], second["broken"]) == (True, True)


def test_bad_lines_are_told_and_the_rest_is_shown(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, "{broken", host(1, "C10 status"))
    result = show(file)
    assert result.exit_code == 1
    assert f"{file}: line 2: not JSON" in result.stderr
    assert "C10 status" in result.stdout


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    result = show(tmp_path / "none.jsonl")
    assert result.exit_code == 2
    assert "none.jsonl: No such file or directory" in result.stderr
