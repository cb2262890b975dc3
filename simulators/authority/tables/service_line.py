"""Who may use the service line, who has signed on, and answers that were given."""

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from simulators.authority.tables.base import append_only, instant, metadata, one_of


class ChannelKind(StrEnum):
    """What kind of official channel it is."""

    TERMINAL = "terminal"
    APP = "app"
    WEB = "web"
    COUNTER = "counter"
    PHONE = "phone"
    OFFICE = "office"  # of the authority itself: reviewers, supervisors, policy makers


class StaffRole(StrEnum):
    """In what role somebody of the staff signs on; the words of `actors.Role`."""

    TELLER = "teller"
    REVIEWER = "reviewer"
    POLICY_MAKER = "policy_maker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"


channels = Table(
    "channels",
    metadata,
    Column("id", String(30), primary_key=True),  # a terminal's is that of field 41
    Column("kind", String(16), nullable=False),
    Column("region", String(6), nullable=False),
    Column("provider", String(15), nullable=False),
    Column("key_sealed", LargeBinary),  # NULL: its requests are not signed
    instant("withdrawn_at", nullable=True),
    one_of("kind", ChannelKind),
)

staff = Table(
    "staff",
    metadata,
    Column("id", String(30), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("region", String(6)),  # NULL: all regions
    Column("person_id", ForeignKey("persons.id")),  # who that is as an insured person, where it is known
    Column("password_salt", LargeBinary, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),  # scrypt
    Column("failures", Integer, nullable=False, default=0),
    instant("locked_until", nullable=True),
    Column("disabled", Boolean, nullable=False, default=False),
    one_of("role", StaffRole),
)

person_logins = Table(
    "person_logins",
    metadata,
    Column("id", String(30), primary_key=True),  # a name of the person's choice
    Column("person_id", ForeignKey("persons.id"), nullable=False, unique=True),
    Column("password_salt", LargeBinary, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),  # scrypt
    Column("failures", Integer, nullable=False, default=0),
    instant("locked_until", nullable=True),
    Column("disabled", Boolean, nullable=False, default=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sign_no_index", String(64), nullable=False, unique=True),  # whoever has the number is the caller
    Column("caller", String(16), nullable=False),
    Column("opter", String(30), nullable=False),
    Column("channel", ForeignKey("channels.id"), nullable=False),
    Column("region", String(6)),
    Column("person_id", ForeignKey("persons.id")),
    instant("opened_at"),
    instant("used_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
)

ratings = append_only(
    Table(
        "ratings",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("day", Date, nullable=False),  # no time, no session: a rating leads to nobody
        Column("channel", ForeignKey("channels.id"), nullable=False),
        Column("stars", Integer, nullable=False),
        CheckConstraint("stars BETWEEN 1 AND 5"),
    )
)

service_answers = Table(
    "service_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("caller", String(64), nullable=False),  # as in "terminal:K0000001"
    Column("msgid", String(30), nullable=False),
    Column("infno", String(4), nullable=False),
    instant(),
    Column("request_index", String(64), nullable=False),  # keyed digest of what was asked
    Column("status", Integer),  # this and the next are NULL only while it is being answered
    Column("answer_sealed", LargeBinary),
    UniqueConstraint("caller", "msgid"),
)
