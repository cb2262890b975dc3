"""What supervisors see."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from simulators.authority.tables.base import append_only, metadata

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
