"""8201 to 8206: invoices and settlement cases, from the first invoice to what is paid back."""

from protocol.service_line import invoices as wire
from simulators.authority.invoices.cases import Case, cases_of, extend
from simulators.authority.invoices.hand_in import Invoice, cancel_invoice, hand_in
from simulators.authority.invoices.refusal import Refused as InvoiceRefused
from simulators.authority.invoices.settle import repay, settle
from simulators.authority.invoices.words import result_text, state_text
from simulators.authority.policy.vocabulary import PurposeDetail
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_invoices
from simulators.authority.service_line.refusal import Refused
from simulators.authority.service_line.texts import both


def invoice(call: Call, body: wire.InvoiceInput) -> wire.InvoiceOutput | Refused:
    """Check an invoice and add it to its case; one that is refused is kept with its reasons."""
    person_id = call.person(body)
    given = Invoice(
        number=body.invoice,
        issued_on=body.issued_on,
        region=body.region or call.envelope.mdtrtarea_admvs,
        institution=body.institution,
        detail=PurposeDetail(body.detail),
        amount_fen=body.amount_fen,
        payer_name=body.payer_name,
        pooled_fen=body.reimbursed_fen,
        third_party=body.third_party,
        third_party_fen=body.third_party_fen,
    )
    rooms = call.rooms
    try:
        done = hand_in(
            call.connection, rooms.hsm, rooms.policies, call.actor, call.at, body.case, given, person_id=person_id
        )
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    return of_invoices(InvoiceRefused(done.problems)) if done.problems else wire.InvoiceOutput(case=_shown(done.case))


def settlement(call: Call, body: wire.SettleInput) -> wire.SettleOutput:
    """Settle a case of the reviewer's region on what was handed in. Raises Refused."""
    try:
        done = settle(call.connection, call.rooms.hsm, call.rooms.policies, call.actor, call.at, body.case)
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    text, english = both(lambda language: result_text(done.result, done.difference_fen, language))
    return wire.SettleOutput(
        case=_shown(done.case),
        result=wire.Settlement(done.result),
        reimbursable_fen=done.reimbursable_fen,
        self_paid_fen=done.self_paid_fen,
        advanced_fen=done.advanced_fen,
        difference_fen=done.difference_fen,
        text=text,
        text_en=english,
    )


def cases(call: Call, body: wire.CasesInput) -> wire.CasesOutput:
    """All cases of a person, those first that await something."""
    found = cases_of(call.connection, call.rooms.policies, call.person(body))
    return wire.CasesOutput(cases=tuple(_shown(case) for case in sorted(found, key=lambda case: case.is_settled)))


def extension(call: Call, body: wire.ExtendInput) -> wire.CaseOutput:
    """Put the due date off. Raises Refused."""
    try:
        case = extend(call.connection, call.rooms.policies, call.actor, call.at, body.case, body.reason)
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    return wire.CaseOutput(case=_shown(case))


def repayment(call: Call, body: wire.RepayInput) -> wire.CaseOutput:
    """Take back what a case asks for, from the person whose case it is. Raises Refused."""
    person_id = call.person(body)
    try:
        case = repay(
            call.connection, call.rooms.policies, call.actor, call.at, body.case, body.fen, person_id=person_id
        )
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    return wire.CaseOutput(case=_shown(case))


def cancellation(call: Call, body: wire.CancelInput) -> wire.CancelOutput:
    """An invoice proves nothing any more. Raises Refused."""
    try:
        touched = cancel_invoice(call.connection, call.rooms.hsm, call.actor, call.at, body.invoice, body.reason)
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    return wire.CancelOutput(cases=tuple(map(_shown, touched)))


def _shown(case: Case) -> wire.CaseShown:
    words, english = both(lambda language: state_text(case.state, language))
    return wire.CaseShown(
        case=case.number,
        state=case.state,
        state_text=words,
        state_text_en=english,
        opened=case.opened_on,
        due=case.due,
        paid_out_fen=case.advanced_fen,
        proven_fen=max(0, case.proven_fen),
        to_recover_fen=case.owed_fen,
    )


HANDLERS = (
    Handler(wire.INVOICE, invoice),
    Handler(wire.SETTLE, settlement),
    Handler(wire.CASES, cases),
    Handler(wire.EXTEND, extension),
    Handler(wire.REPAY, repayment),
    Handler(wire.CANCEL, cancellation),
)
