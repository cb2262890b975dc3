"""One call of a number: who asks, from where, when, and on which connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from protocol.service_line.envelope import Request
from protocol.service_line.people import Certificate, PersonInput
from protocol.service_line.service import Caller, Service
from protocol.service_line.values import Body
from simulators.authority.actors import Actor, Role
from simulators.authority.people.register import find_person
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.service_line.channels import OfficialChannel
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.service_line.visits import Visit, find_visit
from simulators.authority.tables.service_line import ChannelKind

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)

CHANNELS = {
    ChannelKind.TERMINAL: Channel.ATM,
    ChannelKind.APP: Channel.ONLINE,
    ChannelKind.WEB: Channel.ONLINE,
    ChannelKind.COUNTER: Channel.COUNTER,
    ChannelKind.OFFICE: Channel.COUNTER,
    ChannelKind.PHONE: Channel.PHONE,
}
"""What policies call the kinds of channels."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who signed on. `actor` None: anybody; `channel` None: none is named."""

    caller: Caller
    actor: Actor | None = None
    channel: OfficialChannel | None = None
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `at` is business time; all writes go through `connection`, in one transaction with the answer."""

    rooms: Rooms = field(repr=False)
    connection: Connection = field(repr=False)
    at: datetime
    who: Who
    envelope: Request[Any]
    raw: Mapping[str, object] = field(repr=False)  # the envelope as it came, which is what was signed

    @property
    def actor(self) -> Actor:
        """Who acts, for numbers that need a sign-on."""
        assert self.who.actor is not None
        return self.who.actor

    @property
    def channel(self) -> Channel:
        """Where the person is served, in the policies' words."""
        kind = ChannelKind.WEB if self.who.channel is None else self.who.channel.kind
        return CHANNELS[kind]

    @property
    def terminal(self) -> str | None:
        """The terminal that asks."""
        channel = self.who.channel
        return channel.id if channel is not None and channel.kind is ChannelKind.TERMINAL else None

    @property
    def region(self) -> str:
        """Where the caller is: that of its channel, as the register has it."""
        return self.envelope.mdtrtarea_admvs if self.who.channel is None else self.who.channel.region

    def visit(self, body: PersonInput) -> Visit:
        """The card whose PIN was proved right at this terminal. Raises Refused."""
        if self.terminal is None or body.mdtrt_cert_type is not Certificate.VISIT or body.mdtrt_cert_no is None:
            raise refused("certificate_not_accepted", "mdtrt_cert_type")
        visit = find_visit(self.connection, body.mdtrt_cert_no, self.terminal, self.at, self.rooms.sessions.visit)
        if visit is None:
            raise refused("visit_over", "mdtrt_cert_no")
        return visit

    def person(self, body: PersonInput) -> int:
        """The person whose business it is. Raises Refused."""
        if self.who.caller is Caller.PERSON:
            own = self.actor.person_id
            assert own is not None
            if body.mdtrt_cert_type is not None and self._named(body) != own:
                raise refused("not_this_person", "mdtrt_cert_no")
            return own
        if body.mdtrt_cert_type is None or body.mdtrt_cert_no is None:
            raise refused("who_is_meant", "mdtrt_cert_type")
        if self.who.caller is Caller.TERMINAL:
            return self.visit(body).person_id
        if self.channel is Channel.PHONE:
            raise refused("nothing_read_by_phone", "mdtrt_cert_type")
        found = self._named(body)
        if found is None:
            raise refused("person_unknown", "mdtrt_cert_no")
        return found

    def acting(self, person_id: int) -> Actor:
        """Who acts in a person's business: at a terminal the person, at a counter the teller."""
        if self.who.caller is Caller.TERMINAL:
            return Actor(Role.PERSON, f"person:{person_id}", None, person_id)
        return self.actor

    def _named(self, body: PersonInput) -> int | None:
        """By the number of an ID document."""
        if body.mdtrt_cert_type is not Certificate.ID_NUMBER or body.mdtrt_cert_no is None:
            raise refused("certificate_not_accepted", "mdtrt_cert_type")
        return find_person(self.connection, self.rooms.hsm, body.mdtrt_cert_no.upper())


@dataclass(frozen=True, slots=True)
class Handler(Generic[INPUT, OUTPUT]):
    """What answers a number. A refusal that is returned keeps what was written, one that is raised undoes it."""

    service: Service[INPUT, OUTPUT]
    answer: Callable[[Call, INPUT], OUTPUT | Refused]
