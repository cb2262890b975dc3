"""The session: what each state shows, and which work it begins. `terminal.states` says when.

Effects (the methods the table names) set the view and start a job of `terminal.work`; they never wait and never write
to the journal. Only the battery's warning is put on record at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from terminal import views
from terminal.config import TimeLimits
from terminal.equipment import Equipment
from terminal.journal import Entry, JournalError
from terminal.log import log
from terminal.pages.offers import Offers
from terminal.pages.page import Ask, GoTo, Page, Print, Step, Turn, Type
from terminal.stage import Stage
from terminal.startup import prepare, start
from terminal.states import Event, State
from terminal.view import Cancel, Choose, Help, Intent, SwitchAccessible, SwitchLanguage, View, Words
from terminal.visit import Ending
from terminal.work import Work


class Session:
    """One kiosk at work, customer after customer."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._notices = equipment.notices
        self._stage = Stage(self, views.starting(), equipment.notices.language, views.help_lines(equipment.notices))
        self._work = Work(equipment, self._stage)
        self._offers = Offers(equipment)

    # What others see and send

    @property
    def state(self) -> State:
        """Where the kiosk is."""
        return self._stage.state

    @property
    def _limits(self) -> TimeLimits:
        return self._work.limits

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
                self._stage.language = language
                self._stage.publish(self.view)
            case SwitchAccessible():
                self._switch_accessible()
            case Help():
                self._stage.publish(replace(self.view, helping=not self.view.helping))
            case Cancel() if self.view.can_cancel:
                self._stage.answer(Event.CANCELLED)
            case Choose(choice) if not self.view.helping and choice in [offer.id for offer in self.view.choices]:
                self._choose(choice)
            case _:
                pass

    def _switch_accessible(self) -> None:
        """What is left of the customer's time grows and shrinks with the mode."""
        factor = self._equipment.limits.accessible_factor
        self._stage.accessible = not self._stage.accessible
        self._stage.extend(factor if self._stage.accessible else 1 / factor)
        self._stage.publish(self.view)

    async def run(self) -> None:
        """Serve customers until cancelled."""
        self.start_up()
        await self._stage.run()

    def power_failing(self) -> None:
        """The battery warns: what is moving ends, and nothing else begins to move until the power is back."""
        if self._equipment.power.failing:
            return
        self._equipment.power.fails()
        self._note(Entry.POWER_FAILING)
        self._stage.insist(Event.POWER_WARNING)

    def power_restored(self) -> None:
        """The mains are back: start up again, which settles what is open."""
        if self._equipment.power.failing:
            self._note(Entry.POWER_RESTORED)
            self._equipment.power.returns()

    def _note(self, entry: Entry) -> None:
        try:
            self._equipment.journal.write(entry)
        except JournalError as error:
            log.critical("journal", cause=str(error))

    async def fire(self, event: Event) -> None:
        """The one door to the next state."""
        await self._stage.fire(event)

    # Effects: between customers

    def start_up(self) -> None:
        """Bring devices, journal and host line up."""
        self._stage.show(views.starting())
        self._stage.begin(partial(start, self._equipment))

    def prepare(self) -> None:
        """Forget the last person; see whether the next one can be served."""
        self._work.forget()
        self._stage.language, self._stage.accessible = self._notices.language, False
        self._stage.show(views.starting())
        self._stage.begin(partial(prepare, self._equipment))

    def await_card(self) -> None:
        """Invite a card."""
        self.show_idle()
        self._stage.begin(self._work.awaiting_card, interruptible=True)

    def show_idle(self) -> None:
        """The reader waits for a card already."""
        denominations = sorted({unit.denomination_fen for unit in self._equipment.available_notes()}, reverse=True)
        self._work.visit.page = None
        equipment = self._equipment
        self._stage.show(
            views.idle(
                self._notices,
                denominations,
                receipts=equipment.receipts,
                opening=equipment.opening,
                now=equipment.now(),
            )
        )
        self._stage.beside(self._work.learning_hours)

    def show_information(self) -> None:
        """What can be read without a card."""
        self._stage.show(self._take_step().view, self._limits.reading)

    def ask_for_information(self) -> None:
        """The service line is asked while the reader goes on waiting for a card."""
        self._stage.show(views.please_wait("asking"))
        self._stage.beside(self._work.asking)

    def print_information(self) -> None:
        """What is read without a card goes on paper while the reader goes on waiting for one."""
        self._stage.show(views.please_wait("printing"))
        self._stage.beside(self._work.printing_page, to_its_end=True)

    def close(self) -> None:
        """Out of service; try again later."""
        self._close()
        self._stage.begin(self._work.recording_closure)

    def stop(self) -> None:
        """The journal can't be written: give back what is the customer's, and do nothing else."""
        self._close()
        self._stage.begin(self._work.giving_card_back_unrecorded)

    def await_power(self) -> None:
        """Closed until the power is back; the motion that has begun is waited for."""
        self._close()
        self._stage.begin(self._work.awaiting_power)

    def _close(self) -> None:
        reason = _CLOSED_BY.get(self._stage.cause or Event.NOT_READY, self._equipment.closed_because)
        self._equipment.closed_because = reason
        visit = self._work.visit
        if visit.begun and not (visit.card_gone or visit.card_retained):
            self._equipment.card_inside = True
        self._stage.show(views.out_of_service(reason, self._notices, card_inside=self._equipment.card_inside))

    # Effects: the card and the person

    def show_reading(self) -> None:
        """The card is on its way in; the job that takes it goes on."""
        self._work.visit.page = self._work.visit.step = None
        self._stage.show(views.reading_card())

    def show_notice(self) -> None:
        """Warn of fraud before anything else."""
        visit, equipment = self._work.visit, self._equipment
        visit.closed_until = equipment.opening.closed_until(equipment.now())
        view = views.notice(self._notices, visit.closed_until, first_time=visit.first_time)
        self._stage.show(view, self._limits.customer)

    def ask_pin(self) -> None:
        """PIN entry; the customer is asked once the PIN pad listens."""
        self._stage.show(views.please_wait("keypad"))
        self._stage.begin(self._work.typing_pin, interruptible=True)

    def quote(self) -> None:
        """Ask the host what this person can draw."""
        self._stage.show(views.please_wait("quoting"))
        self._stage.begin(self._work.quoting)

    # Effects: what is offered besides cash

    def show_menu(self) -> None:
        """What can be had here."""
        self._work.visit.page = page = self._offers.menu(self._work.visit)
        self._stage.show(page.view, self._limits.reading)

    def explain_no_cash(self) -> None:
        """Cash was chosen and can't be had: say why, and offer the rest."""
        visit = self._work.visit
        visit.ending, visit.reasons = Ending.DECLINED, visit.no_cash
        visit.page = page = self._offers.menu(visit).with_hints(Words("menu.no_cash"), *visit.no_cash)
        self._stage.show(page.view, self._limits.reading)

    def show_page(self) -> None:
        """Something to read or to choose on."""
        self._stage.show(self._take_step().view, self._limits.reading)

    def ask_service(self) -> None:
        """Have something answered by the service line."""
        self._stage.show(views.please_wait("asking"))
        self._stage.begin(self._work.asking)

    def ask_digits(self) -> None:
        """Entry for a page; the customer is asked once the PIN pad listens."""
        self._stage.show(views.please_wait("keypad"))
        self._stage.begin(self._work.typing_digits, interruptible=True)

    def print_page(self) -> None:
        """Print what the page offers."""
        self._stage.show(views.please_wait("printing"))
        self._stage.begin(self._work.printing_page)

    def transfer(self) -> None:
        """Ask the host to pay to the person's own account."""
        self._stage.show(views.please_wait("transferring"))
        self._stage.begin(self._work.transferring)

    def _take_step(self) -> Page:
        """The page to be shown: where the step leads that was taken, or where the work has put us."""
        visit = self._work.visit
        if isinstance(visit.step, Turn):
            visit.page = visit.step.page
        visit.step = None
        assert visit.page is not None, "the table leads here only with a page"
        return visit.page

    # Effects: the amount

    def ask_amount(self) -> None:
        """Offer amounts that the notes left can make."""
        withdrawal = self._work.withdrawal
        offers = withdrawal.offers()
        limited_by_notes = offers[-1] < withdrawal.quote.maximum
        view = views.amount(withdrawal.quote, offers, limited_by_notes=limited_by_notes, hint=self._work.visit.hint)
        self._stage.show(view, self._limits.customer)

    def ask_other_amount(self) -> None:
        """Amount entry; the customer is asked once the PIN pad listens."""
        self._stage.show(views.please_wait("keypad"))
        self._stage.begin(self._work.typing_amount, interruptible=True)

    def ask_confirmation(self) -> None:
        """Last look before money is held."""
        withdrawal = self._work.withdrawal
        equipment = self._equipment
        view = views.confirm(
            withdrawal.amount_fen,
            withdrawal.quote,
            self._notices,
            receipts=equipment.receipts,
            opening=equipment.opening,
        )
        self._stage.show(view, self._limits.customer)

    # Effects: the money

    def authorise(self) -> None:
        """Ask the host for the money."""
        self._stage.show(views.please_wait("authorising"))
        self._stage.begin(self._work.authorising)

    def return_card_before_cash(self) -> None:
        """The card first: no note moves before it was seen taken."""
        self._stage.show(views.take_card(cash_follows=True), self._limits.card_taken, timed_by_job=True)
        self._stage.begin(partial(self._work.returning_card, cash_follows=True))

    def dispense(self) -> None:
        """Count notes out to the customer."""
        self._stage.show(views.please_wait("counting"))
        self._stage.begin(self._work.dispensing)

    def offer_cash(self) -> None:
        """Wait until the notes are taken."""
        view = views.take_cash(self._work.withdrawal.paid_fen or 0, self._work.withdrawal.notes)
        self._stage.show(view, self._limits.cash_taken, timed_by_job=True)
        self._stage.begin(self._work.waiting_for_cash)

    def suspend(self) -> None:
        """Nobody knows what the dispenser did: a person must count."""
        self._stage.show(views.please_wait("printing"))
        self._stage.begin(self._work.suspending)

    # Effects: the money, with a stacker

    def stack(self) -> None:
        """Count notes onto the stacker, out of everyone's reach."""
        self._stage.show(views.please_wait("counting"))
        self._stage.begin(self._work.stacking)

    def bring_notes_back(self) -> None:
        """No notes for this person: secure what is stacked."""
        self._stage.show(views.please_wait("securing"))
        self._stage.begin(self._work.bringing_notes_back)

    def bring_notes_back_and_close(self) -> None:
        """The card can't be returned or kept: secure what is stacked, and serve nobody."""
        self._close()
        self._stage.begin(self._work.bringing_notes_back_and_closing)

    def present(self) -> None:
        """Bring the stacked notes within reach; the card was seen taken."""
        self._stage.show(views.please_wait("presenting"))
        self._stage.begin(self._work.presenting)

    def offer_presented_cash(self) -> None:
        """Wait until the notes are taken."""
        withdrawal = self._work.withdrawal
        show = views.take_cash_in_time if self._equipment.dispenser.capabilities.retract else views.take_cash
        view = show(self._work.presenter.presented_fen, withdrawal.notes)
        self._stage.show(view, self._limits.cash_taken, timed_by_job=True)
        self._stage.begin(self._work.waiting_for_presented_cash)

    def retract(self) -> None:
        """Take back what was not taken."""
        self._stage.show(views.please_wait("retracting"))
        self._stage.begin(self._work.retracting)

    # Effects: how the money ends

    def settle(self) -> None:
        """Tell the host what became of its approval."""
        self._stage.show(views.please_wait("settling"))
        self._stage.begin(self._work.settling)

    def print_receipt(self) -> None:
        """Print what happened, where something did."""
        self._stage.show(views.please_wait("printing"))
        self._stage.begin(self._work.printing)

    def call_off_and_capture_card(self) -> None:
        """The card was left behind with money authorised: no note has moved."""
        self._stage.show(views.please_wait("capturing"))
        self._stage.begin(partial(self._work.capturing_card, call_off=True))

    def call_off_and_close(self) -> None:
        """The card can't be returned with money authorised: no note has moved."""
        self._close()
        self._stage.begin(self._work.calling_off)

    # Effects: the end

    def return_card(self) -> None:
        """Give the card back; no money is held."""
        cause, visit = self._stage.cause, self._work.visit
        visit.ending = visit.ending or _ENDINGS.get(cause or Event.INTERNAL_FAULT, Ending.FAULT)
        visit.reasons = visit.reasons or views.ended(cause)
        self._stage.show(views.take_card(visit.reasons), self._limits.card_taken, timed_by_job=True)
        self._stage.begin(partial(self._work.returning_card, cash_follows=False))

    def capture_card(self) -> None:
        """Keep the card."""
        self._stage.show(views.please_wait("capturing"))
        self._stage.begin(partial(self._work.capturing_card, call_off=False))

    def say_goodbye(self) -> None:
        """The last screen; it tells what a receipt could not."""
        rateable = self._equipment.service is not None and self._work.visit.stars is None
        view = views.goodbye(self._work.visit, self._notices, rateable=rateable)
        self._stage.show(view, self._limits.goodbye)

    def send_rating(self) -> None:
        """How it was goes to the authority, with no name; the last screen stays."""
        self.say_goodbye()
        self._stage.beside(self._work.rating, to_its_end=True)

    def _choose(self, choice: str) -> None:
        visit = self._work.visit
        match self.state:
            case State.IDLE:
                if self._stage.answer(Event.INFORMATION_CHOSEN):
                    visit.step = Turn(self._offers.information(visit))
            case State.MENU if choice == views.CASH:
                self._stage.answer(Event.CASH_REFUSED if visit.no_cash else Event.CASH_CHOSEN)
            case State.MENU | State.PAGE | State.INFORMATION if visit.page is not None:
                step = visit.page.leads[choice]()
                if self._stage.answer(step.event if isinstance(step, GoTo) else _STEPS[type(step)]):
                    visit.step = step
            case State.FINISHED:
                if self._stage.answer(Event.RATED):
                    visit.stars = int(choice.removeprefix(views.RATE))
            case _ if not choice.startswith(views.AMOUNT):
                self._stage.answer(_CHOICES[choice])
            case _ if self._stage.answer(Event.AMOUNT_CHOSEN):
                visit.hint = None
                self._work.withdrawal.amount_fen = int(choice.removeprefix(views.AMOUNT))


_CHOICES = {
    views.AGREE: Event.AGREED,
    views.OTHER: Event.OTHER_CHOSEN,
    views.BACK: Event.BACK,
    views.CONFIRM: Event.CONFIRMED,
}

_STEPS: Mapping[type[Step], Event] = {
    Turn: Event.PAGE_TURNED,
    Ask: Event.ASKED,
    Type: Event.TYPING_CHOSEN,
    Print: Event.PRINT_CHOSEN,
}

_ENDINGS = {
    Event.CARD_WANTED: Ending.ENQUIRED,
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
    Event.POWER_WARNING: "power",
}
