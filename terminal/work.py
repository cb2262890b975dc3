"""The work of each state: what the jobs of the session do with devices, host and time.

A job keeps what it learned on the visit and ends in one event. Whatever must outlive a power cut is in the journal when
the job goes on.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from drivers.interfaces import (
    DeviceError,
    Done,
    EntryCompletion,
    ErrorCode,
    KeyPress,
    Media,
    MoveTarget,
    Outcome,
    Refused,
    Unknown,
)
from protocol.money_line import ProcessingCode, Treatment
from protocol.service_line.information import RATE, RatingInput
from terminal import opening, views
from terminal.card import Card, CardRejected, read_card
from terminal.config import TimeLimits
from terminal.equipment import Equipment
from terminal.faults import Fault, blame
from terminal.host_answers import Transferred
from terminal.journal import Entry
from terminal.money_line import Declined, NoAnswer, Quote
from terminal.pages import transfer
from terminal.pages.desk import Desk
from terminal.pages.page import Ask, Print, Type
from terminal.presenter import Presenter, Reach
from terminal.printing import print_receipt, print_slip
from terminal.stage import Stage
from terminal.states import Event
from terminal.view import Words
from terminal.visit import Ending, Visit
from terminal.withdrawal import Withdrawal

PIN_DIGITS = 6
"""Length of the PIN of a Chinese bank card."""

MAX_AMOUNT_DIGITS = 5
"""Digits of a typed amount, in yuan."""


class Work:
    """Jobs for one customer after the other; `visit` is what is known of the present one."""

    def __init__(self, equipment: Equipment, stage: Stage) -> None:
        self._equipment = equipment
        self._notices = equipment.notices
        self._stage = stage
        self._stop_tending = asyncio.Event()
        self.visit = Visit()

    @property
    def limits(self) -> TimeLimits:
        """Longer ones in the accessible mode."""
        limits = self._equipment.limits
        return limits.times(limits.accessible_factor) if self._stage.accessible else limits

    @property
    def withdrawal(self) -> Withdrawal:
        """The present customer's."""
        assert self.visit.withdrawal is not None, "the table leads here only with a quote"
        return self.visit.withdrawal

    @property
    def presenter(self) -> Presenter:
        """Whatever moves the notes of the present approval."""
        assert self.withdrawal.presenter is not None, "the table leads here only with an approval to stack"
        return self.withdrawal.presenter

    def forget(self) -> None:
        """The person has left."""
        self.visit = Visit()

    # Jobs: the card and the person

    async def awaiting_card(self) -> Event:
        """Take a card in and read it; until one comes, keys and batch are tended."""
        self._stop_tending.clear()
        tending = asyncio.ensure_future(self._equipment.money.tend(self._stop_tending))
        try:
            return await self._card_read()
        finally:
            self._stop_tending.set()
            await tending

    async def _card_read(self) -> Event:
        reader, visit = self._equipment.reader, self.visit
        with blame(Event.CARD_READER_FAULT):
            try:
                data = await reader.read_raw_data(on_inserted=self._card_inserted)
                visit.card = await read_card(reader, data, today=self._equipment.now().date())
            except CardRejected as rejection:
                visit.reasons = views.card_rejected(rejection.reason)
            except DeviceError as error:
                if error.code not in _BAD_CARD:
                    raise
                visit.reasons = views.card_unreadable()
        self._card_inserted()
        if (card := visit.card) is None:
            self._record(Entry.CARD_REJECTED, why=visit.reasons[0].key)
            return Event.CARD_REJECTED
        self._record(Entry.CARD_READ, card=card.masked_pan, region=card.region)
        visit.first_time = not self._equipment.acquaintance.knows(card.pan, self._notices.notice_version)
        return Event.CARD_ACCEPTED

    async def learning_hours(self) -> Event | None:
        """Beside the reader's wait: does the authority say something new of hours and notices?"""
        line, equipment = self._equipment.service, self._equipment
        while line is not None:
            known, equipment.opening = equipment.opening, await opening.ask(line, equipment.opening)
            if equipment.opening != known:
                return Event.NEWS
            await asyncio.sleep(opening.ASKED_AGAIN)
        return None

    def _card_inserted(self) -> None:
        """A card that is refused at the slot was never announced."""
        self._stop_tending.set()
        if not self.visit.begun:
            self._equipment.visits += 1
            self.visit.id = f"visit-{self._equipment.visits:06d}"
            self.visit.begun = True
            self._record(Entry.VISIT_BEGUN)
            self._stage.post(Event.CARD_INSERTED)

    async def typing_pin(self) -> Event:
        """Let the customer type a PIN; the notice has just been acknowledged."""
        if not self.visit.notice_acknowledged:
            self.visit.notice_acknowledged = True
            self._equipment.acquaintance.made(self._card.pan, self._notices.notice_version, self.visit.id)
        pad, limit = self._equipment.pad, self.limits.pin
        view = views.pin(self.visit.pin_tries_left)
        with blame(Event.PIN_PAD_FAULT):
            await pad.set_pin_block_data(self._card.pan12)
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
                self._typed(stars + "*")
            case KeyPress.BACKSPACE:
                self._typed(stars[:-1])
            case KeyPress.CLEAR:
                self._typed("")
            case KeyPress.ENTER | KeyPress.CANCEL:
                pass

    async def quoting(self) -> Event:
        """Have the PIN verified and learn what may be drawn."""
        visit, card = self.visit, self._card
        visit.withdrawal, visit.amounts, visit.reference, visit.no_cash = None, {}, "", ()
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
            case Declined(amounts=amounts) if amounts and answer.code.treatment in _ONLY_NO_CASH:
                # The host tells amounts only to who knows the PIN.
                visit.amounts, visit.reference = amounts, answer.reference or ""
                visit.no_cash = views.refused(answer)
                return Event.QUOTED
            case Declined() | NoAnswer():
                return self._refused(answer)

    # Jobs: what is offered besides cash

    async def asking(self) -> Event:
        """Have what the page asks for answered."""
        assert isinstance(self.visit.step, Ask), "the table leads here only with a question"
        self.visit.page = await self.visit.step.question()
        return Event.ANSWERED

    async def typing_digits(self) -> Event:
        """Let the customer type what the page asks for."""
        typing, limit = self.visit.step, self.limits.reading
        assert isinstance(typing, Type), "the table leads here only from a page that asks for digits"
        with blame(Event.PIN_PAD_FAULT):
            entered = await self._equipment.pad.data_entry(
                max_len=typing.digits,
                timeout=limit,
                on_key=lambda _, digits: self._typed(digits),
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

    async def transferring(self) -> Event:
        """Have the amount paid to the person's own account. After that this visit asks for no other money."""
        visit, card, equipment = self.visit, self._card, self._equipment
        with blame(Event.CARD_READER_FAULT):
            chip_data = await equipment.chip_data(card, ProcessingCode.TRANSFER, visit.transfer_fen)
        with blame(Event.HOST_LINE_FAULT):
            answer = await equipment.money.transfer(
                card, visit.pin_block, visit.transfer_fen, chip_data, transaction=visit.id
            )
        desk = Desk(equipment, visit)
        match answer:
            case Transferred():
                visit.transferred, visit.ending = answer, Ending.TRANSFERRED
                visit.page = transfer.done(desk, answer)
                return Event.TRANSFERRED
            case Declined() if answer.code.treatment in (Treatment.RETRY_PIN, Treatment.CAPTURE):
                return self._refused(answer)
            case Declined() if answer.code.treatment in _ONLY_NO_CASH:
                visit.page = transfer.refused(desk, views.refused(answer))
                return Event.DECLINED
            case Declined() | NoAnswer():
                visit.reasons = views.refused(answer)
                visit.ending = Ending.NO_ANSWER
                visit.page = transfer.over(views.refused(answer))
                return Event.DECLINED

    async def printing_page(self) -> Event:
        """Print what the page offers; trouble with the paper is told on the page."""
        step, page = self.visit.step, self.visit.page
        assert isinstance(step, Print), "the table leads here only from a page that can be printed"
        assert page is not None, "the table leads here only from a page that can be printed"
        self._equipment.power.check()
        printed = await print_slip(self._equipment, self.visit.id or None, step.slip, self._stage.language)
        self.visit.page = page.with_hints(Words("page.printed" if printed else "page.not_printed"))
        return Event.PRINTED

    # Jobs: how much

    async def typing_amount(self) -> Event:
        """Let the customer type an amount."""
        limit, possible = self.limits.customer, self.withdrawal.possible()
        view = views.other_amount(possible[-1], possible[0], self.visit.hint)
        with blame(Event.PIN_PAD_FAULT):
            entered = await self._equipment.pad.data_entry(
                max_len=MAX_AMOUNT_DIGITS,
                timeout=limit,
                on_key=lambda _, digits: self._typed(digits),
                on_ready=lambda: self._stage.show(view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.BACK
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                self.withdrawal.amount_fen = int(entered.keys or "0") * 100
                self.visit.hint = self.withdrawal.objection()
                return Event.AMOUNT_CHOSEN if self.visit.hint is None else Event.AMOUNT_REFUSED

    # Jobs: the money

    async def authorising(self) -> Event:
        """Have the amount held at the host."""
        with blame(Event.HOST_LINE_FAULT):
            refusal = await self.withdrawal.authorise()
        if refusal is not None:
            return self._refused(refusal)
        return Event.APPROVED if self.withdrawal.presenter is None else Event.APPROVED_TO_STACK

    async def dispensing(self) -> Event:
        """Count the notes out."""
        match await self.withdrawal.dispense():
            case True:
                return Event.DISPENSED
            case False:
                return Event.NOTHING_DISPENSED
            case None:
                return Event.DISPENSE_UNKNOWN

    async def waiting_for_cash(self) -> Event:
        """See whether the notes are taken."""
        with blame(Event.CASH_DISPENSER_FAULT):
            taken = await self.withdrawal.wait_until_taken(self.limits.cash_taken)
        return Event.CASH_TAKEN if taken else Event.CASH_LEFT

    # Jobs: the money, with a stacker

    async def stacking(self) -> Event:
        """Count the notes onto the stacker."""
        if await self.presenter.stack():
            return Event.NOTES_STACKED
        self.visit.reasons = views.no_notes()
        return Event.NOT_STACKED

    async def bringing_notes_back(self) -> Event:
        """Secure what is stacked."""
        await self.presenter.bring_back()
        return Event.NOTES_ACCOUNTED

    async def bringing_notes_back_and_closing(self) -> Event:
        """Secure what is stacked, and stay closed."""
        await self.presenter.bring_back()
        return await self.recording_closure()

    async def presenting(self) -> Event:
        """Bring the notes within reach."""
        match await self.presenter.present():
            case Reach.IN_REACH:
                return Event.NOTES_PRESENTED
            case Reach.NOT_PRESENTED:
                self.visit.reasons = views.no_notes()
                return Event.NOT_PRESENTED
            case Reach.ENDED:
                return Event.NOTES_ACCOUNTED

    async def waiting_for_presented_cash(self) -> Event:
        """See whether the notes are taken."""
        reach = await self.presenter.wait_until_taken(self.limits.cash_taken)
        return Event.NOTES_LEFT if reach is Reach.IN_REACH else Event.NOTES_ACCOUNTED

    async def retracting(self) -> Event:
        """Take back what was not taken."""
        await self.presenter.retract()
        return Event.NOTES_ACCOUNTED

    # Jobs: how the money ends

    async def calling_off(self) -> Event:
        """Give the approval back and stay closed."""
        self.withdrawal.call_off()
        return await self.recording_closure()

    async def suspending(self) -> Event:
        """Open an item that a person has to count."""
        self.withdrawal.suspend("the dispenser's outcome is unknown")
        return await self.printing()

    async def settling(self) -> Event:
        """An advice is on record before this; what the host does not answer now is sent before the next customer."""
        with blame(Event.HOST_LINE_FAULT):
            await self._equipment.money.deliver()
        return Event.SETTLED

    async def printing(self) -> Event:
        """End the visit on record, and print what there is to tell."""
        self._end_visit()
        self._equipment.power.check()
        with blame(Event.RECEIPT_PRINTER_FAULT):
            self.visit.receipt_printed = await print_receipt(self._equipment, self.visit, self._stage.language)
        return Event.PRINTED

    def _end_visit(self) -> None:
        if (withdrawal := self.visit.withdrawal) is not None and withdrawal.approval is not None:
            self.visit.ending = _money_ending(withdrawal)
        self._record(Entry.VISIT_ENDED, ending=self.visit.ending or Ending.FAULT)
        self.visit.ended = True

    async def rating(self) -> None:
        """Tell the authority how a visit was, and nothing of whose it was."""
        if (line := self._equipment.service) is not None and (stars := self.visit.stars) is not None:
            await line.ask(RATE, RatingInput(stars=stars))

    # Jobs: the card at the end

    async def returning_card(self, *, cash_follows: bool) -> Event:
        """To the slot, and wait; a warning after half the time."""
        reader, limit = self._equipment.reader, self.limits.card_taken
        with blame(Event.CARD_READER_FAULT):
            match await self._ejected():
                case Done():
                    if await reader.media_removed(limit / 2):
                        return self._card_gone()
                    self._stage.publish(views.card_forgotten(self._stage.view))
                    if await reader.media_removed(limit / 2):
                        return self._card_gone()
                    self._record(Entry.CARD_LEFT)
                    return Event.CARD_LEFT
                case Refused(error) if error.code is ErrorCode.NO_MEDIA:
                    # Pulled out by force. Cash follows only a card that was seen taken from the slot.
                    return Event.CARD_LEFT if cash_follows else self._card_gone()
                case Refused(error):
                    raise error
                case Unknown(cause):
                    raise Fault(Event.CARD_READER_FAULT, cause)

    async def _ejected(self) -> Outcome[Media]:
        """A refusal moved nothing, so the card may be asked for once more."""
        self._equipment.power.check()
        outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        if isinstance(outcome, Refused) and outcome.error.code is not ErrorCode.NO_MEDIA:
            self._equipment.power.check()
            outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        return outcome

    async def capturing_card(self, *, call_off: bool) -> Event:
        """Keep the card; `call_off` gives the approval back before."""
        if call_off:
            self.withdrawal.call_off()
        self._equipment.power.check()
        self._record(Entry.CAPTURE_INTENT)
        with blame(Event.CARD_READER_FAULT):
            match await self._equipment.reader.move(MoveTarget.RETAIN):
                case Done():
                    self.visit.card_retained = True
                    self._record(Entry.CARD_CAPTURED)
                    return Event.CARD_CAPTURED
                case Refused(error) if error.code is ErrorCode.NO_MEDIA:
                    return self._card_gone()
                case Refused(error):
                    self._record(Entry.CAPTURE_FAILED, cause=str(error))
                    raise error
                case Unknown(cause):
                    self._record(Entry.CAPTURE_FAILED, cause=cause)
                    raise Fault(Event.CARD_READER_FAULT, cause)

    def _card_gone(self) -> Event:
        self.visit.card_gone = True
        self._record(Entry.CARD_TAKEN)
        return Event.CARD_TAKEN

    async def recording_closure(self) -> Event:
        """What remains to be known of the person stands in the journal: a closed kiosk remembers nobody.

        It tries again after a while, once the host has answered what waits for it.
        """
        if self.visit.begun and not self.visit.ended:
            self._end_visit()
        self._record(Entry.OUT_OF_SERVICE, why=self._equipment.closed_because)
        self.forget()
        await asyncio.sleep(self.limits.retry)
        if self._equipment.money.open_advices or self._equipment.money.settling:
            await self._equipment.money.keep_delivering()
        return Event.TIMED_OUT

    async def awaiting_power(self) -> Event:
        """The next start finds what there is to know in the journal."""
        self.forget()
        await self._equipment.power.back()
        return Event.TIMED_OUT

    async def giving_card_back_unrecorded(self) -> Event:
        """With no journal left: the card, and then nothing."""
        self.forget()
        self._equipment.power.check()
        with suppress(DeviceError, ConnectionError):
            await self._equipment.reader.move(MoveTarget.EXIT)
        await asyncio.sleep(self.limits.retry)
        return Event.TIMED_OUT

    # Helpers

    @property
    def _card(self) -> Card:
        assert self.visit.card is not None, "the table leads here only with a card"
        return self.visit.card

    def _refused(self, answer: Declined | NoAnswer) -> Event:
        visit = self.visit
        visit.reasons = views.refused(answer)
        if isinstance(answer, NoAnswer):
            visit.ending = Ending.NO_ANSWER
            return Event.DECLINED
        match answer.code.treatment:
            case Treatment.RETRY_PIN:
                visit.pin_tries_left, visit.reasons = answer.pin_tries_left, ()
                return Event.WRONG_PIN
            case Treatment.OTHER_AMOUNT if visit.withdrawal is not None:
                visit.hint, visit.reasons = visit.reasons[0], ()
                return Event.AMOUNT_REFUSED
            case Treatment.CAPTURE:
                visit.ending = Ending.DECLINED
                return Event.CAPTURE_ORDERED
            case _:
                visit.ending = Ending.DECLINED
                return Event.DECLINED

    def _typed(self, shown: str) -> None:
        if self._stage.view.entry is not None:
            self._stage.publish(replace(self._stage.view, entry=replace(self._stage.view.entry, shown=shown)))

    def _record(self, entry: Entry, **data: str | int | None) -> None:
        self._equipment.journal.write(entry, self.visit.id or None, **data)


_ONLY_NO_CASH = (Treatment.DECLINE, Treatment.OTHER_AMOUNT, Treatment.TRY_LATER)
"""Refusals of a quote after which everything but cash can still be had."""

_BAD_CARD = (ErrorCode.INVALID_MEDIA, ErrorCode.CARD_TOO_LONG, ErrorCode.CARD_TOO_SHORT, ErrorCode.NO_MEDIA)


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
