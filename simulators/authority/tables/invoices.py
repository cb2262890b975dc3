"""Settlement cases, invoices and what they prove, money that came back, and the credit record."""

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


class CaseState(StrEnum):
    """Life of a settlement case; there is one for each payout."""

    OPEN = "open"  # invoices are awaited
    REMINDED = "reminded"  # the due date is near, or has just passed
    MARKED = "marked"  # overdue for long, and told so
    RECOVERING = "recovering"  # what is not proven is asked back
    SETTLED = "settled"
    REOPENED = "reopened"  # an invoice that was counted turned out to be none


class Result(StrEnum):
    """How a case ends."""

    PAY_DIFFERENCE = "pay_difference"
    NOTHING = "nothing"
    RECOVER = "recover"


class InvoiceState(StrEnum):
    """What became of an invoice that was accepted."""

    ACCEPTED = "accepted"
    CANCELLED = "cancelled"  # by a red invoice, or found false


class CreditEvent(StrEnum):
    """What a credit record holds; only a review enters it."""

    UNPROVEN_ADVANCE = "unproven_advance"
    FALSE_INVOICE = "false_invoice"
    HIDDEN_THIRD_PARTY = "hidden_third_party"
    CARD_LENT = "card_lent"
    REPAIRED = "repaired"  # what was entered before has been made good


settlement_cases = Table(
    "settlement_cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("draw_id", ForeignKey("draws.id"), nullable=False, unique=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("home", String(6), nullable=False),
    Column("place", String(6), nullable=False),
    Column("purpose", String(32)),
    Column("detail", String(32)),  # of the application; NULL: any
    Column("opened_on", Date, nullable=False),  # the business date of the payout
    Column("due", Date, nullable=False),
    Column("extensions", Integer, nullable=False, default=0),
    Column("state", String(16), nullable=False),
    Column("result", String(16)),
    instant("settled_at", nullable=True),
    Column("settled_by", String(64)),
    Column("paid_fen", BigInteger, nullable=False, default=0),  # difference that was paid to the person
    Column("recover_fen", BigInteger, nullable=False, default=0),  # asked back
    Column("repaid_fen", BigInteger, nullable=False, default=0),
    Index("settlement_cases_due", "state", "due"),
    one_of("state", CaseState),
    one_of("result", Result),
    CheckConstraint("paid_fen >= 0 AND recover_fen >= 0 AND repaid_fen >= 0"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number_index", String(64), nullable=False, unique=True),  # once over all persons and regions, for ever
    Column("number_sealed", LargeBinary, nullable=False),
    Column("case_id", ForeignKey("settlement_cases.id"), nullable=False, index=True),
    instant("handed_in_at"),
    Column("issued_on", Date, nullable=False),
    Column("region", String(6), nullable=False),
    Column("institution", String(100), nullable=False),
    Column("detail", String(32), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("pooled_fen", BigInteger, nullable=False),  # what the pooled fund pays of it by a normal claim
    Column("third_party_fen", BigInteger, nullable=False),
    Column("third_party", Boolean, nullable=False),  # declared
    Column("state", String(16), nullable=False),
    one_of("state", InvoiceState),
    CheckConstraint("amount_fen > 0 AND pooled_fen >= 0 AND third_party_fen >= 0"),
    CheckConstraint("pooled_fen + third_party_fen <= amount_fen"),
)

invoice_shares = append_only(
    Table(
        "invoice_shares",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("invoice_id", ForeignKey("invoices.id"), nullable=False, index=True),
        Column("case_id", ForeignKey("settlement_cases.id"), nullable=False, index=True),
        Column("fen", BigInteger, nullable=False),  # what it proves there; less than 0 takes that away
    )
)

refused_invoices = append_only(
    Table(
        "refused_invoices",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("case_id", ForeignKey("settlement_cases.id"), nullable=False, index=True),
        Column("number_index", String(64), nullable=False, index=True),
        Column("problems", String(1000), nullable=False),  # JSON list of [field, key]
        *by_actor(),
    )
)

credit_records = append_only(
    Table(
        "credit_records",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
        instant(),
        Column("event", String(32), nullable=False),
        Column("case_id", ForeignKey("settlement_cases.id")),
        Column("reason", String(200), nullable=False),
        Column("actor", String(64), nullable=False),
        one_of("event", CreditEvent),
    )
)
