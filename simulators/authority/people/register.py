"""Insured persons and their cards: enrolment, states, and the count of wrong PINs per card."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.money_line import masked_pan
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.ledger import credit_person
from simulators.authority.tables.people import CardState, PersonState, cards, persons

_ENROL = insert(persons)
_ISSUE = insert(cards)
_FIND_CARD = (
    select(cards, persons.c.region, persons.c.state.label("person_state"))
    .select_from(cards.join(persons))
    .where(cards.c.pan_index == bindparam("pan_index"))
)
_CHANGE_CARD = update(cards).where(cards.c.id == bindparam("card"))


class Insured(Protocol):
    """What enrolment needs to know; the PIN goes into the security module and is not kept. `expiry` is YYMM."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def id_number(self) -> str: ...  # noqa: D102
    @property
    def card_number(self) -> str: ...  # noqa: D102
    @property
    def region(self) -> str: ...  # noqa: D102
    @property
    def pan(self) -> str: ...  # noqa: D102
    @property
    def expiry(self) -> str: ...  # noqa: D102
    @property
    def pin(self) -> str: ...  # noqa: D102
    @property
    def opening_balance_fen(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Card:
    """A card with what a request needs to know about its holder."""

    id: int
    person_id: int
    masked_pan: str
    expiry: str
    pin_reference: bytes = field(repr=False)
    wrong_pins: int
    state: CardState
    person_state: PersonState
    region: str


def load_people(connection: Connection, hsm: SoftHsm, people: Iterable[Insured], at: datetime) -> None:
    """Enrol people with an active card each and post their opening balances."""
    for person in people:
        person_id = enrol(connection, hsm, person)
        issue_card(connection, hsm, person_id, person)
        if person.opening_balance_fen:
            reference = f"opening:{person_id}"
            credit_person(connection, reference, person_id, person.region, person.opening_balance_fen, at)


def enrol(connection: Connection, hsm: SoftHsm, person: Insured) -> int:
    """Add a person; the person's id."""
    inserted = connection.execute(
        _ENROL,
        {
            "id_index": hsm.index(person.id_number),
            "name_sealed": hsm.seal(person.name),
            "id_number_sealed": hsm.seal(person.id_number),
            "region": person.region,
            "state": PersonState.ACTIVE,
        },
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def issue_card(connection: Connection, hsm: SoftHsm, person_id: int, person: Insured) -> None:
    """Give a person an active card."""
    connection.execute(
        _ISSUE,
        {
            "person_id": person_id,
            "pan_index": hsm.index(person.pan),
            "masked_pan": masked_pan(person.pan),
            "card_number_sealed": hsm.seal(person.card_number),
            "expiry": person.expiry,
            "pin_reference": hsm.pin_reference(person.pan, person.pin),
            "state": CardState.ACTIVE,
        },
    )


def find_card(connection: Connection, hsm: SoftHsm, pan: str) -> Card | None:
    """The card with this number."""
    row = connection.execute(_FIND_CARD, {"pan_index": hsm.index(pan)}).mappings().first()
    if row is None:
        return None
    return Card(
        id=row["id"],
        person_id=row["person_id"],
        masked_pan=row["masked_pan"],
        expiry=row["expiry"],
        pin_reference=row["pin_reference"],
        wrong_pins=row["wrong_pins"],
        state=CardState(row["state"]),
        person_state=PersonState(row["person_state"]),
        region=row["region"],
    )


def find_person(connection: Connection, hsm: SoftHsm, id_number: str) -> int | None:
    """The id of the person with this ID number."""
    found = connection.scalar(select(persons.c.id).where(persons.c.id_index == hsm.index(id_number)))
    return None if found is None else int(found)


def count_wrong_pins(connection: Connection, card: Card, wrong_pins: int) -> None:
    """Set the count of wrong PINs in a row; it belongs to the card, wherever it is used."""
    connection.execute(_CHANGE_CARD, {"card": card.id, "wrong_pins": wrong_pins})


def set_card_state(connection: Connection, card: Card, state: CardState) -> None:
    """For example LOST. It counts from the next authorisation; one already given is carried through."""
    connection.execute(_CHANGE_CARD, {"card": card.id, "state": state})


def set_person_state(connection: Connection, person_id: int, state: PersonState) -> None:
    """For example FROZEN. It counts from the next authorisation; one already given is carried through."""
    connection.execute(update(persons).where(persons.c.id == person_id).values(state=state))
