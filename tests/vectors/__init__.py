"""Golden byte strings from specifications and captures, as data.

Each `NAME.toml` holds `[[vector]]` tables: `name`, `hex` (spaces allowed), and what else the tests of that wire need
(`sender` = "host" or "device", `source`, decoded fields). Codec, driver and simulator tests read the same file.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Vector:
    """One golden byte string; `sender` is "host" or "device", `source` says where it comes from."""

    name: str
    data: bytes
    sender: str
    source: str
    fields: dict[str, Any]

    def __str__(self) -> str:
        return self.name


def load(wire: str) -> list[Vector]:
    """The vectors of one wire format, for example `load("puloon_lcdm")`."""
    tables = tomllib.loads((Path(__file__).parent / f"{wire}.toml").read_text(encoding="utf-8"))["vector"]
    known = {"name", "hex", "sender", "source"}
    return [
        Vector(
            table["name"],
            bytes.fromhex(table["hex"]),
            table.get("sender", ""),
            table.get("source", "computed"),
            {key: value for key, value in table.items() if key not in known},
        )
        for table in tables
    ]


def vector(wire: str, name: str) -> bytes:
    """The bytes of the vector called `name`."""
    return next(found.data for found in load(wire) if found.name == name)
