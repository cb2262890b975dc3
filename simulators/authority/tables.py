"""The authority's tables. What tells money or proves a decision is append-only: triggers refuse UPDATE and DELETE.

Amounts are integer fen. Times are ISO 8601 with offset, business dates are dates of the home region's day. Names and
numbers of persons and cards are stored sealed or as keyed indexes (`hsm.py`), never in clear.
"""

from enum import StrEnum

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
)


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


metadata = MetaData()


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})")


persons = Table(
    "persons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("id_index", String(64), nullable=False, unique=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("id_number_sealed", LargeBinary, nullable=False),
    Column("region", String(6), nullable=False),
    Column("state", String(16), nullable=False),
    _one_of("state", PersonState),
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
    _one_of("state", CardState),
)

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

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("owner", String(32), nullable=False),  # person id, terminal id or pooling region
    Column("fund", String(6)),
    UniqueConstraint("kind", "owner"),
    _one_of("kind", AccountKind),
    CheckConstraint(f"(kind = '{AccountKind.PERSONAL}') = (fund IS NOT NULL)"),
    CheckConstraint(f"fund IS NULL OR fund = '{PERSONAL_FUND}'"),
)

entries = Table(
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
    _one_of("kind", EntryKind),
)

postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("debit_fen", Integer, nullable=False),
    Column("credit_fen", Integer, nullable=False),
    CheckConstraint("debit_fen >= 0 AND credit_fen >= 0 AND (debit_fen = 0) <> (credit_fen = 0)"),
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
    _one_of("state", DrawState),
    CheckConstraint("amount_fen >= 0 AND confirmed_fen BETWEEN 0 AND amount_fen"),
    CheckConstraint("given_back_fen BETWEEN 0 AND confirmed_fen"),
)

anchors = Table(
    "anchors",
    metadata,
    Column("terminal", ForeignKey("terminals.id"), primary_key=True),
    Column("seq", Integer, nullable=False),  # the highest record of its journal that the terminal has told
    Column("digest", String(16), nullable=False),
    Column("at", String(32), nullable=False),
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
    _one_of("state", EnquiryState),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("terminal", ForeignKey("terminals.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("stan", Integer, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("at", String(32), nullable=False),
    Column("request_mac", LargeBinary, nullable=False),
    Column("reply", String(2000), nullable=False),  # JSON of the fields the authority gave, none of them secret
    UniqueConstraint("terminal", "batch", "stan", "business_date"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("terminal", ForeignKey("terminals.id"), nullable=False),
    Column("amount_fen", Integer),  # NULL: a quote
    Column("home", String(6), nullable=False),
    Column("home_version", String(32), nullable=False),
    Column("place", String(6), nullable=False),
    Column("place_version", String(32), nullable=False),
    Column("code", String(2), nullable=False),
    Column("maximum_fen", Integer, nullable=False),
)

decision_rules = Table(
    "decision_rules",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False, index=True),
    Column("rule", String(32), nullable=False),
    Column("region", String(6), nullable=False),
    Column("version", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("value", String(32), nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("terminal", String(8)),
    Column("draw_id", ForeignKey("draws.id")),
    Column("text", String(200), nullable=False),
)

APPEND_ONLY = (entries, postings, exchanges, decisions, decision_rules, incidents)
"""Nothing here is ever changed; a mistake is mended by a further row."""

for _table in APPEND_ONLY:
    for _verb in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {_table.name}_no_{_verb.lower()} BEFORE {_verb} ON {_table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{_table.name} is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
