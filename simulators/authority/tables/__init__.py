"""Every table of the authority, on one metadata."""

from simulators.authority.tables import (
    applications,
    clockwork,
    decisions,
    invoices,
    ledger,
    money_line,
    people,
    policy,
    service_line,
    supervision,
)
from simulators.authority.tables.base import metadata

__all__ = [
    "applications",
    "clockwork",
    "decisions",
    "invoices",
    "ledger",
    "metadata",
    "money_line",
    "people",
    "policy",
    "service_line",
    "supervision",
]
