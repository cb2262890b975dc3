"""How a visit ends: on record, on paper, or with the kiosk closed."""

import asyncio

from terminal.faults import blame
from terminal.jobs.customer import Jobs
from terminal.journal import Entry
from terminal.printing import print_copy, print_receipt
from terminal.states import Event
from terminal.visit import Ending
from terminal.withdrawal import Withdrawal


class EndingJobs(Jobs):
    """A closed kiosk remembers nobody: what remains to be known stands in the journal."""

    async def printing(self) -> Event:
        """End the visit on record, and print what there is to tell."""
        self._end_visit()
        self._equipment.power.check()
        with blame(Event.RECEIPT_PRINTER_FAULT):
            self.visit.receipt_printed = await print_receipt(self._equipment, self.visit, self._stage.language)
        return Event.PRINTED

    async def reprinting(self) -> Event:
        """A copy of the receipt; trouble with the paper is told on the screen."""
        self._equipment.power.check()
        self.visit.copies += 1
        self.visit.copy_printed = await print_copy(self._equipment, self.visit, self._stage.language)
        return Event.PRINTED

    async def recording_closure(self) -> Event:
        """What remains to be known of the person stands in the journal: a closed kiosk remembers nobody.

        It tries again after a while, once the host has answered what waits for it.
        """
        if self.visit.begun and not self.visit.ended:
            self._end_visit()
        self._customer.record(Entry.OUT_OF_SERVICE, why=self._equipment.closed_because)
        self._customer.forget()
        await asyncio.sleep(self._equipment.retries.pause())
        if self._equipment.money.open_advices or self._equipment.money.settling:
            await self._equipment.money.keep_delivering()
        return Event.TIMED_OUT

    async def awaiting_power(self) -> Event:
        """The next start finds what there is to know in the journal."""
        self._customer.forget()
        await self._equipment.power.back()
        return Event.TIMED_OUT

    def _end_visit(self) -> None:
        if (withdrawal := self.visit.withdrawal) is not None and withdrawal.approval is not None:
            self.visit.ending = _money_ending(withdrawal)
        self._customer.record(Entry.VISIT_ENDED, ending=self.visit.ending or Ending.FAULT)
        self.visit.ended = True


def _money_ending(withdrawal: Withdrawal) -> Ending:
    presenter = withdrawal.presenter
    match withdrawal.paid_fen:
        case None if presenter is not None and presenter.retracted:
            return Ending.RETRACTED
        case None:
            return Ending.SUSPENSE
        case 0:
            return Ending.NOT_PAID
        case withdrawal.amount_fen:
            return Ending.PAID
        case _:
            return Ending.PARTLY_PAID
