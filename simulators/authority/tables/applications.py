"""Applications: the form in its versions, what reviewers found and said, documents, agents, appeals, notices."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from simulators.authority.tables.base import append_only, by_actor, instant, metadata, one_of


class ApplicationState(StrEnum):
    """Where an application is; `applications/states.py` says how it moves. What is not submitted is not stored."""

    SUBMITTED = "submitted"  # taken in with a number; documents may still be missing
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"  # the person mends what is listed, and it goes on
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by the person
    EXPIRED = "expired"
    USED_UP = "used_up"
    CANCELLED = "cancelled"  # by the authority: a change of policy, or a death
    SUSPENDED = "suspended"  # frozen where it was, until somebody lets it go on


class Lane(StrEnum):
    """How fast a review has to be, and what it counts."""

    STANDARD = "standard"  # working days
    EMERGENCY = "emergency"  # hours, also on rest days; documents may follow


class StepUp(StrEnum):
    """Does a reviewer need a further look at the person?"""

    NONE = "none"
    REQUIRED = "required"  # no approval before it has passed
    PASSED = "passed"


class Opinion(StrEnum):
    """What one reviewer says in one round."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


class Kinship(StrEnum):
    """How an agent, or a relative, belongs to a person."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    GUARDIAN = "guardian"
    OTHER = "other"


class AppealState(StrEnum):
    """Life of an objection."""

    OPEN = "open"
    IN_HAND = "in_hand"  # a reviewer who did not decide before has it
    UPHELD = "upheld"  # the person was right
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class AccountState(StrEnum):
    """A person's own bank account, as its bank tells it."""

    OPEN = "open"
    CLOSED = "closed"


payee_accounts = Table(
    "payee_accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number_index", String(64), nullable=False, unique=True),
    Column("number_sealed", LargeBinary),  # NULL: the account of a card whose number nobody keeps
    Column("masked_number", String(19), nullable=False),
    Column("holder_id_index", String(64), nullable=False),
    Column("holder_name_sealed", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    one_of("state", AccountState),
)

relatives = Table(
    "relatives",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("relative_id", ForeignKey("persons.id"), primary_key=True),
    Column("kinship", String(16), nullable=False),  # what `relative_id` is to `person_id`
    one_of("kinship", Kinship),
    CheckConstraint("person_id <> relative_id"),
)

agents = append_only(
    Table(
        "agents",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("id_index", String(64), nullable=False, index=True),
        Column("name_sealed", LargeBinary, nullable=False),
        Column("id_number_sealed", LargeBinary, nullable=False),
        Column("phone_sealed", LargeBinary, nullable=False),
        Column("kinship", String(16), nullable=False),
        one_of("kinship", Kinship),
    )
)

number_series = Table(
    "number_series",
    metadata,
    Column("kind", String(1), primary_key=True),
    Column("region", String(6), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("agent_id", ForeignKey("agents.id")),
    Column("channel", String(16), nullable=False),
    Column("home", String(6), nullable=False),
    Column("place", String(6), nullable=False),  # pooling region of the treatment
    Column("provider", String(15)),  # NULL: any provider there
    Column("lane", String(16), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("purpose_detail", String(32), nullable=False),
    Column("situation", String(32)),
    Column("mode", String(16)),  # NULL: cash and transfer
    Column("asked_fen", BigInteger, nullable=False),
    Column("approved_fen", BigInteger),
    Column("payee_account_id", ForeignKey("payee_accounts.id")),
    Column("form_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("suspended_from", String(16)),  # the state it goes on in
    Column("suspended_for", String(32)),  # why
    instant("submitted_at"),
    Column("review_round", Integer, nullable=False),  # a change or supplement begins a new one
    instant("review_due", nullable=True),  # NULL: nobody's turn
    instant("escalated_at", nullable=True),
    Column("four_eyes", Boolean, nullable=False),
    Column("step_up", String(16), nullable=False),
    Column("complete", Boolean, nullable=False),  # every required document is there
    instant("decided_at", nullable=True),
    Column("valid_until", Date),  # the last day, once approved
    Column("filing_due", Date),  # the last day on which the person hands in what is missing
    Column("home_version", String(32), nullable=False),  # this and the next: of the policies last applied
    Column("place_version", String(32), nullable=False),
    one_of("state", ApplicationState),
    one_of("lane", Lane),
    one_of("step_up", StepUp),
    CheckConstraint("asked_fen > 0"),
    CheckConstraint("approved_fen IS NULL OR approved_fen BETWEEN 1 AND asked_fen"),
    CheckConstraint("(state = 'suspended') = (suspended_from IS NOT NULL)"),
)

application_forms = append_only(
    Table(
        "application_forms",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False),
        Column("version", Integer, nullable=False),
        instant(),
        Column("sealed", LargeBinary, nullable=False),  # JSON of the whole form
        UniqueConstraint("application_id", "version"),
    )
)

application_events = append_only(
    Table(
        "application_events",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        instant(),
        Column("event", String(32), nullable=False),
        Column("state", String(16), nullable=False),  # after the event
        *by_actor(),
        Column("actor_person_id", ForeignKey("persons.id")),  # who that is as an insured person, where it is known
        Column("detail", String(2000), nullable=False),  # JSON, nothing in it that names a person or card
    )
)

application_rules = append_only(
    Table(
        "application_rules",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        Column("evaluation", Integer, nullable=False),  # 1, 2, ... for one application
        instant(),
        Column("rule", String(32), nullable=False),
        Column("region", String(6), nullable=False),
        Column("version", String(32), nullable=False),
        Column("basis", String(200), nullable=False),
        Column("outcome", String(16), nullable=False),
        Column("value", String(200), nullable=False),
    )
)

application_opinions = append_only(
    Table(
        "application_opinions",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        Column("review_round", Integer, nullable=False),
        instant(),
        Column("reviewer", String(64), nullable=False),
        Column("reviewer_person_id", ForeignKey("persons.id")),
        Column("opinion", String(16), nullable=False),
        Column("approved_fen", BigInteger),
        Column("reasons", String(2000), nullable=False),  # JSON list of keys
        one_of("opinion", Opinion),
    )
)

declarations = append_only(
    Table(
        "declarations",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        Column("form_version", Integer, nullable=False),
        Column("version", String(32), nullable=False),
        instant(),
        *by_actor(),
    )
)

identity_checks = append_only(
    Table(
        "identity_checks",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        instant(),
        Column("method", String(32), nullable=False),
        Column("passed", Boolean, nullable=False),
        *by_actor(),
    )
)

application_documents = append_only(
    Table(
        "application_documents",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("application_id", ForeignKey("applications.id"), nullable=False, index=True),
        instant(),
        Column("kind", String(32), nullable=False),
        Column("media_type", String(32), nullable=False),  # told by the content
        Column("size", Integer, nullable=False),  # bytes
        Column("sha256", String(64), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("issued_on", Date),
        Column("valid_until", Date),
        *by_actor(),
    )
)

document_views = append_only(
    Table(
        "document_views",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("document_id", ForeignKey("application_documents.id"), nullable=False, index=True),
        instant(),
        Column("reviewer", String(64), nullable=False),
    )
)

application_refusals = append_only(
    Table(
        "application_refusals",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
        instant(),
        Column("channel", String(16), nullable=False),
        *by_actor(),
        Column("problems", String(4000), nullable=False),  # JSON list of [field, key]
    )
)

appeals = Table(
    "appeals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("region", String(6), nullable=False),
    Column("subject_kind", String(32), nullable=False),  # as in the audit chain: application, refusal, case, ...
    Column("subject_id", Integer, nullable=False),
    Column("first_deciders", String(2000), nullable=False),  # JSON list of [role, actor, person id]
    Column("grounds_sealed", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    instant("filed_at"),
    instant("due"),
    instant("escalated_at", nullable=True),
    Column("handler", String(64)),
    instant("decided_at", nullable=True),
    Column("outcome", String(64)),  # key of a text
    one_of("state", AppealState),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    instant(),
    Column("kind", String(32), nullable=False),
    Column("subject", String(64), nullable=False),  # table and id
    Column("gaps", String(2000), nullable=False),  # JSON, what fills the gaps of the text
    instant("read_at", nullable=True),
    UniqueConstraint("person_id", "kind", "subject", "at"),
)
