"""What this room needs besides the connection, and the two policies that every application stands under."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import LowBalance
from simulators.authority.policy.working_days import WorkingDays
from simulators.authority.tables.applications import Lane

RiskCheck = Callable[[Connection, int, datetime], bool]
"""Has supervision put a flag on this person?"""


def no_risk(_connection: Connection, _person_id: int, _at: datetime) -> bool:
    """Nobody is flagged."""
    return False


@dataclass(frozen=True, slots=True)
class Office:
    """The authority's office as this room sees it."""

    hsm: SoftHsm
    policies: PolicyBook
    is_flagged: RiskCheck = no_risk

    def policies_of(self, home: str, place: str, on: date) -> "Pair | None":
        """The policies of both regions; None when one of them has none that day."""
        at_home, there = self.policies.in_force(home, on), self.policies.in_force(place, on)
        return None if at_home is None or there is None else Pair(at_home, there)

    def calendar_of(self, policy: RegionPolicy) -> WorkingDays:
        """Working days as the region counts them."""
        return self.policies.calendar.of_region(policy.calendar.rest_days, policy.calendar.working_days)

    def review_due(self, policy: RegionPolicy, lane: Lane, at: datetime) -> datetime:
        """By when the home region has decided: working days, or hours round the clock in the emergency lane."""
        if lane is Lane.EMERGENCY:
            return at + timedelta(hours=policy.review.emergency_hours)
        return self.calendar_of(policy).deadline(at, policy.review.working_days)


@dataclass(frozen=True, slots=True)
class Pair:
    """Home and destination; of each item the stricter counts."""

    home: RegionPolicy
    place: RegionPolicy

    @property
    def validity_days(self) -> int:
        """How long an approval may be drawn on."""
        return min(self.home.approval.validity_days, self.place.approval.validity_days)

    @property
    def four_eyes_from_fen(self) -> int:
        """From this sum two reviewers are needed."""
        return min(self.home.review.four_eyes_from_fen, self.place.review.four_eyes_from_fen)

    @property
    def step_up_from_fen(self) -> int:
        """From this sum the person is looked at once more."""
        return min(self.home.review.step_up_from_fen, self.place.review.step_up_from_fen)

    @property
    def blocks_low_balance(self) -> bool:
        """Is nobody to apply for more than there is?"""
        return LowBalance.BLOCK in (self.home.approval.low_balance, self.place.approval.low_balance)

    def instant_up_to_fen(self) -> int:
        """Up to this sum rules alone may decide; 0 where one of the two wants a human being."""
        both = (self.home.review, self.place.review)
        return min(review.instant_up_to_fen if review.instant else 0 for review in both)
