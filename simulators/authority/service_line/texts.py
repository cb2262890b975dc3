"""The Chinese texts of the service line, read from `texts/zh_CN.toml`; no text is built in code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "texts"
DEFAULT_LANGUAGE = "zh_CN"


@cache
def texts(table: str) -> Mapping[str, str]:
    """One table of the file: `reasons`, `states`, ..."""
    return {str(key): str(text) for key, text in _file()[table].items()}


def reason_text(key: str, value: str | None = None) -> str:
    """What a person is told; `{value}` in a text is filled. A key without a text shows itself, and a test finds it."""
    return texts("reasons").get(key, key).replace("{value}", value or "")


def person_text(key: str) -> str:
    """What is told about a person or card: the texts of that room."""
    return _of_room("people").get(key, key)


@cache
def help_texts(language: str) -> Mapping[str, Any]:
    """Topics and hotline; an unknown language has Chinese ones."""
    path = HERE / f"help.{language}.toml"
    if not path.is_file():
        return help_texts(DEFAULT_LANGUAGE)
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _file() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((HERE / "zh_CN.toml").read_text(encoding="utf-8"))


@cache
def _of_room(room: str) -> Mapping[str, str]:
    path = HERE.parent.parent / room / "texts.toml"
    return {str(key): str(text) for key, text in tomllib.loads(path.read_text(encoding="utf-8"))["zh_CN"].items()}
