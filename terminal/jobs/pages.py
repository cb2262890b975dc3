"""Pages: what they ask of the service line, of the keypad and of the paper; and what is asked beside them."""

import asyncio

from drivers.interfaces import EntryCompletion
from protocol.service_line.information import RATE, RatingInput
from terminal import opening
from terminal.faults import blame
from terminal.jobs.customer import Jobs
from terminal.pages.page import Ask, Print, Type
from terminal.printing import print_slip
from terminal.states import Event
from terminal.view import Words


class PageJobs(Jobs):
    """What is offered besides cash. None of it holds money."""

    async def asking(self) -> Event:
        """Have what the page asks for answered."""
        assert isinstance(self.visit.step, Ask), "the table leads here only with a question"
        self.visit.page = await self.visit.step.question(self._stage.language)
        return Event.ANSWERED

    async def typing_digits(self) -> Event:
        """Let the customer type what the page asks for."""
        typing, limit = self.visit.step, self.limits.reading
        assert isinstance(typing, Type), "the table leads here only from a page that asks for digits"
        with blame(Event.PIN_PAD_FAULT):
            entered = await self._equipment.pad.data_entry(
                max_len=typing.digits,
                timeout=limit,
                on_key=lambda _, digits: self._customer.typed(digits),
                on_ready=lambda: self._stage.show(typing.view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.BACK
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                self.visit.page = typing.then(entered.keys or "")
                return Event.TYPED

    async def printing_page(self) -> Event:
        """Print what the page offers; trouble with the paper is told on the page."""
        step, page = self.visit.step, self.visit.page
        assert isinstance(step, Print), "the table leads here only from a page that can be printed"
        assert page is not None, "the table leads here only from a page that can be printed"
        self._equipment.power.check()
        printed = await print_slip(self._equipment, self.visit.id or None, step.slip, self._stage.language)
        self.visit.page = page.with_hints(Words("page.printed" if printed else "page.not_printed"))
        return Event.PRINTED

    async def learning_hours(self) -> Event | None:
        """Beside the reader's wait: does the authority say something new of hours and notices?"""
        line, equipment = self._equipment.service, self._equipment
        while line is not None:
            known, equipment.opening = equipment.opening, await opening.ask(line, equipment.opening)
            if equipment.opening != known:
                return Event.NEWS
            await asyncio.sleep(opening.ASKED_AGAIN)
        return None

    async def rating(self) -> None:
        """Tell the authority how a visit was, and nothing of whose it was."""
        if (line := self._equipment.service) is not None and (stars := self.visit.stars) is not None:
            await line.ask(RATE, RatingInput(stars=stars))
