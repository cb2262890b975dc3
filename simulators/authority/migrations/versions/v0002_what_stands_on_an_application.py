"""A draw and a decision point to the application they stand on; what is released is kept."""

import sqlalchemy as sa
from alembic import op

from simulators.authority.migrations.steps import add_foreign_keys, make_append_only

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    add_foreign_keys("decisions", application_id="applications")
    add_foreign_keys("draws", application_id="applications", payee_account_id="payee_accounts")
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(application_id IS NULL) <> (draw_id IS NULL)"),
        sa.CheckConstraint("fen > 0"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draw_id"),
    )
    op.create_index("ix_releases_person_id", "releases", ["person_id"], unique=False)
    make_append_only("releases")
