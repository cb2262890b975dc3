"""8641 to 8643: supervisors see what keeps the books from being even, and settle it two at a time."""

from datetime import datetime

from protocol.service_line import books as wire
from simulators.authority.ledger.exceptions import (
    BY_ITSELF,
    LedgerException,
    close_exception,
    exception_of_id,
    find_exceptions,
    take_exception,
)
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.supervision import overlooks
from simulators.authority.service_line.families.told import of_supervision
from simulators.authority.service_line.refusal import refused
from simulators.authority.supervision.orders import Subject, region_of
from simulators.authority.supervision.refusal import Refused as SupervisionRefused
from simulators.authority.tables.ledger import ExceptionKind


def exceptions(call: Call, body: wire.ExceptionsInput) -> wire.ExceptionsOutput:
    """What concerns the caller's region: where the person is insured, or where it was paid."""
    kind = None if body.kind is None else ExceptionKind(body.kind)
    found = [
        each for each in find_exceptions(call.connection, open_only=body.open_only, kind=kind) if _concerns(call, each)
    ]
    return wire.ExceptionsOutput(
        exceptions=tuple(map(_shown, found[: body.limit])),
        more=len(found) > body.limit,
    )


def take(call: Call, body: wire.TakeInput) -> wire.ExceptionShown:
    """See to it from now on. Raises Refused."""
    _own(call, body.exception)
    try:
        take_exception(call.connection, body.exception, call.actor, call.at)
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return _shown(_own(call, body.exception))


def close(call: Call, body: wire.CloseInput) -> wire.ExceptionShown:
    """The second of two people sees it settled. Raises Refused."""
    _own(call, body.exception)
    try:
        close_exception(call.connection, body.exception, call.actor, call.at, body.ending)
    except SupervisionRefused as error:
        raise of_supervision(error) from None
    return _shown(_own(call, body.exception))


def _own(call: Call, number: int) -> LedgerException:
    """An exception that concerns the caller's region. Raises Refused."""
    found = exception_of_id(call.connection, number)
    if found is None or not _concerns(call, found):
        raise refused("number_unknown", "exception")
    return found


def _concerns(call: Call, found: LedgerException) -> bool:
    subjects = [] if found.person_id is None else [Subject.person(found.person_id)]
    if found.payer is not None:
        subjects += [Subject.terminal(found.payer), Subject.provider(found.payer)]
    return overlooks(call, *(region_of(call.connection, each) for each in subjects))


def _shown(found: LedgerException) -> wire.ExceptionShown:
    return wire.ExceptionShown(
        exception=found.id,
        kind=wire.ExceptionKind(found.kind),
        state=wire.ExceptionState(found.state),
        owner=found.owner,
        by_itself=found.kind in BY_ITSELF,
        payer=found.payer,
        psn_no=None if found.person_id is None else str(found.person_id),
        amount_fen=found.amount_fen,
        opened=datetime.fromisoformat(found.opened_at),
        closed=None if found.closed_at is None else datetime.fromisoformat(found.closed_at),
        ending=found.ending,
    )


HANDLERS = (
    Handler(wire.EXCEPTIONS, exceptions),
    Handler(wire.TAKE, take),
    Handler(wire.CLOSE, close),
)
