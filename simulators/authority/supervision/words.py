"""What supervision tells when it refuses, read from `texts.toml`; no text is built in code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def problem_text(key: str, language: str = "zh_CN") -> str:
    """Cause and next step."""
    return _texts()[language][key]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
