"""The texts of the service line in each language, read from `texts/`; no text is built in code."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from protocol.service_line.envelope import Reason
from simulators.authority.service_line.refusal import Problem

HERE = Path(__file__).parent / "texts"
DEFAULT_LANGUAGE, ENGLISH = "zh_CN", "en"


@cache
def texts(table: str, language: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """One table of a language: `reasons`, `rules`, ..."""
    return {str(key): str(text) for key, text in _file(language)[table].items()}


def reason_text(key: str, value: str | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """What a person is told; `{value}` in a text is filled. A key without a text shows itself, and a test finds it."""
    return texts("reasons", language).get(key, key).replace("{value}", value or "")


def reason_of(problem: Problem) -> Reason:
    """A problem as it goes over the wire."""
    return Reason(
        key=problem.key,
        field=problem.field,
        region=problem.region,
        version=problem.version,
        basis=problem.basis,
        value=problem.value,
        text=problem.text or reason_text(problem.key, problem.value),
        text_en=problem.text_en or reason_text(problem.key, problem.value, ENGLISH),
    )


def both(text_of: Callable[[str], str]) -> tuple[str, str]:
    """Chinese and English, as every answer has them."""
    return text_of(DEFAULT_LANGUAGE), text_of(ENGLISH)


def rule_text(rule: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Why a rule of a policy, or the state of an account, refuses a payout."""
    return texts("rules", language).get(rule, rule)


def person_text(key: str, language: str = DEFAULT_LANGUAGE) -> str:
    """What is told about a person or card: the texts of that room."""
    return _of_room("people", language).get(key, key)


@cache
def help_texts(language: str) -> Mapping[str, Any]:
    """Topics and hotline; an unknown language has Chinese ones."""
    path = HERE / f"help.{language}.toml"
    if not path.is_file():
        return help_texts(DEFAULT_LANGUAGE)
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _file(language: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _of_room(room: str, language: str) -> Mapping[str, str]:
    path = HERE.parent.parent / room / "texts.toml"
    return {str(key): str(text) for key, text in tomllib.loads(path.read_text(encoding="utf-8"))[language].items()}
