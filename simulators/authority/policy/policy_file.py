"""Reads policy files; an error names file, key, what is wrong and what to do, and all of a file are told at once."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulators.authority.policy.region_policy import RegionPolicy

HOW = "docs/policy.md describes every key"

WHAT_TO_WRITE: Mapping[str, str] = {
    "missing": "add it",
    "int_type": "write a whole number without quotes or decimals, amounts in fen",
    "string_type": "put it in quotes",
    "bool_type": "write true or false",
    "tuple_type": 'write a list, as in ["A", "B"]',
    "dict_type": "write a table, as in { CASH = 200_000 }",
    "model_type": "write a table with keys, as in [limits]",
    "date_type": "write a date without quotes, as in 2026-01-01",
    "date_from_datetime_parsing": "write a date, as in 2026-01-01",
    "date_from_datetime_inexact": "write a date without a time, as in 2026-01-01",
    "string_too_short": "it may not be empty",
}
"""For kinds of errors of pydantic whose own words do not say what to do."""

PATTERNS: Mapping[str, str] = {
    "region": 'six digits of GB/T 2260, as in "440300"',
    "version": 'letters, digits, "." and "-", as in "2026.1"',
    "icd10": 'a letter and digits of ICD-10, as in "I21", or a span, as in "C00-C97"',
    "only": "merchant numbers: up to 15 letters and digits",
    "refused": "merchant numbers: up to 15 letters and digits",
    "hours": "a merchant number: up to 15 letters and digits",
    "year_start": 'month and day, as in "07-01"',
    "credited_on": 'days of the year, each month and day, as in ["07-01"]',
    "texts": "a language, as in [texts.zh_CN]",
    "capture_codes": 'codes of field 39, as in "41"',
}
"""For keys that have to look in a certain way."""

_CHOICES = ("constrained-int", "literal['unlimited']")
"""What pydantic adds to the key of a count, which is a number or a word."""

CODE = "capital letters, digits and _, as in RESETTLED_RETIREE"


class PolicyError(ValueError):
    """A policy file that can't be used; says which file, which key, what is wrong and what to do."""


def parse_policy(text: str, name: str) -> RegionPolicy:
    """A policy from its text; `name` is told in errors. Raises PolicyError."""
    try:
        return RegionPolicy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{name}: not TOML: {error}") from None
    except ValidationError as error:
        lines = "\n".join(dict.fromkeys(f"  {_problem(problem)}" for problem in error.errors()))
        raise PolicyError(f"{name}: can't be used ({HOW})\n{lines}") from None


def load_policy(path: Path) -> RegionPolicy:
    """One policy file. Raises PolicyError."""
    return parse_policy(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A file in UTF-8. Raises PolicyError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise PolicyError(f"{path}: can't be read: {error.strerror}") from None


def _problem(problem: ErrorDetails) -> str:
    """One line: key, what is wrong, what to do."""
    parts = [str(part) for part in problem["loc"] if part != "[key]"]
    where = [part for part in parts if part not in _CHOICES]
    key = ".".join(where) or "policy"
    kind, said = problem["type"], problem["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _keys(where[:-1])
        close = difflib.get_close_matches(where[-1], known, 1)
        hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
        return f"{key}: there is no such key; {hint}"
    if kind == "missing":
        return f"{key}: is missing; {WHAT_TO_WRITE['missing']}"
    given = problem["input"]
    found = f", found {given!r}" if isinstance(given, str | int | float | bool) else ""
    if where != parts:
        return f'{key}: write a whole number, or "unlimited"{found}'
    if kind == "string_pattern_mismatch":
        named = next((name for name in reversed(where) if name in PATTERNS), "")
        return f"{key}: write {PATTERNS.get(named, CODE)}{found}"
    if kind in WHAT_TO_WRITE:
        return f"{key}: {WHAT_TO_WRITE[kind]}{found}"
    begins = said[:1].lower() if said[1:2].islower() else said[:1]
    return f"{key}: {begins}{said[1:]}{found}"


def _keys(path: list[str]) -> list[str]:
    """The keys that a table of a policy file may have."""
    model: type[BaseModel] | None = RegionPolicy
    for part in path:
        if model is None:
            return []
        field = model.model_fields.get(part)
        model = _model_in(field.annotation) if field is not None else model
    return [] if model is None else list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a key's type has in it, be it optional or the values of a table."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
