"""The texts of policies in one language, and names of codes, which a region may give itself."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from simulators.authority.policy.region_policy import RegionPolicy

TEXTS = Path(__file__).with_name("texts")
DEFAULT_LANGUAGE = "zh_CN"


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language by their key, as in "item.ratio"; an unknown language has those of the default one."""
    path = TEXTS / f"{language}.toml"
    if language not in languages():
        return texts(DEFAULT_LANGUAGE)
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}


@cache
def languages() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(sorted(path.stem for path in TEXTS.glob("*.toml")))


def yuan(fen: int) -> str:
    """An amount as people read it; whole yuan without decimals."""
    return f"{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else "")


class Words:
    """Texts of one language for one or two policies; names that a region gives come first."""

    def __init__(self, language: str, policies: Iterable[RegionPolicy] = ()) -> None:
        self.language = language
        self._texts = texts(language)
        self._names = {
            code: name
            for policy in policies
            if (notes := policy.texts.get(language)) is not None
            for code, name in notes.names.items()
        }

    def say(self, key: str, **gaps: str) -> str:
        """A text with its gaps filled; the key itself where there is none."""
        text = self._texts.get(key, key)
        for name, value in gaps.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def name(self, code: str) -> str:
        """What a code is called; the code itself where nobody has named it."""
        return self._names.get(code) or self._texts.get(f"name.{code}") or code

    def names(self, codes: Iterable[str]) -> str:
        """Several, as a list in a sentence."""
        return self.say("phrase.separator").join(self.name(code) for code in codes)
