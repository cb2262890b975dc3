from datetime import UTC, date, datetime, timedelta

import pytest

from simulators.authority.business_time import SHANGHAI, business_time, date_nearest, same_day

NEW_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


def test_the_business_day_is_that_of_shanghai() -> None:
    assert business_time(datetime(2026, 5, 20, 16, 30, tzinfo=UTC)).date() == date(2026, 5, 21)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        business_time(datetime(2026, 5, 20, 16, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("month_day", "today", "meant"),
    [
        ("0520", date(2026, 5, 20), date(2026, 5, 20)),
        ("1231", date(2027, 1, 1), date(2026, 12, 31)),
        ("0101", date(2026, 12, 31), date(2027, 1, 1)),
        ("0229", date(2028, 3, 1), date(2028, 2, 29)),
        ("0229", date(2026, 3, 1), None),
        ("1399", date(2026, 3, 1), None),
    ],
)
def test_a_date_without_a_year_is_the_nearest(month_day: str, today: date, meant: date | None) -> None:
    assert date_nearest(month_day, today) == meant


@pytest.mark.parametrize(
    ("given", "kept", "at", "same"),
    [
        (date(2027, 1, 1), date(2027, 1, 1), NEW_YEAR + timedelta(hours=12), True),
        (date(2026, 12, 31), date(2027, 1, 1), NEW_YEAR + timedelta(minutes=5), True),
        (date(2027, 1, 1), date(2026, 12, 31), NEW_YEAR - timedelta(minutes=5), True),
        (date(2026, 12, 31), date(2027, 1, 1), NEW_YEAR + timedelta(hours=2), False),
        (date(2026, 12, 30), date(2027, 1, 1), NEW_YEAR, False),
    ],
)
def test_two_clocks_may_name_two_days_near_midnight_only(given: date, kept: date, at: datetime, same: bool) -> None:
    assert same_day(given, kept, at) is same
