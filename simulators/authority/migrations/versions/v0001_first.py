"""The first version: all that an authority knows."""

import sqlalchemy as sa
from alembic import op

from simulators.authority.migrations.steps import make_append_only

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("fund", sa.String(length=6), nullable=True),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(kind = 'personal') = (fund IS NOT NULL)"),
        sa.CheckConstraint("fund IS NULL OR fund = '310200'"),
        sa.CheckConstraint(
            "kind IN ('personal', 'bank', 'terminal_cash', 'counter_cash', 'clearing', 'suspense', 'transfer')"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "owner"),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kinship", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "kinship IN ('spouse', 'parent', 'child', 'sibling', 'grandparent', 'grandchild', 'guardian', 'other')"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_agents_id_index", "agents", ["id_index"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "bank_outages",
        sa.Column("prefix", sa.String(length=6), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("prefix"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("matter", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("statement_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("escalated_at", sa.String(length=32), nullable=True),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)"),
        sa.CheckConstraint(
            "kind IN ('risk_decline', 'risk_clue', 'report', 'promotion', 'violation', 'alarm', 'complaint')"
        ),
        sa.CheckConstraint("matter IN ('compliance', 'information_security', 'legal', 'service')"),
        sa.CheckConstraint("state IN ('open', 'in_hand', 'closed')"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cases_of_subject", "cases", ["subject", "kind", "state"], unique=False)
    op.create_table(
        "channels",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("provider", sa.String(length=15), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("kind IN ('terminal', 'app', 'web', 'counter', 'phone', 'office')"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "clearing_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day"),
    )
    op.create_table(
        "number_series",
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "region", "day"),
    )
    op.create_table(
        "payee_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("masked_number", sa.String(length=19), nullable=False),
        sa.Column("holder_id_index", sa.String(length=64), nullable=False),
        sa.Column("holder_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number_index"),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("person_type", sa.String(length=2), nullable=False),
        sa.Column("insured_since", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.String(length=32), nullable=True),
        sa.Column("moved_to", sa.String(length=6), nullable=True),
        sa.Column("own_single_fen", sa.BigInteger(), nullable=True),
        sa.Column("own_day_fen", sa.BigInteger(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("low_balance_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('active', 'inactive', 'frozen', 'suspended', 'closed', 'never_insured', 'stopped', 'moved_out', 'deceased')"
        ),
        sa.CheckConstraint("own_single_fen >= 0 AND own_day_fen >= 0 AND low_balance_fen >= 0"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id_index"),
    )
    op.create_table(
        "policy_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("region", "version"),
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.String(length=15), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("authorised_from", sa.Date(), nullable=False),
        sa.Column("authorised_to", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("state IN ('authorised', 'withdrawn')"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "region_days",
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("insured_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "business_date"),
    )
    op.create_table(
        "service_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("msgid", sa.String(length=30), nullable=False),
        sa.Column("infno", sa.String(length=4), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("request_index", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("caller", "msgid"),
    )
    op.create_table(
        "suspensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("from_at", sa.String(length=32), nullable=False),
        sa.Column("to_at", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.String(length=32), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=False),
        sa.Column("lifted_at", sa.String(length=32), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("measure IN ('suspension', 'legal_hold', 'rectification')"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("suspensions_in_force", "suspensions", ["subject", "lifted_at"], unique=False)
    op.create_table(
        "terminal_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('up', 'down', 'heard', 'retracted', 'captured', 'visit')"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("terminal_events_of_day", "terminal_events", ["terminal", "at"], unique=False)
    op.create_table(
        "terminals",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("merchant", sa.String(length=15), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("tmk", sa.LargeBinary(), nullable=False),
        sa.Column("sm4_tmk", sa.LargeBinary(), nullable=True),
        sa.Column("pik", sa.LargeBinary(), nullable=True),
        sa.Column("mak", sa.LargeBinary(), nullable=True),
        sa.Column("cipher", sa.String(length=4), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("signed_on_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "anchors",
        sa.Column("terminal", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"],
            ["terminals.id"],
        ),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("first_deciders", sa.String(length=2000), nullable=False),
        sa.Column("grounds_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("filed_at", sa.String(length=32), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("escalated_at", sa.String(length=32), nullable=True),
        sa.Column("handler", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state IN ('open', 'in_hand', 'upheld', 'dismissed', 'withdrawn')"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_appeals_person_id", "appeals", ["person_id"], unique=False)
    op.create_table(
        "application_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("problems", sa.String(length=4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_application_refusals_person_id", "application_refusals", ["person_id"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("home", sa.String(length=6), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("provider", sa.String(length=15), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("purpose_detail", sa.String(length=32), nullable=False),
        sa.Column("situation", sa.String(length=32), nullable=True),
        sa.Column("mode", sa.String(length=16), nullable=True),
        sa.Column("asked_fen", sa.BigInteger(), nullable=False),
        sa.Column("approved_fen", sa.BigInteger(), nullable=True),
        sa.Column("payee_account_id", sa.Integer(), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("suspended_from", sa.String(length=16), nullable=True),
        sa.Column("suspended_for", sa.String(length=32), nullable=True),
        sa.Column("submitted_at", sa.String(length=32), nullable=False),
        sa.Column("review_round", sa.Integer(), nullable=False),
        sa.Column("review_due", sa.String(length=32), nullable=True),
        sa.Column("escalated_at", sa.String(length=32), nullable=True),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("step_up", sa.String(length=16), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("filing_due", sa.Date(), nullable=True),
        sa.Column("home_version", sa.String(length=32), nullable=False),
        sa.Column("place_version", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(state = 'suspended') = (suspended_from IS NOT NULL)"),
        sa.CheckConstraint("lane IN ('standard', 'emergency')"),
        sa.CheckConstraint(
            "state IN ('submitted', 'under_review', 'returned', 'approved', 'rejected', 'withdrawn', 'expired', 'used_up', 'cancelled', 'suspended')"
        ),
        sa.CheckConstraint("step_up IN ('none', 'required', 'passed')"),
        sa.CheckConstraint("approved_fen IS NULL OR approved_fen BETWEEN 1 AND asked_fen"),
        sa.CheckConstraint("asked_fen > 0"),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
        ),
        sa.ForeignKeyConstraint(
            ["payee_account_id"],
            ["payee_accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_applications_person_id", "applications", ["person_id"], unique=False)
    op.create_table(
        "audit_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["audit_events.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("before"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("told_debit_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_debit_count", sa.Integer(), nullable=False),
        sa.Column("told_credit_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_credit_count", sa.Integer(), nullable=False),
        sa.Column("our_debit_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_debit_count", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('balanced', 'uploading', 'different')"),
        sa.ForeignKeyConstraint(
            ["terminal"],
            ["terminals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("terminal", "batch"),
    )
    op.create_table(
        "card_misuses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("card_index", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_card_misuses_card_index", "card_misuses", ["card_index"], unique=False)
    op.create_table(
        "cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("pan_index", sa.String(length=64), nullable=False),
        sa.Column("masked_pan", sa.String(length=19), nullable=False),
        sa.Column("card_number_index", sa.String(length=64), nullable=False),
        sa.Column("card_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expiry", sa.String(length=4), nullable=False),
        sa.Column("pin_reference", sa.LargeBinary(), nullable=False),
        sa.Column("wrong_pins", sa.Integer(), nullable=False),
        sa.Column("wrong_pins_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lost_until", sa.String(length=32), nullable=True),
        sa.Column("state_before_loss", sa.String(length=16), nullable=True),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'not_activated', 'frozen', 'lost', 'replaced')"),
        sa.CheckConstraint("state_before_loss IN ('active', 'not_activated', 'frozen', 'lost', 'replaced')"),
        sa.CheckConstraint("lost_until IS NULL OR state_before_loss IS NOT NULL"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["replaces"],
            ["cards.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pan_index"),
    )
    op.create_index("ix_cards_card_number_index", "cards", ["card_number_index"], unique=False)
    op.create_index("ix_cards_person_id", "cards", ["person_id"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id"], unique=False)
    op.create_table(
        "clearing_positions",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("debtor", sa.String(length=6), nullable=False),
        sa.Column("creditor", sa.String(length=6), nullable=False),
        sa.Column("owed_fen", sa.BigInteger(), nullable=False),
        sa.Column("counter_fen", sa.BigInteger(), nullable=False),
        sa.Column("payouts", sa.Integer(), nullable=False),
        sa.CheckConstraint("owed_fen >= counter_fen"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["clearing_runs.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "debtor", "creditor"),
    )
    op.create_table(
        "contributions",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("repaired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "month"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("home", sa.String(length=6), nullable=False),
        sa.Column("home_version", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("place_version", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("maximum_fen", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(length=16), nullable=True),
        sa.Column("situation", sa.String(length=32), nullable=True),
        sa.Column("provider", sa.String(length=15), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["terminal"],
            ["terminals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "fund_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("vintage", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("left_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('contribution', 'arrears', 'transfer_in', 'interest', 'recovery', 'correction', 'give_back')"
        ),
        sa.CheckConstraint("left_fen BETWEEN 0 AND amount_fen"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_fund_parts_person", "fund_parts", ["person_id", "vintage"], unique=False)
    op.create_table(
        "guardianships",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("person_id <> guardian_id"),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "guardian_id"),
    )
    op.create_table(
        "health_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("is_diagnosis", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_health_records_person_id", "health_records", ["person_id"], unique=False)
    op.create_table(
        "identity_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('id_card', 'residence_permit', 'foreign_permanent_residence', 'household_book')"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_identity_documents_person_id", "identity_documents", ["person_id"], unique=False)
    op.create_table(
        "inheritance_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("heir_index", sa.String(length=64), nullable=False),
        sa.Column("heir_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("payee_account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("filed_at", sa.String(length=32), nullable=False),
        sa.Column("first_reviewer", sa.String(length=64), nullable=True),
        sa.Column("second_reviewer", sa.String(length=64), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('filed', 'approved_once', 'paid')"),
        sa.CheckConstraint("first_reviewer <> second_reviewer"),
        sa.ForeignKeyConstraint(
            ["payee_account_id"],
            ["payee_accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_inheritance_claims_person_id", "inheritance_claims", ["person_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value_index", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'payee')"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", "value_index"),
    )
    op.create_index("links_by_value", "links", ["kind", "value_index"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("gaps", sa.String(length=2000), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "kind", "subject", "at"),
    )
    op.create_index("ix_notifications_person_id", "notifications", ["person_id"], unique=False)
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("one_time_codes_of", "one_time_codes", ["person_id", "purpose"], unique=False)
    op.create_table(
        "person_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_person_groups_person_id", "person_groups", ["person_id"], unique=False)
    op.create_table(
        "person_logins",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_salt", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.String(length=32), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id"),
    )
    op.create_table(
        "policy_activations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["policy_drafts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id"),
    )
    op.create_table(
        "policy_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["policy_drafts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id", "role", "actor"),
    )
    op.create_index("ix_policy_signatures_draft_id", "policy_signatures", ["draft_id"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5"),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["channels.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "relatives",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("relative_id", sa.Integer(), nullable=False),
        sa.Column("kinship", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "kinship IN ('spouse', 'parent', 'child', 'sibling', 'grandparent', 'grandchild', 'guardian', 'other')"
        ),
        sa.CheckConstraint("person_id <> relative_id"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["relative_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "relative_id"),
    )
    op.create_table(
        "sent_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sent_messages_person_id", "sent_messages", ["person_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sign_no_index", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=16), nullable=False),
        sa.Column("opter", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("used_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["channels.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sign_no_index"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("password_salt", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.String(length=32), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('teller', 'reviewer', 'policy_maker', 'supervisor')"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "violation_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("step IN ('freeze', 'notice', 'recovery', 'penalty', 'report')"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["suspensions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "step"),
    )
    op.create_table(
        "application_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_application_documents_application_id", "application_documents", ["application_id"], unique=False
    )
    op.create_table(
        "application_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_person_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_application_events_application_id", "application_events", ["application_id"], unique=False)
    op.create_table(
        "application_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "version"),
    )
    op.create_table(
        "application_opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("review_round", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("reviewer_person_id", sa.Integer(), nullable=True),
        sa.Column("opinion", sa.String(length=16), nullable=False),
        sa.Column("approved_fen", sa.BigInteger(), nullable=True),
        sa.Column("reasons", sa.String(length=2000), nullable=False),
        sa.CheckConstraint("opinion IN ('approve', 'reject', 'return')"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_application_opinions_application_id", "application_opinions", ["application_id"], unique=False)
    op.create_table(
        "application_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("evaluation", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_application_rules_application_id", "application_rules", ["application_id"], unique=False)
    op.create_table(
        "batch_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("stan", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("processing_code", sa.String(length=6), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("batch_id", "stan", "business_date"),
    )
    op.create_table(
        "decision_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_rules_decision_id", "decision_rules", ["decision_id"], unique=False)
    op.create_table(
        "declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_declarations_application_id", "declarations", ["application_id"], unique=False)
    op.create_table(
        "draws",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("stan", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("provider", sa.String(length=15), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("mode", sa.String(length=16), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("home", sa.String(length=6), nullable=True),
        sa.Column("home_pool", sa.String(length=6), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("payee_account_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("place_pool", sa.String(length=6), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_fen", sa.BigInteger(), nullable=False),
        sa.Column("given_back_fen", sa.BigInteger(), nullable=False),
        sa.Column("fund_order", sa.String(length=32), nullable=True),
        sa.Column("carried_over_before", sa.Date(), nullable=True),
        sa.Column("vintage_before", sa.Date(), nullable=True),
        sa.CheckConstraint("mode IN ('CASH', 'TRANSFER')"),
        sa.CheckConstraint("mode IS NULL OR (mode = 'TRANSFER') = (payee_account_id IS NOT NULL)"),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'reversed', 'tombstone')"),
        sa.CheckConstraint("(terminal IS NULL) = (message_id IS NOT NULL)"),
        sa.CheckConstraint("amount_fen >= 0 AND confirmed_fen BETWEEN 0 AND amount_fen"),
        sa.CheckConstraint("given_back_fen BETWEEN 0 AND confirmed_fen"),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.ForeignKeyConstraint(
            ["terminal"],
            ["terminals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
        sa.UniqueConstraint("terminal", "batch", "stan", "business_date"),
    )
    op.create_index("ix_draws_application_id", "draws", ["application_id"], unique=False)
    op.create_index("ix_draws_home", "draws", ["home_pool", "business_date"], unique=False)
    op.create_index("ix_draws_payee_account_id", "draws", ["payee_account_id"], unique=False)
    op.create_index("ix_draws_person", "draws", ["person_id", "business_date"], unique=False)
    op.create_index("ix_draws_place", "draws", ["place_pool", "business_date"], unique=False)
    op.create_index("ix_draws_state", "draws", ["state", "at"], unique=False)
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("stan", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("request_mac", sa.LargeBinary(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["cards.id"],
        ),
        sa.ForeignKeyConstraint(
            ["terminal"],
            ["terminals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("terminal", "batch", "stan", "business_date"),
    )
    op.create_table(
        "identity_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_identity_checks_application_id", "identity_checks", ["application_id"], unique=False)
    op.create_table(
        "loss_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('temporary', 'formal')"),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["cards.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_loss_reports_card_id", "loss_reports", ["card_id"], unique=False)
    op.create_table(
        "document_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["application_documents.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_document_views_document_id", "document_views", ["document_id"], unique=False)
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("deadline", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.Column("ending", sa.String(length=200), nullable=True),
        sa.CheckConstraint("state IN ('open', 'overdue', 'settled', 'decided')"),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draw_id"),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("credit_kind", sa.String(length=16), nullable=True),
        sa.Column("posted_at", sa.String(length=32), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.Column("place", sa.String(length=6), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(kind = 'credit') = (credit_kind IS NOT NULL)"),
        sa.CheckConstraint(
            "credit_kind IN ('contribution', 'arrears', 'transfer_in', 'interest', 'recovery', 'correction', 'give_back')"
        ),
        sa.CheckConstraint(
            "kind IN ('credit', 'load_cash', 'draw', 'give_back', 'exception', 'settlement', 'inheritance', 'transfer', 'clearing')"
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_entries_business_date", "entries", ["business_date"], unique=False)
    op.create_index("ix_entries_draw_id", "entries", ["draw_id"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("matter", sa.String(length=24), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.CheckConstraint("matter IN ('compliance', 'information_security', 'legal', 'service')"),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "ledger_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("payer", sa.String(length=32), nullable=True),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.Column("ending", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('open_hold', 'pending_transfer', 'suspense', 'debt', 'missing_here', 'missing_there', 'amount_differs')"
        ),
        sa.CheckConstraint("state IN ('open', 'ended', 'closed')"),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_ledger_exceptions_state", "ledger_exceptions", ["state"], unique=False)
    op.create_table(
        "payout_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("trace", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.String(length=8), nullable=False),
        sa.Column("terminal", sa.String(length=8), nullable=True),
        sa.Column("provider", sa.String(length=15), nullable=True),
        sa.Column("place", sa.String(length=6), nullable=True),
        sa.Column("home", sa.String(length=6), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("card_index", sa.String(length=64), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("most_fen", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("matter", sa.String(length=24), nullable=True),
        sa.Column("risk", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("findings", sa.String(length=2000), nullable=False),
        sa.Column("risk_version", sa.String(length=32), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("asked IN ('quote', 'cash', 'transfer')"),
        sa.CheckConstraint("matter IN ('compliance', 'information_security', 'legal', 'service')"),
        sa.CheckConstraint("risk IN ('not_asked', 'pass', 'clue', 'decline', 'unfinished')"),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("payout_requests_at", "payout_requests", ["at"], unique=False)
    op.create_index("payout_requests_at_terminal", "payout_requests", ["terminal", "at"], unique=False)
    op.create_index("payout_requests_of_person", "payout_requests", ["person_id", "at"], unique=False)
    op.create_table(
        "settlement_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("home", sa.String(length=6), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(length=32), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("recover_fen", sa.BigInteger(), nullable=False),
        sa.Column("repaid_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("result IN ('pay_difference', 'nothing', 'recover')"),
        sa.CheckConstraint("state IN ('open', 'reminded', 'marked', 'recovering', 'settled', 'reopened')"),
        sa.CheckConstraint("paid_fen >= 0 AND recover_fen >= 0 AND repaid_fen >= 0"),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draw_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_settlement_cases_person_id", "settlement_cases", ["person_id"], unique=False)
    op.create_index("settlement_cases_due", "settlement_cases", ["state", "due"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.String(length=32), nullable=True),
        sa.Column("deadline", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'credited', 'returned')"),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
        ),
        sa.PrimaryKeyConstraint("draw_id"),
    )
    op.create_index("ix_transfers_state", "transfers", ["state", "next_attempt_at"], unique=False)
    op.create_table(
        "cleared_entries",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["clearing_runs.id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("ix_cleared_entries_run_id", "cleared_entries", ["run_id"], unique=False)
    op.create_table(
        "credit_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "event IN ('unproven_advance', 'false_invoice', 'hidden_third_party', 'card_lent', 'repaired')"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["settlement_cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_credit_records_person_id", "credit_records", ["person_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.String(length=32), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("pooled_fen", sa.BigInteger(), nullable=False),
        sa.Column("third_party_fen", sa.BigInteger(), nullable=False),
        sa.Column("third_party", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("state IN ('accepted', 'cancelled')"),
        sa.CheckConstraint("amount_fen > 0 AND pooled_fen >= 0 AND third_party_fen >= 0"),
        sa.CheckConstraint("pooled_fen + third_party_fen <= amount_fen"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["settlement_cases.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number_index"),
    )
    op.create_index("ix_invoices_case_id", "invoices", ["case_id"], unique=False)
    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("debit_fen", sa.BigInteger(), nullable=False),
        sa.Column("credit_fen", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=True),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("part IN ('CARRIED_OVER', 'CURRENT_YEAR', 'DEBT')"),
        sa.CheckConstraint("debit_fen >= 0 AND credit_fen >= 0 AND (debit_fen = 0) <> (credit_fen = 0)"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
        ),
        sa.ForeignKeyConstraint(
            ["part_id"],
            ["fund_parts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_postings_account_id", "postings", ["account_id"], unique=False)
    op.create_index("ix_postings_entry_id", "postings", ["entry_id"], unique=False)
    op.create_index("ix_postings_part_id", "postings", ["part_id"], unique=False)
    op.create_table(
        "refused_invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("problems", sa.String(length=1000), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["settlement_cases.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refused_invoices_case_id", "refused_invoices", ["case_id"], unique=False)
    op.create_index("ix_refused_invoices_number_index", "refused_invoices", ["number_index"], unique=False)
    op.create_table(
        "invoice_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["settlement_cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_invoice_shares_case_id", "invoice_shares", ["case_id"], unique=False)
    op.create_index("ix_invoice_shares_invoice_id", "invoice_shares", ["invoice_id"], unique=False)
    make_append_only(
        "agents",
        "application_forms",
        "application_events",
        "application_rules",
        "application_opinions",
        "declarations",
        "identity_checks",
        "application_documents",
        "document_views",
        "application_refusals",
        "decisions",
        "decision_rules",
        "invoice_shares",
        "refused_invoices",
        "credit_records",
        "entries",
        "postings",
        "clearing_runs",
        "cleared_entries",
        "clearing_positions",
        "exchanges",
        "batch_records",
        "loss_reports",
        "contributions",
        "card_misuses",
        "policy_drafts",
        "policy_signatures",
        "policy_activations",
        "ratings",
        "payout_requests",
        "case_events",
        "violation_steps",
        "terminal_events",
        "incidents",
        "audit_events",
        "audit_links",
    )
