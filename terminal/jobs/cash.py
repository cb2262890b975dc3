"""Cash, from the amount to the settled approval, in the order in which it happens.

Every motion stands behind a record of its intent, and none is tried twice: `terminal.withdrawal` and
`terminal.presenter` see to that. Here is what their outcomes mean for the visit.
"""

from drivers.interfaces import EntryCompletion
from terminal import views
from terminal.faults import blame
from terminal.jobs.customer import Customer, Jobs
from terminal.jobs.ending import EndingJobs
from terminal.presenter import Presenter, Reach
from terminal.states import Event
from terminal.withdrawal import Withdrawal

MAX_AMOUNT_DIGITS = 5
"""Digits of a typed amount, in yuan."""


class CashJobs(Jobs):
    """One withdrawal."""

    def __init__(self, customer: Customer, ending: EndingJobs) -> None:
        super().__init__(customer)
        self._ending = ending

    @property
    def _withdrawal(self) -> Withdrawal:
        return self._customer.withdrawal

    @property
    def _presenter(self) -> Presenter:
        return self._customer.presenter

    # How much

    async def typing_amount(self) -> Event:
        """Let the customer type an amount."""
        limit, possible = self.limits.customer, self._withdrawal.possible()
        view = views.other_amount(possible[-1], possible[0], self.visit.hint)
        with blame(Event.PIN_PAD_FAULT):
            entered = await self._equipment.pad.data_entry(
                max_len=MAX_AMOUNT_DIGITS,
                timeout=limit,
                on_key=lambda _, digits: self._customer.typed(digits),
                on_ready=lambda: self._stage.show(view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.BACK
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                self._withdrawal.amount_fen = int(entered.keys or "0") * 100
                self.visit.hint = self._withdrawal.objection()
                return Event.AMOUNT_CHOSEN if self.visit.hint is None else Event.AMOUNT_REFUSED

    # Notes handed straight to the customer

    async def authorising(self) -> Event:
        """Have the amount held at the host."""
        with blame(Event.HOST_LINE_FAULT):
            refusal = await self._withdrawal.authorise()
        if refusal is not None:
            return self._customer.refused(refusal)
        return Event.APPROVED if self._withdrawal.presenter is None else Event.APPROVED_TO_STACK

    async def dispensing(self) -> Event:
        """Count the notes out."""
        match await self._withdrawal.dispense():
            case True:
                return Event.DISPENSED
            case False:
                return Event.NOTHING_DISPENSED
            case None:
                return Event.DISPENSE_UNKNOWN

    async def waiting_for_cash(self) -> Event:
        """See whether the notes are taken."""
        with blame(Event.CASH_DISPENSER_FAULT):
            taken = await self._withdrawal.wait_until_taken(self.limits.cash_taken)
        return Event.CASH_TAKEN if taken else Event.CASH_LEFT

    # Notes by way of a stacker

    async def stacking(self) -> Event:
        """Count the notes onto the stacker."""
        if await self._presenter.stack():
            return Event.NOTES_STACKED
        self.visit.reasons = views.no_notes()
        return Event.NOT_STACKED

    async def presenting(self) -> Event:
        """Bring the notes within reach."""
        match await self._presenter.present():
            case Reach.IN_REACH:
                return Event.NOTES_PRESENTED
            case Reach.NOT_PRESENTED:
                self.visit.reasons = views.no_notes()
                return Event.NOT_PRESENTED
            case Reach.ENDED:
                return Event.NOTES_ACCOUNTED

    async def waiting_for_presented_cash(self) -> Event:
        """See whether the notes are taken."""
        reach = await self._presenter.wait_until_taken(self.limits.cash_taken)
        return Event.NOTES_LEFT if reach is Reach.IN_REACH else Event.NOTES_ACCOUNTED

    async def retracting(self) -> Event:
        """Take back what was not taken."""
        await self._presenter.retract()
        return Event.NOTES_ACCOUNTED

    async def bringing_notes_back(self) -> Event:
        """Secure what is stacked."""
        await self._presenter.bring_back()
        return Event.NOTES_ACCOUNTED

    async def bringing_notes_back_and_closing(self) -> Event:
        """Secure what is stacked, and stay closed."""
        await self._presenter.bring_back()
        return await self._ending.recording_closure()

    # How it ends

    async def settling(self) -> Event:
        """An advice is on record before this; what the host does not answer now is sent before the next customer."""
        with blame(Event.HOST_LINE_FAULT):
            await self._equipment.money.deliver()
        return Event.SETTLED

    async def suspending(self) -> Event:
        """Open an item that a person has to count."""
        self._withdrawal.suspend("the dispenser's outcome is unknown")
        return await self._ending.printing()

    async def calling_off(self) -> Event:
        """Give the approval back and stay closed."""
        self._withdrawal.call_off()
        return await self._ending.recording_closure()
