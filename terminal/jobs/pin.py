"""The PIN: typed on the pad, and verified by the host, which tells then what may be drawn."""

from drivers.interfaces import EntryCompletion, KeyPress
from protocol.money_line import ProcessingCode, Treatment
from terminal import views
from terminal.card import CardRejected
from terminal.faults import blame
from terminal.host_answers import Declined, NoAnswer, Quote
from terminal.jobs.customer import Jobs
from terminal.states import Event
from terminal.visit import Ending
from terminal.withdrawal import Withdrawal

PIN_DIGITS = 6
"""Length of the PIN of a Chinese bank card."""

ONLY_NO_CASH = (Treatment.DECLINE, Treatment.OTHER_AMOUNT, Treatment.TRY_LATER)
"""Refusals of a quote after which everything but cash can still be had."""


class PinJobs(Jobs):
    """From the PIN to what the account has."""

    async def typing_pin(self) -> Event:
        """Let the customer type a PIN; the notice has just been acknowledged."""
        if not self.visit.notice_acknowledged:
            self.visit.notice_acknowledged = True
            self._equipment.acquaintance.made(
                self._customer.card.pan, self._equipment.notices.notice_version, self.visit.id
            )
        pad, limit = self._equipment.pad, self.limits.pin
        view = views.pin(self.visit.pin_tries_left)
        with blame(Event.PIN_PAD_FAULT):
            await pad.set_pin_block_data(self._customer.card.pan12)
            entered = await pad.pin_entry(
                min_len=PIN_DIGITS,
                max_len=PIN_DIGITS,
                auto_end=False,
                timeout=limit,
                on_key=self._pin_key,
                on_ready=lambda: self._stage.show(view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.CANCELLED
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                return Event.PIN_ENTERED

    def _pin_key(self, key: KeyPress) -> None:
        stars = self._stage.view.entry.shown if self._stage.view.entry else ""
        match key:
            case KeyPress.DIGIT:
                self._customer.typed(stars + "*")
            case KeyPress.BACKSPACE:
                self._customer.typed(stars[:-1])
            case KeyPress.CLEAR:
                self._customer.typed("")
            case KeyPress.ENTER | KeyPress.CANCEL:
                pass

    async def quoting(self) -> Event:
        """Have the PIN verified and learn what may be drawn."""
        visit, card = self.visit, self._customer.card
        visit.withdrawal, visit.amounts, visit.reference, visit.no_cash = None, {}, "", ()
        visit.refusal = None
        with blame(Event.PIN_PAD_FAULT):
            visit.pin_block = pin_block = await self._equipment.pad.get_pin_block(card.pan12)
        try:
            with blame(Event.CARD_READER_FAULT):
                chip_data = await self._equipment.chip_data(card, ProcessingCode.QUOTE, 0)
        except CardRejected as rejection:
            visit.reasons, visit.ending = views.card_rejected(rejection.reason), Ending.CARD_REJECTED
            return Event.DECLINED
        with blame(Event.HOST_LINE_FAULT):
            answer = await self._equipment.money.quote(card, pin_block, chip_data, transaction=visit.id)
        match answer:
            case Quote():
                visit.withdrawal = Withdrawal(self._equipment, visit.id, card, pin_block, answer)
                visit.amounts, visit.reference = answer.amounts, answer.reference or ""
                visit.no_cash = () if visit.withdrawal.offers() else views.nothing_to_pay(answer)
                return Event.QUOTED
            case Declined(amounts=amounts) if amounts and answer.code.treatment in ONLY_NO_CASH:
                # The host tells amounts only to who knows the PIN.
                visit.amounts, visit.reference = amounts, answer.reference or ""
                visit.refusal, visit.no_cash = answer, views.refused(answer)
                return Event.QUOTED
            case Declined() | NoAnswer():
                return self._customer.refused(answer)
