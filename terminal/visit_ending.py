"""How a visit can end, for the journal."""

from enum import StrEnum


class Ending(StrEnum):
    """How a visit ended."""

    PAID = "paid"
    TRANSFERRED = "transferred"  # to the person's own account; no cash was asked for
    PARTLY_PAID = "partly_paid"
    NOT_PAID = "not_paid"  # authorised, and given back: no note was within reach
    SUSPENSE = "suspense"  # nobody knows until the notes are counted
    RETRACTED = "retracted"  # not all notes were taken; the rest was taken back, and waits for a count
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    ENQUIRED = "enquired"  # the card was asked back; no money was asked for
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    CARD_REJECTED = "card_rejected"
    FAULT = "fault"
    INTERRUPTED = "interrupted"  # the kiosk stopped; no money was asked for
