"""What each screen says: pure functions from what the session knows to a `View`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from protocol.money_line import AmountType
from terminal.card import Rejection
from terminal.equipment import Equipment, Notices
from terminal.money_line import Declined, NoAnswer, Quote
from terminal.opening import Opening
from terminal.states import FAULTS, Event
from terminal.texts import code_words, region_words, rule_words
from terminal.view import Choice, Entry, EntryKind, Fen, Screen, View, Words
from terminal.visit import Ending, Visit

NOT_TOLD: Final = Opening()

FIRST_TEXTS: Final = ("process", "limits", "cautions")
"""What somebody who comes for the first time acknowledges as well."""

AGREE = "agree"
OTHER = "other"
BACK = "back"
CONFIRM = "confirm"
CASH = "cash"
RATE = "rate:"
REPRINT = "reprint"
INFORMATION = "information"
AMOUNT = "amount:"
"""The choices; that of an amount is followed by the amount in fen."""


def starting() -> View:
    """Devices, journal and host line come up."""
    return View(Screen.STARTING, Words("starting.title"), (Words("starting.devices"),))


def out_of_service(reason: str, notices: Notices, *, card_inside: bool = False) -> View:
    """No service; `reason` is a key of the texts under `out_of_service`."""
    hotline = {"hotline": notices.hotline}
    lines = [Words("out_of_service.sorry"), Words(f"out_of_service.{reason}")]
    if card_inside:
        lines.append(Words("out_of_service.card_inside", hotline))
    return View(
        Screen.OUT_OF_SERVICE, Words("out_of_service.title"), (*lines, Words("out_of_service.hotline", hotline))
    )


def idle(
    notices: Notices,
    denominations_fen: Sequence[int],
    *,
    receipt_hint: Words | None = None,
    opening: Opening = NOT_TOLD,
    now: datetime | None = None,
) -> View:
    """A card is invited. Without paper the person learns it before, not after; so it is with hours and news."""
    closed = None if now is None else opening.closed_until(now)
    notes = " / ".join(str(denomination // 100) for denomination in denominations_fen)
    return View(
        Screen.IDLE,
        Words("idle.title"),
        (
            Words("idle.insert_card"),
            Words("idle.hours", {"hours": opening.hours() or notices.hours}),
            *([] if closed is None else [Words("idle.closed", {"opens": f"{closed:%Y-%m-%d %H:%M}"})]),
            Words("idle.notes", {"notes": notes}),
            *([] if receipt_hint is None else [receipt_hint]),
            Words("idle.safety"),
            Words("idle.hotline", {"hotline": notices.hotline}),
            Words("idle.terminal", {"terminal": notices.terminal_id}),
            *opening.notices(),
        ),
        choices=(Choice(INFORMATION, Words("choice.information")),),
    )


def receipt_hint(screen: str, equipment: Equipment) -> Words | None:
    """What is to be known of the paper before money is asked for; `screen` is a table of the texts."""
    if not equipment.receipts:
        return Words(f"{screen}.no_receipt")
    return Words(f"{screen}.paper_low") if equipment.paper_low else None


def help_lines(notices: Notices) -> tuple[Words, ...]:
    """What stands behind the help key: the hotline, and what to tell it. A call from here names the terminal."""
    return (
        Words("help.call", {"hotline": notices.hotline}),
        Words("help.tell", {"terminal": notices.terminal_id}),
        Words("help.nothing_lost"),
        Words("help.topics"),
        Words("help.close"),
    )


def reading_card() -> View:
    """The card is on its way in."""
    return View(Screen.READING_CARD, Words("reading_card.title"), (Words("reading_card.wait"),))


def notice(notices: Notices, visit: Visit, *, receipt_hint: Words | None = None) -> View:
    """The warning that has to be acknowledged, the first time with process, limits and cautions.

    Outside the hours, here or at home, it says before the PIN that there is no cash, and when there will be some. Where
    there may be no receipt, who goes on knows it.
    """
    closed = _closed(visit)
    texts = tuple(Words(f"notice.{text}") for text in FIRST_TEXTS) if visit.first_time else ()
    agree = "choice.enquire" if closed else "choice.agree" if receipt_hint is None else "choice.agree_without"
    lines = ("fraud", "own_card", "purpose", "policy", "privacy", "pin")
    return View(
        Screen.NOTICE,
        Words("notice.title"),
        (
            *closed,
            *(() if receipt_hint is None else (receipt_hint,)),
            *(Words(f"notice.{line}") for line in lines),
            *texts,
            Words("notice.version", {"version": notices.notice_version}),
        ),
        (Choice(AGREE, Words(agree)),),
        can_cancel=True,
    )


def _closed(visit: Visit) -> tuple[Words, ...]:
    found = []
    if (opens := visit.closed_until) is not None:
        found.append(Words("notice.closed", {"opens": f"{opens:%Y-%m-%d %H:%M}"}))
    if (opens := visit.closed_at_home_until) is not None:
        home = region_words(visit.card.region if visit.card else "")
        found.append(Words("notice.closed_at_home", {"region": home, "opens": f"{opens:%Y-%m-%d %H:%M}"}))
    return tuple(found)


def pin(tries_left: int | None) -> View:
    """PIN entry; `tries_left` after a wrong one."""
    lines = [Words("pin.enter"), Words("pin.cover")]
    if tries_left is not None:
        lines = [Words("pin.wrong"), Words("pin.tries_left", {"tries": tries_left}), *lines]
    return View(Screen.PIN, Words("pin.title"), tuple(lines), entry=Entry(EntryKind.PIN), can_cancel=True)


def please_wait(what: str) -> View:
    """Work that the customer waits for; `what` is a key of the texts under `please_wait`."""
    return View(Screen.PLEASE_WAIT, Words("please_wait.title"), (Words(f"please_wait.{what}"),))


def amount(quote: Quote, offers: Sequence[int], *, limited_by_notes: bool, hint: Words | None = None) -> View:
    """Amounts that the person may draw and the notes left can make (fen)."""
    lines = [
        Words("amount.balance", {"balance": Fen(quote.amounts.get(AmountType.LEDGER, quote.available))}),
        Words("amount.available", {"available": Fen(quote.available)}),
        Words("amount.maximum", {"maximum": Fen(quote.maximum)}),
        *(Words("amount.limited_by", {"rule": rule_words(rule.rule)}) for rule in quote.rules),
        Words("amount.notes"),
    ]
    if limited_by_notes:
        lines.append(Words("amount.limited_by_notes"))
    return View(
        Screen.AMOUNT,
        Words("amount.title"),
        tuple(lines if hint is None else [hint, *lines]),
        (
            *(Choice(f"{AMOUNT}{fen}", Words("choice.amount", {"amount": Fen(fen)})) for fen in offers),
            Choice(OTHER, Words("choice.other_amount")),
        ),
        can_cancel=True,
    )


def other_amount(maximum: int, step: int, hint: Words | None) -> View:
    """Amount entry; `hint` says what was wrong with the last one."""
    return View(
        Screen.OTHER_AMOUNT,
        Words("other_amount.title"),
        (
            *([] if hint is None else [hint]),
            Words("other_amount.enter"),
            Words("other_amount.maximum", {"maximum": Fen(maximum)}),
            Words("other_amount.step", {"step": step // 100}),
        ),
        entry=Entry(EntryKind.AMOUNT),
        can_cancel=True,
    )


def confirm(
    amount_fen: int,
    quote: Quote,
    notices: Notices,
    *,
    receipt_hint: Words | None = None,
    opening: Opening = NOT_TOLD,
) -> View:
    """Last look: the amount, and what is left of balance and limits afterwards.

    The limit of one draw is the strictest that counts here, whatever it comes from.
    """
    left = (
        (AmountType.LEDGER, "confirm.balance_after", "balance"),
        (AmountType.REST_OF_DAY, "confirm.day_left", "left"),
        (AmountType.REST_OF_YEAR, "confirm.annual_left", "left"),
        (AmountType.REST_OF_APPLICATION, "confirm.application_left", "left"),
    )
    return View(
        Screen.CONFIRM,
        Words("confirm.title"),
        (
            Words("confirm.amount", {"amount": Fen(amount_fen)}),
            *(
                Words(key, {name: Fen(quote.amounts[kind] - amount_fen)})
                for kind, key, name in left
                if kind in quote.amounts
            ),
            Words("confirm.single_left", {"limit": Fen(quote.maximum), "left": Fen(quote.maximum - amount_fen)}),
            Words("confirm.security"),
            Words("confirm.hours", {"hours": opening.hours() or notices.hours}),
            Words("confirm.card_first"),
            *([] if receipt_hint is None else [receipt_hint]),
        ),
        (Choice(CONFIRM, Words("choice.confirm")), Choice(BACK, Words("choice.back"))),
        can_cancel=True,
    )


def take_card(reasons: Sequence[Words] = (), *, cash_follows: bool = False) -> View:
    """The card is at the slot; `reasons` say why there is no cash."""
    after = Words("take_card.before_cash" if cash_follows else "take_card.end")
    return View(Screen.TAKE_CARD, Words("take_card.title"), (*reasons, after, Words("take_card.warning")))


def card_forgotten(view: View) -> View:
    """Half the time is over."""
    return replace(view, lines=(Words("take_card.left"), *view.lines))


def take_cash(amount_fen: int, notes: str) -> View:
    """The notes are in reach; `notes` like `5 x 100`."""
    return View(
        Screen.TAKE_CASH,
        Words("take_cash.title"),
        (Words("take_cash.amount", {"amount": Fen(amount_fen)}), Words("take_cash.notes", {"notes": notes})),
    )


def take_cash_in_time(amount_fen: int, notes: str) -> View:
    """As `take_cash`, where notes that are not taken go back."""
    view = take_cash(amount_fen, notes)
    return replace(view, lines=(*view.lines, Words("take_cash.warning")))


def goodbye(visit: Visit, notices: Notices, *, rateable: bool = False, copies: bool = False) -> View:
    """The last screen: what became of the money and the card, and what the receipt would have said.

    Where it is `rateable`, who wants to can say how it was; the answer is kept without a name. With `copies` the
    receipt can be had once more.
    """
    stars = tuple(Choice(f"{RATE}{n}", Words("choice.stars", {"stars": n})) for n in range(1, 6)) if rateable else ()
    offers = (*stars, *((Choice(REPRINT, Words("choice.reprint")),) if copies else ()))
    withdrawal, hotline = visit.withdrawal, {"hotline": notices.hotline}
    approval = withdrawal.approval if withdrawal else None
    lines = [*visit.reasons]
    if withdrawal is not None and visit.ending in _MONEY_LINES:
        amounts = {"amount": Fen(withdrawal.amount_fen), "asked": Fen(withdrawal.amount_fen)}
        lines.append(Words(_MONEY_LINES[visit.ending], {**amounts, "paid": Fen(withdrawal.paid_fen or 0)}))
    if approval is not None:
        shown = "finished.reference" if visit.receipt_printed else "finished.no_receipt"
        lines.append(Words(shown, {"reference": approval.reference}))
    case = [] if approval is not None else _case(visit, notices)
    lines += case
    if visit.card_retained:
        lines += [Words("finished.card_retained"), Words("finished.get_card_back", hotline)]
    if visit.receipt_printed:
        lines.append(Words("finished.receipt"))
    if visit.copy_printed is not None:
        lines.append(Words("finished.copy_printed" if visit.copy_printed else "finished.copy_failed"))
    if (paid := visit.transferred) is not None:
        lines.append(Words("transfer.done", {"amount": Fen(paid.amount_fen)}))
        lines.append(Words("common.reference", {"reference": paid.reference}))
    if visit.ending in (Ending.PAID, Ending.PARTLY_PAID, Ending.TRANSFERRED, Ending.ENQUIRED):
        return View(Screen.FINISHED, Words("finished.title"), (*lines, Words("finished.thanks")), offers)
    ask = "sorry.hotline" if case or approval is not None else "common.hotline"
    return View(Screen.SORRY, Words("sorry.title"), (*lines, Words(ask, hotline)), offers)


def _case(visit: Visit, notices: Notices) -> list[Words]:
    """By what a counter finds what was refused: the host's reference, or else our trace number."""
    refusal = visit.refusal
    if refusal is None or visit.ending not in (Ending.DECLINED, Ending.NO_ANSWER):
        return []
    if isinstance(refusal, Declined) and refusal.reference:
        return [Words("sorry.reference", {"reference": refusal.reference})]
    if refusal.stan is not None:
        return [Words("sorry.trace", {"stan": f"{refusal.stan:06d}", "terminal": notices.terminal_id})]
    return []


def ended(cause: Event | None) -> tuple[Words, ...]:
    """Why a visit ends before the host was asked for money; nothing where the job has said it."""
    match cause:
        case Event.CANCELLED:
            return (Words("sorry.cancelled"),)
        case Event.TIMED_OUT:
            return (Words("sorry.timed_out"),)
        case _ if cause in FAULTS:
            return (Words("sorry.device"),)
        case _:
            return ()


def nothing_to_pay(quote: Quote) -> tuple[Words, ...]:
    """Why there is no amount to offer."""
    if quote.maximum > 0:
        return (Words("amount.nothing"),)
    return (code_words("51"), Words("sorry.available", {"available": Fen(quote.available)}))


def refused(answer: Declined | NoAnswer) -> tuple[Words, ...]:
    """Why the host refused, by its code and by the rules it names."""
    if isinstance(answer, NoAnswer):
        return (Words("sorry.host_unreachable"),)
    return (
        code_words(answer.host_code),
        *(
            Words(
                "sorry.rule",
                {"region": region_words(rule.region), "rule": rule_words(rule.rule), "version": rule.version},
            )
            for rule in answer.rules
        ),
    )


def no_notes() -> tuple[Words, ...]:
    """Notes were approved, and the dispenser could not bring them."""
    return (Words("sorry.no_notes"),)


def card_rejected(rejection: Rejection) -> tuple[Words, ...]:
    """Why this card can't be used."""
    return (Words(f"card.{rejection}"),)


def card_unreadable() -> tuple[Words, ...]:
    """Nothing on the card could be read."""
    return (Words("card.unreadable"),)


_MONEY_LINES = {
    Ending.PAID: "finished.paid",
    Ending.PARTLY_PAID: "finished.partly_paid",
    Ending.NOT_PAID: "finished.not_paid",
    Ending.NO_ANSWER: "finished.not_paid",
    Ending.SUSPENSE: "finished.suspense",
    Ending.RETRACTED: "finished.cash_retracted",
}
