"""8501 to 8506 and 9102: reviewers see what waits, look at documents, decide, and answer appeals."""

import base64
from datetime import datetime

from sqlalchemy import select

from protocol.service_line import documents as documents_wire
from protocol.service_line import review as wire
from simulators.authority.applications.appeals import Appeal, appeal_by_number, decide_appeal, grounds_of, take_in_hand
from simulators.authority.applications.documents import filed, look_at
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.problems import Refused as ApplicationRefused
from simulators.authority.applications.review import (
    approve,
    check_identity,
    may_review,
    reject,
    return_,
    take_up,
    too_near,
)
from simulators.authority.applications.status import status_of
from simulators.authority.applications.store import Application, by_id, by_number, in_states
from simulators.authority.applications.texts import has_text
from simulators.authority.invoices import objections
from simulators.authority.people.names import masked_id_number, masked_name
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.applications import events
from simulators.authority.service_line.families.told import of_application
from simulators.authority.service_line.refusal import Problem as LineProblem
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.tables.applications import (
    AppealState,
    ApplicationState,
    appeals,
    application_rules,
    payee_accounts,
)
from simulators.authority.tables.invoices import settlement_cases
from simulators.authority.tables.people import persons

WAITING = (ApplicationState.SUBMITTED, ApplicationState.UNDER_REVIEW)


def queue(call: Call, body: wire.QueueInput) -> wire.QueueOutput:
    """What waits in the reviewer's region, by its deadline."""
    found = [each for each in in_states(call.connection, WAITING) if may_review(each, call.actor)]
    found.sort(key=lambda each: (each.review_due is None, each.review_due or each.submitted_at, each.id))
    return wire.QueueOutput(waiting=tuple(_waiting(each, call.at) for each in found[: body.limit]))


def case(call: Call, body: wire.CaseInput) -> wire.CaseOutput | Refused:
    """Take an application up, when it was not yet, and see it."""
    found = _application(call, body.number)
    if found.state is ApplicationState.SUBMITTED:
        taken = take_up(call.connection, found.id, call.actor, call.at)
        if isinstance(taken, ApplicationRefused):
            return of_application(taken)
        found = taken
    elif (near := too_near(call.connection, found, call.actor, call.at)) is not None:
        return of_application(near)
    return _case(call, found)


def decide(call: Call, body: wire.DecideInput) -> wire.DecideOutput | Refused:
    """Approve, reject or return."""
    found, connection, office = _application(call, body.number), call.connection, call.rooms.office
    findings = [Problem(each.field, each.key) for each in body.findings]
    if untold := [each for each in findings if not has_text(each)]:
        return Refused(*(LineProblem("finding_unknown", "findings", value=f"{p.field}: {p.key}") for p in untold))
    match body.decision:
        case wire.Decision.APPROVE:
            done = approve(connection, office, found.id, call.actor, call.at, body.approved_fen)
        case wire.Decision.REJECT:
            done = reject(connection, found.id, findings, call.actor, call.at)
        case wire.Decision.RETURN:
            done = return_(connection, office, found.id, findings, call.actor, call.at)
    return _decided(done)


def identity(call: Call, body: wire.IdentityInput) -> wire.DecideOutput | Refused:
    """Somebody has looked at the person once more."""
    found = by_number(call.connection, body.number)
    if found is None:
        raise refused("number_unknown", "number")
    return _decided(check_identity(call.connection, found.id, body.method, call.actor, call.at, passed=body.passed))


def waiting_appeals(call: Call, body: wire.QueueInput) -> wire.AppealsOutput:
    """Appeals of the reviewer's region, by their deadline."""
    open_ = select(appeals.c.number).where(
        appeals.c.region == pooling_region(call.actor.region or "000000"),
        appeals.c.state.in_((AppealState.OPEN, AppealState.IN_HAND)),
    )
    numbers = call.connection.scalars(open_.order_by(appeals.c.due, appeals.c.id).limit(body.limit))
    found = [_appeal(call, number) for number in numbers]
    return wire.AppealsOutput(
        appeals=tuple(
            wire.AppealsOutput.Shown(
                number=each.number,
                subject=_subject(call, each.subject),
                state=each.state,
                grounds=grounds_of(call.rooms.hsm, each),
                filed=each.filed_at,
                due=each.due,
            )
            for each in found
        )
    )


def answer_appeal(call: Call, body: wire.AppealDecisionInput) -> wire.AppealDecisionOutput | Refused:
    """Take an appeal in hand, or answer it."""
    found = _appeal(call, body.number)
    if body.action is wire.AppealAction.TAKE:
        done = take_in_hand(call.connection, found, call.actor, call.at)
    else:
        upheld = body.action is wire.AppealAction.UPHOLD
        done = decide_appeal(call.connection, found, call.actor, call.at, upheld=upheld, outcome=body.outcome or "")
    if isinstance(done, ApplicationRefused):
        return of_application(done)
    return wire.AppealDecisionOutput(number=done.number, state=done.state)


def download(call: Call, body: documents_wire.DownloadInput) -> documents_wire.DownloadOutput | Refused:
    """Show a document to a reviewer; who looked is kept, also when it is refused."""
    try:
        shown = look_at(call.connection, call.rooms.hsm, body.document, call.actor, call.at)
    except LookupError:
        raise refused("number_unknown", "document") from None
    if isinstance(shown, ApplicationRefused):
        return of_application(shown)
    return documents_wire.DownloadOutput(
        document=shown.filed.id,
        kind=shown.filed.kind,
        media_type=shown.filed.media_type,
        content=base64.b64encode(shown.content).decode(),
        sha256=shown.filed.sha256,
        at=shown.filed.at,
    )


def _application(call: Call, number: str) -> Application:
    """One that the reviewer's region decides. Raises Refused."""
    found = by_number(call.connection, number)
    if found is None or not may_review(found, call.actor):
        raise refused("number_unknown", "number")
    return found


def _appeal(call: Call, number: str) -> Appeal:
    found = appeal_by_number(call.connection, number)
    if found is None:
        raise refused("number_unknown", "number")
    return found


def _subject(call: Call, subject: str) -> str:
    """What is objected to, by the number that people know."""
    kind, _, name = subject.partition(":")
    match kind:
        case "application":
            return f"application:{by_id(call.connection, int(name)).number}"
        case objections.KIND:
            number = select(settlement_cases.c.number).where(settlement_cases.c.id == int(name))
            return f"settlement:{call.connection.scalar(number)}"
        case _:
            return subject


def _waiting(found: Application, at: datetime) -> wire.Waiting:
    return wire.Waiting(
        number=found.number,
        state=found.state,
        lane=found.lane,
        purpose=found.purpose,
        place=found.place,
        asked_fen=found.asked_fen,
        submitted=found.submitted_at,
        due=found.review_due,
        overdue=found.review_due is not None and at > found.review_due,
        four_eyes=found.four_eyes,
        complete=found.complete,
    )


def _case(call: Call, found: Application) -> wire.CaseOutput:
    connection, hsm = call.connection, call.rooms.hsm
    form = form_of(connection, hsm, found.id, found.form_version)
    person = connection.execute(select(persons).where(persons.c.id == found.person_id)).mappings().one()
    payee = select(payee_accounts.c.masked_number).where(payee_accounts.c.id == found.payee_account_id)
    weighed = (
        select(application_rules)
        .where(application_rules.c.application_id == found.id)
        .order_by(application_rules.c.evaluation.desc(), application_rules.c.id)
    )
    rules = connection.execute(weighed).mappings().all()
    return wire.CaseOutput(
        number=found.number,
        state=found.state,
        person=masked_name(hsm.unseal(person["name_sealed"])),
        certno=masked_id_number(hsm.unseal(person["id_number_sealed"])),
        reason=form.reason or "",
        hospital=form.hospital,
        purpose=found.purpose,
        detail=found.purpose_detail,
        place=found.place,
        asked_fen=found.asked_fen,
        payee_account=connection.scalar(payee),
        four_eyes=found.four_eyes,
        step_up=found.step_up,
        due=found.review_due,
        documents=tuple(
            wire.DocumentShown(
                document=each.id,
                kind=each.kind,
                media_type=each.media_type,
                issued_on=each.issued_on,
                valid_until=each.valid_until,
            )
            for each in filed(connection, found.id)
        ),
        rules=tuple(
            wire.RuleOutcome(
                rule=each["rule"],
                region=each["region"],
                version=each["version"],
                basis=each["basis"],
                outcome=each["outcome"],
                value=each["value"],
            )
            for each in rules
            if each["evaluation"] == rules[0]["evaluation"]
        ),
        history=events(status_of(connection, call.rooms.office, found, call.at).history),
    )


def _decided(done: Application | ApplicationRefused) -> wire.DecideOutput | Refused:
    if isinstance(done, ApplicationRefused):
        return of_application(done)
    return wire.DecideOutput(
        number=done.number, state=done.state, approved_fen=done.approved_fen, valid_until=done.valid_until
    )


HANDLERS = (
    Handler(wire.QUEUE, queue),
    Handler(wire.CASE, case),
    Handler(wire.DECIDE, decide),
    Handler(wire.IDENTITY, identity),
    Handler(wire.APPEALS, waiting_appeals),
    Handler(wire.DECIDE_APPEAL, answer_appeal),
    Handler(documents_wire.DOWNLOAD, download),
)
