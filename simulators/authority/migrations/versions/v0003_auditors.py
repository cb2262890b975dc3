"""Auditors are on the staff."""

from simulators.authority.migrations.steps import allow_values

revision = "0003"
down_revision = "0002"

BEFORE = ("teller", "reviewer", "policy_maker", "supervisor")


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    allow_values("staff", "role", BEFORE, (*BEFORE, "auditor"))
