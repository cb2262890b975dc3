"""What a value in a policy file may be: money, spans of time, percentages, codes, texts. Amounts are fen."""

import unicodedata
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from simulators.authority.policy.vocabulary import Channel, PayoutMode

ATM_DAY_CEILING_FEN = 2_000_000
"""Cash per card and day at machines stays within 20,000 yuan (People's Bank of China, notice of 2007-05-11)."""

T = TypeVar("T")


def _in_a_leap_year(month_day: str) -> str:
    try:
        date.fromisoformat(f"2024-{month_day}")
    except ValueError:
        raise ValueError(f"{month_day} is no day of any year") from None
    return month_day


def _in_every_year(month_day: str) -> str:
    if month_day == "02-29":
        raise ValueError("02-29 is no day of every year; take 02-28 or 03-01")
    return month_day


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            raise ValueError(f"U+{ord(character):04X} can't be shown or printed; take it out")
    return text


def _span(text: str) -> str:
    first, _, last = text.partition("-")
    if last and last < first:
        raise ValueError(f"the span {text!r} ends before it begins")
    return text


def _once_each(values: tuple[T, ...]) -> tuple[T, ...]:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise ValueError(f"{value} stands there twice; take one out")
    return values


def _one_or_more(values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise ValueError("it is empty, so nobody could draw; name one, or write enabled = false")
    return _once_each(values)


Unlimited = Literal["unlimited"]
UNLIMITED: Unlimited = "unlimited"

Fen = Annotated[StrictInt, Field(ge=0, le=10**14)]
DayFen = Annotated[StrictInt, Field(ge=0, le=ATM_DAY_CEILING_FEN)]
Flag = Annotated[bool, Field(strict=True)]
BasisPoints = Annotated[StrictInt, Field(ge=0, le=10_000)]
"""Hundredths of a percent."""
Percent = Annotated[StrictInt, Field(ge=0, le=100)]
Natural = Annotated[StrictInt, Field(ge=0, le=36_500)]
Positive = Annotated[StrictInt, Field(gt=0, le=36_500)]
"""Days, months, hours: no more than a hundred years of days."""
Years = Annotated[StrictInt, Field(ge=0, le=100)]
Minutes = Annotated[StrictInt, Field(ge=0, le=527_040)]
"""No more than a leap year."""
Quota = Annotated[StrictInt, Field(ge=0, le=10**9)]
WholeYuan = Annotated[StrictInt, Field(gt=0, le=10**6, multiple_of=100)]
"""Whole yuan: there is no smaller note."""
Count = Quota | Unlimited
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_printable)
]
Basis = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_printable)
]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,32}$")]
"""Groups, situations, documents and health codes: words that a region may add to."""
Merchant = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,15}$")]
"""Field 42 of the money line."""
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Icd10 = Annotated[
    str,
    Field(
        pattern=r"^([A-Z]([0-9]([0-9](\.?[0-9A-Z]{1,6})?)?)?|[A-Z][0-9]{2}(\.[0-9A-Z]{1,6})?-[A-Z][0-9]{2}(\.[0-9A-Z]{1,6})?)$"
    ),
    AfterValidator(_span),
]
"""A prefix, as in C or I21, or a span of codes with both its ends, as in C00-C97."""
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), AfterValidator(_in_a_leap_year)]
YearDays = Annotated[tuple[Annotated[MonthDay, AfterValidator(_in_every_year)], ...], AfterValidator(_once_each)]
"""Days that are in every year."""
Channels = Annotated[tuple[Channel, ...], AfterValidator(_one_or_more)]
PayoutModes = Annotated[tuple[PayoutMode, ...], AfterValidator(_one_or_more)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")]


class Section(BaseModel):
    """A table of a policy file: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
