"""Apply for a withdrawal with touches and digits, and see what became of it.

A kiosk has no keyboard: what needs words (a hospital that is not in its list, an agent) is for the site or a counter.
The payee is the bank account of the card that is inside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final, TypeVar

from protocol.service_line.applications import (
    APPLY,
    STATUS,
    ApplicationShown,
    ApplyInput,
    ApplyOutput,
    Declaration,
    Form,
    StatusInput,
    StatusOutput,
)
from protocol.service_line.policy import Purpose, PurposeDetail
from terminal.pages import policy
from terminal.pages.desk import Desk, known, said
from terminal.pages.page import Ask, Offer, Page, Print, Turn, Type, page, to_menu, turn
from terminal.slips import slip
from terminal.texts import region_words
from terminal.view import Entry, EntryKind, Fen, Screen, Table, View, Words

Code = TypeVar("Code", bound=str)

OWN_CARD: Final = "CARD"
"""Payee account: that of the own social-security card."""

DECLARATION: Final = "1"
"""Version of the declaration that `texts` has."""

AMOUNT_DIGITS, PHONE_DIGITS, DATE_DIGITS = 6, 11, 8

IN_HOSPITAL = (PurposeDetail.INPATIENT, PurposeDetail.SURGERY)
"""Treatments whose hospital and first day are to be told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been entered so far."""

    place: str = ""
    purpose: Purpose = Purpose.TREATMENT_AWAY
    detail: PurposeDetail = PurposeDetail.OTHER
    hospital: str | None = None
    begins: date | None = None
    yuan: int = 0
    phone: str = ""

    def form(self) -> Form:
        """The form of the service line."""
        return Form(
            phone=self.phone,
            place=self.place,
            hospital=self.hospital,
            purpose=self.purpose,
            detail=self.detail,
            reason=f"{self.purpose} {self.detail}",
            begins=self.begins,
            amount_fen=self.yuan * 100,
            payee_account=OWN_CARD,
            declaration=Declaration(version=DECLARATION, accepted=True),
        )


def offers(desk: Desk) -> Page:
    """Apply, or see how it stands."""
    return page(
        View(Screen.APPLICATION, Words("application.title"), (Words("application.intro"),), can_cancel=True),
        Offer("status", Words("application.status"), partial(ask_status, desk)),
        turn("apply", Words("application.apply"), partial(place, desk)),
        to_menu(),
    )


# The form, a page for each field


def place(desk: Desk) -> Page:
    """Where is the treatment?"""
    return policy.choose(desk, "application.place", lambda region: purpose(desk, Draft(region)), to_menu())


def purpose(desk: Desk, draft: Draft) -> Page:
    """What is the money for?"""
    return _choice(
        "application.purpose", "purpose", list(Purpose), lambda found: detail(desk, replace(draft, purpose=found))
    )


def detail(desk: Desk, draft: Draft) -> Page:
    """Which costs?"""

    def then(found: PurposeDetail) -> Page:
        chosen = replace(draft, detail=found)
        return hospital(desk, chosen) if found in IN_HOSPITAL else amount(desk, chosen)

    return _choice("application.detail", "detail", list(PurposeDetail), then)


def hospital(desk: Desk, draft: Draft) -> Page:
    """Which hospital? Only those that this kiosk knows can be told here."""
    lines = (Words("application.hospital_known" if desk.notices.hospitals else "application.hospital_elsewhere"),)
    return page(
        View(Screen.APPLY, Words("application.hospital"), lines, can_cancel=True),
        *(
            Offer(name, said(name), partial(_typed_date, desk, replace(draft, hospital=name)))
            for name in desk.notices.hospitals
        ),
        to_menu(),
    )


def amount(desk: Desk, draft: Draft, *hints: Words) -> Page:
    """How much?"""
    view = View(Screen.APPLY, Words("application.amount"), (Words("application.amount_how"),), can_cancel=True)

    def then(digits: str) -> Page:
        yuan = int(digits or "0")
        if yuan <= 0:
            return amount(desk, draft, Words("other_amount.zero"))
        return phone(desk, replace(draft, yuan=yuan))

    return _typing(view, AMOUNT_DIGITS, then).with_hints(*hints)


def phone(desk: Desk, draft: Draft, *hints: Words) -> Page:
    """How can the person be told?"""
    view = View(Screen.APPLY, Words("application.phone"), (Words("application.phone_how"),), can_cancel=True)

    def then(digits: str) -> Page:
        if len(digits) != PHONE_DIGITS or digits[0] != "1":
            return phone(desk, draft, Words("application.phone_wrong"))
        return declaration(desk, replace(draft, phone=digits))

    return _typing(view, PHONE_DIGITS, then).with_hints(*hints)


def declaration(desk: Desk, draft: Draft) -> Page:
    """The whole form to be checked, and the declaration to be made."""
    view = View(
        Screen.APPLY,
        Words("application.check"),
        (
            Words("application.is_place", {"place": region_words(draft.place)}),
            Words("application.is_purpose", {"purpose": known("purpose", draft.purpose)}),
            Words("application.is_detail", {"detail": known("detail", draft.detail)}),
            Words("application.is_amount", {"amount": Fen(draft.yuan * 100)}),
            Words("application.is_phone", {"phone": f"{draft.phone[:3]}****{draft.phone[-4:]}"}),
            Words("application.is_payee"),
            Words("application.declaration", {"version": DECLARATION}),
            Words("application.declared_truth"),
            Words("application.declared_use"),
        ),
        can_cancel=True,
    )
    again = turn("again", Words("application.again"), partial(place, desk))
    body = ApplyInput(**desk.me, form=draft.form())
    return page(
        view,
        Offer(
            "submit",
            Words("application.submit"),
            lambda: desk.asks(APPLY, body, partial(decided, desk), to_menu(), again),
        ),
        again,
        to_menu(),
    )


def decided(desk: Desk, found: ApplyOutput) -> Page:
    """What the authority says at once."""
    lines = [
        Words("application.number", {"number": said(found.number)}),
        Words("application.state", {"state": known("state", found.state)}),
    ]
    if found.approved_fen is not None:
        lines.append(Words("application.approved", {"amount": Fen(found.approved_fen)}))
    if found.valid_until is not None:
        lines.append(Words("application.valid_until", {"day": str(found.valid_until)}))
    if found.decision_due is not None:
        lines.append(Words("application.due", {"time": f"{found.decision_due:%Y-%m-%d %H:%M}"}))
    lines += [
        Words("application.missing", {"document": said(each.text, each.text_en)}) for each in found.missing_documents
    ]
    lines += [said(each.text, each.text_en) for each in found.warnings]
    lines.append(Words("application.next"))
    return _printable(desk, View(Screen.APPLICATION, Words("application.decided"), tuple(lines), can_cancel=True))


# How it stands


def ask_status(desk: Desk) -> Ask:
    """All applications of the person."""
    return desk.asks(STATUS, StatusInput(**desk.me), partial(status, desk), to_menu())


def status(desk: Desk, found: StatusOutput, first: int = 0) -> Page:
    """One application at a time, the newest first."""
    if not found.applications:
        view = View(Screen.APPLICATION, Words("application.status"), (Words("application.none"),), can_cancel=True)
        return page(view, turn("apply", Words("application.apply"), partial(place, desk)), to_menu())
    shown = found.applications[first]
    view = View(Screen.APPLICATION, Words("application.status"), _shown(shown), can_cancel=True, table=_history(shown))
    older = [turn("more", Words("application.older"), partial(status, desk, found, first + 1))]
    return _printable(desk, view, *(older if first + 1 < len(found.applications) else []))


def _shown(application: ApplicationShown) -> tuple[Words, ...]:
    lines = [
        Words("application.number", {"number": said(application.number)}),
        Words("application.state", {"state": said(application.state_text, application.state_text_en)}),
        Words("application.is_place", {"place": region_words(application.place)}),
        Words("application.is_purpose", {"purpose": known("purpose", application.purpose)}),
        Words("application.is_amount", {"amount": Fen(application.asked_fen)}),
    ]
    if application.approved_fen is not None:
        lines.append(Words("application.approved", {"amount": Fen(application.approved_fen)}))
    if application.remaining_fen is not None:
        lines.append(Words("application.remaining", {"amount": Fen(application.remaining_fen)}))
    if application.decision_due is not None:
        lines.append(Words("application.due", {"time": f"{application.decision_due:%Y-%m-%d %H:%M}"}))
    if application.valid_until is not None:
        lines.append(Words("application.valid_until", {"day": str(application.valid_until)}))
    lines += [
        Words("application.missing", {"document": said(each.text, each.text_en)})
        for each in application.missing_documents
    ]
    lines += [said(each.text, each.text_en) for each in application.findings]
    return tuple(lines)


def _history(application: ApplicationShown) -> Table | None:
    if not application.history:
        return None
    head = (Words("history.at"), Words("application.event"), Words("application.by"))
    return Table(
        head,
        tuple(
            (said(f"{event.at:%Y-%m-%d %H:%M}"), known("state", event.state), known("role", event.by))
            for event in application.history[-4:]
        ),
    )


# Helpers


def _choice(title: str, table: str, codes: Sequence[Code], then: Callable[[Code], Page]) -> Page:
    view = View(Screen.APPLY, Words(title), (Words("application.choose"),), can_cancel=True)
    return page(view, *(turn(code, known(table, code), partial(then, code)) for code in codes), to_menu())


def _typing(view: View, digits: int, then: Callable[[str], Page]) -> Page:
    """A page that leads to an entry on the PIN pad."""
    entry = replace(view, entry=Entry(EntryKind.NUMBER), choices=())
    return page(view, Offer("type", Words("choice.type"), lambda: Type(entry, digits, then)), to_menu())


def _typed_date(desk: Desk, draft: Draft) -> Turn:
    view = View(Screen.APPLY, Words("application.begins"), (Words("application.begins_how"),), can_cancel=True)

    def then(digits: str) -> Page:
        try:
            begins = date.fromisoformat(digits)
        except ValueError:
            return _typing(view, DATE_DIGITS, then).with_hints(Words("application.begins_wrong"))
        return amount(desk, replace(draft, begins=begins))

    return Turn(_typing(view, DATE_DIGITS, then))


def _printable(desk: Desk, view: View, *others: Offer) -> Page:
    printed = Offer("print", Words("choice.print"), lambda: Print(partial(slip, view, desk.notices, desk.now())))
    return page(view, *others, printed, to_menu())
