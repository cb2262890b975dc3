"""Settlement cases and the invoices for them, handed in by their numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from protocol.service_line.invoices import (
    CASES,
    INVOICE,
    CaseShown,
    CasesInput,
    CasesOutput,
    InvoiceInput,
    InvoiceOutput,
)
from protocol.service_line.policy import PurposeDetail
from terminal.pages.desk import Desk, known, said
from terminal.pages.page import Ask, Offer, Page, Print, Type, page, to_menu, turn
from terminal.slips import slip
from terminal.view import Entry, EntryKind, Fen, Screen, View, Words

NUMBER_DIGITS, AMOUNT_DIGITS, DATE_DIGITS = 20, 7, 8
"""Electronic invoices of hospitals have numbers of up to 20 digits; amounts are typed in whole fen."""

ON_A_SCREEN = 6

ON_THE_PAPER = "见票面"
"""What is told of an institution whose name can't be typed here."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been entered so far."""

    case: str
    detail: PurposeDetail = PurposeDetail.OTHER
    invoice: str = ""
    issued_on: date | None = None
    amount_fen: int = 0


def ask(desk: Desk) -> Ask:
    """The cases of the person."""
    return desk.asks(CASES, CasesInput(**desk.me), partial(cases, desk), to_menu())


def cases(desk: Desk, found: CasesOutput) -> Page:
    """Each payout has a case: what is due, and what has been proven."""
    if not found.cases:
        view = View(Screen.INVOICES, Words("invoices.title"), (Words("invoices.none"),), can_cancel=True)
        return page(view, to_menu())
    view = View(Screen.INVOICES, Words("invoices.title"), (Words("invoices.choose"),), can_cancel=True)
    return page(
        view,
        *(
            turn(
                case.case,
                Words("invoices.case", {"amount": Fen(case.paid_out_fen), "due": str(case.due)}),
                partial(shown, desk, case),
            )
            for case in found.cases[:ON_A_SCREEN]
        ),
        to_menu(),
    )


def shown(desk: Desk, case: CaseShown) -> Page:
    """One case."""
    lines = [
        Words("invoices.number", {"number": said(case.case)}),
        Words("invoices.state", {"state": said(case.state_text, case.state_text_en)}),
        Words("invoices.due", {"due": str(case.due)}),
        Words("invoices.paid_out", {"amount": Fen(case.paid_out_fen)}),
        Words("invoices.proven", {"amount": Fen(case.proven_fen)}),
    ]
    if case.to_recover_fen:
        lines.append(Words("invoices.recover", {"amount": Fen(case.to_recover_fen)}))
    view = View(Screen.INVOICES, Words("invoices.title"), tuple(lines), can_cancel=True)
    return page(
        view,
        turn("hand_in", Words("invoices.hand_in"), partial(detail, desk, Draft(case.case))),
        Offer("print", Words("choice.print"), lambda: Print(partial(slip, view, desk.notices, desk.now()))),
        to_menu(),
    )


def detail(desk: Desk, draft: Draft) -> Page:
    """What is the invoice for?"""
    view = View(Screen.INVOICES, Words("invoices.detail"), (Words("application.choose"),), can_cancel=True)
    return page(
        view,
        *(
            turn(code, known("detail", code), partial(number, desk, replace(draft, detail=code)))
            for code in PurposeDetail
        ),
        to_menu(),
    )


def number(desk: Desk, draft: Draft) -> Page:
    """Its number."""

    def then(digits: str) -> Page:
        return issued(desk, replace(draft, invoice=digits)) if digits else number(desk, draft)

    return _typing("invoices.invoice", "invoices.invoice_how", NUMBER_DIGITS, then)


def issued(desk: Desk, draft: Draft) -> Page:
    """Its day."""

    def then(digits: str) -> Page:
        try:
            day = date.fromisoformat(digits)
        except ValueError:
            return issued(desk, draft).with_hints(Words("application.begins_wrong"))
        return amount(desk, replace(draft, issued_on=day))

    return _typing("invoices.issued", "application.begins_how", DATE_DIGITS, then)


def amount(desk: Desk, draft: Draft) -> Page:
    """Its amount, in fen: a PIN pad has no decimal point."""

    def then(digits: str) -> Page:
        fen = int(digits or "0")
        return declare(desk, replace(draft, amount_fen=fen)) if fen else amount(desk, draft)

    return _typing("invoices.amount", "invoices.amount_how", AMOUNT_DIGITS, then)


def declare(desk: Desk, draft: Draft) -> Page:
    """Has somebody else paid of it? The name on it is the person's own, as the card says."""
    view = View(
        Screen.INVOICES,
        Words("invoices.check"),
        (
            Words("invoices.is_number", {"number": said(draft.invoice)}),
            Words("invoices.is_issued", {"day": str(draft.issued_on)}),
            Words("invoices.is_amount", {"amount": Fen(draft.amount_fen)}),
            Words("invoices.third_party"),
        ),
        can_cancel=True,
    )
    again = turn("again", Words("application.again"), partial(detail, desk, Draft(draft.case)))
    return page(
        view,
        *(
            Offer(name, Words(f"invoices.{name}"), partial(_handed_in, desk, draft, again, third_party=other))
            for name, other in (("only_me", False), ("others", True))
        ),
        again,
        to_menu(),
    )


def _handed_in(desk: Desk, draft: Draft, again: Offer, *, third_party: bool) -> Ask:
    card = desk.visit.card
    assert draft.issued_on is not None, "the page before has asked for it"
    body = InvoiceInput(
        **desk.me,
        case=draft.case,
        invoice=draft.invoice,
        issued_on=draft.issued_on,
        amount_fen=draft.amount_fen,
        detail=draft.detail,
        payer_name=(card.name if card is not None else "") or ON_THE_PAPER,
        institution=ON_THE_PAPER,
        third_party=third_party,
    )
    return desk.asks(INVOICE, body, partial(taken, desk), to_menu(), again)


def taken(desk: Desk, found: InvoiceOutput) -> Page:
    """The case with this invoice in it."""
    return shown(desk, found.case).with_hints(Words("invoices.taken"))


def _typing(title: str, how: str, digits: int, then: Callable[[str], Page]) -> Page:
    view = View(Screen.INVOICES, Words(title), (Words(how),), can_cancel=True)
    entry = replace(view, entry=Entry(EntryKind.NUMBER))
    return page(view, Offer("type", Words("choice.type"), lambda: Type(entry, digits, then)), to_menu())
