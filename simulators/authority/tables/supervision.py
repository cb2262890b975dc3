"""What supervisors see and order: providers, suspensions, incidents, the audit chain."""

from enum import StrEnum

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from simulators.authority.tables.base import append_only, metadata, one_of


class ProviderState(StrEnum):
    """Where a provider's authorisation stands; its dates are told apart."""

    AUTHORISED = "authorised"
    WITHDRAWN = "withdrawn"  # for good; a suspension is for a time


class Measure(StrEnum):
    """What a supervisor orders against a provider, terminal, region or person."""

    SUSPENSION = "suspension"
    LEGAL_HOLD = "legal_hold"  # of a person under investigation
    RECTIFICATION = "rectification"  # of a provider or terminal: to be mended by a date, stops nothing by itself


providers = Table(
    "providers",
    metadata,
    Column("id", String(15), primary_key=True),  # the merchant of field 42
    Column("name", String(100), nullable=False),
    Column("region", String(6), nullable=False),
    Column("authorised_from", Date, nullable=False),
    Column("authorised_to", Date),  # the last day
    Column("state", String(16), nullable=False),
    one_of("state", ProviderState),
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(32), nullable=False),  # as in "provider:371000000000001" or "person:17"
    Column("measure", String(16), nullable=False),
    Column("from_at", String(32), nullable=False),
    Column("to_at", String(32)),  # NULL: until it is lifted
    Column("reason", String(200), nullable=False),
    Column("ordered_at", String(32), nullable=False),
    Column("ordered_by", String(64), nullable=False),
    Column("lifted_at", String(32)),
    Column("lifted_by", String(64)),
    one_of("measure", Measure),
    Index("suspensions_in_force", "subject", "lifted_at"),
)

incidents = append_only(
    Table(
        "incidents",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("kind", String(32), nullable=False),
        Column("terminal", String(8)),
        Column("draw_id", ForeignKey("draws.id")),
        Column("text", String(200), nullable=False),
    )
)

audit_events = append_only(
    Table(
        "audit_events",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("role", String(16), nullable=False),
        Column("actor", String(64), nullable=False),
        Column("event", String(64), nullable=False),
        Column("subject", String(64), nullable=False),  # table and id, as in "application:17"
        Column("detail", String(2000), nullable=False),  # JSON, nothing in it that names a person or card
        Column("digest", String(64), nullable=False),
    )
)
