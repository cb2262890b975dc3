"""What is told about invoices and cases, read from `texts.toml`; no text is built in code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from protocol.service_line.values import yuan
from simulators.authority.invoices.refusal import Key
from simulators.authority.tables.invoices import CaseState, Result


def problem_text(key: Key, language: str = "zh_CN") -> str:
    """Cause and next step."""
    return _texts()[language][key]


def state_text(state: CaseState, language: str = "zh_CN") -> str:
    """Where a case is."""
    return _texts()[f"states.{language}"][state]


def result_text(result: Result, fen: int, language: str = "zh_CN") -> str:
    """How a case ended, with the sum that is paid or asked back."""
    return _texts()[f"results.{language}"][result].replace("{yuan}", yuan(fen))


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
