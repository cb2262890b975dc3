"""It is kept for which days the clock's work is done."""

import sqlalchemy as sa
from alembic import op

from simulators.authority.migrations.steps import make_append_only

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "done_days",
        sa.Column("chore", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chore", "day"),
    )
    make_append_only("done_days")
