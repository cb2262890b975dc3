"""Policies of journeys: those that come with the simulators, changed where a story needs it. All is invented."""

from datetime import date

from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.region_policy import RegionPolicy

SINCE = date(2026, 11, 1)
"""From when on these versions are in force."""


def needing_approval(region: str) -> RegionPolicy:
    """A region's policy without its standing approval: nothing is paid without an application that was approved."""
    ours = our_policies().in_force(region, SINCE)
    assert ours is not None
    approval = ours.approval.model_copy(update={"standing_approval_fen": 0})
    return ours.model_copy(update={"version": "2026.11", "valid_from": SINCE, "approval": approval})
