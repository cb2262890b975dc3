"""The host's clock, which names no year, and our own when somebody puts it forward."""

from datetime import UTC, datetime, timedelta

import pytest

from terminal.host_clock import offset_after, with_nearest_year

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ours", "date", "time", "host"),
    [
        (datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "0105", "093010", datetime(2026, 1, 5, 9, 30, 10, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "0101", "000001", datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), "1231", "235959", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2028, 3, 1, 0, 0, 1, tzinfo=UTC), "0229", "235959", datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_year_is_the_one_that_brings_the_clocks_together(
    ours: datetime, date: str, time: str, host: datetime
) -> None:
    assert with_nearest_year(date, time, ours) == host


@pytest.mark.parametrize(("date", "time"), [("1332", "093010"), ("0105", "250000"), ("", "")])
def test_what_is_no_time_is_none(date: str, time: str) -> None:
    assert with_nearest_year(date, time, datetime(2026, 1, 5, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("answer", "before", "after"),
    [
        (NOON - timedelta(days=2), timedelta(), timedelta(days=-2)),  # ours was put forward
        (NOON - timedelta(seconds=40), timedelta(), timedelta()),  # the answer was on its way
        (NOON - timedelta(days=2), timedelta(days=-2), timedelta(days=-2)),
        (None, timedelta(hours=1), timedelta(hours=1)),
    ],
)
def test_a_clock_that_was_put_forward_is_noticed_by_the_next_answer(
    answer: datetime | None, before: timedelta, after: timedelta
) -> None:
    assert offset_after(answer, NOON, before) == after
