"""What must never be written down, recognised by its look: card numbers, resident ID numbers, tracks, raw bytes.

Only a safety net under the rule that secrets are not handed to a log or journal in the first place.
"""

import re
import string
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
"""What can be written down. No floats: money is whole fen."""

NUMBER = re.compile(r"\d(?:[ -]?\d){14,18}[\dXx]|\d{12,19}[=D]\d{4,}")
"""A run of 16 to 20 digits (spaces and hyphens inside count for nothing), an ID number, or the front of track 2."""

LONG_NUMBER = re.compile(r"\d{16,}")

_HEX, _LETTERS = string.digits + "abcdef", "ghijklmnopabcdef"
_TO_LETTERS, _FROM_LETTERS = str.maketrans(_HEX, _LETTERS), str.maketrans(_LETTERS, _HEX)


def looks_secret(text: str) -> bool:
    """Does the text hold what could be a card number, an ID number or a track?"""
    return bool(NUMBER.search(text) or LONG_NUMBER.search(text))


def in_letters(data: bytes) -> str:
    """Bytes as text that never looks like a number: hexadecimal with letters for its digits."""
    return data.hex().translate(_TO_LETTERS)


def from_letters(text: str) -> bytes:
    """What `in_letters` made. Raises ValueError."""
    return bytes.fromhex(text.translate(_FROM_LETTERS))


def redacted(text: str) -> str:
    """The text with every such number replaced."""
    return NUMBER.sub("(redacted)", LONG_NUMBER.sub("(redacted)", text))


def cleaned(value: Json, path: str = "") -> tuple[Json, list[str]]:
    """A nested value with everything that looks secret replaced, and where that was: the paths, never the values.

    Raises TypeError for what can't be written down at all.
    """
    match value:
        case bytes() | bytearray() | memoryview():
            return f"(refused: {len(value)} raw bytes)", [path]
        case None | bool():
            return value, []
        case str() | int():
            return ("(refused: looks secret)", [path]) if looks_secret(str(value)) else (value, [])
        case Mapping():
            inner = {str(key): cleaned(item, f"{path}.{key}" if path else str(key)) for key, item in value.items()}
            return {key: item for key, (item, _) in inner.items()}, [
                found for _, paths in inner.values() for found in paths
            ]
        case Sequence():
            parts = [cleaned(item, f"{path}[{index}]") for index, item in enumerate(value)]
            return [item for item, _ in parts], [found for _, paths in parts for found in paths]
    raise TypeError(f"{path}: {type(value).__name__} can't be written down")
