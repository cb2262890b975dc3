"""The host's clock, reckoned from what its answers say.

Between two answers the loop's clock counts, which nobody can put forward or back: a reversal has to name the day on
which the host saw the request, whatever became of the kiosk's wall clock. Where the wall clock went another way than
the loop's, it was set, or the machine slept; nobody can tell which, so the host has to be asked.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

HOST_ZONE: Final = timezone(timedelta(hours=8))
"""China Standard Time: fields 12 and 13 are in it."""

CLOCK_STEP: Final = timedelta(minutes=1)
"""What an answer's way and rounding can't explain: one of the clocks was put forward or back."""


class HostClock:
    """`wall` is the kiosk's clock, `offset` the host's minus it: what the last run knew, until the host tells."""

    def __init__(self, wall: Callable[[], datetime], offset: timedelta) -> None:
        self.offset = offset
        self._wall = wall
        self._told: tuple[datetime, float] | None = None
        """The host's time, and the loop's at that moment."""

    def now(self) -> datetime:
        """What time it is at the host, in its zone."""
        if self._told is None:
            return self._wall_time() + self.offset
        moment, at = self._told
        return moment + timedelta(seconds=asyncio.get_running_loop().time() - at)

    @property
    def is_doubtful(self) -> bool:
        """Has the wall clock gone another way than the loop's since the host told its time?"""
        return self._told is not None and abs(self._wall_time() + self.offset - self.now()) >= CLOCK_STEP

    def tell(self, date: str, time: str) -> timedelta | None:
        """An answer says MMDD and hhmmss: by how much `offset` has changed; None for what is no date or time.

        What the answer's way and rounding explain changes nothing, so that no day begins twice.
        """
        wall = self._wall_time()
        moment = with_nearest_year(date, time, wall if self._told is None else self.now())
        if moment is None:
            return None
        if self._told is not None and abs(moment - self.now()) < CLOCK_STEP:
            moment = self.now()
        before, self.offset = self.offset, moment - wall
        self._told = moment, asyncio.get_running_loop().time()
        return self.offset - before

    def _wall_time(self) -> datetime:
        moment = self._wall()
        return moment.astimezone(HOST_ZONE) if moment.tzinfo else moment


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
