"""Are an ID number, a social-security card number, a PAN and a phone number what they claim to be?

Every check names all that is wrong at once. The numbers are judged as `cleaned` leaves them.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto

from protocol.social_card import card_check_character, id_check_character, is_pan

PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
"""First two digits of GB/T 2260. No more is judged: counties come and go, and old numbers keep the old code."""

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_CARD = re.compile(r"[0-9A-Z]{9}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


class NumberProblem(StrEnum):
    """What is wrong with a number; texts for people belong to whoever shows them."""

    LENGTH = auto()
    CHARACTERS = auto()
    REGION = auto()
    BIRTH_DATE = auto()
    CHECK_DIGIT = auto()


class IdKind(StrEnum):
    """Whose number it is; the forms other than RESIDENT have no region of China in them."""

    RESIDENT = auto()
    FOREIGNER = auto()  # permanent residence card of a foreigner: begins with 9
    HONG_KONG = auto()  # residence permits: 81, 82, 83
    MACAO = auto()
    TAIWAN = auto()


_PERMITS = {"81": IdKind.HONG_KONG, "82": IdKind.MACAO, "83": IdKind.TAIWAN}


@dataclass(frozen=True, slots=True)
class IdNumber:
    """What a right ID number tells. `birth_date` is None where a foreign form holds none."""

    text: str = field(repr=False)
    kind: IdKind
    birth_date: date | None
    is_male: bool


def cleaned(number: str) -> str:
    """Half-width, upper case, without the spaces and hyphens that people type."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", number)).upper()


def id_number_problems(number: str, on: date) -> tuple[NumberProblem, ...]:
    """All that is wrong with an ID number (GB 11643) handed in `on` a day.

    Region and birth date are judged for residents only: the foreign forms need not hold them.
    """
    if len(number) != 18:
        return (NumberProblem.LENGTH,)
    if not _RESIDENT.fullmatch(number):
        return (NumberProblem.CHARACTERS,)
    found: list[NumberProblem] = []
    if _kind(number) is IdKind.RESIDENT:
        if int(number[:2]) not in PROVINCES:
            found.append(NumberProblem.REGION)
        born = _birth_date(number)
        if born is None or born > on:
            found.append(NumberProblem.BIRTH_DATE)
    if id_check_character(number[:17]) != number[17]:
        found.append(NumberProblem.CHECK_DIGIT)
    return tuple(found)


def read_id_number(number: str) -> IdNumber:
    """What a number that passed `id_number_problems` tells."""
    return IdNumber(number, _kind(number), _birth_date(number), int(number[16]) % 2 == 1)


def card_number_problems(number: str) -> tuple[NumberProblem, ...]:
    """All that is wrong with a social-security card number (GB 11714)."""
    if len(number) != 9:
        return (NumberProblem.LENGTH,)
    if not _CARD.fullmatch(number):
        return (NumberProblem.CHARACTERS,)
    return () if card_check_character(number[:8]) == number[8] else (NumberProblem.CHECK_DIGIT,)


def pan_problems(number: str) -> tuple[NumberProblem, ...]:
    """All that is wrong with a bank card number: 16 to 19 digits, Luhn."""
    if not 16 <= len(number) <= 19:
        return (NumberProblem.LENGTH,)
    if not (number.isascii() and number.isdecimal()):
        return (NumberProblem.CHARACTERS,)
    return () if is_pan(number) else (NumberProblem.CHECK_DIGIT,)


def phone_problems(number: str) -> tuple[NumberProblem, ...]:
    """All that is wrong with a mobile number of the mainland, without country code."""
    if len(number) != 11:
        return (NumberProblem.LENGTH,)
    return () if _MOBILE.fullmatch(number) else (NumberProblem.CHARACTERS,)


def _kind(number: str) -> IdKind:
    if number.startswith("9"):
        return IdKind.FOREIGNER
    return _PERMITS.get(number[:2], IdKind.RESIDENT)


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
