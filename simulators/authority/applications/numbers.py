"""Numbers of applications and appeals: 20 digits that can be typed at a kiosk and mistyped without harm.

kind 1, home region 6, day YYMMDD 6, serial of that region and day 6, check digit by ISO/IEC 7064 MOD 11,10 (it finds
every wrong digit and nearly every swap of neighbours).
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from simulators.authority.tables.applications import number_series

LENGTH = 20


class NumberKind(StrEnum):
    """First digit."""

    APPLICATION = "1"
    APPEAL = "2"


class OutOfNumbers(Exception):
    """A region has given out all serials of a day."""


def next_number(connection: Connection, kind: NumberKind, region: str, day: date) -> str:
    """The next number of a region's day; never given twice. Raises OutOfNumbers."""
    series = (number_series.c.kind == kind, number_series.c.region == region, number_series.c.day == day)
    if connection.execute(update(number_series).where(*series).values(last=number_series.c.last + 1)).rowcount == 0:
        connection.execute(insert(number_series).values(kind=kind, region=region, day=day, last=1))
    serial = connection.execute(select(number_series.c.last).where(*series)).scalar_one()
    if serial > 999_999:
        raise OutOfNumbers(f"region {region} has no number left for {day}; take applications in again tomorrow")
    body = f"{kind}{region}{day:%y%m%d}{serial:06d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """ISO/IEC 7064 MOD 11,10 over the digits of `body`."""
    rest = 10
    for digit in body:
        total = (rest + int(digit)) % 10 or 10
        rest = total * 2 % 11
    return str((11 - rest) % 10)


def is_number(text: str, kind: NumberKind) -> bool:
    """Can this have been given out? It says nothing about whether it was."""
    return (
        len(text) == LENGTH
        and text.isascii()
        and text.isdigit()
        and text[0] == kind
        and text[-1] == check_digit(text[:-1])
    )
