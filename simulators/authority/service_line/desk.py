"""The desk: one request in, one answer out, over one transaction.

Checks go from the outside in: form (-2), channel, sign-on and signature (-3), the caller's role (-1), repetition. Then
the number's own room does the work. The answer to a number that writes is stored in the same transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from protocol.service_line.envelope import (
    Answer,
    FaultAnswer,
    InfCode,
    Reason,
    Refusal,
    RefusedAnswer,
    Request,
    answer_id,
    canonical,
    dump,
    milliseconds,
    signature_is_right,
)
from protocol.service_line.service import Caller, Service
from protocol.service_line.values import Body
from simulators.authority.actors import Actor, Role
from simulators.authority.business_time import business_time
from simulators.authority.policy.activation import follow
from simulators.authority.service_line.answers import Duplicate, Given, claim, earlier, give_up, keep
from simulators.authority.service_line.call import Call, Handler, Who
from simulators.authority.service_line.channels import OfficialChannel, channel_key, find_channel
from simulators.authority.service_line.refusal import Fault, NotAuthenticated, NotUnderstood, Problem, Refused, refused
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.service_line.sessions import OPERATORS, find_session
from simulators.authority.service_line.texts import reason_of

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)

GOOD, BAD_REQUEST, UNAUTHORISED, FORBIDDEN = 200, 400, 401, 403
"""HTTP status: a refusal by a rule is an answer like any other."""

NOT_PERMITTED = "not_permitted"


class Desk:
    """Answers requests that the application has read."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def answer(self, handler: Handler[INPUT, OUTPUT], envelope: Request[INPUT], raw: Mapping[str, object]) -> Given:
        """The answer, once all it stands for is durable. `raw` is the envelope as it came, which is what was signed."""
        try:
            asked = self._asked(handler.service, envelope, raw)
            with self._rooms.database.transaction() as connection:
                follow(connection, self._rooms.policies)
                try:
                    return self._answer(connection, handler, envelope, raw, asked)
                except NotAuthenticated as error:  # what was counted is kept
                    return self.fault(InfCode.NOT_AUTHENTICATED, error.fault, region=envelope.mdtrtarea_admvs)
        except NotUnderstood as error:
            return self.fault(InfCode.MALFORMED, error.fault, error.field, region=envelope.mdtrtarea_admvs)

    def fault(self, code: InfCode, key: str, field: str | None = None, *, region: str = "000000") -> Given:
        """An answer to what was not understood (-2), or to somebody who is not known (-3)."""
        return self.faults(code, (Problem(key, field),), region=region)

    def faults(self, code: InfCode, problems: Sequence[Problem], *, region: str = "000000") -> Given:
        """The same, for several reasons."""
        status = BAD_REQUEST if code is InfCode.MALFORMED else UNAUTHORISED
        reasons = tuple(map(reason_of, problems))
        answer = FaultAnswer(
            **self._head(region), infcode=code, err_msg=_message(reasons), output=Refusal(reasons=reasons)
        )
        return Given(status, dump(answer))

    def refusal(self, error: Refused, region: str = "000000") -> Given:
        """An answer that lists every reason (-1)."""
        reasons = tuple(map(reason_of, error.problems))
        answer = RefusedAnswer(**self._head(region), err_msg=_message(reasons), output=Refusal(reasons=reasons))
        forbidden = [problem.key for problem in error.problems] == [NOT_PERMITTED]
        return Given(FORBIDDEN if forbidden else GOOD, dump(answer))

    def _asked(self, service: Service[Any, Any], envelope: Request[INPUT], raw: Mapping[str, object]) -> str:
        """The keyed digest of what is asked, whenever and however often. Raises NotUnderstood."""
        if envelope.infno != service.infno:
            raise NotUnderstood(Fault.WRONG_NUMBER, "infno")
        try:
            whole = canonical(raw)
        except UnicodeEncodeError:
            raise NotUnderstood from None
        if b"\\u0000" in whole:  # no database keeps it
            raise NotUnderstood
        return self._rooms.hsm.index(canonical({"infno": service.infno, "input": raw["input"]}).decode())

    def _answer(
        self,
        connection: Connection,
        handler: Handler[INPUT, OUTPUT],
        envelope: Request[INPUT],
        raw: Mapping[str, object],
        asked: str,
    ) -> Given:
        service, region = handler.service, envelope.mdtrtarea_admvs
        call = Call(
            self._rooms,
            connection,
            business_time(self._rooms.now()),
            self._who(connection, envelope, raw),
            envelope,
            raw,
        )
        if call.who.caller not in service.callers:
            if call.who.caller is Caller.ANYBODY:
                raise NotAuthenticated(Fault.NOT_SIGNED_ON)
            return self.refusal(refused(NOT_PERMITTED), region)
        if not service.writes:
            try:
                return self._given(handler.answer(call, envelope.input), service, region)
            except Refused as error:
                return self.refusal(error, region)
        return self._once(call, handler, envelope, asked)

    def _once(self, call: Call, handler: Handler[INPUT, OUTPUT], envelope: Request[INPUT], asked: str) -> Given:
        """Do it for the first request with its message id; tell the others what the first was told."""
        connection, hsm, region = call.connection, self._rooms.hsm, envelope.mdtrtarea_admvs
        caller = f"{call.who.caller}:{envelope.opter}"
        try:
            if (given := earlier(connection, hsm, caller, envelope.msgid, asked)) is not None:
                return given
            claimed = claim(connection, caller, envelope.msgid, envelope.infno, asked, call.at)
            if claimed is None:
                given = earlier(connection, hsm, caller, envelope.msgid, asked)
                assert given is not None
                return given
        except Duplicate:
            return self.refusal(refused("duplicate_msgid", "msgid"), region)
        try:
            with connection.begin_nested():
                given = self._given(handler.answer(call, envelope.input), handler.service, region)
        except Refused as error:
            given = self.refusal(error, region)
        except NotAuthenticated:
            give_up(connection, claimed)
            raise
        keep(connection, hsm, claimed, given)
        return given

    def _given(self, output: Body | Refused, service: Service[Any, Any], region: str) -> Given:
        if isinstance(output, Refused):
            return self.refusal(output, region)
        answer: Answer[Any] = Answer[service.output](**self._head(region), output=output)  # type: ignore[name-defined]
        return Given(GOOD, dump(answer))

    def _who(self, connection: Connection, envelope: Request[Any], raw: Mapping[str, object]) -> Who:
        """Raises NotAuthenticated."""
        rooms = self._rooms
        if envelope.sign_no is None:
            channel = None if envelope.dev_no is None else find_channel(connection, envelope.dev_no)
            if envelope.dev_no is not None and channel is None:
                raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
            return Who(Caller.ANYBODY, channel=channel)
        at = business_time(rooms.now())
        session = find_session(connection, rooms.hsm, rooms.sessions, envelope.sign_no, at)
        if envelope.opter != session.opter or envelope.opter_type is not OPERATORS[session.caller]:
            raise NotAuthenticated(Fault.NOT_SIGNED_ON)
        channel = find_channel(connection, session.channel)
        if channel is None or envelope.dev_no not in (None, channel.id):
            raise NotAuthenticated(Fault.UNKNOWN_CHANNEL)
        check_signature(rooms, channel, raw)
        actor = Actor(Role(session.caller), session.opter, session.region, session.person_id)
        return Who(session.caller, actor, channel, session.id)

    def _head(self, region: str) -> dict[str, Any]:
        now = self._rooms.now()
        serial = int.from_bytes(self._rooms.hsm.random(5), "big")
        at = milliseconds(now)
        return {"inf_refmsgid": answer_id(region, now, serial), "refmsg_time": at, "respond_time": at}


def check_signature(rooms: Rooms, channel: OfficialChannel, raw: Mapping[str, object]) -> None:
    """A channel with a key signs every request. Raises NotAuthenticated."""
    key = channel_key(rooms.hsm, channel)
    if key is not None and not signature_is_right(key, raw):
        raise NotAuthenticated(Fault.WRONG_SIGNATURE)


def _message(reasons: Sequence[Reason]) -> str:
    """All texts, as many as go into `err_msg`."""
    return ";".join(dict.fromkeys(reason.text for reason in reasons))[:200]
