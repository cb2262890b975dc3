"""The books: accounts, entries, parts of the personal account, draws, transfers, and questions about holds."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.base import append_only, instant, metadata, one_of


class AccountKind(StrEnum):
    """Every kind of account there is: the personal-account fund and what it clears through, no pooled fund."""

    PERSONAL = "personal"  # one per person: what the fund owes the person
    BANK = "bank"  # one per bank account of a person: what was credited there
    TERMINAL_CASH = "terminal_cash"  # one per terminal: notes in its cassettes
    COUNTER_CASH = "counter_cash"  # one per provider: notes paid out at its counters
    CLEARING = "clearing"  # one per pooling region: what regions owe each other, and where credits come from
    SUSPENSE = "suspense"  # one per terminal or provider: money that moved without an approval, until a person decides
    TRANSFER = "transfer"  # one per bank account: money that has left the fund and is not credited yet


PERSONAL_FUND = "310200"
"""Fund type of the personal account (national platform's dictionary); 310100 is the pooled fund."""


class EntryKind(StrEnum):
    """Why the ledger moved."""

    CREDIT = "credit"  # of a kind of `CreditKind`
    LOAD_CASH = "load_cash"  # notes put into a terminal
    DRAW = "draw"  # a confirmed payout
    GIVE_BACK = "give_back"  # a confirmed payout corrected after a count, or a transfer that came back
    EXCEPTION = "exception"  # a payout reported without an open hold
    SETTLEMENT = "settlement"  # a difference that invoices proved
    INHERITANCE = "inheritance"  # what was left went to an heir
    TRANSFER = "transfer"  # a bank has credited what it could not credit at once
    CLEARING = "clearing"  # what regions owed each other was settled


class CreditKind(StrEnum):
    """What the authority credits; a person can't pay in."""

    CONTRIBUTION = "contribution"
    ARREARS = "arrears"
    TRANSFER_IN = "transfer_in"
    INTEREST = "interest"
    RECOVERY = "recovery"  # an advance that was paid back
    CORRECTION = "correction"  # may take money away
    GIVE_BACK = "give_back"  # money of a payout that has no part to go back to


class Part(StrEnum):
    """What a posting on a personal account touches."""

    CARRIED_OVER = "CARRIED_OVER"  # credited before the current year
    CURRENT_YEAR = "CURRENT_YEAR"
    DEBT = "DEBT"  # more was taken than was there, or a credit settles that


class DrawState(StrEnum):
    """Life of one approval; a refused request leaves none."""

    HELD = "held"
    CONFIRMED = "confirmed"  # `confirmed_fen` was paid, the rest of the hold is free again
    REVERSED = "reversed"
    TOMBSTONE = "tombstone"  # its reversal or confirm came first: the request itself will be refused


class TransferState(StrEnum):
    """Where the money of a transfer is."""

    PENDING = "pending"  # the bank did not answer: neither with the fund nor with the person, and tried again
    CREDITED = "credited"
    RETURNED = "returned"  # back on the personal account


class ExceptionKind(StrEnum):
    """Why debits and payouts are not even, or not known to be."""

    OPEN_HOLD = "open_hold"  # an enquiry waits: was it paid?
    PENDING_TRANSFER = "pending_transfer"
    SUSPENSE = "suspense"  # paid without an open approval
    DEBT = "debt"  # a person owes the fund
    MISSING_HERE = "missing_here"  # the terminal tells of a payout, the books have none
    MISSING_THERE = "missing_there"  # the books have a payout, the terminal does not tell of it
    AMOUNT_DIFFERS = "amount_differs"


class ExceptionState(StrEnum):
    """Life of an exception."""

    OPEN = "open"
    ENDED = "ended"  # what it named is no more
    CLOSED = "closed"  # by people


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
    Column("owner", String(32), nullable=False),  # person, bank account, terminal, provider or pooling region
    Column("fund", String(6)),
    Column("balance_fen", BigInteger, nullable=False, default=0),  # credits less debits, where `ledger.py` keeps it
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
        Column("credit_kind", String(16)),
        instant("posted_at"),
        Column("business_date", Date, nullable=False),
        Column("draw_id", ForeignKey("draws.id"), index=True),
        Column("terminal", String(8)),
        Column("place", String(6)),
        Column("purpose", String(32)),
        Column("text", String(200), nullable=False),
        one_of("kind", EntryKind),
        one_of("credit_kind", CreditKind),
        CheckConstraint(f"(kind = '{EntryKind.CREDIT}') = (credit_kind IS NOT NULL)"),
        Index("ix_entries_business_date", "business_date"),
    )
)

fund_parts = Table(
    "fund_parts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("vintage", Date, nullable=False),  # the day on which it counts as credited
    Column("amount_fen", BigInteger, nullable=False),  # of the credit, less what settled a debt
    Column("left_fen", BigInteger, nullable=False),  # the postings that name it say the same
    Column("reference", String(64), nullable=False, unique=True),  # that of its entry
    Index("ix_fund_parts_person", "person_id", "vintage"),
    one_of("kind", CreditKind),
    CheckConstraint("left_fen BETWEEN 0 AND amount_fen"),
)

postings = append_only(
    Table(
        "postings",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("entry_id", ForeignKey("entries.id"), nullable=False, index=True),
        Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
        Column("debit_fen", BigInteger, nullable=False),
        Column("credit_fen", BigInteger, nullable=False),
        Column("part", String(16)),  # of a personal account; NULL on all others
        Column("part_id", ForeignKey("fund_parts.id"), index=True),  # NULL: a debt
        one_of("part", Part),
        CheckConstraint("debit_fen >= 0 AND credit_fen >= 0 AND (debit_fen = 0) <> (credit_fen = 0)"),
    )
)

draws = Table(
    "draws",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("terminal", ForeignKey("terminals.id")),  # with the next two: NULL for a payout that passes no terminal
    Column("batch", Integer),
    Column("stan", Integer),
    Column("message_id", String(64), unique=True),  # of such a payout
    Column("provider", String(15)),  # whose terminal, counter or application it is
    Column("business_date", Date, nullable=False),
    instant(),
    Column("state", String(16), nullable=False),
    Column("channel", String(16)),  # this and the next six: NULL in a tombstone
    Column("mode", String(16)),
    Column("person_id", ForeignKey("persons.id")),
    Column("home", String(6)),
    Column("home_pool", String(6)),  # pooling region of `home` when it was authorised
    Column("purpose", String(32)),
    Column("decision_id", ForeignKey("decisions.id")),
    Column("application_id", ForeignKey("applications.id"), index=True),  # NULL: a standing approval
    Column("payee_account_id", ForeignKey("payee_accounts.id"), index=True),  # of a transfer
    Column("place", String(6), nullable=False),
    Column("place_pool", String(6), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("confirmed_fen", BigInteger, nullable=False, default=0),
    Column("given_back_fen", BigInteger, nullable=False, default=0),
    Column("fund_order", String(32)),  # of the policy at authorisation: which parts pay first
    Column("carried_over_before", Date),  # the first day of the current year by that policy
    Column("vintage_before", Date),  # credits from this day on are not for drawing; NULL: all are
    UniqueConstraint("terminal", "batch", "stan", "business_date"),
    Index("ix_draws_person", "person_id", "business_date"),
    Index("ix_draws_home", "home_pool", "business_date"),
    Index("ix_draws_place", "place_pool", "business_date"),
    Index("ix_draws_state", "state", "at"),
    one_of("state", DrawState),
    one_of("mode", PayoutMode),
    CheckConstraint("(terminal IS NULL) = (message_id IS NOT NULL)"),
    CheckConstraint("amount_fen >= 0 AND confirmed_fen BETWEEN 0 AND amount_fen"),
    CheckConstraint("given_back_fen BETWEEN 0 AND confirmed_fen"),
    CheckConstraint(f"mode IS NULL OR (mode = '{PayoutMode.TRANSFER}') = (payee_account_id IS NOT NULL)"),
)

releases = append_only(
    Table(
        "releases",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
        Column("application_id", ForeignKey("applications.id")),  # whose approval ended; or:
        Column("draw_id", ForeignKey("draws.id"), unique=True),  # whose hold ended
        Column("fen", BigInteger, nullable=False),
        CheckConstraint("(application_id IS NULL) <> (draw_id IS NULL)"),
        CheckConstraint("fen > 0"),
    )
)

transfers = Table(
    "transfers",
    metadata,
    Column("draw_id", ForeignKey("draws.id"), primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant("next_attempt_at", nullable=True),
    instant("deadline"),  # then the money goes back
    instant("ended_at", nullable=True),
    Column("cause", String(32)),  # why the bank has not credited it, or why it went back
    Index("ix_transfers_state", "state", "next_attempt_at"),
    one_of("state", TransferState),
)

bank_outages = Table(
    "bank_outages",
    metadata,
    Column("prefix", String(6), primary_key=True),  # how the bank's account numbers begin
    instant("since"),
)

region_days = Table(
    "region_days",
    metadata,
    Column("region", String(6), primary_key=True),  # pooling region
    Column("business_date", Date, primary_key=True),
    Column("insured_fen", BigInteger, nullable=False),  # drawn by people insured here, holds included
    Column("paid_fen", BigInteger, nullable=False),  # drawn here, by whomever
)

enquiries = Table(
    "enquiries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draw_id", ForeignKey("draws.id"), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    instant("opened_at"),
    instant("deadline"),
    instant("closed_at", nullable=True),
    Column("ending", String(200)),
    one_of("state", EnquiryState),
)

ledger_exceptions = Table(
    "ledger_exceptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", String(64), nullable=False),  # who has to see to it
    Column("payer", String(32)),  # terminal or provider
    Column("draw_id", ForeignKey("draws.id")),
    Column("person_id", ForeignKey("persons.id")),
    Column("amount_fen", BigInteger, nullable=False),
    instant("opened_at"),
    instant("closed_at", nullable=True),
    Column("ending", String(200)),
    Index("ix_ledger_exceptions_state", "state"),
    one_of("kind", ExceptionKind),
    one_of("state", ExceptionState),
)

clearing_runs = append_only(
    Table(
        "clearing_runs",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("day", Date, nullable=False, unique=True),
        instant(),
    )
)

cleared_entries = append_only(
    Table(
        "cleared_entries",
        metadata,
        Column("entry_id", ForeignKey("entries.id"), primary_key=True),  # once, ever
        Column("run_id", ForeignKey("clearing_runs.id"), nullable=False, index=True),
    )
)

clearing_positions = append_only(
    Table(
        "clearing_positions",
        metadata,
        Column("run_id", ForeignKey("clearing_runs.id"), primary_key=True),
        Column("debtor", String(6), primary_key=True),  # pooling region
        Column("creditor", String(6), primary_key=True),
        Column("owed_fen", BigInteger, nullable=False),  # for people of the debtor, paid by the creditor
        Column("counter_fen", BigInteger, nullable=False),  # the other way round
        Column("payouts", Integer, nullable=False),
        CheckConstraint("owed_fen >= counter_fen"),
    )
)
