"""8101 to 8105 and 9101: apply, supplement, change or withdraw, status, appeal, and documents."""

import base64
from collections.abc import Iterable

from protocol.service_line import applications as wire
from protocol.service_line import documents
from protocol.service_line.people import PersonInput
from protocol.service_line.policy import PayoutMode
from protocol.service_line.service import Caller
from protocol.service_line.values import Said
from simulators.authority.actors import Actor
from simulators.authority.applications.appeals import Appeal, Subject, file_appeal, subject_application, subject_refusal
from simulators.authority.applications.changes import change as change_form
from simulators.authority.applications.changes import supplement as add
from simulators.authority.applications.changes import withdraw
from simulators.authority.applications.documents import Paper, filed
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.problems import Refused as ApplicationRefused
from simulators.authority.applications.status import Status, Step, status_of, statuses
from simulators.authority.applications.store import Application, by_number
from simulators.authority.applications.submission import Accepted
from simulators.authority.applications.submission import apply as take_in
from simulators.authority.applications.texts import problem_text, table
from simulators.authority.invoices import objections
from simulators.authority.invoices.cases import find_case
from simulators.authority.invoices.refusal import Refused as InvoiceRefused
from simulators.authority.policy.words import Words
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_application
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.service_line.texts import DEFAULT_LANGUAGE, ENGLISH, both
from simulators.authority.supervision.refusal import Refused as SupervisionRefused
from simulators.authority.supervision.violations import appealable


def apply(call: Call, body: wire.ApplyInput) -> wire.ApplyOutput | Refused:
    """Take an application in, or say everything that is wrong with it."""
    known = body.mdtrt_cert_type is not None or call.who.caller is not Caller.TELLER
    person_id = call.person(body) if known else None
    actor = call.actor if person_id is None else call.acting(person_id)
    done = take_in(call.connection, call.rooms.office, body.form, call.channel, actor, call.at, person_id=person_id)
    return of_application(done) if isinstance(done, ApplicationRefused) else accepted(done)


def supplement(call: Call, body: wire.SupplementInput) -> wire.ApplyOutput | Refused:
    """Fill in what was called for."""
    found, actor = _own(call, body, body.number)
    done = add(call.connection, call.rooms.office, found.id, actor, call.at, fields=body.form)
    return of_application(done) if isinstance(done, ApplicationRefused) else accepted(done)


def change(call: Call, body: wire.ChangeInput) -> wire.ApplyOutput | Refused:
    """Withdraw an application, or change its form."""
    found, actor = _own(call, body, body.number)
    if body.action is wire.ChangeAction.WITHDRAW:
        gone = withdraw(call.connection, found.id, actor, call.at)
        return of_application(gone) if isinstance(gone, ApplicationRefused) else accepted(Accepted(gone))
    done = change_form(call.connection, call.rooms.office, found.id, body.form or wire.Form(), actor, call.at)
    return of_application(done) if isinstance(done, ApplicationRefused) else accepted(done)


def upload(call: Call, body: documents.UploadInput) -> documents.UploadOutput | Refused:
    """File one document of an application."""
    found, actor = _own(call, body, body.number)
    try:
        content = base64.b64decode(body.content, validate=True)
    except ValueError:
        raise refused("no_base64", "content") from None
    paper = Paper(body.kind, content, body.sha256, body.issued_on, body.valid_until)
    done = add(call.connection, call.rooms.office, found.id, actor, call.at, papers=[paper])
    if isinstance(done, ApplicationRefused):
        return of_application(done)
    newest = max(each.id for each in filed(call.connection, found.id))
    return documents.UploadOutput(
        document=newest, state=done.application.state, missing_documents=missing_documents(done.missing)
    )


def status(call: Call, body: wire.StatusInput) -> wire.StatusOutput:
    """One application, or all."""
    if body.number is None:
        found: Iterable[Status] = statuses(call.connection, call.rooms.office, call.person(body), call.at)
    else:
        mine, _ = _own(call, body, body.number)
        found = (status_of(call.connection, call.rooms.office, mine, call.at),)
    return wire.StatusOutput(applications=tuple(map(_shown, found)))


def appeal(call: Call, body: wire.AppealInput) -> wire.AppealOutput | Refused:
    """Take an objection in: to a decision on an application, or to a form that rules refused."""
    person_id = call.person(body)
    subject = _subject(call, body, person_id)
    actor: Actor = call.acting(person_id)
    done: Appeal | ApplicationRefused = file_appeal(
        call.connection, call.rooms.office, subject, body.grounds, actor, call.at
    )
    if isinstance(done, ApplicationRefused):
        return of_application(done)
    return wire.AppealOutput(number=done.number, due=done.due)


def accepted(done: Accepted) -> wire.ApplyOutput:
    """What the person is told of an application that was taken in."""
    made = done.application
    return wire.ApplyOutput(
        number=made.number,
        state=made.state,
        approved_fen=made.approved_fen,
        valid_until=made.valid_until,
        decision_due=made.review_due,
        missing_documents=missing_documents(done.missing),
        warnings=tuple(map(_said, done.warnings)),
    )


def missing_documents(kinds: Iterable[str]) -> tuple[wire.MissingDocument, ...]:
    """Kinds of documents with what people call them."""
    chinese, english = Words(DEFAULT_LANGUAGE), Words(ENGLISH)
    return tuple(wire.MissingDocument(kind=kind, text=chinese.name(kind), text_en=english.name(kind)) for kind in kinds)


def events(steps: Iterable[Step]) -> tuple[wire.HistoryEvent, ...]:
    """What happened, without anybody's name."""
    return tuple(wire.HistoryEvent(at=each.at, event=each.event, state=each.state, by=each.by) for each in steps)


def _said(problem: Problem) -> Said:
    return Said(text=problem_text(problem), text_en=problem_text(problem, ENGLISH))


def _own(call: Call, body: PersonInput, number: str) -> tuple[Application, Actor]:
    """The application with this number, which must be the person's, and who acts. Raises Refused."""
    person_id = call.person(body)
    found = by_number(call.connection, number)
    if found is None or found.person_id != person_id:
        raise refused("number_unknown", "number")
    return found, call.acting(person_id)


def _shown(status: Status) -> wire.ApplicationShown:
    found = status.application
    words, english = both(lambda language: table("state", language).get(found.state, found.state))
    return wire.ApplicationShown(
        number=found.number,
        state=found.state,
        state_text=words,
        state_text_en=english,
        purpose=found.purpose,
        detail=found.purpose_detail,
        place=found.place,
        mode=None if found.mode is None else PayoutMode(found.mode),
        asked_fen=found.asked_fen,
        approved_fen=found.approved_fen,
        remaining_fen=status.remaining_fen,
        submitted=found.submitted_at,
        decision_due=status.expected,
        valid_until=found.valid_until,
        payee_account=status.payee_account,
        missing_documents=missing_documents(status.missing),
        findings=tuple(map(_said, status.findings)),
        history=events(status.history),
    )


def _subject(call: Call, body: wire.AppealInput, person_id: int) -> Subject:
    """What is objected to. Raises Refused."""
    kind, _, name = body.subject.partition(":")
    try:
        match kind:
            case "application":
                return subject_application(call.connection, _own(call, body, name)[0].id)
            case "refusal":
                subject = subject_refusal(call.connection, int(name))
            case "settlement":
                policies = call.rooms.policies
                subject = objections.appealable(call.connection, policies, find_case(call.connection, policies, name))
            case "case":
                subject = appealable(call.connection, int(name))
            case _:
                raise LookupError
        if subject.person_id == person_id:
            return subject
    except (LookupError, ValueError, InvoiceRefused, SupervisionRefused):
        pass
    raise refused("number_unknown", "subject")


HANDLERS = (
    Handler(wire.APPLY, apply),
    Handler(wire.SUPPLEMENT, supplement),
    Handler(wire.CHANGE, change),
    Handler(wire.STATUS, status),
    Handler(wire.APPEAL, appeal),
    Handler(documents.UPLOAD, upload),
)
