"""What supervisors see and order: providers, suspensions, requests with their risk, incidents, the audit chain."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from simulators.authority.tables.base import append_only, by_actor, instant, metadata, one_of


class ProviderState(StrEnum):
    """Where a provider's authorisation stands; its dates are told apart."""

    AUTHORISED = "authorised"
    WITHDRAWN = "withdrawn"  # for good; a suspension is for a time


class Measure(StrEnum):
    """What a supervisor orders against a provider, terminal, region or person."""

    SUSPENSION = "suspension"
    LEGAL_HOLD = "legal_hold"  # of a person under investigation
    RECTIFICATION = "rectification"  # of a provider or terminal: to be mended by a date, stops nothing by itself


class Matter(StrEnum):
    """The class of a decline or incident: what kind of risk it tells of."""

    COMPLIANCE = "compliance"
    INFORMATION_SECURITY = "information_security"
    LEGAL = "legal"
    SERVICE = "service"


class Asked(StrEnum):
    """What a request is for."""

    QUOTE = "quote"
    CASH = "cash"
    TRANSFER = "transfer"


class RiskAction(StrEnum):
    """What the risk rules say of a request."""

    NOT_ASKED = "not_asked"  # a quote, or refused before the rules were asked
    PASS = "pass"  # noqa: S105  # the verdict
    CLUE = "clue"  # goes on, and supervision hears of it
    DECLINE = "decline"
    UNFINISHED = "unfinished"  # could not be judged, so nothing is paid


class LinkKind(StrEnum):
    """What two persons may share."""

    PHONE = "phone"
    PAYEE = "payee"


class CaseKind(StrEnum):
    """What a case is about."""

    RISK_DECLINE = "risk_decline"  # the risk rules stopped a payout
    RISK_CLUE = "risk_clue"  # they let it go on, and told
    REPORT = "report"  # somebody told, with or without a name
    PROMOTION = "promotion"  # cash for cards is offered, or an enterprise meddles: forbidden
    VIOLATION = "violation"  # found afterwards: freeze, notice, recovery, penalty, report
    ALARM = "alarm"  # a figure is past its threshold
    COMPLAINT = "complaint"


class CaseState(StrEnum):
    """Life of a case."""

    OPEN = "open"  # of the region's supervisors; nobody has it in hand
    IN_HAND = "in_hand"
    CLOSED = "closed"


class Step(StrEnum):
    """The procedure after a violation, in this order."""

    FREEZE = "freeze"
    NOTICE = "notice"
    RECOVERY = "recovery"
    PENALTY = "penalty"
    REPORT = "report"  # names the loop hole, and closes the case


class TerminalEventKind(StrEnum):
    """What terminals tell of themselves, or the host sees of them."""

    UP = "up"  # signed on, or in service again
    DOWN = "down"  # signed off, or out of service
    HEARD = "heard"  # an echo
    RETRACTED = "retracted"
    CAPTURED = "captured"
    VISIT = "visit"  # with its seconds, from card in to card out


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
    instant("from_at"),
    instant("to_at", nullable=True),  # NULL: until it is lifted
    Column("reason", String(200), nullable=False),
    instant("ordered_at"),
    Column("ordered_by", String(64), nullable=False),
    instant("lifted_at", nullable=True),
    Column("lifted_by", String(64)),
    one_of("measure", Measure),
    Index("suspensions_in_force", "subject", "lifted_at"),
)

payout_requests = append_only(
    Table(
        "payout_requests",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("trace", String(40), nullable=False),  # names the request on every hop
        Column("channel", String(8), nullable=False),
        Column("asked", String(8), nullable=False),
        Column("terminal", String(8)),
        Column("provider", String(15)),
        Column("place", String(6)),
        Column("home", String(6)),  # NULL: the card is unknown
        Column("person_id", ForeignKey("persons.id")),
        Column("card_index", String(64)),
        Column("amount_fen", BigInteger),  # NULL: a quote
        Column("most_fen", BigInteger),  # what could have been asked, as far as was known
        Column("code", String(2), nullable=False),
        Column("matter", String(24)),  # NULL: approved
        Column("risk", String(16), nullable=False),
        Column("points", Integer, nullable=False),
        Column("findings", String(2000), nullable=False),  # JSON: rule, points, value
        Column("risk_version", String(32)),
        Column("decision_id", ForeignKey("decisions.id")),
        Column("draw_id", ForeignKey("draws.id")),
        one_of("asked", Asked),
        one_of("matter", Matter),
        one_of("risk", RiskAction),
        Index("payout_requests_of_person", "person_id", "at"),
        Index("payout_requests_at_terminal", "terminal", "at"),
        Index("payout_requests_at", "at"),
    )
)

links = Table(
    "links",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("value_index", String(64), primary_key=True),  # keyed and one-way
    instant("since"),
    one_of("kind", LinkKind),
    Index("links_by_value", "kind", "value_index"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("matter", String(24), nullable=False),
    Column("subject", String(64), nullable=False),  # as in "person:17"
    Column("region", String(6), nullable=False),
    Column("text", String(200), nullable=False),
    Column("statement_sealed", LargeBinary),  # of a report: may name people
    Column("contact_sealed", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("owner", String(64), nullable=False),
    instant("opened_at"),
    Column("opened_by", String(64), nullable=False),
    instant("due"),
    instant("escalated_at", nullable=True),
    instant("closed_at", nullable=True),
    Column("outcome", String(200)),
    one_of("kind", CaseKind),
    one_of("matter", Matter),
    one_of("state", CaseState),
    CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)"),
    Index("cases_of_subject", "subject", "kind", "state"),
)

case_events = append_only(
    Table(
        "case_events",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
        instant(),
        *by_actor(),
        Column("event", String(32), nullable=False),
        Column("text", String(200), nullable=False),
    )
)

violation_steps = append_only(
    Table(
        "violation_steps",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("case_id", ForeignKey("cases.id"), nullable=False),
        Column("step", String(16), nullable=False),
        instant(),
        *by_actor(),
        Column("actor_person_id", ForeignKey("persons.id")),
        Column("text", String(200), nullable=False),
        Column("fen", BigInteger),  # to be recovered, or of the penalty
        Column("order_id", ForeignKey("suspensions.id")),
        UniqueConstraint("case_id", "step"),
        one_of("step", Step),
    )
)

terminal_events = append_only(
    Table(
        "terminal_events",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("terminal", String(8), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("seconds", Integer),
        one_of("kind", TerminalEventKind),
        Index("terminal_events_of_day", "terminal", "at"),
    )
)

incidents = append_only(
    Table(
        "incidents",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        Column("kind", String(32), nullable=False),
        Column("matter", String(24), nullable=False),
        Column("terminal", String(8)),
        Column("draw_id", ForeignKey("draws.id")),
        Column("text", String(200), nullable=False),
        one_of("matter", Matter),
    )
)

audit_events = append_only(
    Table(
        "audit_events",
        metadata,
        Column("id", Integer, primary_key=True),
        instant(),
        *by_actor(),
        Column("event", String(64), nullable=False),
        Column("subject", String(64), nullable=False),  # table and id, as in "application:17"
        Column("detail", String(2000), nullable=False),  # JSON, nothing in it that names a person or card
    )
)

audit_links = append_only(
    Table(
        "audit_links",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("event_id", ForeignKey("audit_events.id"), nullable=False, unique=True),
        Column("before", String(64), nullable=False, unique=True),  # so no digest has two successors
        Column("digest", String(64), nullable=False),
    )
)
