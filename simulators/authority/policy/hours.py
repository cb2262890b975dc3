"""The tables of a policy file that tell when a channel is open: windows for each kind of day, and the region's days."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from simulators.authority.policy.values import Flag, Section
from simulators.authority.policy.vocabulary import Channel, DayKind

_WINDOW = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$")


class Weekday(StrEnum):
    """Days of the week, in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _windows(texts: tuple[str, ...]) -> tuple[str, ...]:
    before = ""
    for text in texts:
        if not _WINDOW.match(text):
            raise ValueError(
                f'{text!r} is no window; write "08:30-17:00", "00:00-24:00", or "22:00-06:00" into the next day'
            )
        opens, closes = text.split("-")
        if closes == opens:
            raise ValueError(f'{text!r} ends as it begins; round the clock is "00:00-24:00"')
        if opens < before:
            raise ValueError(f"{text!r} begins before the window ahead of it has ended")
        before = closes if closes > opens else "24:00"
    return texts


Windows = Annotated[tuple[str, ...], AfterValidator(_windows)]
ALWAYS: tuple[str, ...] = ("00:00-24:00",)


class DayHours(Section):
    """Windows for each kind of day; `adjusted` left out is as `working`. A weekday's own windows come before those.

    A window that ends before it begins belongs to the day on which it begins and runs into the next one.
    """

    working: Windows = ALWAYS
    adjusted: Windows | None = None
    weekend: Windows = ALWAYS
    holiday: Windows = ALWAYS
    weekdays: Mapping[Weekday, Windows] = Field({})

    @cached_property
    def never_closes(self) -> bool:
        """Is it open round the clock on every day?"""
        own = [self.working, self.weekend, self.holiday, self.adjusted or self.working, *self.weekdays.values()]
        return all(windows == ALWAYS for windows in own)

    def windows(self, kind: DayKind, weekday: int) -> tuple[str, ...]:
        """When it is open on a day of this kind; `weekday` 0 is Monday."""
        own = self.weekdays.get(tuple(Weekday)[weekday])
        if own is not None and kind in (DayKind.WORKING, DayKind.WEEKEND):
            return own
        match kind:
            case DayKind.WORKING:
                return self.working
            case DayKind.ADJUSTED:
                return self.working if self.adjusted is None else self.adjusted
            case DayKind.WEEKEND:
                return self.weekend
            case DayKind.HOLIDAY:
                return self.holiday


class Hours(Section):
    """Opening hours of each channel, round the clock where nothing is said. An enquiry may be open when cash is not."""

    atm: DayHours = DayHours()
    online: DayHours = DayHours()
    counter: DayHours = DayHours()
    phone: DayHours = DayHours()
    enquiry_when_closed: Flag = True

    def of(self, channel: Channel) -> DayHours:
        """The hours of a channel."""
        match channel:
            case Channel.ATM:
                return self.atm
            case Channel.ONLINE:
                return self.online
            case Channel.COUNTER:
                return self.counter
            case Channel.PHONE:
                return self.phone


class Calendar(Section):
    """Days on which the region differs from the national table."""

    rest_days: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _a_day_is_one_of_both(self) -> "Calendar":
        for day in self.rest_days:
            if day in self.working_days:
                raise ValueError(f"{day} is a day of rest and a working day; take one out")
        return self
