"""Region codes (GB/T 2260) and the pooling regions they belong to, also codes that have been given up."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

MUNICIPALITIES = ("11", "12", "31", "50")
"""Beijing, Tianjin, Shanghai, Chongqing: each is one pooling region."""

CODES = Path(__file__).with_name("region_codes.toml")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A code that became another on a day."""

    code: str
    on: date
    became: str


def pooling_region(code: str, on: date | None = None) -> str:
    """The pooling region of a six-digit code at county, city or province level: prefixes count, not all six digits.

    A code that was given up stands for what it became; with `on`, for what it was on that day. Any text is accepted: a
    code that nobody knows is a pooling region without a policy.
    """
    return _by_prefix(successor(code, on))


def successor(code: str, on: date | None = None) -> str:
    """What a code became, by the longest prefix that was given up; the code itself where it still holds."""
    for change in _given_up():
        if code.startswith(_significant(change.code)) and (on is None or on >= change.on):
            return change.became
    return code


def _by_prefix(code: str) -> str:
    digits = 2 if code[:2] in MUNICIPALITIES else 4
    return code[:digits].ljust(6, "0")


def _significant(code: str) -> str:
    """A code without the zero pairs at its end."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


@cache
def _given_up() -> tuple[GivenUp, ...]:
    rows = tomllib.loads(CODES.read_text(encoding="utf-8"))["given_up"]
    found = (GivenUp(row["code"], row["on"], row["became"]) for row in rows)
    return tuple(sorted(found, key=lambda change: -len(_significant(change.code))))
