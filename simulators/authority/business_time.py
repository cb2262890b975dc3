"""Business time: Asia/Shanghai, UTC+8 without summer time; money counts on the date of its authorisation there."""

from datetime import date, datetime, time, timedelta, timezone

MIDNIGHT_TOLERANCE = timedelta(hours=1)
"""How far the clocks of terminal and host may differ when both date the same exchange."""

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def business_time(now: datetime) -> datetime:
    """`now`, which must know its zone, in Shanghai, to the second."""
    if now.tzinfo is None:
        raise ValueError("the authority's clock must return times with a zone")
    return now.astimezone(SHANGHAI).replace(microsecond=0)


def date_nearest(month_day: str, today: date) -> date | None:
    """The date meant by MMDD, which carries no year: the one nearest to `today`; None when there is no such date."""
    found: list[date] = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            found.append(date(year, int(month_day[:2]), int(month_day[2:])))
        except ValueError:
            continue
    return min(found, key=lambda day: abs(day - today), default=None)


def same_day(given: date, kept: date, at: datetime) -> bool:
    """Do both dates mean the day of an exchange that was kept `at`? Near midnight two clocks may name two days."""
    if given == kept:
        return True
    midnight = datetime.combine(max(given, kept), time(), SHANGHAI)
    return abs(given - kept) == timedelta(days=1) and abs(at - midnight) <= MIDNIGHT_TOLERANCE
