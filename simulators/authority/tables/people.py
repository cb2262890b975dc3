"""Insured persons: who they are, what is recorded of them, and their cards."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from simulators.authority.tables.base import append_only, by_actor, instant, metadata, one_of


class PersonState(StrEnum):
    """State of a person's insurance and account; `people/states.py` says what each means for a withdrawal."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # the account has not been activated
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    NEVER_INSURED = "never_insured"
    STOPPED = "stopped"  # the insurance has ended
    MOVED_OUT = "moved_out"  # the relation went to another region
    DECEASED = "deceased"


class CardState(StrEnum):
    """Life cycle of a card; expiry is a date, not a state."""

    ACTIVE = "active"
    NOT_ACTIVATED = "not_activated"
    FROZEN = "frozen"
    LOST = "lost"  # for a time where `lost_until` says so
    REPLACED = "replaced"  # void for ever


class LossKind(StrEnum):
    """How a card is reported lost."""

    TEMPORARY = "temporary"  # lapses by itself
    FORMAL = "formal"


class DocumentKind(StrEnum):
    """What people show to say who they are."""

    ID_CARD = "id_card"
    RESIDENCE_PERMIT = "residence_permit"  # of residents of Hong Kong, Macao and Taiwan
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence"
    HOUSEHOLD_BOOK = "household_book"  # of children without a card


class ClaimState(StrEnum):
    """Life of an heir's claim."""

    FILED = "filed"
    APPROVED_ONCE = "approved_once"
    PAID = "paid"


persons = Table(
    "persons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("id_index", String(64), nullable=False, unique=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("id_number_sealed", LargeBinary, nullable=False),
    Column("phone_sealed", LargeBinary),
    Column("region", String(6), nullable=False),
    Column("insurance", String(3), nullable=False, default="310"),  # 310 employees, 390 residents: no account
    Column(
        "person_type", String(2), nullable=False, default="11"
    ),  # 11 active, 12 retired, 13 special, 14-16 residents
    Column("insured_since", Date),
    Column("state", String(16), nullable=False),
    instant("state_since", nullable=True),  # NULL: since enrolment
    Column("moved_to", String(6)),
    Column("own_single_fen", BigInteger),  # this to `low_balance_fen`: the person's own settings
    Column("own_day_fen", BigInteger),
    Column("locked", Boolean, nullable=False, default=False),
    Column("alerts", Boolean, nullable=False, default=False),
    Column("low_balance_fen", BigInteger),
    one_of("state", PersonState),
    CheckConstraint("own_single_fen >= 0 AND own_day_fen >= 0 AND low_balance_fen >= 0"),
)

cards = Table(
    "cards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("pan_index", String(64), nullable=False, unique=True),
    Column("masked_pan", String(19), nullable=False),
    Column("card_number_index", String(64), nullable=False, index=True),
    Column("card_number_sealed", LargeBinary, nullable=False),
    Column("expiry", String(4), nullable=False),  # YYMM, good to the end of that month
    Column("pin_reference", LargeBinary, nullable=False),
    Column("wrong_pins", Integer, nullable=False, default=0),
    Column("wrong_pins_on", Date),  # the day of the last one
    Column("state", String(16), nullable=False),
    instant("lost_until", nullable=True),  # a loss report that lapses then
    Column("state_before_loss", String(16)),
    Column("replaces", ForeignKey("cards.id")),
    one_of("state", CardState),
    one_of("state_before_loss", CardState),
    CheckConstraint("lost_until IS NULL OR state_before_loss IS NOT NULL"),
)

loss_reports = append_only(
    Table(
        "loss_reports",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("card_id", ForeignKey("cards.id"), nullable=False, index=True),
        Column("kind", String(16), nullable=False),
        instant(),
        instant("until", nullable=True),
        Column("channel", String(16), nullable=False),
        *by_actor(),
        one_of("kind", LossKind),
    )
)

identity_documents = Table(
    "identity_documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # the last day; NULL: for good
    one_of("kind", DocumentKind),
)

contributions = append_only(
    Table(
        "contributions",
        metadata,
        Column("person_id", ForeignKey("persons.id"), primary_key=True),
        Column("month", Date, primary_key=True),  # its first day
        Column("repaired_on", Date),  # paid later, on that day
    )
)

person_groups = Table(
    "person_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("code", String(32), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # the last day
)

health_records = Table(
    "health_records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),  # a health-status code with its source, or an ICD-10 code
    Column("is_diagnosis", Boolean, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("valid_to", Date),  # the last day
)

guardianships = Table(
    "guardianships",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),  # a minor, or somebody under guardianship
    Column("guardian_id", ForeignKey("persons.id"), primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # the last day
    CheckConstraint("person_id <> guardian_id"),
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("code_index", String(64), nullable=False),
    instant("sent_at"),
    instant("expires_at"),
    Column("wrong_tries", Integer, nullable=False, default=0),
    instant("used_at", nullable=True),
    Index("one_time_codes_of", "person_id", "purpose"),
)

sent_messages = Table(
    "sent_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    instant(),
    Column("kind", String(32), nullable=False),  # key of a text
    Column("sealed", LargeBinary, nullable=False),  # what fills its gaps, JSON
)

card_misuses = append_only(
    Table(
        "card_misuses",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("kind", String(32), nullable=False),
        Column("card_index", String(64), nullable=False, index=True),
        Column("person_id", ForeignKey("persons.id")),  # whose card it is
        Column("terminal", String(8)),
    )
)

inheritance_claims = Table(
    "inheritance_claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("heir_index", String(64), nullable=False),
    Column("heir_name_sealed", LargeBinary, nullable=False),
    Column("payee_account_id", ForeignKey("payee_accounts.id"), nullable=False),
    Column("state", String(16), nullable=False),
    instant("filed_at"),
    Column("first_reviewer", String(64)),
    Column("second_reviewer", String(64)),
    Column("paid_fen", BigInteger, nullable=False, default=0),
    one_of("state", ClaimState),
    CheckConstraint("first_reviewer <> second_reviewer"),
)
