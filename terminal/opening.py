"""When this kiosk serves, and what is published here, as the authority said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final

from protocol.service_line.information import HOURS, Hours, HoursInput, HoursOutput
from terminal.service_line import ServiceLine
from terminal.view import Told, Words

ASKED_AGAIN: Final = 600.0
"""Seconds after which an idle kiosk asks again."""

WAITED_FOR: Final = 3.0
"""Seconds that a person with a card inside waits for the hours at home; later ones the quote tells."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was said; None where nobody has said it yet, and then the host decides when cash is asked for."""

    said: HoursOutput | None = None

    def closed_until(self, now: datetime) -> datetime | None:
        """The next opening, while there is no cash by the clock."""
        said = self.said
        if said is None:
            return None
        opens = said.next_opening
        if said.open_now:
            over = said.until is not None and now >= said.until
            return opens if over and opens is not None and now < opens else None
        return opens if opens is not None and now < opens else None

    def hours(self) -> Words | None:
        """All hours in one line: once where every day has the same, else by kinds of days."""
        if self.said is None or not self.said.hours:
            return None
        lines = [
            Words("hours.of", {"days": _both(each.days, each.days_en), "hours": _windows(each)})
            for each in self.said.hours
        ]
        if len({each.windows for each in self.said.hours}) == 1:
            return Words("hours.of", {"days": Words("hours.every_day"), "hours": _windows(self.said.hours[0])})
        return reduce(lambda before, line: Words("hours.and", {"before": before, "line": line}), lines)

    def notices(self) -> Sequence[Words]:
        """What is published, the newest first."""
        if self.said is None:
            return ()
        return tuple(Words("idle.notice", {"text": _both(notice.text, notice.text_en)}) for notice in self.said.notices)


def _both(text: str, english: str) -> Words:
    return Words("page.said", {"text": Told(text, english)})


def _windows(hours: Hours) -> Words:
    return Words("page.said", {"text": " ".join(hours.windows)}) if hours.windows else Words("hours.none")


async def ask(line: ServiceLine, before: Opening, region: str | None = None) -> Opening:
    """What the authority says now of this kiosk, or of a region; what it said before where it does not answer."""
    answer = await line.ask(HOURS, HoursInput(region=region))
    return Opening(answer) if isinstance(answer, HoursOutput) else before
