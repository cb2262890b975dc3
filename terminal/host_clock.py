"""The host's clock, by the dates and times of its answers."""

from datetime import datetime, timedelta
from typing import Final

CLOCK_STEP: Final = timedelta(minutes=1)
"""What an answer's way and rounding can't explain: one of the clocks was put forward or back."""


def with_nearest_year(date: str, time: str, near: datetime) -> datetime | None:
    """MMDD and hhmmss as a moment: the year, which they do not say, is the one that brings it closest to `near`.

    None for what is no date or time.
    """
    moments = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            moment = datetime.strptime(f"{year}{date}{time}", "%Y%m%d%H%M%S")  # noqa: DTZ007  # the zone is that of `near`
        except ValueError:
            continue
        moments.append(moment.replace(tzinfo=near.tzinfo))
    return min(moments, key=lambda moment: abs(moment - near), default=None)


def offset_after(answer: datetime | None, ours: datetime, before: timedelta) -> timedelta:
    """The host's clock minus ours, after an answer: as before, unless a clock was put forward or back since."""
    if answer is None or abs(answer - ours - before) < CLOCK_STEP:
        return before
    return answer - ours
