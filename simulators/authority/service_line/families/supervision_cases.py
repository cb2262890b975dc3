"""8611 to 8615: cases of the own region, reports from anybody, and the procedure after a violation."""

from typing import assert_never

from protocol.service_line import supervision_cases as wire
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.supervision import overlooks
from simulators.authority.service_line.families.told import of_supervision
from simulators.authority.service_line.refusal import refused
from simulators.authority.supervision.cases import (
    Case,
    add_note,
    all_cases,
    assign_case,
    close_case,
    escalate_case,
    events_of,
    find_case,
    read_report,
    take_case,
    take_report,
)
from simulators.authority.supervision.refusal import Refused as SupervisionRefused
from simulators.authority.supervision.violations import (
    freeze,
    give_notice,
    open_violation,
    penalise,
    recover,
    report_violation,
)
from simulators.authority.tables.supervision import CaseState


def cases(call: Call, body: wire.CasesInput) -> wire.CasesOutput:
    """Cases of the caller's region, by their deadline."""
    found = all_cases(call.connection, region=call.actor.region, subject=body.subject, still_open=body.still_open)
    wanted = sorted((each for each in found if not body.mine or each.owner == call.actor.id), key=lambda each: each.due)
    return wire.CasesOutput(cases=tuple(_shown(call, each) for each in wanted[: body.limit]))


def case(call: Call, body: wire.CaseInput) -> wire.CaseOutput:
    """One case with its events; a report's words for supervisors only. Raises Refused."""
    found = _own(call, body.case)
    statement = None
    if body.statement:
        try:
            statement = read_report(call.connection, call.rooms.hsm, call.actor, call.at, found.id)
        except SupervisionRefused as error:
            raise of_supervision(error) from None
    return wire.CaseOutput(
        case=_shown(call, found),
        events=tuple(
            wire.CaseOutput.Event(at=each.at, actor=each.actor, event=each.event, text=each.text)
            for each in events_of(call.connection, found.id)
        ),
        statement=statement,
    )


def act(call: Call, body: wire.ActInput) -> wire.ActOutput:
    """Take, assign, note, escalate, close. Raises Refused."""
    who = (call.connection, call.actor, call.at, body.case)
    try:
        match body.action:
            case wire.CaseAction.TAKE:
                take_case(*who)
            case wire.CaseAction.ASSIGN:
                assign_case(*who, body.to or "")
            case wire.CaseAction.NOTE:
                add_note(*who, body.text)
            case wire.CaseAction.ESCALATE:
                escalate_case(*who, body.text)
            case wire.CaseAction.CLOSE:
                close_case(*who, body.text)
            case _:
                assert_never(body.action)
        return wire.ActOutput(case=_shown(call, find_case(call.connection, body.case)))
    except SupervisionRefused as error:
        raise of_supervision(error) from None


def report(call: Call, body: wire.ReportInput) -> wire.ReportOutput:
    """Take in what somebody saw. Raises Refused."""
    try:
        made = take_report(
            call.connection,
            call.rooms.hsm,
            call.at,
            body.region,
            body.statement,
            about=body.about or "unknown",
            contact=body.contact,
            promotion=body.promotion,
        )
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return wire.ReportOutput(case=made)


def violation(call: Call, body: wire.ViolationInput) -> wire.ViolationOutput:
    """The next step, in a region that the caller oversees. Raises Refused."""
    order = None
    try:
        if body.step is wire.Step.OPEN:
            if body.psn_no is None:
                raise refused("number_unknown", "psn_no")
            opened = open_violation(call.connection, call.actor, call.at, int(body.psn_no), body.text)
            return wire.ViolationOutput(case=opened, step=body.step)
        if body.case is None:
            raise refused("number_unknown", "case")
        who = (call.connection, call.actor, call.at, _own(call, body.case).id)
        match body.step:
            case wire.Step.FREEZE:
                order = freeze(*who, body.text)
            case wire.Step.NOTICE:
                give_notice(*who, body.text)
            case wire.Step.RECOVERY:
                recover(*who, body.fen, body.text)
            case wire.Step.PENALTY:
                penalise(*who, body.fen, body.text, body.suspended_until)
            case wire.Step.REPORT:
                report_violation(*who, body.text)
            case _:
                assert_never(body.step)
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return wire.ViolationOutput(case=body.case, step=body.step, order=order)


def _own(call: Call, case_id: int) -> Case:
    """A case that the caller oversees. Raises Refused."""
    try:
        found = find_case(call.connection, case_id)
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    if not overlooks(call, found.region):
        raise refused("number_unknown", "case")
    return found


def _shown(call: Call, found: Case) -> wire.CaseShown:
    return wire.CaseShown(
        case=found.id,
        kind=found.kind,
        matter=found.matter,
        subject=found.subject,
        region=found.region,
        text=found.text,
        state=found.state,
        owner=found.owner,
        opened=found.opened_at,
        due=found.due,
        overdue=found.state is not CaseState.CLOSED and call.at > found.due,
        escalated=found.escalated_at,
        closed=found.closed_at,
        outcome=found.outcome,
    )


HANDLERS = (
    Handler(wire.CASES, cases),
    Handler(wire.CASE, case),
    Handler(wire.ACT, act),
    Handler(wire.REPORT, report),
    Handler(wire.VIOLATION, violation),
)
