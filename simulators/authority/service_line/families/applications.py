"""8101, 8104 and 8105: apply, status, appeal."""

import json
from collections.abc import Iterable

from sqlalchemy import select

from protocol.service_line import applications as wire
from protocol.service_line.people import PersonInput
from protocol.service_line.policy import PayoutMode
from protocol.service_line.service import Caller
from simulators.authority.actors import Actor
from simulators.authority.applications.appeals import Appeal, Subject, file_appeal, subject_application, subject_refusal
from simulators.authority.applications.problems import Refused as ApplicationRefused
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import Application, HistoryEntry, by_number, history, of_person
from simulators.authority.applications.submission import Accepted
from simulators.authority.applications.submission import apply as take_in
from simulators.authority.policy.words import DEFAULT_LANGUAGE, Words
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import finding, of_application
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.service_line.texts import texts
from simulators.authority.tables.applications import payee_accounts


def apply(call: Call, body: wire.ApplyInput) -> wire.ApplyOutput | Refused:
    """Take an application in, or say everything that is wrong with it."""
    known = body.mdtrt_cert_type is not None or call.who.caller is not Caller.TELLER
    person_id = call.person(body) if known else None
    actor = call.actor if person_id is None else call.acting(person_id)
    done = take_in(call.connection, call.rooms.office, body.form, call.channel, actor, call.at, person_id=person_id)
    return of_application(done) if isinstance(done, ApplicationRefused) else accepted(done)


def status(call: Call, body: wire.StatusInput) -> wire.StatusOutput:
    """One application with its history, or all."""
    person_id = call.person(body)
    if body.number is None:
        found: Iterable[Application] = of_person(call.connection, person_id)
    else:
        found = (own_application(call, body, body.number),)
    return wire.StatusOutput(applications=tuple(_shown(call, each) for each in found))


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
        warnings=tuple(finding(each.field, each.key) for each in done.warnings),
    )


def missing_documents(kinds: Iterable[str]) -> tuple[wire.MissingDocument, ...]:
    """Kinds of documents with what people call them."""
    words = Words(DEFAULT_LANGUAGE)
    return tuple(wire.MissingDocument(kind=kind, text=words.name(kind)) for kind in kinds)


def own_application(call: Call, body: PersonInput, number: str) -> Application:
    """The application with this number, which must be the person's. Raises Refused."""
    found = by_number(call.connection, number)
    if found is None or found.person_id != call.person(body):
        raise refused("number_unknown", "number")
    return found


def events(entries: Iterable[HistoryEntry]) -> tuple[wire.HistoryEvent, ...]:
    """What happened, without anybody's name."""
    return tuple(wire.HistoryEvent(at=each.at, event=each.event, state=each.state, by=each.role) for each in entries)


def _shown(call: Call, found: Application) -> wire.ApplicationShown:
    happened = history(call.connection, found.id)
    masked = None
    if found.payee_account_id is not None:
        account = select(payee_accounts.c.masked_number).where(payee_accounts.c.id == found.payee_account_id)
        masked = call.connection.scalar(account)
    return wire.ApplicationShown(
        number=found.number,
        state=found.state,
        state_text=texts("states").get(found.state, found.state),
        purpose=found.purpose,
        detail=found.purpose_detail,
        place=found.place,
        mode=None if found.mode is None else PayoutMode(found.mode),
        asked_fen=found.asked_fen,
        approved_fen=found.approved_fen,
        submitted=found.submitted_at,
        decision_due=found.review_due,
        valid_until=found.valid_until,
        payee_account=masked,
        findings=_findings(happened),
        history=events(happened),
    )


def _findings(happened: Iterable[HistoryEntry]) -> tuple[str, ...]:
    """Why it was returned or rejected the last time."""
    told = [each for each in happened if each.event in (Event.RETURN, Event.REJECT)]
    if not told:
        return ()
    reasons = json.loads(str(told[-1].detail.get("reasons") or "[]"))
    return tuple(finding(str(field), str(key)) for field, key, *_ in reasons)


def _subject(call: Call, body: wire.AppealInput, person_id: int) -> Subject:
    """What is objected to. Raises Refused."""
    kind, _, name = body.subject.partition(":")
    try:
        match kind:
            case "application":
                return subject_application(call.connection, own_application(call, body, name).id)
            case "refusal":
                subject = subject_refusal(call.connection, int(name))
                if subject.person_id == person_id:
                    return subject
    except (LookupError, ValueError):
        pass
    raise refused("number_unknown", "subject")


HANDLERS = (Handler(wire.APPLY, apply), Handler(wire.STATUS, status), Handler(wire.APPEAL, appeal))
