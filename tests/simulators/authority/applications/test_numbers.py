from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from simulators.authority.applications.numbers import NumberKind, OutOfNumbers, check_digit, is_number, next_number
from simulators.authority.database import Database
from simulators.authority.tables.applications import number_series

DAY = date(2026, 5, 20)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        yield connection


def test_a_number_tells_kind_region_day_and_serial(connection: Connection) -> None:
    first = next_number(connection, NumberKind.APPLICATION, "371000", DAY)

    assert (first[:1], first[1:7], first[7:13], first[13:19]) == ("1", "371000", "260520", "000001")
    assert is_number(first, NumberKind.APPLICATION)
    assert not is_number(first, NumberKind.APPEAL)


def test_each_kind_region_and_day_counts_for_itself(connection: Connection) -> None:
    def serial(kind: NumberKind, region: str, day: date) -> int:
        return int(next_number(connection, kind, region, day)[13:19])

    assert [serial(NumberKind.APPLICATION, "371000", DAY) for _ in range(3)] == [1, 2, 3]
    assert serial(NumberKind.APPEAL, "371000", DAY) == 1
    assert serial(NumberKind.APPLICATION, "440300", DAY) == 1
    assert serial(NumberKind.APPLICATION, "371000", date(2026, 5, 21)) == 1


def test_a_day_without_numbers_left_says_so(connection: Connection) -> None:
    next_number(connection, NumberKind.APPLICATION, "371000", DAY)
    connection.execute(update(number_series).values(last=999_999))

    with pytest.raises(OutOfNumbers, match="371000 has no number left for 2026-05-20"):
        next_number(connection, NumberKind.APPLICATION, "371000", DAY)


def test_the_check_digit_is_that_of_the_standard() -> None:
    """The example of ISO/IEC 7064 for MOD 11,10."""
    assert check_digit("0794") == "5"


@given(st.from_regex(r"[12][0-9]{18}", fullmatch=True), st.integers(0, 19), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(body: str, place: int, shift: int) -> None:
    number = body + check_digit(body)
    kind = NumberKind(body[0])
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert is_number(number, kind)
    assert not is_number(wrong, kind)


@pytest.mark.parametrize("text", ["", "1" * 19, "x" * 20, "٣" * 20])
def test_what_is_no_number_is_told_so(text: str) -> None:
    assert not is_number(text, NumberKind.APPLICATION)
