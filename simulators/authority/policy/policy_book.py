"""All versions of all regions, and which one is in force on a day."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.region_policy import PolicyError, RegionPolicy, load_policy
from simulators.authority.policy.working_days import WorkingDays, national

REGIONS = Path(__file__).with_name("regions")
"""The policies that come with the simulator; their figures are invented."""


class PolicyBook:
    """All versions of all regions; at most one of a region is in force on any day."""

    def __init__(self, policies: Iterable[RegionPolicy], calendar: WorkingDays | None = None) -> None:
        self.calendar = calendar or national()
        self._policies = tuple(sorted(policies, key=lambda policy: (policy.region, policy.valid_from)))
        for earlier, later in zip(self._policies, self._policies[1:], strict=False):
            same = pooling_region(earlier.region) == pooling_region(later.region)
            if same and (earlier.valid_to is None or later.valid_from <= earlier.valid_to):
                raise PolicyError(
                    f"region {later.region}: version {later.version} begins while {earlier.version} is in force; "
                    f"give {earlier.version} a valid_to"
                )

    @classmethod
    def load(cls, directory: Path = REGIONS) -> "PolicyBook":
        """Every *.toml of a directory. Raises PolicyError."""
        return cls(load_policy(path) for path in sorted(directory.glob("*.toml")))

    def in_force(self, region: str, on: date) -> RegionPolicy | None:
        """The policy of the pooling region that `region` lies in."""
        pool = pooling_region(region, on)
        return next((p for p in self._policies if pooling_region(p.region, on) == pool and p.in_force(on)), None)


@cache
def our_policies() -> PolicyBook:
    """Those that come with the simulator; read once, and shared by all hosts of a process."""
    return PolicyBook.load()
