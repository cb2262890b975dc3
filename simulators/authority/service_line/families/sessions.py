"""9001 and 9002: terminals sign on with their channel key, staff with a password at a registered channel."""

from datetime import timedelta

from protocol.service_line.envelope import OperatorType
from protocol.service_line.service import Caller
from protocol.service_line.sessions import (
    SIGN_OFF,
    SIGN_ON,
    SignOffInput,
    SignOffOutput,
    SignOffRecord,
    SignOnInput,
    SignOnOutput,
    SignOnRecord,
)
from simulators.authority.actors import Actor, Role
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.channels import OfficialChannel, find_channel
from simulators.authority.service_line.desk import check_signature
from simulators.authority.service_line.refusal import Fault, NotAuthenticated
from simulators.authority.service_line.sessions import end_session, open_session
from simulators.authority.service_line.staff import sign_in
from simulators.authority.supervision.audit import note
from simulators.authority.tables.service_line import ChannelKind

CLOCKS_DIFFER = timedelta(minutes=15)
"""A sign-on whose `inf_time` is further away from the authority's clock is an old one."""


def sign_on(call: Call, body: SignOnInput) -> SignOnOutput:
    """Begin a session."""
    envelope = call.envelope
    if body.opter_no != envelope.opter:
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    if abs(envelope.inf_time - call.at) > CLOCKS_DIFFER:
        raise NotAuthenticated(Fault.CLOCKS_DIFFER)
    match envelope.opter_type:
        case OperatorType.TERMINAL:
            channel = _channel(call, envelope.opter)
            if channel.kind is not ChannelKind.TERMINAL:
                raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
            return _signed_on(call, Caller.TERMINAL, channel, channel.region)
        case OperatorType.CLERK:
            channel = _channel(call, envelope.dev_no)
            if channel.kind not in (ChannelKind.COUNTER, ChannelKind.OFFICE, ChannelKind.PHONE):
                raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
            rules = call.rooms.sessions
            member = sign_in(call.connection, rules, envelope.opter, body.password or "", call.at)
            return _signed_on(call, Caller(member.role), channel, member.region, member.person_id)
        case OperatorType.MOBILE:
            raise NotAuthenticated(Fault.WRONG_CREDENTIALS)


def sign_off(call: Call, body: SignOffInput) -> SignOffOutput:
    """End the session of the request."""
    if body.sign_no != call.envelope.sign_no or body.opter_no != call.envelope.opter:
        raise NotAuthenticated(Fault.NOT_SIGNED_ON)
    assert call.who.session is not None
    end_session(call.connection, call.who.session, call.at)
    note(call.connection, call.at, call.actor, "signed off", f"session:{call.who.session}")
    return SignOffOutput(signinoutb=SignOffRecord(sign_time=call.at))


def _channel(call: Call, name: str | None) -> OfficialChannel:
    channel = None if name is None else find_channel(call.connection, name)
    if channel is None:
        raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
    check_signature(call.rooms, channel, call.raw)
    return channel


def _signed_on(
    call: Call, caller: Caller, channel: OfficialChannel, region: str | None, person_id: int | None = None
) -> SignOnOutput:
    rooms, opter = call.rooms, call.envelope.opter
    sign_no, expires = open_session(
        call.connection, rooms.hsm, rooms.sessions, call.at, caller, opter, channel.id, region, person_id
    )
    note(call.connection, call.at, Actor(Role(caller), opter, region), "signed on", f"channel:{channel.id}")
    return SignOnOutput(signinoutb=SignOnRecord(sign_time=call.at, sign_no=sign_no, caller=caller, expires=expires))


HANDLERS = (Handler(SIGN_ON, sign_on), Handler(SIGN_OFF, sign_off))
