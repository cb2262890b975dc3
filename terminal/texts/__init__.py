"""All words a person sees, in every language: one TOML file each, and another language is just another file.

Keys are `table.key`. A text takes its values in braces; a value may itself be `Words` (a rule's name, a region). Money
is shown in yuan with two decimals, the unit stands in the text.
"""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from terminal.view import Fen, Told, Value, Words

DEFAULT_LANGUAGE = "zh_CN"
"""The language whose file is sure to have every key."""

FOLDER = Path(__file__).parent


def load(path: Path) -> Mapping[str, str]:
    """The texts of one file by key."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()}


@cache
def texts(language: str) -> Mapping[str, str]:
    """The texts of one language by key; the default language where there is no such file."""
    return load(FOLDER / f"{language if language in languages() else DEFAULT_LANGUAGE}.toml")


@cache
def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """All languages, the default one first."""
    found = sorted(path.stem for path in folder.glob("*.toml"))
    return tuple(sorted(found, key=lambda language: language != DEFAULT_LANGUAGE))


def yuan(fen: int) -> str:
    """An amount in fen as yuan with two decimals, for example 123456 as `1,234.56`."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02}"


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def render(words: Words, language: str) -> str:
    """The words in that language.

    Never raises, because no screen may stop a payout: a missing text shows its key, a missing value its name in braces.
    """
    text = texts(language).get(words.key) or texts(DEFAULT_LANGUAGE).get(words.key) or f"[{words.key}]"
    values = {name: f"{{{name}}}" for name in placeholders(text)}
    return text.format_map(values | {name: _shown(value, language) for name, value in words.values.items()})


def complaints(words: Words) -> tuple[str, ...]:
    """What is wrong with these words in any language: unknown keys, values that are missing."""
    found = [
        f"{language}: {words.key} {problem}"
        for language in languages()
        for problem in _problems(words, texts(language).get(words.key))
    ]
    nested = [value for value in words.values.values() if isinstance(value, Words)]
    return (*found, *(complaint for inner in nested for complaint in complaints(inner)))


def code_words(code: str) -> Words:
    """Why the host refused (field 39), and the next step."""
    return _known(f"code.{code}", Words("code.other", {"code": code}))


def rule_words(rule: str) -> Words:
    """The name of a policy rule, as the host names it in field 63."""
    return _known(f"rule.{rule}", Words("rule.other", {"rule": rule}))


def region_words(region: str) -> Words:
    """The name of a region by its six digits (GB/T 2260); the digits themselves when it is not known."""
    return _known(f"region.{region}", Words("region.other", {"region": region}))


def _known(key: str, otherwise: Words) -> Words:
    return Words(key) if key in texts(DEFAULT_LANGUAGE) else otherwise


def _problems(words: Words, text: str | None) -> list[str]:
    if text is None:
        return ["is missing"]
    return [f"has no value for {name}" for name in sorted(placeholders(text) - words.values.keys())]


def _shown(value: Value, language: str) -> str:
    match value:
        case Fen(amount):
            return yuan(amount)
        case Told(chinese, english):
            return chinese if language == DEFAULT_LANGUAGE else english
        case Words():
            return render(value, language)
        case _:
            return str(value)
