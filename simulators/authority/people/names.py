"""Names of persons: when two spellings mean one name, and how much of a name or number others may see.

A name travels through ID cards, card chips (GB 18030), banks and keyboards, and comes back with other dots, widths,
cases and code points. `comparable` undoes that; it is for comparing, never for printing.
"""

import re
import unicodedata

from protocol.money_line import masked_pan

MIDDLE_DOT = "·"
_DOTS = "\u2022\u2027\u2219\u22c5\u30fb\u25cf\u25e6"
"""What is typed for the middle dot between the parts of a name; NFKC turns all others into one of these or a stop."""

_PRIVATE_USE = {
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE831: 0x215D7,
    0xE832: 0x9FB8,
    0xE83B: 0x2298F,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE855: 0x241FE,
    0xE864: 0x9FBB,
}
"""Rare characters that GB 18030-2000 put into the private use area and GB 18030-2005 into Unicode proper.

Codecs of either edition are in use, so one character of a name arrives as either code point.
"""

_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BESIDE_DOT = re.compile(rf"[\s{MIDDLE_DOT}]*{MIDDLE_DOT}[\s{MIDDLE_DOT}]*")
_HAN = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_STOP_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s*\.\s*(?=[{_HAN}])")
_SPACE_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")

_DOT_TABLE = str.maketrans(dict.fromkeys(_DOTS, MIDDLE_DOT))


def comparable(name: str) -> str:
    """One spelling for all spellings of a name: NFKC, one middle dot, one case, one code point for rare characters.

    Two names are the same when their comparable forms are; whose they are the ID number says.
    """
    text = _VARIATION_SELECTORS.sub("", name).translate(_PRIVATE_USE)
    text = unicodedata.normalize("NFKC", text).translate(_DOT_TABLE)
    text = _BESIDE_DOT.sub(MIDDLE_DOT, _STOP_IN_HAN.sub(MIDDLE_DOT, text.strip()))
    return " ".join(_SPACE_IN_HAN.sub("", text).split()).upper()


def same_name(one: str, other: str) -> bool:
    """Do two spellings mean one name? Never for empty ones."""
    left = comparable(one)
    return bool(left) and left == comparable(other)


def is_name(name: str) -> bool:
    """Can this be a person's name? Letters with dots, spaces, hyphens and apostrophes; at most 50 characters."""
    text = comparable(name)
    letters = [c for c in text if unicodedata.category(c)[0] in "LM" or c == "\u3007"]
    return bool(letters) and len(text) <= 50 and all(c in f" {MIDDLE_DOT}.-'’" for c in set(text) - set(letters))


def masked_name(name: str) -> str:
    """The first character; of the rest only that there is one: 王**."""
    return f"{name[:1]}{'*' * min(2, len(name) - 1)}" if len(name) > 1 else "*" * len(name)


def masked_id_number(number: str) -> str:
    """The first four and the last four characters: 3101**********0018."""
    return _masked(number, 4, 4)


def masked_card_number(number: str) -> str:
    """The first and the last four characters of a social-security card number: A****5674."""
    return _masked(number, 1, 4)


def masked_phone(number: str) -> str:
    """The first three and the last four digits: 138****5678."""
    return _masked(number, 3, 4)


def masked_account(number: str) -> str:
    """A bank card as `masked_pan`; of another account number the last four characters."""
    return masked_pan(number) if 16 <= len(number) <= 19 else _masked(number, 0, 4)


def _masked(text: str, first: int, last: int) -> str:
    """All of a text is hidden where less than four characters of it would be."""
    if len(text) - first - last < 4:
        return "*" * len(text)
    return f"{text[:first]}{'*' * (len(text) - first - last)}{text[len(text) - last :]}"


__all__ = [
    "comparable",
    "is_name",
    "masked_account",
    "masked_card_number",
    "masked_id_number",
    "masked_name",
    "masked_pan",
    "masked_phone",
    "same_name",
]
