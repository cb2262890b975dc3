"""Money to the person's own bank account instead of notes: how much, a last look, and what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from protocol.money_line import AmountType
from terminal.host_answers import Transferred
from terminal.pages.desk import Desk
from terminal.pages.page import GoTo, Offer, Page, Print, Type, page, to_menu, turn
from terminal.slips import slip
from terminal.states import Event
from terminal.view import Entry, EntryKind, Fen, Screen, View, Words

AMOUNT_DIGITS: Final = 6

PAY: Final = "pay"


def amount(desk: Desk, *hints: Words) -> Page:
    """How much? What may be transferred, the host says when it is asked for it."""
    available = desk.visit.amounts.get(AmountType.AVAILABLE, 0)
    view = View(
        Screen.TRANSFER,
        Words("transfer.title"),
        (
            *hints,
            Words("transfer.payee"),
            Words("account.available", {"amount": Fen(available)}),
            Words("application.amount_how"),
        ),
        can_cancel=True,
    )

    def then(digits: str) -> Page:
        fen = int(digits or "0") * 100
        if fen <= 0:
            return amount(desk, Words("other_amount.zero"))
        if fen > available:
            return amount(desk, Words("transfer.too_much", {"maximum": Fen(available)}))
        return confirm(desk, fen)

    entry = replace(view, entry=Entry(EntryKind.NUMBER))
    return page(view, Offer("type", Words("choice.type"), lambda: Type(entry, AMOUNT_DIGITS, then)), to_menu())


def confirm(desk: Desk, fen: int) -> Page:
    """Last look before the money goes."""
    left = desk.visit.amounts.get(AmountType.LEDGER, 0) - fen

    def pay() -> GoTo:
        desk.visit.transfer_fen = fen
        return GoTo(Event.TRANSFER_CONFIRMED)

    view = View(
        Screen.TRANSFER,
        Words("transfer.check"),
        (
            Words("transfer.amount", {"amount": Fen(fen)}),
            Words("transfer.payee"),
            Words("transfer.balance_after", {"balance": Fen(left)}),
            Words("transfer.fraud"),
            Words("confirm.security"),
        ),
        can_cancel=True,
    )
    return page(
        view, Offer(PAY, Words("transfer.pay"), pay), turn("again", Words("choice.back"), partial(amount, desk))
    )


def done(desk: Desk, paid: Transferred) -> Page:
    """It is on the account; the slip has reference and check code."""
    lines = [
        Words("transfer.done", {"amount": Fen(paid.amount_fen)}),
        Words("transfer.to", {"payee": paid.payee or "****"}),
        Words("common.reference", {"reference": paid.reference}),
    ]
    if paid.check_code:
        lines.append(Words("transfer.check_code", {"code": paid.check_code}))
    if paid.available_fen is not None:
        lines.append(Words("account.available", {"amount": Fen(paid.available_fen)}))
    view = View(Screen.TRANSFER, Words("transfer.title"), tuple(lines), can_cancel=True)
    printed = Offer("print", Words("choice.print"), lambda: Print(partial(slip, view, desk.notices, desk.now())))
    return page(view, printed, _take_card())


def refused(desk: Desk, reasons: Sequence[Words]) -> Page:
    """Nothing was paid, for these reasons; something else can be done."""
    view = View(Screen.TRANSFER, Words("unavailable.title"), tuple(reasons), can_cancel=True)
    return page(view, turn("again", Words("transfer.other"), partial(amount, desk)), to_menu())


def over(reasons: Sequence[Words]) -> Page:
    """No clear answer: what may have been paid is given back. No other money is asked for in this visit."""
    lines = (*reasons, Words("transfer.reversed"))
    return page(View(Screen.TRANSFER, Words("unavailable.title"), lines, can_cancel=True), _take_card())


def _take_card() -> Offer:
    return Offer("return_card", Words("menu.return_card"), lambda: GoTo(Event.CARD_WANTED))
