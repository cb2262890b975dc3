"""Terminals, what was said to them, and their batches."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from simulators.authority.tables.base import append_only, instant, metadata, one_of


class BatchState(StrEnum):
    """How a batch ended; the one that is open has no row yet."""

    BALANCED = "balanced"  # the terminal's totals are ours
    UPLOADING = "uploading"  # they are not: the terminal tells every payout
    DIFFERENT = "different"  # it has told them; what differs is an exception


terminals = Table(
    "terminals",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("merchant", String(15), nullable=False),
    Column("region", String(6), nullable=False),
    Column("tmk", LargeBinary, nullable=False),  # this and the next three: wrapped under the HSM's master key
    Column("sm4_tmk", LargeBinary),  # NULL: this terminal can't sign on for SM4 keys
    Column("pik", LargeBinary),
    Column("mak", LargeBinary),
    Column("cipher", String(4), nullable=False, default="TDES"),  # of pik and mak
    Column("batch", Integer, nullable=False, default=1),
    instant("signed_on_at", nullable=True),  # NULL: not signed on; the keys stay good for advices
)

anchors = Table(
    "anchors",
    metadata,
    Column("terminal", ForeignKey("terminals.id"), primary_key=True),
    Column("seq", Integer, nullable=False),  # the highest record of its journal that the terminal has told
    Column("digest", String(16), nullable=False),
    instant(),
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
        instant(),
        Column("request_mac", LargeBinary, nullable=False),
        Column("card_id", ForeignKey("cards.id")),  # NULL: the PIN of no card was proved right
        Column("reply", String(2000), nullable=False),  # JSON of the fields the authority gave, none of them secret
        UniqueConstraint("terminal", "batch", "stan", "business_date"),
    )
)

chip_counters = Table(
    "chip_counters",
    metadata,
    Column("card_id", ForeignKey("cards.id"), primary_key=True),
    Column("sequence", String(2), primary_key=True),  # last digits of field 23: which of the cards with that number
    Column("counter", Integer, nullable=False),  # the highest number of a transaction that the chip has told
    instant(),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("terminal", ForeignKey("terminals.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    instant(),  # of the first 0500
    Column("business_date", Date, nullable=False),
    Column("told_debit_fen", BigInteger, nullable=False),  # these four: by the terminal
    Column("told_debit_count", Integer, nullable=False),
    Column("told_credit_fen", BigInteger, nullable=False),
    Column("told_credit_count", Integer, nullable=False),
    Column("our_debit_fen", BigInteger, nullable=False),  # these two: by our books at that moment
    Column("our_debit_count", Integer, nullable=False),
    instant("closed_at", nullable=True),
    UniqueConstraint("terminal", "batch"),
    one_of("state", BatchState),
)

batch_records = append_only(
    Table(
        "batch_records",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("batch_id", ForeignKey("batches.id"), nullable=False),
        Column("stan", Integer, nullable=False),  # with the date: of the payout that it tells
        Column("business_date", Date, nullable=False),
        Column("processing_code", String(6), nullable=False),
        Column("amount_fen", BigInteger, nullable=False),
        Column("reference", String(12)),
        instant(),
        UniqueConstraint("batch_id", "stan", "business_date"),
    )
)
