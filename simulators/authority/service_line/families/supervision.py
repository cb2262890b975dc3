"""8601 to 8607: supervisors look at the register of withdrawals, and order what counts on the next message."""

from protocol.service_line import supervision as wire
from protocol.service_line.information import Done
from simulators.authority.invoices.cases import find_case
from simulators.authority.invoices.penalties import enter_credit_record, suspend_settlement
from simulators.authority.invoices.refusal import Refused as InvoiceRefused
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_invoices, of_supervision
from simulators.authority.service_line.refusal import refused
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.orders import Subject, Target, lift, order, orders_of, region_of
from simulators.authority.supervision.refusal import Refused as SupervisionRefused
from simulators.authority.supervision.register import hops, withdrawal, withdrawals
from simulators.authority.tables.invoices import CreditEvent
from simulators.authority.tables.supervision import Measure


def register(call: Call, body: wire.RegisterInput) -> wire.RegisterOutput:
    """Requests for money, insured or asked for in the caller's region; that somebody looked is on record."""
    listed = withdrawals(
        call.connection,
        person_id=None if body.psn_no is None else int(body.psn_no),
        region=body.region,
        provider=body.provider,
        terminal=body.terminal,
        first=body.first,
        last=body.last,
        cross_city=body.cross_city,
    )
    found = [each for each in listed if overlooks(call, each.place, each.home)]
    note(call.connection, call.at, call.actor, "looked at the register", "register:withdrawals")
    return wire.RegisterOutput(
        withdrawals=tuple(
            wire.Withdrawal(
                trace=each.trace,
                at=each.at,
                asked=each.asked,
                channel=each.channel,
                psn_no=None if each.person_id is None else str(each.person_id),
                home=each.home,
                place=each.place,
                provider=each.provider,
                terminal=each.terminal,
                amount_fen=each.amount_fen,
                code=each.code,
                risk=each.risk,
                state=each.state,
                paid_fen=max(0, each.paid_fen),
                purpose=each.purpose,
            )
            for each in found[: body.limit]
        )
    )


def measure(call: Call, body: wire.OrderInput) -> wire.OrderOutput:
    """Order a measure. Raises Refused."""
    digits = {wire.Target.REGION: 6, wire.Target.PERSON: 9}.get(body.target)
    if digits is not None and not (body.id.isascii() and body.id.isdecimal() and len(body.id) <= digits):
        raise refused("number_unknown", "id")
    if body.target is wire.Target.REGION and len(body.id) != digits:
        raise refused("number_unknown", "id")
    name = pooling_region(body.id) if body.target is wire.Target.REGION else body.id
    subject = Subject(Target(body.target), name)
    try:
        made = order(
            call.connection, call.actor, call.at, subject, Measure(body.measure), body.reason, to_at=body.until
        )
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return wire.OrderOutput(order=made)


def end(call: Call, body: wire.LiftInput) -> Done:
    """End a measure before its time. Raises Refused."""
    try:
        lift(call.connection, call.actor, call.at, body.order)
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return Done()


def listed(call: Call, body: wire.OrdersInput) -> wire.OrdersOutput:
    """Orders in the caller's region, newest first."""
    subject = None if body.target is None or body.id is None else Subject(Target(body.target), body.id)
    found = [
        each
        for each in reversed(orders_of(call.connection, subject))
        if overlooks(call, region_of(call.connection, each.subject))
        and body.target in (None, wire.Target(each.subject.target))
        and (not body.in_force or each.counts_at(call.at))
    ]
    return wire.OrdersOutput(
        orders=tuple(
            wire.OrderShown(
                order=each.id,
                target=wire.Target(each.subject.target),
                id=each.subject.id,
                measure=wire.Measure(each.measure),
                reason=each.reason,
                begins=each.from_at,
                until=each.to_at,
                ordered_by=each.ordered_by,
                lifted=each.lifted_at,
                lifted_by=each.lifted_by,
            )
            for each in found[: body.limit]
        )
    )


def way(call: Call, body: wire.HopsInput) -> wire.HopsOutput:
    """Every party that a request passed. Raises Refused."""
    found = withdrawal(call.connection, body.trace)
    if found is None or not overlooks(call, found.place, found.home):
        raise refused("number_unknown", "trace")
    note(call.connection, call.at, call.actor, "looked at the register", f"trace:{body.trace}")
    return wire.HopsOutput(
        hops=tuple(
            wire.HopsOutput.Hop(party=each.party, id=each.id, at=each.at, checks=each.checks)
            for each in hops(call.connection, body.trace)
        )
    )


def credit(call: Call, body: wire.CreditInput) -> Done:
    """Enter what a reviewer found. Raises Refused."""
    try:
        case = None if body.case is None else find_case(call.connection, call.rooms.policies, body.case)
        if case is not None and case.person_id != int(body.psn_no):
            raise refused("number_unknown", "case")
        event = CreditEvent(body.event)
        enter_credit_record(call.connection, call.actor, call.at, int(body.psn_no), event, body.reason, case)
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    return Done()


def suspension(call: Call, body: wire.SuspendInput) -> wire.OrderOutput:
    """Suspend networked settlement of a person for some months. Raises Refused."""
    try:
        made = suspend_settlement(call.connection, call.actor, call.at, int(body.psn_no), body.months, body.reason)
    except InvoiceRefused as error:
        raise of_invoices(error) from None
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return wire.OrderOutput(order=made)


def overlooks(call: Call, *regions: str | None) -> bool:
    """Is one of these the caller's pooling region? Who has none overlooks all."""
    own = call.actor.region
    return own is None or any(each is not None and pooling_region(each) == pooling_region(own) for each in regions)


HANDLERS = (
    Handler(wire.REGISTER, register),
    Handler(wire.ORDER, measure),
    Handler(wire.LIFT, end),
    Handler(wire.ORDERS, listed),
    Handler(wire.HOPS, way),
    Handler(wire.CREDIT, credit),
    Handler(wire.SUSPEND, suspension),
)
