"""What supervisors see and order: providers, suspensions, requests with their risk, incidents, the audit chain."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table

from simulators.authority.tables.base import append_only, metadata, one_of


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
    Column("from_at", String(32), nullable=False),
    Column("to_at", String(32)),  # NULL: until it is lifted
    Column("reason", String(200), nullable=False),
    Column("ordered_at", String(32), nullable=False),
    Column("ordered_by", String(64), nullable=False),
    Column("lifted_at", String(32)),
    Column("lifted_by", String(64)),
    one_of("measure", Measure),
    Index("suspensions_in_force", "subject", "lifted_at"),
)

payout_requests = append_only(
    Table(
        "payout_requests",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
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
    Column("since", String(32), nullable=False),
    one_of("kind", LinkKind),
    Index("links_by_value", "kind", "value_index"),
)

proofs = append_only(
    Table(
        "proofs",
        metadata,
        Column("draw_id", ForeignKey("draws.id"), primary_key=True),
        Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
        Column("at", String(32), nullable=False),
    )
)

incidents = append_only(
    Table(
        "incidents",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
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
        Column("at", String(32), nullable=False),
        Column("role", String(16), nullable=False),
        Column("actor", String(64), nullable=False),
        Column("event", String(64), nullable=False),
        Column("subject", String(64), nullable=False),  # table and id, as in "application:17"
        Column("detail", String(2000), nullable=False),  # JSON, nothing in it that names a person or card
        Column("digest", String(64), nullable=False),
    )
)
