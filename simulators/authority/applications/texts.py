"""The words of this room in each language, read from `texts/`; a new language is a new file."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from simulators.authority.applications.notifications import Notification
from simulators.authority.applications.problems import Problem

HERE = Path(__file__).with_name("texts")
DEFAULT_LANGUAGE = "zh_CN"


@cache
def table(name: str, language: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """One table of a language; an unknown language has the default one's."""
    path = HERE / f"{language}.toml"
    if not path.is_file():
        return table(name)
    return {str(key): str(text) for key, text in tomllib.loads(path.read_text(encoding="utf-8"))[name].items()}


def languages() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def field_text(field: str, language: str = DEFAULT_LANGUAGE) -> str:
    """What a field or document is called; its own name where nobody has named it."""
    kind = field.removeprefix("document.")
    names = table("field", language) if kind == field else table("document", language)
    return names.get(kind, kind)


def problem_text(problem: Problem, language: str = DEFAULT_LANGUAGE) -> str:
    """What people are told about a problem; the key where there is no text."""
    said, rules = table("problem", language), table("rule", language)
    about = "document" if problem.field.startswith("document.") else problem.field
    text = said.get(f"{about}.{problem.key}")
    if text is None:
        text = rules.get(problem.key) if _is_rule(problem) else said.get(problem.key)
    if text is None:
        return problem.key
    return text.replace("{field}", field_text(problem.field, language)).replace("{value}", problem.value)


def has_text(problem: Problem) -> bool:
    """Can people be told of it in words?"""
    known = field_text(problem.field) != problem.field.removeprefix("document.")
    return known and problem_text(problem) != problem.key


def notice_text(notice: Notification, language: str = DEFAULT_LANGUAGE) -> str:
    """A notice with its gaps filled; causes and outcomes in words, instants to the minute."""
    text, causes = table("notice", language)[notice.kind], table("cause", language)
    for gap, value in notice.gaps.items():
        said = f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}" if gap == "due" else str(value)
        text = text.replace(f"{{{gap}}}", causes.get(said, said))
    return text


def _is_rule(problem: Problem) -> bool:
    """Rules carry the region and version that refused."""
    return ":" in problem.value
