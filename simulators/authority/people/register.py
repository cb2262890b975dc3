"""The register of insured persons and their cards: enrolment, finding, and the count of wrong PINs per card."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from protocol.keys import Cipher
from protocol.money_line import masked_pan
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.credits import credit_person
from simulators.authority.people.identity import find_person
from simulators.authority.people.numbers import cleaned
from simulators.authority.tables.people import CardState, PersonState, cards, persons

_ENROL = insert(persons)
_ISSUE = insert(cards)
_CARDS = select(
    cards,
    persons.c.region,
    persons.c.state.label("person_state"),
    persons.c.alerts,
).select_from(cards.join(persons))
_FIND_CARD = _CARDS.where(cards.c.pan_index == bindparam("pan_index"))
_FIND_CARD_BY_ID = _CARDS.where(cards.c.id == bindparam("card"))
_FIND_CARDS = _CARDS.where(cards.c.person_id == bindparam("person")).order_by(cards.c.id)
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
    """A card with what a request needs to know about its holder; `lost_until` is when a loss report lapses."""

    id: int
    person_id: int
    masked_pan: str
    expiry: str
    pin_reference: bytes = field(repr=False)
    wrong_pins: int
    wrong_pins_on: date | None
    state: CardState
    lost_until: datetime | None
    state_before_loss: CardState | None
    person_state: PersonState
    region: str
    alerts: bool

    def state_at(self, at: datetime) -> CardState:
        """A temporary loss report lapses by itself: afterwards the card is again what it was."""
        if self.state is CardState.LOST and self.lost_until is not None and at >= self.lost_until:
            assert self.state_before_loss is not None
            return self.state_before_loss
        return self.state

    def is_expired(self, on: date) -> bool:
        """Good to the end of the month that is printed."""
        return self.expiry < f"{on:%y%m}"

    def wrong_pins_at(self, today: date, *, new_every_day: bool) -> int:
        """Wrong PINs in a row at all terminals; kept over midnight unless the policy counts each day anew.

        A block that somebody ordered belongs to no day, and stays.
        """
        return 0 if new_every_day and self.wrong_pins_on not in (None, today) else self.wrong_pins


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is entered of a person; all else has its own function."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    region: str
    phone: str | None = field(default=None, repr=False)
    insurance: str = "310"
    person_type: str = "11"
    insured_since: date | None = None
    state: PersonState = PersonState.ACTIVE


@dataclass(frozen=True, slots=True)
class TypedPin:
    """A PIN as it comes from a PIN pad: a block under the terminal's (wrapped) PIN key."""

    pik: bytes = field(repr=False)
    block: bytes = field(repr=False)
    cipher: Cipher = Cipher.TDES


@dataclass(frozen=True, slots=True)
class NewCard:
    """What is put on a card; the PIN goes into the security module and is not kept."""

    card_number: str = field(repr=False)
    pan: str = field(repr=False)
    expiry: str
    pin: str | TypedPin = field(repr=False)
    state: CardState = CardState.ACTIVE


def load_people(connection: Connection, hsm: SoftHsm, people: Iterable[Insured], at: datetime) -> None:
    """Enrol people with an active card each and post their opening balances."""
    for person in people:
        person_id = enrol(connection, hsm, NewPerson(person.name, person.id_number, person.region))
        card = NewCard(person.card_number, person.pan, person.expiry, person.pin)
        issue_card(connection, hsm, person_id, card)
        if person.opening_balance_fen:
            reference = f"opening:{person_id}"
            credit_person(connection, reference, person_id, person.region, person.opening_balance_fen, at)


def enrol(connection: Connection, hsm: SoftHsm, person: NewPerson) -> int:
    """Add a person; the person's id."""
    inserted = connection.execute(
        _ENROL,
        {
            "id_index": hsm.index(cleaned(person.id_number)),
            "name_sealed": hsm.seal(person.name),
            "id_number_sealed": hsm.seal(cleaned(person.id_number)),
            "phone_sealed": None if person.phone is None else hsm.seal(person.phone),
            "region": person.region,
            "insurance": person.insurance,
            "person_type": person.person_type,
            "insured_since": person.insured_since,
            "state": person.state,
        },
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def issue_card(connection: Connection, hsm: SoftHsm, person_id: int, card: NewCard, replaces: int | None = None) -> int:
    """Give a person a card; its id. Raises PinFormatError and WeakPinError for a PIN that was typed."""
    pin = card.pin
    if isinstance(pin, str):
        reference = hsm.pin_reference(card.pan, pin)
    else:
        reference = hsm.new_pin_reference(pin.pik, pin.block, card.pan, pin.cipher)
    inserted = connection.execute(
        _ISSUE,
        {
            "person_id": person_id,
            "pan_index": hsm.index(card.pan),
            "masked_pan": masked_pan(card.pan),
            "card_number_index": hsm.index(card.card_number),
            "card_number_sealed": hsm.seal(card.card_number),
            "expiry": card.expiry,
            "pin_reference": reference,
            "state": card.state,
            "replaces": replaces,
        },
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def find_card(connection: Connection, hsm: SoftHsm, pan: str) -> Card | None:
    """The card with this number."""
    row = connection.execute(_FIND_CARD, {"pan_index": hsm.index(pan)}).mappings().first()
    return None if row is None else _card(row)


def card_of_id(connection: Connection, card_id: int) -> Card:
    """The card as it is now."""
    return _card(connection.execute(_FIND_CARD_BY_ID, {"card": card_id}).mappings().one())


def cards_of(connection: Connection, person_id: int) -> tuple[Card, ...]:
    """All cards a person ever had, oldest first."""
    return tuple(_card(row) for row in connection.execute(_FIND_CARDS, {"person": person_id}).mappings())


def current_card(connection: Connection, person_id: int) -> Card | None:
    """The newest card that no other has replaced."""
    kept = [card for card in cards_of(connection, person_id) if card.state is not CardState.REPLACED]
    return kept[-1] if kept else None


def count_wrong_pins(connection: Connection, card: Card, wrong_pins: int, on: date | None = None) -> None:
    """Set the count of wrong PINs in a row; it belongs to the card, wherever it is used."""
    connection.execute(_CHANGE_CARD, {"card": card.id, "wrong_pins": wrong_pins, "wrong_pins_on": on})


def set_card_state(connection: Connection, card: Card, state: CardState) -> None:
    """For example FROZEN. It counts from the next authorisation; one already given is carried through."""
    values = {"state": state, "lost_until": None, "state_before_loss": None}
    connection.execute(_CHANGE_CARD, {"card": card.id, **values})


def set_person_state(connection: Connection, person_id: int, state: PersonState, since: datetime | None = None) -> None:
    """For example FROZEN. It counts from the next authorisation; one already given is carried through."""
    changed = update(persons).where(persons.c.id == person_id)
    connection.execute(changed.values(state=state, state_since=None if since is None else since.isoformat()))


def _card(row: RowMapping) -> Card:
    return Card(
        id=row["id"],
        person_id=row["person_id"],
        masked_pan=row["masked_pan"],
        expiry=row["expiry"],
        pin_reference=row["pin_reference"],
        wrong_pins=row["wrong_pins"],
        wrong_pins_on=row["wrong_pins_on"],
        state=CardState(row["state"]),
        lost_until=None if row["lost_until"] is None else datetime.fromisoformat(row["lost_until"]),
        state_before_loss=None if row["state_before_loss"] is None else CardState(row["state_before_loss"]),
        person_state=PersonState(row["person_state"]),
        region=row["region"],
        alerts=row["alerts"],
    )


__all__ = [
    "Card",
    "Insured",
    "NewCard",
    "NewPerson",
    "TypedPin",
    "card_of_id",
    "cards_of",
    "count_wrong_pins",
    "current_card",
    "enrol",
    "find_card",
    "find_person",
    "issue_card",
    "load_people",
    "set_card_state",
    "set_person_state",
]
