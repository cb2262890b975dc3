"""The books: accounts, entries, draws, and questions about holds."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from simulators.authority.tables.base import append_only, metadata, one_of


class AccountKind(StrEnum):
    """Every kind of account there is: the personal-account fund and what it clears through, no pooled fund."""

    PERSONAL = "personal"  # one per person: what the fund owes the person
    TERMINAL_CASH = "terminal_cash"  # one per terminal: notes in its cassettes
    CLEARING = "clearing"  # one per pooling region: what regions owe each other, and where credits come from
    SUSPENSE = "suspense"  # one per terminal: money that moved without an approval, until a person decides


PERSONAL_FUND = "310200"
"""Fund type of the personal account (national platform's dictionary); 310100 is the pooled fund."""


class EntryKind(StrEnum):
    """Why the ledger moved."""

    CREDIT = "credit"  # contribution, transfer-in, interest
    LOAD_CASH = "load_cash"  # notes put into a terminal
    DRAW = "draw"  # a confirmed payout
    GIVE_BACK = "give_back"  # a confirmed payout corrected after a count
    EXCEPTION = "exception"  # a payout reported without an open hold
    SETTLEMENT = "settlement"  # a difference that invoices proved


class DrawState(StrEnum):
    """Life of one approval; a refused request leaves none."""

    HELD = "held"
    CONFIRMED = "confirmed"  # `confirmed_fen` was paid, the rest of the hold is free again
    REVERSED = "reversed"
    TOMBSTONE = "tombstone"  # its reversal or confirm came first: the request itself will be refused


class EnquiryState(StrEnum):
    """Life of a question about a hold whose advice never came."""

    OPEN = "open"
    OVERDUE = "overdue"  # its deadline passed; the money is still on hold
    SETTLED = "settled"  # the advice came after all
    DECIDED = "decided"  # by people who had the terminal counted


accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("owner", String(32), nullable=False),  # person id, terminal id or pooling region
    Column("fund", String(6)),
    UniqueConstraint("kind", "owner"),
    one_of("kind", AccountKind),
    CheckConstraint(f"(kind = '{AccountKind.PERSONAL}') = (fund IS NOT NULL)"),
    CheckConstraint(f"fund IS NULL OR fund = '{PERSONAL_FUND}'"),
)

entries = append_only(
    Table(
        "entries",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("reference", String(64), nullable=False, unique=True),  # the same movement is never posted twice
        Column("kind", String(16), nullable=False),
        Column("posted_at", String(32), nullable=False),
        Column("business_date", Date, nullable=False),
        Column("draw_id", ForeignKey("draws.id")),
        Column("terminal", String(8)),
        Column("place", String(6)),
        Column("purpose", String(32)),
        Column("text", String(200), nullable=False),
        one_of("kind", EntryKind),
    )
)

postings = append_only(
    Table(
        "postings",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("entry_id", ForeignKey("entries.id"), nullable=False, index=True),
        Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
        Column("debit_fen", Integer, nullable=False),
        Column("credit_fen", Integer, nullable=False),
        CheckConstraint("debit_fen >= 0 AND credit_fen >= 0 AND (debit_fen = 0) <> (credit_fen = 0)"),
    )
)

draws = Table(
    "draws",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("terminal", ForeignKey("terminals.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("stan", Integer, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("at", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("person_id", ForeignKey("persons.id"), index=True),  # NULL in a tombstone
    Column("amount_fen", Integer, nullable=False),
    Column("confirmed_fen", Integer, nullable=False, default=0),
    Column("given_back_fen", Integer, nullable=False, default=0),
    Column("home", String(6)),
    Column("place", String(6), nullable=False),
    Column("purpose", String(32)),
    Column("decision_id", ForeignKey("decisions.id")),
    UniqueConstraint("terminal", "batch", "stan", "business_date"),
    one_of("state", DrawState),
    CheckConstraint("amount_fen >= 0 AND confirmed_fen BETWEEN 0 AND amount_fen"),
    CheckConstraint("given_back_fen BETWEEN 0 AND confirmed_fen"),
)

enquiries = Table(
    "enquiries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draw_id", ForeignKey("draws.id"), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("deadline", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("ending", String(200)),
    one_of("state", EnquiryState),
)
