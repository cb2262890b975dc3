"""THE table: every state of a kiosk, every event, and what follows.

The rules of this file:

- What a kiosk does next is decided here and nowhere else. A row reads: in this state, on this event, go there and start
  this effect. `effect` names a method of `terminal.effects.Effects`, which records and starts work; it never waits.
- Work (a device, the host, a person) ends in exactly one event. A time limit and a customer's answer are events too.
- A motion is never cancelled: while notes or a card move, a state has rows for the motion's own results only.
- Money without a stacker: RETURNING_CARD is entered only with an approval, DISPENSING only from there, when the card
  was seen taken. Whatever ends RETURNING_CARD otherwise calls the approval off (reversal: no note has moved). Whatever
  ends DISPENSING without the dispenser's own count opens a suspense item, never a reversal.
- Money with a stacker: STACKING is entered only with an approval, RELEASING_CARD only when exactly the notes asked for
  are stacked, PRESENTING only from there, when the card was seen taken. Stacked notes are otherwise brought back
  (UNSTACKING with the card still inside, REJECTING without); whether the approval is given back, the evidence decides.
  What RETRACTING takes back waits for a person's count.
- The battery's warning stops everything but the motion that has begun; what is open is settled by the next start.
- What a person reads or asks for besides cash is a page (`terminal.pages`). ASKING, TYPING and PRINTING_PAGE hold no
  money and end in a page again, whatever the service line, the keypad or the paper does. INFORMATION is read without a
  card, while the reader goes on waiting for one.
- Every state has a row for every device fault (a test counts them).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a kiosk is."""

    STARTING = "starting"
    PREPARING = "preparing"
    OUT_OF_SERVICE = "out_of_service"
    IDLE = "idle"
    INFORMATION = "information"
    READING_CARD = "reading_card"
    NOTICE = "notice"
    PIN_ENTRY = "pin_entry"
    QUOTING = "quoting"
    MENU = "menu"
    PAGE = "page"
    ASKING = "asking"
    TYPING = "typing"
    PRINTING_PAGE = "printing_page"
    TRANSFERRING = "transferring"
    AMOUNT = "amount"
    OTHER_AMOUNT = "other_amount"
    CONFIRMING = "confirming"
    AUTHORISING = "authorising"
    RETURNING_CARD = "returning_card"
    DISPENSING = "dispensing"
    TAKING_CASH = "taking_cash"
    STACKING = "stacking"
    UNSTACKING = "unstacking"
    RELEASING_CARD = "releasing_card"
    KEEPING_CARD = "keeping_card"
    PRESENTING = "presenting"
    PRESENTED = "presented"
    RETRACTING = "retracting"
    REJECTING = "rejecting"
    SETTLING = "settling"
    PRINTING = "printing"
    EJECTING_CARD = "ejecting_card"
    CAPTURING_CARD = "capturing_card"
    FINISHED = "finished"


class Event(StrEnum):
    """What can happen."""

    STARTED = "started"
    READY = "ready"
    NOT_READY = "not_ready"
    CARD_INSERTED = "card_inserted"
    CARD_ACCEPTED = "card_accepted"
    CARD_REJECTED = "card_rejected"
    AGREED = "agreed"
    PIN_ENTERED = "pin_entered"
    QUOTED = "quoted"
    WRONG_PIN = "wrong_pin"
    CASH_CHOSEN = "cash_chosen"
    CASH_REFUSED = "cash_refused"
    PAGE_TURNED = "page_turned"
    ASKED = "asked"
    ANSWERED = "answered"
    TYPING_CHOSEN = "typing_chosen"
    TYPED = "typed"
    PRINT_CHOSEN = "print_chosen"
    TRANSFER_CONFIRMED = "transfer_confirmed"
    TRANSFERRED = "transferred"
    MENU_CHOSEN = "menu_chosen"
    CARD_WANTED = "card_wanted"
    NEWS = "news"
    INFORMATION_CHOSEN = "information_chosen"
    INFORMATION_CLOSED = "information_closed"
    AMOUNT_CHOSEN = "amount_chosen"
    OTHER_CHOSEN = "other_chosen"
    AMOUNT_REFUSED = "amount_refused"
    CONFIRMED = "confirmed"
    BACK = "back"
    APPROVED = "approved"
    DECLINED = "declined"
    CAPTURE_ORDERED = "capture_ordered"
    CARD_TAKEN = "card_taken"
    CARD_LEFT = "card_left"
    CARD_CAPTURED = "card_captured"
    DISPENSED = "dispensed"
    NOTHING_DISPENSED = "nothing_dispensed"
    DISPENSE_UNKNOWN = "dispense_unknown"
    CASH_TAKEN = "cash_taken"
    CASH_LEFT = "cash_left"
    APPROVED_TO_STACK = "approved_to_stack"
    NOTES_STACKED = "notes_stacked"
    NOT_STACKED = "not_stacked"
    NOTES_PRESENTED = "notes_presented"
    NOT_PRESENTED = "not_presented"
    NOTES_LEFT = "notes_left"
    NOTES_ACCOUNTED = "notes_accounted"
    RATED = "rated"
    COPY_CHOSEN = "copy_chosen"
    SETTLED = "settled"
    PRINTED = "printed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    CARD_READER_FAULT = "card_reader_fault"
    PIN_PAD_FAULT = "pin_pad_fault"
    CASH_DISPENSER_FAULT = "cash_dispenser_fault"
    RECEIPT_PRINTER_FAULT = "receipt_printer_fault"
    HOST_LINE_FAULT = "host_line_fault"
    INTERNAL_FAULT = "internal_fault"
    JOURNAL_FAULT = "journal_fault"
    POWER_WARNING = "power_warning"


FAULTS = (
    Event.CARD_READER_FAULT,
    Event.PIN_PAD_FAULT,
    Event.CASH_DISPENSER_FAULT,
    Event.RECEIPT_PRINTER_FAULT,
    Event.HOST_LINE_FAULT,
    Event.INTERNAL_FAULT,
)
"""Faults of a device; a journal that can't be written is worse and has rows of its own."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: State
    event: Event
    dest: State
    effect: str


S, E = State, Event

_WITHOUT_CARD = (S.STARTING, S.PREPARING, S.OUT_OF_SERVICE, S.IDLE, S.INFORMATION, S.FINISHED)
_CUSTOMER_DECIDES = (S.NOTICE, S.PIN_ENTRY, S.MENU, S.PAGE, S.TYPING, S.AMOUNT, S.OTHER_AMOUNT, S.CONFIRMING)
_CARD_IN_NOTHING_HELD = (
    S.READING_CARD,
    *_CUSTOMER_DECIDES,
    S.QUOTING,
    S.ASKING,
    S.PRINTING_PAGE,
    S.TRANSFERRING,
    S.AUTHORISING,
)


def _rows(sources: Iterable[State], events: Iterable[Event], dest: State, effect: str) -> tuple[Transition, ...]:
    return tuple(Transition(source, event, dest, effect) for source in sources for event in events)


TRANSITIONS: tuple[Transition, ...] = (
    # between customers
    Transition(S.STARTING, E.STARTED, S.PREPARING, "prepare"),
    Transition(S.STARTING, E.NOT_READY, S.OUT_OF_SERVICE, "close"),
    Transition(S.PREPARING, E.READY, S.IDLE, "await_card"),
    Transition(S.PREPARING, E.NOT_READY, S.OUT_OF_SERVICE, "close"),
    Transition(S.OUT_OF_SERVICE, E.TIMED_OUT, S.STARTING, "start_up"),
    # without a card: the reader's job goes on
    Transition(S.IDLE, E.NEWS, S.IDLE, "show_idle"),
    Transition(S.IDLE, E.INFORMATION_CHOSEN, S.INFORMATION, "show_information"),
    Transition(S.INFORMATION, E.PAGE_TURNED, S.INFORMATION, "show_information"),
    Transition(S.INFORMATION, E.ASKED, S.INFORMATION, "ask_for_information"),
    Transition(S.INFORMATION, E.ANSWERED, S.INFORMATION, "show_information"),
    Transition(S.INFORMATION, E.PRINT_CHOSEN, S.INFORMATION, "print_information"),
    Transition(S.INFORMATION, E.PRINTED, S.INFORMATION, "show_information"),
    *_rows((S.INFORMATION,), (E.INFORMATION_CLOSED, E.CANCELLED, E.TIMED_OUT), S.IDLE, "show_idle"),
    # the card
    *_rows((S.IDLE, S.INFORMATION), (E.CARD_INSERTED,), S.READING_CARD, "show_reading"),
    Transition(S.READING_CARD, E.CARD_ACCEPTED, S.NOTICE, "show_notice"),
    Transition(S.READING_CARD, E.CARD_REJECTED, S.EJECTING_CARD, "return_card"),
    # the person
    Transition(S.NOTICE, E.AGREED, S.PIN_ENTRY, "ask_pin"),
    Transition(S.PIN_ENTRY, E.PIN_ENTERED, S.QUOTING, "quote"),
    Transition(S.QUOTING, E.QUOTED, S.MENU, "show_menu"),
    Transition(S.QUOTING, E.WRONG_PIN, S.PIN_ENTRY, "ask_pin"),
    Transition(S.QUOTING, E.DECLINED, S.EJECTING_CARD, "return_card"),
    Transition(S.QUOTING, E.CAPTURE_ORDERED, S.CAPTURING_CARD, "capture_card"),
    Transition(S.MENU, E.CASH_CHOSEN, S.AMOUNT, "ask_amount"),
    Transition(S.MENU, E.CASH_REFUSED, S.MENU, "explain_no_cash"),
    *_rows((S.MENU, S.PAGE), (E.PAGE_TURNED,), S.PAGE, "show_page"),
    *_rows((S.MENU, S.PAGE), (E.ASKED,), S.ASKING, "ask_service"),
    *_rows((S.MENU, S.PAGE), (E.CARD_WANTED,), S.EJECTING_CARD, "return_card"),
    Transition(S.PAGE, E.TYPING_CHOSEN, S.TYPING, "ask_digits"),
    Transition(S.PAGE, E.PRINT_CHOSEN, S.PRINTING_PAGE, "print_page"),
    Transition(S.PAGE, E.MENU_CHOSEN, S.MENU, "show_menu"),
    Transition(S.ASKING, E.ANSWERED, S.PAGE, "show_page"),
    *_rows((S.TYPING,), (E.TYPED, E.BACK), S.PAGE, "show_page"),
    Transition(S.PRINTING_PAGE, E.PRINTED, S.PAGE, "show_page"),
    Transition(S.AMOUNT, E.AMOUNT_CHOSEN, S.CONFIRMING, "ask_confirmation"),
    Transition(S.AMOUNT, E.OTHER_CHOSEN, S.OTHER_AMOUNT, "ask_other_amount"),
    Transition(S.OTHER_AMOUNT, E.AMOUNT_CHOSEN, S.CONFIRMING, "ask_confirmation"),
    Transition(S.OTHER_AMOUNT, E.AMOUNT_REFUSED, S.OTHER_AMOUNT, "ask_other_amount"),
    Transition(S.OTHER_AMOUNT, E.BACK, S.AMOUNT, "ask_amount"),
    Transition(S.CONFIRMING, E.BACK, S.AMOUNT, "ask_amount"),
    Transition(S.CONFIRMING, E.CONFIRMED, S.AUTHORISING, "authorise"),
    *_rows(_CUSTOMER_DECIDES, (E.CANCELLED, E.TIMED_OUT), S.EJECTING_CARD, "return_card"),
    # a transfer: what the host approves is paid, so nothing is held here, and no cash follows in the same visit
    Transition(S.PAGE, E.TRANSFER_CONFIRMED, S.TRANSFERRING, "transfer"),
    *_rows((S.TRANSFERRING,), (E.TRANSFERRED, E.DECLINED), S.PAGE, "show_page"),
    Transition(S.TRANSFERRING, E.WRONG_PIN, S.PIN_ENTRY, "ask_pin"),
    Transition(S.TRANSFERRING, E.CAPTURE_ORDERED, S.CAPTURING_CARD, "capture_card"),
    # the money
    Transition(S.AUTHORISING, E.APPROVED, S.RETURNING_CARD, "return_card_before_cash"),
    Transition(S.AUTHORISING, E.WRONG_PIN, S.PIN_ENTRY, "ask_pin"),
    Transition(S.AUTHORISING, E.AMOUNT_REFUSED, S.AMOUNT, "ask_amount"),
    Transition(S.AUTHORISING, E.DECLINED, S.EJECTING_CARD, "return_card"),
    Transition(S.AUTHORISING, E.CAPTURE_ORDERED, S.CAPTURING_CARD, "capture_card"),
    Transition(S.RETURNING_CARD, E.CARD_TAKEN, S.DISPENSING, "dispense"),
    Transition(S.RETURNING_CARD, E.CARD_LEFT, S.CAPTURING_CARD, "call_off_and_capture_card"),
    Transition(S.DISPENSING, E.DISPENSED, S.TAKING_CASH, "offer_cash"),
    Transition(S.DISPENSING, E.NOTHING_DISPENSED, S.SETTLING, "settle"),
    Transition(S.DISPENSING, E.DISPENSE_UNKNOWN, S.PRINTING, "suspend"),
    Transition(S.TAKING_CASH, E.CASH_TAKEN, S.SETTLING, "settle"),
    Transition(S.TAKING_CASH, E.CASH_LEFT, S.SETTLING, "settle"),
    # the money, with a stacker
    Transition(S.AUTHORISING, E.APPROVED_TO_STACK, S.STACKING, "stack"),
    Transition(S.STACKING, E.NOTES_STACKED, S.RELEASING_CARD, "return_card_before_cash"),
    Transition(S.STACKING, E.NOT_STACKED, S.UNSTACKING, "bring_notes_back"),
    Transition(S.UNSTACKING, E.NOTES_ACCOUNTED, S.EJECTING_CARD, "return_card"),
    Transition(S.RELEASING_CARD, E.CARD_TAKEN, S.PRESENTING, "present"),
    Transition(S.RELEASING_CARD, E.CARD_LEFT, S.KEEPING_CARD, "capture_card"),
    Transition(S.KEEPING_CARD, E.CARD_TAKEN, S.REJECTING, "bring_notes_back"),
    Transition(S.KEEPING_CARD, E.CARD_CAPTURED, S.REJECTING, "bring_notes_back"),
    Transition(S.PRESENTING, E.NOTES_PRESENTED, S.PRESENTED, "offer_presented_cash"),
    Transition(S.PRESENTING, E.NOT_PRESENTED, S.REJECTING, "bring_notes_back"),
    Transition(S.PRESENTING, E.NOTES_ACCOUNTED, S.SETTLING, "settle"),
    Transition(S.PRESENTED, E.NOTES_LEFT, S.RETRACTING, "retract"),
    Transition(S.PRESENTED, E.NOTES_ACCOUNTED, S.SETTLING, "settle"),
    Transition(S.RETRACTING, E.NOTES_ACCOUNTED, S.SETTLING, "settle"),
    Transition(S.REJECTING, E.NOTES_ACCOUNTED, S.SETTLING, "settle"),
    # how it ends
    Transition(S.SETTLING, E.SETTLED, S.PRINTING, "print_receipt"),
    Transition(S.PRINTING, E.PRINTED, S.FINISHED, "say_goodbye"),
    # the card at the end
    Transition(S.EJECTING_CARD, E.CARD_TAKEN, S.SETTLING, "settle"),
    Transition(S.EJECTING_CARD, E.CARD_LEFT, S.CAPTURING_CARD, "capture_card"),
    Transition(S.CAPTURING_CARD, E.CARD_TAKEN, S.SETTLING, "settle"),
    Transition(S.CAPTURING_CARD, E.CARD_CAPTURED, S.SETTLING, "settle"),
    Transition(S.FINISHED, E.RATED, S.FINISHED, "send_rating"),
    Transition(S.FINISHED, E.COPY_CHOSEN, S.FINISHED, "reprint_receipt"),
    Transition(S.FINISHED, E.PRINTED, S.FINISHED, "say_goodbye"),
    Transition(S.FINISHED, E.TIMED_OUT, S.PREPARING, "prepare"),
    # faults
    *_rows(_WITHOUT_CARD, FAULTS, S.OUT_OF_SERVICE, "close"),
    *_rows(_CARD_IN_NOTHING_HELD, FAULTS, S.EJECTING_CARD, "return_card"),
    *_rows((S.RETURNING_CARD,), FAULTS, S.OUT_OF_SERVICE, "call_off_and_close"),
    *_rows((S.DISPENSING,), FAULTS, S.PRINTING, "suspend"),
    *_rows((S.TAKING_CASH,), FAULTS, S.SETTLING, "settle"),
    *_rows((S.STACKING,), FAULTS, S.UNSTACKING, "bring_notes_back"),
    *_rows((S.UNSTACKING,), FAULTS, S.EJECTING_CARD, "return_card"),
    *_rows((S.RELEASING_CARD, S.KEEPING_CARD), FAULTS, S.OUT_OF_SERVICE, "bring_notes_back_and_close"),
    *_rows((S.PRESENTING, S.PRESENTED, S.RETRACTING, S.REJECTING), FAULTS, S.PRINTING, "suspend"),
    *_rows((S.SETTLING,), FAULTS, S.PRINTING, "print_receipt"),
    *_rows((S.PRINTING,), FAULTS, S.FINISHED, "say_goodbye"),
    *_rows((S.EJECTING_CARD, S.CAPTURING_CARD), FAULTS, S.OUT_OF_SERVICE, "close"),
    *_rows(State, (E.JOURNAL_FAULT,), S.OUT_OF_SERVICE, "stop"),
    *_rows(State, (E.POWER_WARNING,), S.OUT_OF_SERVICE, "await_power"),
)
