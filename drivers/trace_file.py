"""The file of a wire trace: JSON lines, a header that says what the ports are, then one line a message.

    {"trace": 1, "ports": {"card_reader": {"model": "sankyo-ict3q8", "line": "38400 8E1"}}, "t": 12.5, "began": "..."}
    {"dir": "host", "hex": "f2 00 03 43 31 30 c5 2a", "note": "C10 status", "port": "card_reader", "t": 12.9}

`t` is seconds of the recorder's clock, `began` the time of day at the header's `t`, `..` in `hex` a byte that was not
written down. Programs append: each start writes a header of its own, and the clock may begin anew after it. Keys that a
reader does not know are left alone; a file without header is good too.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

FORMAT = 1
"""Version of the file's format."""

HIDDEN = ".."
"""Stands for a byte that may not be written down."""

HOST_MODEL = "money-line"
"""What a header calls the model of the host's port."""

_HEX = re.compile(r"(?:(?:[0-9a-f]{2}|\.\.)(?: |$))+")


class Sender(StrEnum):
    """Who put the bytes on the line."""

    HOST = "host"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One message: time in seconds, port, sender, bytes in hex (secret ones as `..`), and its meaning."""

    t: float
    port: str
    direction: Sender
    hex: str
    note: str

    def to_json(self) -> str:
        """One line, always the same for the same record: keys t, port, dir, hex, note."""
        return _one_line({"t": self.t, "port": self.port, "dir": self.direction, "hex": self.hex, "note": self.note})


@dataclass(frozen=True, slots=True)
class TracedPort:
    """What is known of a port: the model (a name of `drivers.registry`, or `money-line`) and how its line was set."""

    model: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """What the ports of the records below it are; `began` is the ISO time of day at `t` seconds."""

    ports: Mapping[str, TracedPort] = field(default_factory=dict)
    t: float = 0.0
    began: str = ""

    def to_json(self) -> str:
        """One line."""
        ports = {
            name: {"model": port.model, **({"line": port.line} if port.line else {})}
            for name, port in self.ports.items()
        }
        began = {"t": self.t, "began": self.began} if self.began else {}
        return _one_line({"trace": FORMAT, "ports": ports, **began})


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is neither header nor record, and why."""

    reason: str


Line: TypeAlias = TraceHeader | TraceRecord | BadLine


class JsonLinesSink:
    """Appends records to a file that only its owner can read, one JSON object a line."""

    def __init__(self, path: Path, header: TraceHeader | None = None) -> None:
        self._file = os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600),
            "w",
            encoding="utf-8",
            buffering=1,
        )
        if header is not None:
            self.begin(header)

    def begin(self, header: TraceHeader) -> None:
        """Say what the ports of the records to come are."""
        self._file.write(header.to_json() + "\n")

    def __call__(self, record: TraceRecord) -> None:
        """Write one line."""
        self._file.write(record.to_json() + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_trace(path: Path) -> Iterator[tuple[int, Line]]:
    """The lines of a file with their numbers, read as they are asked for; empty ones are left out. Raises OSError."""
    with path.open("rb") as file:
        yield from read_lines(file)


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, Line]]:
    """As `read_trace`, from lines that are there already."""
    for number, line in enumerate(lines, 1):
        if text := line.strip():
            yield number, _read(text)


def _read(line: bytes) -> Line:
    try:
        found = json.loads(line)
    except ValueError as error:
        return BadLine(f"not JSON: {error}")
    if not isinstance(found, dict):
        return BadLine("not a JSON object")
    return _header(found) if "trace" in found else _record(found)


def _header(found: dict[str, object]) -> Line:
    if found["trace"] != FORMAT:
        return BadLine(f"a header of format {found['trace']!r}; this program reads {FORMAT}")
    ports = found.get("ports", {})
    if not isinstance(ports, dict):
        return BadLine("a header whose ports are no object")
    known: dict[str, TracedPort] = {}
    for name, port in ports.items():
        if not isinstance(port, dict) or not isinstance(port.get("model"), str):
            return BadLine(f"a header that names no model for the port {name!r}")
        known[name] = TracedPort(port["model"], str(port.get("line", "")))
    t = _seconds(found.get("t", 0.0))
    return BadLine("a header whose t is no number") if t is None else TraceHeader(known, t, str(found.get("began", "")))


def _record(found: dict[str, object]) -> Line:
    t, port, direction = _seconds(found.get("t")), found.get("port"), found.get("dir")
    hex_, note = found.get("hex"), found.get("note", "")
    if t is None:
        return BadLine("no time: t is to be a number of seconds")
    if not isinstance(port, str) or not port:
        return BadLine("no port")
    if not isinstance(direction, str) or direction not in tuple(Sender):
        return BadLine("no direction: dir is host or device")
    if not isinstance(hex_, str) or not _HEX.fullmatch(hex_) or hex_.endswith(" "):
        return BadLine("no bytes: hex is pairs of 0-9a-f, or '..', with a space between them")
    return TraceRecord(t, port, Sender(direction), hex_, note if isinstance(note, str) else "")


def _seconds(value: object) -> float | None:
    """A finite number; True is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None  # type: ignore[arg-type]


def _one_line(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
