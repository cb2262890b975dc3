"""8601 to 8603: supervisors look at the register of withdrawals, and order what counts on the next message."""

from protocol.service_line import supervision as wire
from protocol.service_line.information import Done
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.refusal import Problem, Refused, refused
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.orders import Subject, Target, lift, order
from simulators.authority.supervision.refusal import Refused as SupervisionRefused
from simulators.authority.supervision.register import withdrawals
from simulators.authority.tables.supervision import Measure


def register(call: Call, body: wire.RegisterInput) -> wire.RegisterOutput:
    """Requests for money; that somebody looked is on record."""
    found = withdrawals(
        call.connection,
        person_id=None if body.psn_no is None else int(body.psn_no),
        region=body.region,
        provider=body.provider,
        terminal=body.terminal,
        first=body.first,
        last=body.last,
        cross_city=body.cross_city,
    )
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
        raise _told(error) from None
    return wire.OrderOutput(order=made)


def end(call: Call, body: wire.LiftInput) -> Done:
    """End a measure before its time. Raises Refused."""
    try:
        lift(call.connection, call.actor, call.at, body.order)
    except SupervisionRefused as error:
        raise _told(error) from None
    return Done()


def _told(error: SupervisionRefused) -> Refused:
    return Refused(*(Problem(each.key, each.field) for each in error.problems))


HANDLERS = (Handler(wire.REGISTER, register), Handler(wire.ORDER, measure), Handler(wire.LIFT, end))
