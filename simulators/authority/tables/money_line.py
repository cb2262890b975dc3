"""Terminals and what was said to them."""

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from simulators.authority.tables.base import append_only, metadata

terminals = Table(
    "terminals",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("merchant", String(15), nullable=False),
    Column("region", String(6), nullable=False),
    Column("tmk", LargeBinary, nullable=False),  # this and the next two: wrapped under the HSM's master key
    Column("pik", LargeBinary),
    Column("mak", LargeBinary),
    Column("batch", Integer, nullable=False, default=1),
    Column("signed_on_at", String(32)),  # NULL: not signed on; the keys stay good for advices
)

anchors = Table(
    "anchors",
    metadata,
    Column("terminal", ForeignKey("terminals.id"), primary_key=True),
    Column("seq", Integer, nullable=False),  # the highest record of its journal that the terminal has told
    Column("digest", String(16), nullable=False),
    Column("at", String(32), nullable=False),
)

exchanges = append_only(
    Table(
        "exchanges",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("terminal", ForeignKey("terminals.id"), nullable=False),
        Column("batch", Integer, nullable=False),
        Column("stan", Integer, nullable=False),
        Column("business_date", Date, nullable=False),
        Column("at", String(32), nullable=False),
        Column("request_mac", LargeBinary, nullable=False),
        Column("card_id", ForeignKey("cards.id")),  # NULL: the PIN of no card was proved right
        Column("reply", String(2000), nullable=False),  # JSON of the fields the authority gave, none of them secret
        UniqueConstraint("terminal", "batch", "stan", "business_date"),
    )
)
