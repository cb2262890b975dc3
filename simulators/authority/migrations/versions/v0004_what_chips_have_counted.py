"""How far the chips of cards have counted is kept; who acted points to a person."""

import sqlalchemy as sa
from alembic import op

from simulators.authority.migrations.steps import add_foreign_keys

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "chip_counters",
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.String(length=2), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"]),
        sa.PrimaryKeyConstraint("card_id", "sequence"),
    )
    add_foreign_keys("application_events", actor_person_id="persons")
    add_foreign_keys("application_opinions", reviewer_person_id="persons")
    add_foreign_keys("policy_signatures", person_id="persons")
    add_foreign_keys("violation_steps", actor_person_id="persons")
