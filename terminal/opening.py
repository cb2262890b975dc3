"""When this kiosk serves, and what is published here, as the authority said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from protocol.service_line.information import HOURS, HoursInput, HoursOutput
from terminal.service_line import ServiceLine
from terminal.view import Words

ASKED_AGAIN: Final = 600.0
"""Seconds after which an idle kiosk asks again."""


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

    def hours(self) -> str | None:
        """All hours in one line."""
        if self.said is None:
            return None
        return "; ".join(f"{each.days} {' '.join(each.windows) or '-'}" for each in self.said.hours)

    def notices(self) -> Sequence[Words]:
        """What is published, the newest first."""
        if self.said is None:
            return ()
        return tuple(Words("idle.notice", {"text": notice.text}) for notice in self.said.notices)


async def ask(line: ServiceLine, before: Opening) -> Opening:
    """What the authority says now; what it said before where it does not answer."""
    answer = await line.ask(HOURS, HoursInput())
    return Opening(answer) if isinstance(answer, HoursOutput) else before
