"""When a service is open: the hours of several calendars at once, and the next opening time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.hours import DayHours
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.policy.working_days import WorkingDays

_DAYS_AHEAD = 400
_A_DAY = timedelta(days=1)
_MINUTES = 24 * 60

Span = tuple[int, int]
"""Minutes of a day: opens, closes."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of one region or provider on its calendar."""

    hours: DayHours
    days: WorkingDays

    def spans(self, day: date) -> list[Span]:
        """When it is open on a day, also because of a window that began the day before."""
        rest = [(0, closes - _MINUTES) for _, closes in self._begun(day - _A_DAY) if closes > _MINUTES]
        spans: list[Span] = []
        for opens, closes in [*rest, *((opens, min(closes, _MINUTES)) for opens, closes in self._begun(day))]:
            if spans and opens <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(closes, spans[-1][1]))
            else:
                spans.append((opens, closes))
        return spans

    def _begun(self, day: date) -> list[Span]:
        """The windows that begin on a day; one over midnight closes after the last minute of it."""
        windows = self.hours.windows(self.days.kind(day), day.weekday())
        spans = ((_minute(opens), _minute(closes)) for opens, _, closes in (text.partition("-") for text in windows))
        return [(opens, closes if closes > opens else closes + _MINUTES) for opens, closes in spans]

    @property
    def never_closes(self) -> bool:
        """Is it open round the clock on every day?"""
        return self.hours.never_closes


def timetables(
    policies: Iterable[RegionPolicy], channel: Channel, provider: str | None, national: WorkingDays
) -> list[Timetable]:
    """The timetables that all have to be open: each region's, and what it says of this provider."""
    found = []
    for policy in policies:
        days = national.of_region(policy.calendar.rest_days, policy.calendar.working_days)
        own = policy.providers.hours.get(provider) if provider is not None else None
        found += [Timetable(hours, days) for hours in (policy.hours.of(channel), own) if hours is not None]
    return [table for table in found if not table.never_closes]


def is_open(tables: Sequence[Timetable], at: datetime) -> bool:
    """Are all open at this moment?"""
    minute = at.hour * 60 + at.minute
    return all(any(opens <= minute < closes for opens, closes in table.spans(at.date())) for table in tables)


def open_spans(tables: Sequence[Timetable], day: date) -> list[Span]:
    """When all are open on a day."""
    common: list[Span] = [(0, _MINUTES)]
    for table in tables:
        common = [
            (max(a, opens), min(b, closes))
            for a, b in common
            for opens, closes in table.spans(day)
            if max(a, opens) < min(b, closes)
        ]
    return common


def next_opening(tables: Sequence[Timetable], at: datetime) -> datetime | None:
    """The first moment from `at` on when all are open; None when there is none within a year."""
    for ahead in range(_DAYS_AHEAD):
        day = at.date() + _A_DAY * ahead
        for opens, closes in open_spans(tables, day):
            begins = datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=opens)
            if at < begins + timedelta(minutes=closes - opens):
                return max(at, begins)
    return None


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
