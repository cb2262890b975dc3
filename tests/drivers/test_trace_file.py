import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.trace_file import (
    BadLine,
    JsonLinesSink,
    Sender,
    TracedPort,
    TraceHeader,
    TraceRecord,
    read_lines,
    read_trace,
)

RECORD = TraceRecord(1.25, "printer", Sender.HOST, "1b 40", "初始化")
HEADER = TraceHeader({"printer": TracedPort("escpos", "115200 8N1"), "host": TracedPort("money-line")})

texts = st.text(st.characters(codec="utf-8"), max_size=20)
records = st.builds(
    TraceRecord,
    t=st.floats(allow_nan=False, allow_infinity=False),
    port=texts.filter(bool),
    direction=st.sampled_from(Sender),
    hex=st.lists(st.sampled_from(["00", "7f", "..", "a9"]), min_size=1, max_size=30).map(" ".join),
    note=texts,
)


def test_a_record_is_one_line_of_json() -> None:
    assert json.loads(RECORD.to_json()) == {
        "t": 1.25,
        "port": "printer",
        "dir": "host",
        "hex": "1b 40",
        "note": "初始化",
    }
    assert "\n" not in RECORD.to_json()


def test_the_header_says_format_models_and_lines() -> None:
    assert json.loads(HEADER.to_json()) == {
        "trace": 1,
        "ports": {"printer": {"model": "escpos", "line": "115200 8N1"}, "host": {"model": "money-line"}},
    }


def test_the_file_is_appended_to_and_private(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    for _ in range(2):
        sink = JsonLinesSink(path, HEADER)
        sink(RECORD)
        sink.close()
    assert path.read_text(encoding="utf-8") == (HEADER.to_json() + "\n" + RECORD.to_json() + "\n") * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(read_trace(path)) == [(1, HEADER), (2, RECORD), (3, HEADER), (4, RECORD)]


@given(records)
def test_what_is_written_is_read_back(record: TraceRecord) -> None:
    assert list(read_lines([record.to_json().encode() + b"\n"])) == [(1, record)]


def test_a_header_with_the_time_of_day_is_read_back() -> None:
    header = TraceHeader(HEADER.ports, 12.5, "2026-11-23T09:00:00.000+08:00")
    assert list(read_lines([header.to_json().encode()])) == [(1, header)]


def test_keys_of_later_versions_and_empty_lines_are_left_alone() -> None:
    line = b'{"t":1.25,"port":"printer","dir":"host","hex":"1b 40","note":"x","mood":"good"}'
    assert list(read_lines([b"\n", line])) == [(2, TraceRecord(1.25, "printer", Sender.HOST, "1b 40", "x"))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"trace":2}', "format 2; this program reads 1"),
        (b'{"trace":1,"ports":["pad"]}', "ports are no object"),
        (b'{"trace":1,"ports":{"pad":{}}}', "names no model for the port 'pad'"),
        (b'{"port":"p","dir":"host","hex":"00"}', "no time"),
        (b'{"t":true,"port":"p","dir":"host","hex":"00"}', "no time"),
        (b'{"t":NaN,"port":"p","dir":"host","hex":"00"}', "no time"),
        (b'{"t":1,"dir":"host","hex":"00"}', "no port"),
        (b'{"t":1,"port":"p","dir":"north","hex":"00"}', "dir is host or device"),
        (b'{"t":1,"port":"p","dir":["host"],"hex":"00"}', "dir is host or device"),
        (b'{"t":1,"port":"p","dir":"host","hex":""}', "no bytes"),
        (b'{"t":1,"port":"p","dir":"host","hex":"0"}', "no bytes"),
        (b'{"t":1,"port":"p","dir":"host","hex":"00 "}', "no bytes"),
        (b'{"t":1,"port":"p","dir":"host","hex":"0011"}', "no bytes"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_are_read(line: bytes, reason: str) -> None:
    good = RECORD.to_json().encode()
    before, (number, bad), after = read_lines([good, line, good])
    assert (before, after) == ((1, RECORD), (3, RECORD))
    assert number == 2
    assert isinstance(bad, BadLine)
    assert reason in bad.reason


@given(st.binary(max_size=60))
def test_no_line_stops_the_reader(line: bytes) -> None:
    assert len(list(read_lines([line]))) <= 1
