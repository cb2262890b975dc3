"""8414 and 8415: what a person was told without asking; that somebody looked is on record."""

from protocol.service_line import notices as wire
from simulators.authority.applications.notifications import mark_read, notices_of, unread_count
from simulators.authority.applications.texts import notice_text
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.refusal import refused
from simulators.authority.service_line.texts import ENGLISH
from simulators.authority.supervision.audit import note


def notices(call: Call, body: wire.NoticesInput) -> wire.NoticesOutput:
    """The newest ones. Raises Refused."""
    person_id = call.person(body)
    found = notices_of(call.connection, person_id, unread=body.unread, limit=body.limit + 1)
    note(call.connection, call.at, call.actor, "looked at the notices", f"person:{person_id}")
    return wire.NoticesOutput(
        notices=tuple(
            wire.NoticeShown(
                notice=each.id,
                at=each.at,
                kind=each.kind,
                text=notice_text(each),
                text_en=notice_text(each, ENGLISH),
                read=each.read_at is not None,
            )
            for each in found[: body.limit]
        ),
        unread=unread_count(call.connection, person_id),
        more=len(found) > body.limit,
    )


def read(call: Call, body: wire.ReadInput) -> wire.ReadOutput:
    """The person has seen these. Raises Refused."""
    person_id = call.person(body)
    try:
        mark_read(call.connection, person_id, body.notices, call.at)
    except LookupError:
        raise refused("number_unknown", "notices") from None
    return wire.ReadOutput(unread=unread_count(call.connection, person_id))


HANDLERS = (
    Handler(wire.NOTICES, notices),
    Handler(wire.READ, read),
)
