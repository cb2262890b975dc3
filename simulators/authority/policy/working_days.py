"""Which days are worked: the yearly tables as data, regional exceptions, and deadlines in working days.

A year without a table is provisional: Monday to Friday are worked but for the feasts that the library `holidays` knows,
and adjusted days are unknown. Whoever relies on such a year is told so by `is_provisional`.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from holidays import country_holidays

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.vocabulary import DayKind

TABLES = Path(__file__).with_name("working_days.toml")
_SATURDAY = 5
_A_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A table of working days that can't be used; says which file, year and key."""


@dataclass(frozen=True, slots=True)
class YearTable:
    """The table of one year: days of rest (those on a weekend too) and weekend days that are worked."""

    rest: frozenset[date]
    worked: frozenset[date]
    basis: str


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The national calendar, or that of a region which differs on some days."""

    years: Mapping[int, YearTable]
    rest_days: frozenset[date] = field(default_factory=frozenset)
    working_days: frozenset[date] = field(default_factory=frozenset)

    def of_region(self, rest_days: Collection[date], working_days: Collection[date]) -> "WorkingDays":
        """This calendar with the exceptions of a region."""
        if not rest_days and not working_days:
            return self
        return WorkingDays(self.years, frozenset(rest_days), frozenset(working_days))

    def is_provisional(self, year: int) -> bool:
        """Is there no table of this year?"""
        return year not in self.years

    def kind(self, day: date) -> DayKind:
        """What kind of day it is."""
        weekend = day.weekday() >= _SATURDAY
        if day in self.rest_days:
            return DayKind.HOLIDAY
        if day in self.working_days:
            return DayKind.ADJUSTED if weekend else DayKind.WORKING
        table = self.years.get(day.year)
        if table is None:
            if day in _feasts(day.year):
                return DayKind.HOLIDAY
        elif day in table.worked:
            return DayKind.ADJUSTED
        elif day in table.rest:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if weekend else DayKind.WORKING

    def is_worked(self, day: date) -> bool:
        """Do deadlines count this day?"""
        return self.kind(day).is_worked

    def deadline(self, begins: datetime, working_days: int) -> datetime:
        """The end of the n-th working day after the day of `begins`, which itself does not count."""
        day, left = begins.date(), working_days
        while left:
            day += _A_DAY
            left -= self.is_worked(day)
        return datetime.combine(day + _A_DAY, time(), SHANGHAI) - timedelta(seconds=1)


def load_tables(path: Path = TABLES) -> WorkingDays:
    """The tables of a file such as `working_days.toml`. Raises CalendarError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(f"{path}: {error}") from error
    return WorkingDays(
        {int(year): _year(path, year, table) for year, table in document.items() if _is_year(path, year)}
    )


@cache
def national() -> WorkingDays:
    """The tables that come with the simulator."""
    return load_tables()


def _is_year(path: Path, year: str) -> bool:
    if not (len(year) == 4 and year.isascii() and year.isdigit()):
        raise CalendarError(f"{path}: [{year}] is no year; each table is named by its year, as in [2027]")
    return True


def _year(path: Path, year: str, table: object) -> YearTable:
    if not isinstance(table, dict) or table.keys() != {"basis", "rest", "worked"}:
        raise CalendarError(f"{path}: [{year}] needs the keys basis, rest and worked, and no other")
    texts = (table["rest"], table["worked"])
    if not isinstance(table["basis"], str) or not all(
        isinstance(text, list) and all(isinstance(day, str) for day in text) for text in texts
    ):
        raise CalendarError(f'{path}: [{year}] basis is a text, rest and worked are lists such as ["01-01/01-03"]')
    rest, worked = (frozenset(day for text in days for day in _days(path, year, text)) for days in texts)
    for day in worked:
        if day.weekday() < _SATURDAY or day in rest:
            raise CalendarError(f"{path}: [{year}] worked: {day} is no weekend day, or rests too; take it out")
    return YearTable(rest, worked, table["basis"])


def _days(path: Path, year: str, text: str) -> list[date]:
    """The days of "MM-DD" or "MM-DD/MM-DD"."""
    first, _, last = text.partition("/")
    try:
        begins, ends = (date.fromisoformat(f"{year}-{part}") for part in (first, last or first))
    except ValueError:
        begins, ends = date.max, date.min
    if ends < begins:
        raise CalendarError(f'{path}: [{year}] {text!r} is no day or span; write "01-04" or "01-01/01-03"')
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


@cache
def _feasts(year: int) -> frozenset[date]:
    return frozenset(country_holidays("CN", years=year))
