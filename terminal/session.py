"""The session: what each state shows and does. `terminal.states` says when.

Effects (the methods the table names) set the view and start a job; they never wait and never write to the journal. A
job works with devices, host or time, keeps what it learned on the visit, and ends in one event.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

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
from terminal import views
from terminal.card import Card, CardRejected, read_card
from terminal.equipment import Equipment
from terminal.faults import Fault, blame
from terminal.journal import Entry
from terminal.money_line import Declined, NoAnswer, Quote
from terminal.printing import print_receipt
from terminal.stage import Stage
from terminal.startup import prepare, start
from terminal.states import Event, State
from terminal.view import Cancel, Choose, Intent, SwitchLanguage, View
from terminal.visit import Ending, Visit
from terminal.withdrawal import Withdrawal

PIN_DIGITS = 6
"""Length of the PIN of a Chinese bank card."""

MAX_AMOUNT_DIGITS = 5
"""Digits of a typed amount, in yuan."""


class Session:
    """One kiosk at work, customer after customer."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._limits = equipment.limits
        self._notices = equipment.notices
        self._stage = Stage(self, views.starting())
        self._visit = Visit(language=equipment.notices.language)

    # What others see and send

    @property
    def state(self) -> State:
        """Where the kiosk is."""
        return self._stage.state

    @property
    def view(self) -> View:
        """What is to be shown now."""
        return self._stage.view

    def subscribe(self, subscriber: Callable[[View], None]) -> None:
        """Have `subscriber` called with every new view."""
        self._stage.subscribe(subscriber)

    async def intent(self, intent: Intent) -> None:
        """What the customer did on the screen. What the screen does not offer now is ignored."""
        match intent:
            case SwitchLanguage(language):
                self._visit.language = language
                self._stage.publish(replace(self.view, language=language))
            case Cancel() if self.view.can_cancel:
                self._stage.answer(Event.CANCELLED)
            case Choose(choice) if choice in [offer.id for offer in self.view.choices]:
                self._choose(choice)
            case _:
                pass

    async def run(self) -> None:
        """Serve customers until cancelled."""
        self.start_up()
        await self._stage.run()

    async def fire(self, event: Event) -> None:
        """The one door to the next state."""
        await self._stage.fire(event)

    # Effects: between customers

    def start_up(self) -> None:
        """Bring devices, journal and host line up."""
        self._show(views.starting())
        self._stage.begin(partial(start, self._equipment))

    def prepare(self) -> None:
        """Forget the last person; see whether the next one can be served."""
        self._visit = Visit(language=self._notices.language)
        self._show(views.starting())
        self._stage.begin(partial(prepare, self._equipment))

    def await_card(self) -> None:
        """Invite a card."""
        denominations = sorted({unit.denomination_fen for unit in self._equipment.available_notes()}, reverse=True)
        self._show(views.idle(self._notices, denominations, receipts=self._equipment.receipts))
        self._stage.begin(self._awaiting_card, interruptible=True)

    def close(self) -> None:
        """Out of service; try again later."""
        self._close()
        self._stage.begin(self._recording_closure)

    def stop(self) -> None:
        """The journal can't be written: give back what is the customer's, and do nothing else."""
        self._close()
        self._stage.begin(self._giving_card_back_unrecorded)

    def _close(self) -> None:
        reason = _CLOSED_BY.get(self._stage.cause or Event.NOT_READY, self._equipment.closed_because)
        self._equipment.closed_because = reason
        visit = self._visit
        if visit.begun and not (visit.card_gone or visit.card_retained):
            self._equipment.card_inside = True
        self._show(views.out_of_service(reason, self._notices, card_inside=self._equipment.card_inside))

    # Effects: the card and the person

    def show_reading(self) -> None:
        """The card is on its way in; the job that takes it goes on."""
        self._show(views.reading_card())

    def show_notice(self) -> None:
        """Warn of fraud before anything else."""
        self._show(views.notice(self._notices), self._limits.customer)

    def ask_pin(self) -> None:
        """PIN entry; the customer is asked once the PIN pad listens."""
        self._show(views.please_wait("keypad"))
        self._stage.begin(self._typing_pin, interruptible=True)

    def quote(self) -> None:
        """Ask the host what this person can draw."""
        self._show(views.please_wait("quoting"))
        self._stage.begin(self._quoting)

    def ask_amount(self) -> None:
        """Offer amounts that the notes left can make."""
        withdrawal = self._withdrawal
        offers = withdrawal.offers()
        limited_by_notes = offers[-1] < withdrawal.quote.maximum
        view = views.amount(withdrawal.quote, offers, limited_by_notes=limited_by_notes, hint=self._visit.hint)
        self._show(view, self._limits.customer)

    def ask_other_amount(self) -> None:
        """Amount entry; the customer is asked once the PIN pad listens."""
        self._show(views.please_wait("keypad"))
        self._stage.begin(self._typing_amount, interruptible=True)

    def ask_confirmation(self) -> None:
        """Last look before money is held."""
        withdrawal = self._withdrawal
        view = views.confirm(withdrawal.amount_fen, withdrawal.quote, self._notices, receipts=self._equipment.receipts)
        self._show(view, self._limits.customer)

    # Effects: the money

    def authorise(self) -> None:
        """Ask the host for the money."""
        self._show(views.please_wait("authorising"))
        self._stage.begin(self._authorising)

    def return_card_before_cash(self) -> None:
        """The card first: no note moves before it was seen taken."""
        self._show(views.take_card(cash_follows=True), self._limits.card_taken, timed_by_job=True)
        self._stage.begin(partial(self._returning_card, cash_follows=True))

    def dispense(self) -> None:
        """Count notes out to the customer."""
        self._show(views.please_wait("counting"))
        self._stage.begin(self._dispensing)

    def offer_cash(self) -> None:
        """Wait until the notes are taken."""
        view = views.take_cash(self._withdrawal.paid_fen or 0, self._withdrawal.notes)
        self._show(view, self._limits.cash_taken, timed_by_job=True)
        self._stage.begin(self._waiting_for_cash)

    def suspend(self) -> None:
        """Nobody knows what the dispenser did: a person must count."""
        self._show(views.please_wait("printing"))
        self._stage.begin(self._suspending)

    def settle(self) -> None:
        """Tell the host what became of its approval."""
        self._show(views.please_wait("settling"))
        self._stage.begin(self._settling)

    def print_receipt(self) -> None:
        """Print what happened, where something did."""
        self._show(views.please_wait("printing"))
        self._stage.begin(self._printing)

    def call_off_and_capture_card(self) -> None:
        """The card was left behind with money authorised: no note has moved."""
        self._show(views.please_wait("capturing"))
        self._stage.begin(partial(self._capturing_card, call_off=True))

    def call_off_and_close(self) -> None:
        """The card can't be returned with money authorised: no note has moved."""
        self._close()
        self._stage.begin(self._calling_off)

    # Effects: the end

    def return_card(self) -> None:
        """Give the card back; no money is held."""
        cause, visit = self._stage.cause, self._visit
        visit.ending = visit.ending or _ENDINGS.get(cause or Event.INTERNAL_FAULT, Ending.FAULT)
        visit.reasons = visit.reasons or views.ended(cause)
        self._show(views.take_card(visit.reasons), self._limits.card_taken, timed_by_job=True)
        self._stage.begin(partial(self._returning_card, cash_follows=False))

    def capture_card(self) -> None:
        """Keep the card."""
        self._show(views.please_wait("capturing"))
        self._stage.begin(partial(self._capturing_card, call_off=False))

    def say_goodbye(self) -> None:
        """The last screen; it tells what a receipt could not."""
        self._show(views.goodbye(self._visit, self._notices), self._limits.goodbye)

    # Jobs: the card and the person

    async def _awaiting_card(self) -> Event:
        reader, visit = self._equipment.reader, self._visit
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
        return Event.CARD_ACCEPTED

    def _card_inserted(self) -> None:
        """A card that is refused at the slot was never announced."""
        if not self._visit.begun:
            self._equipment.visits += 1
            self._visit.id = f"visit-{self._equipment.visits:06d}"
            self._visit.begun = True
            self._record(Entry.VISIT_BEGUN)
            self._stage.post(Event.CARD_INSERTED)

    async def _typing_pin(self) -> Event:
        if not self._visit.notice_acknowledged:
            self._visit.notice_acknowledged = True
            self._record(Entry.NOTICE_ACKNOWLEDGED, version=self._notices.notice_version)
        pad, limit = self._equipment.pad, self._limits.pin
        view = views.pin(self._visit.pin_tries_left)
        with blame(Event.PIN_PAD_FAULT):
            await pad.set_pin_block_data(self._card.pan12)
            entered = await pad.pin_entry(
                min_len=PIN_DIGITS,
                max_len=PIN_DIGITS,
                auto_end=False,
                timeout=limit,
                on_key=self._pin_key,
                on_ready=lambda: self._show(view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.CANCELLED
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                return Event.PIN_ENTERED

    def _pin_key(self, key: KeyPress) -> None:
        stars = self.view.entry.shown if self.view.entry else ""
        match key:
            case KeyPress.DIGIT:
                self._typed(stars + "*")
            case KeyPress.BACKSPACE:
                self._typed(stars[:-1])
            case KeyPress.CLEAR:
                self._typed("")
            case KeyPress.ENTER | KeyPress.CANCEL:
                pass

    async def _quoting(self) -> Event:
        visit, card = self._visit, self._card
        visit.withdrawal = None
        with blame(Event.PIN_PAD_FAULT):
            pin_block = await self._equipment.pad.get_pin_block(card.pan12)
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
                if visit.withdrawal.offers():
                    return Event.QUOTED
                visit.reasons, visit.ending = views.nothing_to_pay(answer), Ending.DECLINED
                return Event.DECLINED
            case Declined() | NoAnswer():
                return self._refused(answer)

    async def _typing_amount(self) -> Event:
        limit, possible = self._limits.customer, self._withdrawal.possible()
        view = views.other_amount(possible[-1], possible[0], self._visit.hint)
        with blame(Event.PIN_PAD_FAULT):
            entered = await self._equipment.pad.data_entry(
                max_len=MAX_AMOUNT_DIGITS,
                timeout=limit,
                on_key=lambda _, digits: self._typed(digits),
                on_ready=lambda: self._show(view, limit, timed_by_job=True),
            )
        match entered.completion:
            case EntryCompletion.CANCEL:
                return Event.BACK
            case EntryCompletion.TIME_OUT:
                return Event.TIMED_OUT
            case EntryCompletion.ENTER | EntryCompletion.AUTO:
                self._withdrawal.amount_fen = int(entered.keys or "0") * 100
                self._visit.hint = self._withdrawal.objection()
                return Event.AMOUNT_CHOSEN if self._visit.hint is None else Event.AMOUNT_REFUSED

    # Jobs: the money

    async def _authorising(self) -> Event:
        with blame(Event.HOST_LINE_FAULT):
            refusal = await self._withdrawal.authorise()
        return Event.APPROVED if refusal is None else self._refused(refusal)

    async def _dispensing(self) -> Event:
        match await self._withdrawal.dispense():
            case True:
                return Event.DISPENSED
            case False:
                return Event.NOTHING_DISPENSED
            case None:
                return Event.DISPENSE_UNKNOWN

    async def _waiting_for_cash(self) -> Event:
        with blame(Event.CASH_DISPENSER_FAULT):
            taken = await self._withdrawal.wait_until_taken(self._limits.cash_taken)
        return Event.CASH_TAKEN if taken else Event.CASH_LEFT

    async def _calling_off(self) -> Event:
        self._withdrawal.call_off()
        return await self._recording_closure()

    async def _suspending(self) -> Event:
        self._withdrawal.suspend("the dispenser's outcome is unknown")
        return await self._printing()

    async def _settling(self) -> Event:
        """An advice is on record before this; what the host does not answer now is sent before the next customer."""
        with blame(Event.HOST_LINE_FAULT):
            await self._equipment.money.deliver()
        return Event.SETTLED

    async def _printing(self) -> Event:
        self._end_visit()
        with blame(Event.RECEIPT_PRINTER_FAULT):
            self._visit.receipt_printed = await print_receipt(self._equipment, self._visit)
        return Event.PRINTED

    def _end_visit(self) -> None:
        if (withdrawal := self._visit.withdrawal) is not None and withdrawal.approval is not None:
            self._visit.ending = _money_ending(withdrawal)
        self._record(Entry.VISIT_ENDED, ending=self._visit.ending or Ending.FAULT)
        self._visit.ended = True

    # Jobs: the card at the end

    async def _returning_card(self, *, cash_follows: bool) -> Event:
        """To the slot, and wait; a warning after half the time."""
        reader, limit = self._equipment.reader, self._limits.card_taken
        with blame(Event.CARD_READER_FAULT):
            match await self._ejected():
                case Done():
                    if await reader.media_removed(limit / 2):
                        return self._card_gone()
                    self._stage.publish(views.card_forgotten(self.view))
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
        outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        if isinstance(outcome, Refused) and outcome.error.code is not ErrorCode.NO_MEDIA:
            outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        return outcome

    async def _capturing_card(self, *, call_off: bool) -> Event:
        if call_off:
            self._withdrawal.call_off()
        self._record(Entry.CAPTURE_INTENT)
        with blame(Event.CARD_READER_FAULT):
            match await self._equipment.reader.move(MoveTarget.RETAIN):
                case Done():
                    self._visit.card_retained = True
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
        self._visit.card_gone = True
        self._record(Entry.CARD_TAKEN)
        return Event.CARD_TAKEN

    async def _recording_closure(self) -> Event:
        """What remains to be known of the person stands in the journal: a closed kiosk remembers nobody.

        It tries again after a while, once the host has answered what waits for it.
        """
        if self._visit.begun and not self._visit.ended:
            self._end_visit()
        self._record(Entry.OUT_OF_SERVICE, why=self._equipment.closed_because)
        self._forget()
        await asyncio.sleep(self._limits.retry)
        if self._equipment.money.open_advices:
            await self._equipment.money.keep_delivering()
        return Event.TIMED_OUT

    async def _giving_card_back_unrecorded(self) -> Event:
        self._forget()
        with suppress(DeviceError, ConnectionError):
            await self._equipment.reader.move(MoveTarget.EXIT)
        await asyncio.sleep(self._limits.retry)
        return Event.TIMED_OUT

    def _forget(self) -> None:
        self._visit = Visit(language=self._visit.language)

    # Helpers

    @property
    def _card(self) -> Card:
        assert self._visit.card is not None, "the table leads here only with a card"
        return self._visit.card

    @property
    def _withdrawal(self) -> Withdrawal:
        assert self._visit.withdrawal is not None, "the table leads here only with a quote"
        return self._visit.withdrawal

    def _refused(self, answer: Declined | NoAnswer) -> Event:
        visit = self._visit
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

    def _choose(self, choice: str) -> None:
        if not choice.startswith(views.AMOUNT):
            self._stage.answer(_CHOICES[choice])
        elif self._stage.answer(Event.AMOUNT_CHOSEN):
            self._visit.hint = None
            self._withdrawal.amount_fen = int(choice.removeprefix(views.AMOUNT))

    def _show(self, view: View, limit: float | None = None, *, timed_by_job: bool = False) -> None:
        self._stage.show(replace(view, language=self._visit.language), limit, timed_by_job=timed_by_job)

    def _typed(self, shown: str) -> None:
        if self.view.entry is not None:
            self._stage.publish(replace(self.view, entry=replace(self.view.entry, shown=shown)))

    def _record(self, entry: Entry, **data: str | int | None) -> None:
        self._equipment.journal.write(entry, self._visit.id or None, **data)


_CHOICES = {
    views.AGREE: Event.AGREED,
    views.OTHER: Event.OTHER_CHOSEN,
    views.BACK: Event.BACK,
    views.CONFIRM: Event.CONFIRMED,
}

_BAD_CARD = (ErrorCode.INVALID_MEDIA, ErrorCode.CARD_TOO_LONG, ErrorCode.CARD_TOO_SHORT, ErrorCode.NO_MEDIA)

_ENDINGS = {
    Event.CANCELLED: Ending.CANCELLED,
    Event.TIMED_OUT: Ending.TIMED_OUT,
    Event.CARD_REJECTED: Ending.CARD_REJECTED,
}

_CLOSED_BY = {
    Event.CARD_READER_FAULT: "card_reader",
    Event.PIN_PAD_FAULT: "pin_pad",
    Event.CASH_DISPENSER_FAULT: "cash_dispenser",
    Event.RECEIPT_PRINTER_FAULT: "receipt_printer",
    Event.HOST_LINE_FAULT: "host_line",
    Event.INTERNAL_FAULT: "internal",
    Event.JOURNAL_FAULT: "journal",
}


def _money_ending(withdrawal: Withdrawal) -> Ending:
    match withdrawal.paid_fen:
        case None:
            return Ending.SUSPENSE
        case 0:
            return Ending.NOT_PAID
        case withdrawal.amount_fen:
            return Ending.PAID
        case _:
            return Ending.PARTLY_PAID
