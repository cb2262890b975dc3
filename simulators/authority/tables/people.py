"""Insured persons and their cards."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from simulators.authority.tables.base import metadata, one_of


class PersonState(StrEnum):
    """State of the insured person's account."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    DECEASED = "deceased"


class CardState(StrEnum):
    """Life cycle of a card; expiry is a date, not a state."""

    ACTIVE = "active"
    NOT_ACTIVATED = "not_activated"
    FROZEN = "frozen"
    LOST = "lost"
    REPLACED = "replaced"


persons = Table(
    "persons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("id_index", String(64), nullable=False, unique=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("id_number_sealed", LargeBinary, nullable=False),
    Column("region", String(6), nullable=False),
    Column("state", String(16), nullable=False),
    one_of("state", PersonState),
)

cards = Table(
    "cards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("pan_index", String(64), nullable=False, unique=True),
    Column("masked_pan", String(19), nullable=False),
    Column("card_number_sealed", LargeBinary, nullable=False),
    Column("expiry", String(4), nullable=False),  # YYMM, good to the end of that month
    Column("pin_reference", LargeBinary, nullable=False),
    Column("wrong_pins", Integer, nullable=False, default=0),
    Column("state", String(16), nullable=False),
    one_of("state", CardState),
)
