"""9001, 9002 and 8305: terminals sign on with their key, staff with a password, persons with password and code."""

from datetime import timedelta

from protocol.service_line.envelope import OperatorType
from protocol.service_line.service import Caller
from protocol.service_line.sessions import (
    REGISTER,
    SIGN_OFF,
    SIGN_ON,
    RegisterInput,
    RegisterOutput,
    SignOffInput,
    SignOffOutput,
    SignOffRecord,
    SignOnInput,
    SignOnOutput,
    SignOnRecord,
)
from simulators.authority.actors import Actor, Role
from simulators.authority.people.identity import Identity
from simulators.authority.service_line import logins
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.channels import OfficialChannel, find_channel
from simulators.authority.service_line.desk import check_signature
from simulators.authority.service_line.refusal import Fault, NotAuthenticated, Refused, refused
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
            channel = _online(call)
            person_id, region = logins.sign_in(
                call.connection,
                call.rooms.hsm,
                call.rooms.sessions,
                envelope.opter,
                body.password or "",
                body.second_factor,
                call.at,
            )
            return _signed_on(call, Caller.PERSON, channel, region, person_id)


def register(call: Call, body: RegisterInput) -> RegisterOutput | Refused:
    """Send a code, or open an online account with it."""
    _online(call)
    identity = Identity(body.certno, body.name)
    if body.code is None:
        logins.ask_to_register(call.connection, call.rooms.hsm, identity, body.phone, call.at)
        return RegisterOutput(code_sent=True, opened=False)
    if body.login is None or body.password is None:
        raise refused("login_missing", "login" if body.login is None else "password")
    wrong = logins.register(call.connection, call.rooms.hsm, identity, body.code, body.login, body.password, call.at)
    return RegisterOutput(code_sent=False, opened=True) if wrong is None else wrong


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


def _online(call: Call) -> OfficialChannel:
    """The official app or site that asks. Raises NotAuthenticated."""
    channel = _channel(call, call.envelope.dev_no)
    if channel.kind not in (ChannelKind.APP, ChannelKind.WEB):
        raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
    return channel


def _signed_on(
    call: Call, caller: Caller, channel: OfficialChannel, region: str | None, person_id: int | None = None
) -> SignOnOutput:
    rooms, opter = call.rooms, call.envelope.opter
    sign_no, expires = open_session(
        call.connection, rooms.hsm, rooms.sessions, call.at, caller, opter, channel.id, region, person_id
    )
    note(call.connection, call.at, Actor(Role(caller), opter, region, person_id), "signed on", f"channel:{channel.id}")
    return SignOnOutput(signinoutb=SignOnRecord(sign_time=call.at, sign_no=sign_no, caller=caller, expires=expires))


HANDLERS = (Handler(SIGN_ON, sign_on), Handler(SIGN_OFF, sign_off), Handler(REGISTER, register))
