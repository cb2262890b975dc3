"""Decisions, with every rule that was evaluated."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from simulators.authority.tables.base import append_only, instant, metadata

decisions = append_only(
    Table(
        "decisions",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("person_id", ForeignKey("persons.id"), nullable=False),
        Column("terminal", ForeignKey("terminals.id")),  # NULL: online, at the counter
        Column("stage", String(16), nullable=False),
        Column("channel", String(16), nullable=False),
        Column("mode", String(16), nullable=False),
        Column("purpose", String(32), nullable=False),
        Column("application_id", ForeignKey("applications.id")),  # NULL: a standing approval, or none
        Column("amount_fen", BigInteger),  # NULL: a quote
        Column("home", String(6), nullable=False),
        Column("home_version", String(32), nullable=False),
        Column("place", String(6), nullable=False),
        Column("place_version", String(32), nullable=False),
        Column("code", String(2), nullable=False),
        Column("maximum_fen", BigInteger, nullable=False),
        Column("detail", String(16)),
        Column("situation", String(32)),
        Column("provider", String(15)),
        Column("facts", Text),  # JSON of the money and counts that it was based on; NULL: a quote
    )
)

decision_rules = append_only(
    Table(
        "decision_rules",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("decision_id", ForeignKey("decisions.id"), nullable=False, index=True),
        Column("rule", String(32), nullable=False),
        Column("region", String(6), nullable=False),
        Column("version", String(32), nullable=False),
        Column("outcome", String(16), nullable=False),
        Column("value", String(200), nullable=False),
        Column("basis", String(160), nullable=False),  # with the days from which to which it holds
    )
)
