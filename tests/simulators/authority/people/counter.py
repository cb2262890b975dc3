"""A counter of the authority as tests stand at it: people, cards and codes by short words, each act one transaction."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Connection, update

from simulators.authority.actors import Actor, Role
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.accounts import ACTIVATION, Activated, activate
from simulators.authority.people.cards import replace_card, report_loss, take_back_loss
from simulators.authority.people.codes import received, send_code
from simulators.authority.people.identity import Identity
from simulators.authority.people.register import Card, NewCard, NewPerson, enrol, find_card, find_person
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.tables.people import CardState, DocumentKind, LossKind, PersonState, persons
from tests.simulators.authority.kiosk import JIA, WEIHAI, Clock, Somebody

TELLER = Actor(Role.TELLER, "t1", WEIHAI)
REVIEWER = Actor(Role.REVIEWER, "r1", WEIHAI)
NEW_CARD = NewCard("S00000039", "6299991234567890122", "3612", "908172")
PHONE = "13800005678"


def identity_of(person: Somebody, **changes: object) -> Identity:
    """What a person shows at a counter."""
    values: dict[str, object] = {
        "id_number": person.id_number, "name": person.name,
        "document": DocumentKind.ID_CARD, "valid_to": date(2030, 1, 1),
    }  # fmt: skip
    return Identity(**(values | changes))  # type: ignore[arg-type]


class Counter:
    """Acts by a teller for a person who stands there, unless another actor is named."""

    def __init__(self, authority: Authority, database: Database, clock: Clock) -> None:
        self.authority = authority
        self.database = database
        self.clock = clock
        self.hsm = SoftHsm(b"M" * 32, random.Random(2).randbytes)

    @contextmanager
    def work(self) -> Iterator[Connection]:
        with self.database.transaction() as connection:
            yield connection

    @property
    def at(self) -> datetime:
        return self.clock.now()

    def person(self, somebody: Somebody = JIA) -> int:
        with self.work() as connection:
            found = find_person(connection, self.hsm, somebody.id_number)
        assert found is not None
        return found

    def himself(self, somebody: Somebody = JIA) -> Actor:
        person_id = self.person(somebody)
        return Actor(Role.PERSON, f"person:{person_id}", somebody.region, person_id)

    def card(self, pan: str = JIA.pan) -> Card:
        with self.work() as connection:
            found = find_card(connection, self.hsm, pan)
        assert found is not None
        return found

    def enrol(self, name: str, id_number: str, state: PersonState = PersonState.ACTIVE) -> int:
        with self.work() as connection:
            return enrol(connection, self.hsm, NewPerson(name, id_number, WEIHAI, PHONE, state=state))

    def register_phone(self, somebody: Somebody = JIA) -> None:
        person_id = self.person(somebody)
        with self.work() as connection:
            sealed = self.hsm.seal(PHONE)
            connection.execute(update(persons).where(persons.c.id == person_id).values(phone_sealed=sealed))

    def report_loss(
        self,
        kind: LossKind = LossKind.TEMPORARY,
        channel: Channel = Channel.PHONE,
        somebody: Somebody = JIA,
        pan: str | None = None,
        actor: Actor | None = None,
    ) -> datetime | None:
        card = self.card(pan or somebody.pan)
        by = actor or (TELLER if channel is Channel.COUNTER else self.himself(somebody))
        identity = identity_of(somebody) if channel is Channel.COUNTER else None
        with self.work() as connection:
            return report_loss(connection, self.hsm, by, self.at, card, kind, channel, identity)

    def take_back_loss(self, channel: Channel = Channel.COUNTER, somebody: Somebody = JIA) -> Card:
        card = self.card(somebody.pan)
        with self.work() as connection:
            by = TELLER if channel is Channel.COUNTER else Actor(Role.PERSON, "p", person_id=card.person_id)
            return take_back_loss(connection, self.hsm, by, self.at, card, channel, identity_of(somebody))

    def replace(self, somebody: Somebody = JIA, new: NewCard = NEW_CARD, *, handed_in: bool = False) -> Card:
        card = self.card(somebody.pan)
        with self.work() as connection:
            teller = Actor(Role.TELLER, "t1", somebody.region)
            return replace_card(
                connection, self.hsm, teller, self.at, card, new, identity_of(somebody), handed_in=handed_in
            )

    def code(self, somebody: Somebody = JIA) -> str:
        """The activation code that the person's phone shows."""
        person_id = self.person(somebody)
        with self.work() as connection:
            send_code(connection, self.hsm, TELLER, self.at, person_id, ACTIVATION)
            return received(connection, self.hsm, person_id)[-1].gaps["code"]

    def activate(self, code: str, somebody: Somebody = JIA, **changes: object) -> Activated:
        person_id = self.person(somebody)
        with self.work() as connection:
            identity = identity_of(somebody, **changes)
            return activate(connection, self.hsm, TELLER, self.at, person_id, code, identity)

    def state(self, pan: str = JIA.pan) -> CardState:
        return self.card(pan).state_at(self.at)
