"""Effects: what each state shows, and which job it begins. `terminal.states` names them and says when.

They set the view and start a job of `terminal.jobs`; they never wait and never write to the journal.
"""

from functools import partial

from terminal import views
from terminal.equipment import Equipment
from terminal.jobs.card import CardJobs
from terminal.jobs.cash import CashJobs
from terminal.jobs.customer import Customer
from terminal.jobs.ending import EndingJobs
from terminal.jobs.pages import PageJobs
from terminal.jobs.pin import PinJobs
from terminal.jobs.transfer import TransferJobs
from terminal.pages.offers import Offers
from terminal.pages.page import Page, Turn
from terminal.printing import receipt_kind
from terminal.stage import Stage
from terminal.startup import prepare, start
from terminal.states import Event
from terminal.view import Words
from terminal.visit import Ending

MOST_COPIES = 2
"""Of one receipt, for the person who was there."""


class Effects:
    """Of one kiosk; the stage runs the table with them."""

    def __init__(self, equipment: Equipment, offers: Offers) -> None:
        self._equipment = equipment
        self._notices = equipment.notices
        self._offers = offers
        self.stage = Stage(self, views.starting(), equipment.notices.language, views.help_lines(equipment.notices))
        self.customer = customer = Customer(equipment, self.stage)
        self._ending_jobs = EndingJobs(customer)
        self._card_jobs = CardJobs(customer)
        self._pin_jobs = PinJobs(customer)
        self._page_jobs = PageJobs(customer)
        self._transfer_jobs = TransferJobs(customer)
        self._cash_jobs = CashJobs(customer, self._ending_jobs)

    # Between customers

    def start_up(self) -> None:
        """Bring devices, journal and host line up."""
        self.stage.show(views.starting())
        self.stage.begin(partial(start, self._equipment))

    def prepare(self) -> None:
        """Forget the last person; see whether the next one can be served."""
        self.customer.forget()
        self.stage.language, self.stage.accessible = self._notices.language, False
        self.stage.show(views.starting())
        self.stage.begin(partial(prepare, self._equipment))

    def await_card(self) -> None:
        """Invite a card."""
        self.show_idle()
        self.stage.begin(self._card_jobs.awaiting_card, interruptible=True)

    def show_idle(self) -> None:
        """The reader waits for a card already."""
        denominations = sorted({unit.denomination_fen for unit in self._equipment.available_notes()}, reverse=True)
        self.customer.visit.page = None
        equipment = self._equipment
        self.stage.show(
            views.idle(
                self._notices,
                denominations,
                receipt_hint=views.receipt_hint("idle", equipment),
                opening=equipment.opening,
                now=equipment.now(),
            )
        )
        self.stage.beside(self._page_jobs.learning_hours)

    def show_information(self) -> None:
        """What can be read without a card."""
        self.stage.show(self._take_step().view, self.customer.limits.reading)

    def ask_for_information(self) -> None:
        """The service line is asked while the reader goes on waiting for a card."""
        self.stage.show(views.please_wait("asking"))
        self.stage.beside(self._page_jobs.asking)

    def print_information(self) -> None:
        """What is read without a card goes on paper while the reader goes on waiting for one."""
        self.stage.show(views.please_wait("printing"))
        self.stage.beside(self._page_jobs.printing_page, to_its_end=True)

    def close(self) -> None:
        """Out of service; try again later."""
        self._close()
        self.stage.begin(self._ending_jobs.recording_closure)

    def stop(self) -> None:
        """The journal can't be written: give back what is the customer's, and do nothing else."""
        self._close()
        self.stage.begin(self._card_jobs.giving_card_back_unrecorded)

    def await_power(self) -> None:
        """Closed until the power is back; the motion that has begun is waited for."""
        self._close()
        self.stage.begin(self._ending_jobs.awaiting_power)

    def _close(self) -> None:
        reason = _CLOSED_BY.get(self.stage.cause or Event.NOT_READY, self._equipment.closed_because)
        self._equipment.closed_because = reason
        visit = self.customer.visit
        if visit.begun and not (visit.card_gone or visit.card_retained):
            self._equipment.card_inside = True
        self.stage.show(views.out_of_service(reason, self._notices, card_inside=self._equipment.card_inside))

    # The card and the person

    def show_reading(self) -> None:
        """The card is on its way in; the job that takes it goes on."""
        self.customer.visit.page = self.customer.visit.step = None
        self.stage.show(views.reading_card())

    def show_notice(self) -> None:
        """Warn of fraud before anything else."""
        visit, equipment = self.customer.visit, self._equipment
        visit.closed_until = equipment.opening.closed_until(equipment.now())
        view = views.notice(self._notices, visit, receipt_hint=views.receipt_hint("notice", equipment))
        self.stage.show(view, self.customer.limits.customer)

    def ask_pin(self) -> None:
        """PIN entry; the customer is asked once the PIN pad listens."""
        self.stage.show(views.please_wait("keypad"))
        self.stage.begin(self._pin_jobs.typing_pin, interruptible=True)

    def quote(self) -> None:
        """Ask the host what this person can draw."""
        self.stage.show(views.please_wait("quoting"))
        self.stage.begin(self._pin_jobs.quoting)

    # What is offered besides cash

    def show_menu(self) -> None:
        """What can be had here."""
        self.customer.visit.page = page = self._offers.menu(self.customer.visit)
        self.stage.show(page.view, self.customer.limits.reading)

    def explain_no_cash(self) -> None:
        """Cash was chosen and can't be had: say why, and offer the rest."""
        visit = self.customer.visit
        visit.ending, visit.reasons = Ending.DECLINED, visit.no_cash
        visit.page = page = self._offers.menu(visit).with_hints(Words("menu.no_cash"), *visit.no_cash)
        self.stage.show(page.view, self.customer.limits.reading)

    def show_page(self) -> None:
        """Something to read or to choose on."""
        self.stage.show(self._take_step().view, self.customer.limits.reading)

    def ask_service(self) -> None:
        """Have something answered by the service line."""
        self.stage.show(views.please_wait("asking"))
        self.stage.begin(self._page_jobs.asking)

    def ask_digits(self) -> None:
        """Entry for a page; the customer is asked once the PIN pad listens."""
        self.stage.show(views.please_wait("keypad"))
        self.stage.begin(self._page_jobs.typing_digits, interruptible=True)

    def print_page(self) -> None:
        """Print what the page offers."""
        self.stage.show(views.please_wait("printing"))
        self.stage.begin(self._page_jobs.printing_page)

    def transfer(self) -> None:
        """Ask the host to pay to the person's own account."""
        self.stage.show(views.please_wait("transferring"))
        self.stage.begin(self._transfer_jobs.transferring)

    def _take_step(self) -> Page:
        """The page to be shown: where the step leads that was taken, or where the work has put us."""
        visit = self.customer.visit
        if isinstance(visit.step, Turn):
            visit.page = visit.step.page
        visit.step = None
        assert visit.page is not None, "the table leads here only with a page"
        return visit.page

    # The amount

    def ask_amount(self) -> None:
        """Offer amounts that the notes left can make."""
        withdrawal = self.customer.withdrawal
        offers = withdrawal.offers()
        limited_by_notes = offers[-1] < withdrawal.quote.maximum
        view = views.amount(withdrawal.quote, offers, limited_by_notes=limited_by_notes, hint=self.customer.visit.hint)
        self.stage.show(view, self.customer.limits.customer)

    def ask_other_amount(self) -> None:
        """Amount entry; the customer is asked once the PIN pad listens."""
        self.stage.show(views.please_wait("keypad"))
        self.stage.begin(self._cash_jobs.typing_amount, interruptible=True)

    def ask_confirmation(self) -> None:
        """Last look before money is held."""
        withdrawal = self.customer.withdrawal
        equipment = self._equipment
        view = views.confirm(
            withdrawal.amount_fen,
            withdrawal.quote,
            self._notices,
            receipt_hint=views.receipt_hint("confirm", equipment),
            opening=equipment.opening,
        )
        self.stage.show(view, self.customer.limits.customer)

    # The money

    def authorise(self) -> None:
        """Ask the host for the money."""
        self.stage.show(views.please_wait("authorising"))
        self.stage.begin(self._cash_jobs.authorising)

    def return_card_before_cash(self) -> None:
        """The card first: no note moves before it was seen taken."""
        self.stage.show(views.take_card(cash_follows=True), self.customer.limits.card_taken, timed_by_job=True)
        self.stage.begin(partial(self._card_jobs.returning_card, cash_follows=True))

    def dispense(self) -> None:
        """Count notes out to the customer."""
        self.stage.show(views.please_wait("counting"))
        self.stage.begin(self._cash_jobs.dispensing)

    def offer_cash(self) -> None:
        """Wait until the notes are taken."""
        view = views.take_cash(self.customer.withdrawal.paid_fen or 0, self.customer.withdrawal.notes)
        self.stage.show(view, self.customer.limits.cash_taken, timed_by_job=True)
        self.stage.begin(self._cash_jobs.waiting_for_cash)

    def suspend(self) -> None:
        """Nobody knows what the dispenser did: a person must count."""
        self.stage.show(views.please_wait("printing"))
        self.stage.begin(self._cash_jobs.suspending)

    # The money, with a stacker

    def stack(self) -> None:
        """Count notes onto the stacker, out of everyone's reach."""
        self.stage.show(views.please_wait("counting"))
        self.stage.begin(self._cash_jobs.stacking)

    def bring_notes_back(self) -> None:
        """No notes for this person: secure what is stacked."""
        self.stage.show(views.please_wait("securing"))
        self.stage.begin(self._cash_jobs.bringing_notes_back)

    def bring_notes_back_and_close(self) -> None:
        """The card can't be returned or kept: secure what is stacked, and serve nobody."""
        self._close()
        self.stage.begin(self._cash_jobs.bringing_notes_back_and_closing)

    def present(self) -> None:
        """Bring the stacked notes within reach; the card was seen taken."""
        self.stage.show(views.please_wait("presenting"))
        self.stage.begin(self._cash_jobs.presenting)

    def offer_presented_cash(self) -> None:
        """Wait until the notes are taken."""
        withdrawal = self.customer.withdrawal
        show = views.take_cash_in_time if self._equipment.dispenser.capabilities.retract else views.take_cash
        view = show(self.customer.presenter.presented_fen, withdrawal.notes)
        self.stage.show(view, self.customer.limits.cash_taken, timed_by_job=True)
        self.stage.begin(self._cash_jobs.waiting_for_presented_cash)

    def retract(self) -> None:
        """Take back what was not taken."""
        self.stage.show(views.please_wait("retracting"))
        self.stage.begin(self._cash_jobs.retracting)

    # How the money ends

    def settle(self) -> None:
        """Tell the host what became of its approval."""
        self.stage.show(views.please_wait("settling"))
        self.stage.begin(self._cash_jobs.settling)

    def print_receipt(self) -> None:
        """Print what happened, where something did."""
        self.stage.show(views.please_wait("printing"))
        self.stage.begin(self._ending_jobs.printing)

    def call_off_and_capture_card(self) -> None:
        """The card was left behind with money authorised: no note has moved."""
        self.stage.show(views.please_wait("capturing"))
        self.stage.begin(partial(self._card_jobs.capturing_card, call_off=True))

    def call_off_and_close(self) -> None:
        """The card can't be returned with money authorised: no note has moved."""
        self._close()
        self.stage.begin(self._cash_jobs.calling_off)

    # The end

    def return_card(self) -> None:
        """Give the card back; no money is held."""
        cause, visit = self.stage.cause, self.customer.visit
        visit.ending = visit.ending or _ENDINGS.get(cause or Event.INTERNAL_FAULT, Ending.FAULT)
        visit.reasons = visit.reasons or views.ended(cause)
        self.stage.show(views.take_card(visit.reasons), self.customer.limits.card_taken, timed_by_job=True)
        self.stage.begin(partial(self._card_jobs.returning_card, cash_follows=False))

    def capture_card(self) -> None:
        """Keep the card."""
        self.stage.show(views.please_wait("capturing"))
        self.stage.begin(partial(self._card_jobs.capturing_card, call_off=False))

    def say_goodbye(self) -> None:
        """The last screen; it tells what a receipt could not."""
        visit = self.customer.visit
        rateable = self._equipment.service is not None and visit.stars is None
        copies = self._equipment.receipts and visit.copies < MOST_COPIES and receipt_kind(visit) is not None
        view = views.goodbye(visit, self._notices, rateable=rateable, copies=copies)
        self.stage.show(view, self.customer.limits.goodbye)

    def reprint_receipt(self) -> None:
        """Print the receipt of this visit once more, marked as a copy."""
        self.stage.show(views.please_wait("printing"))
        self.stage.begin(self._ending_jobs.reprinting)

    def send_rating(self) -> None:
        """How it was goes to the authority, with no name; the last screen stays."""
        self.say_goodbye()
        self.stage.beside(self._page_jobs.rating, to_its_end=True)


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
