"""Policies of journeys: those that come with the simulators, changed where a story needs it. All is invented."""

from datetime import date

from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import PayoutMode

SINCE = date(2026, 11, 1)
"""From when on these versions are in force."""


def needing_approval(region: str) -> RegionPolicy:
    """A region's policy without its standing approval: nothing is paid without an application that was approved."""
    ours = our_policies().in_force(region, SINCE)
    assert ours is not None
    approval = ours.approval.model_copy(update={"standing_approval_fen": 0})
    return ours.model_copy(update={"version": "2026.11", "valid_from": SINCE, "approval": approval})


def with_cash_limits(region: str, single_fen: int, day_fen: int, year_fen: int) -> RegionPolicy:
    """A region's policy with other limits for cash (fen)."""
    ours = our_policies().in_force(region, SINCE)
    assert ours is not None
    single = {**ours.limits.single_fen, PayoutMode.CASH: single_fen}
    limits = ours.limits.model_copy(update={"single_fen": single, "day_fen": day_fen, "year_fen": year_fen})
    return ours.model_copy(update={"version": "2026.11", "valid_from": SINCE, "limits": limits})
