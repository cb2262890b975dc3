"""Policies that were handed in as drafts, who signed them, and which ones were activated."""

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from simulators.authority.tables.base import append_only, by_actor, instant, metadata

policy_drafts = append_only(
    Table(
        "policy_drafts",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("region", String(6), nullable=False),
        Column("version", String(32), nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the text
        Column("text", Text, nullable=False),  # the file as it was handed in
        UniqueConstraint("region", "version"),
    )
)

policy_signatures = append_only(
    Table(
        "policy_signatures",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("draft_id", ForeignKey("policy_drafts.id"), nullable=False, index=True),
        instant(),
        *by_actor(),
        Column("person_id", ForeignKey("persons.id")),
        UniqueConstraint("draft_id", "role", "actor"),
    )
)

policy_activations = append_only(
    Table(
        "policy_activations",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("draft_id", ForeignKey("policy_drafts.id"), nullable=False, unique=True),
        instant(),
    )
)
