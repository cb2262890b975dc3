"""All versions of all regions, and which one is in force on a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from simulators.authority.policy.policy_file import PolicyError, load_policy
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Transition
from simulators.authority.policy.working_days import CalendarError, WorkingDays, load_tables, national

REGIONS = Path(__file__).with_name("regions")
"""The policies that come with the simulator; their figures are invented."""

CALENDAR = "working_days.toml"
"""A file of this name in a directory of policies adds years to the calendar, or replaces them."""


class PolicyBook:
    """All versions of all regions.

    A version holds from its first day to its last; without a last day, until the next version of its region begins.
    Raises PolicyError for versions that would hold together.
    """

    def __init__(self, policies: Iterable[RegionPolicy], calendar: WorkingDays | None = None) -> None:
        self.calendar = calendar or national()
        self.followed = 0
        """The last activation of the database that this book has; see `activation.follow`."""
        pools: defaultdict[str, list[RegionPolicy]] = defaultdict(list)
        for policy in sorted(policies, key=lambda each: (each.valid_from, each.version)):
            pools[pooling_region(policy.region, policy.valid_from)].append(policy)
        for pool, versions in pools.items():
            _check_names(pool, versions)
            for earlier, later in pairwise(versions):
                _check_order(pool, earlier, later)
        self._pools: Mapping[str, tuple[RegionPolicy, ...]] = {pool: tuple(each) for pool, each in pools.items()}
        self._first = self._pools

    @classmethod
    def load(cls, directory: Path = REGIONS, calendar: WorkingDays | None = None) -> "PolicyBook":
        """Every *.toml of a directory. Raises PolicyError that tells what is wrong with every file."""
        if not directory.is_dir():
            raise PolicyError(f"{directory}: there is no such directory")
        paths = sorted(path for path in directory.glob("*.toml") if path.name != CALENDAR)
        if not paths:
            raise PolicyError(f"{directory}: there is no *.toml in it; put one file for each region and version there")
        found, problems = [], []
        for path in paths:
            try:
                found.append(load_policy(path))
            except PolicyError as error:
                problems.append(str(error))
        if problems:
            raise PolicyError("\n".join(problems))
        try:
            return cls(found, _with_years_of(directory / CALENDAR, calendar or national()))
        except PolicyError as error:
            raise PolicyError(f"{directory}: {error}") from None
        except CalendarError as error:
            raise PolicyError(str(error)) from None

    def __iter__(self) -> Iterator[RegionPolicy]:
        return (policy for versions in self._pools.values() for policy in versions)

    def copy(self) -> "PolicyBook":
        """A book of its own, for whoever follows activations."""
        return PolicyBook(self, self.calendar)

    @property
    def regions(self) -> tuple[str, ...]:
        """The pooling regions that have a policy."""
        return tuple(sorted(self._pools))

    def versions(self, region: str) -> tuple[RegionPolicy, ...]:
        """Every version of a pooling region, by its first day."""
        return self._pools.get(pooling_region(region), ())

    def take(self, added: Iterable[RegionPolicy], upto: int) -> None:
        """From now on hold these besides those that the book was made with; `upto` is the last activation of them."""
        self._pools = self._first
        self._pools = self.with_versions(added)._pools
        self.followed = upto

    def in_force(self, region: str, on: date) -> RegionPolicy | None:
        """The policy of the pooling region that `region` lies in, on a day."""
        for policy in reversed(self._pools.get(pooling_region(region, on), ())):
            if policy.valid_from <= on:
                return policy if policy.in_force(on) else None
        return None

    def coming(self, region: str, on: date) -> RegionPolicy | None:
        """The version that comes into force next after a day."""
        return next((policy for policy in self.versions(region) if policy.valid_from > on), None)

    def transition(self, region: str, approved_under: str, on: date) -> Transition:
        """What the versions that came into force since an approval say about it: the strictest of them."""
        versions = self.versions(region)
        known = [number for number, policy in enumerate(versions) if policy.version == approved_under]
        later = [policy.transition for policy in versions[known[-1] + 1 :] if policy.valid_from <= on] if known else []
        return max(later, key=list(Transition).index, default=Transition.KEEP)

    def with_versions(self, added: Iterable[RegionPolicy], calendar: WorkingDays | None = None) -> "PolicyBook":
        """These versions and further ones: what begins on or after the first day of an added one gives way to it."""
        new = list(added)
        begins: dict[str, date] = {}
        for policy in new:
            pool = pooling_region(policy.region)
            begins[pool] = min(policy.valid_from, begins.get(pool, date.max))
        kept = []
        for policy in self:
            first = begins.get(pooling_region(policy.region), date.max)
            if policy.valid_from < first:
                overlaps = policy.valid_to is not None and policy.valid_to >= first
                kept.append(policy.model_copy(update={"valid_to": None}) if overlaps else policy)
        return PolicyBook([*kept, *new], calendar or self.calendar)


@cache
def our_policies() -> PolicyBook:
    """Those that come with the simulator; read once, and shared by all hosts of a process."""
    return PolicyBook.load()


def policies_with(directory: Path | None) -> PolicyBook:
    """Those that come with the simulator and those of an operator's directory, which come first. Raises PolicyError."""
    if directory is None:
        return our_policies()
    own = PolicyBook.load(directory)
    return our_policies().with_versions(own, own.calendar)


def _check_names(pool: str, versions: Sequence[RegionPolicy]) -> None:
    """Decisions and approvals name their version: a name stands for one only."""
    for number, policy in enumerate(versions):
        for other in versions[:number]:
            if other.version == policy.version:
                raise PolicyError(
                    f"region {pool}: two versions are named {policy.version}, from {other.valid_from} and from "
                    f"{policy.valid_from}; give one of them another name"
                )


def _check_order(pool: str, earlier: RegionPolicy, later: RegionPolicy) -> None:
    if earlier.valid_from == later.valid_from:
        raise PolicyError(
            f"region {pool}: versions {earlier.version} and {later.version} both begin on {later.valid_from}; "
            "give one of them another valid_from, or take one away"
        )
    if earlier.valid_to is not None and later.valid_from <= earlier.valid_to:
        raise PolicyError(
            f"region {pool}: version {later.version} begins while {earlier.version} is in force until "
            f"{earlier.valid_to}; give {earlier.version} an earlier valid_to, or none"
        )


def _with_years_of(path: Path, calendar: WorkingDays) -> WorkingDays:
    if not path.is_file():
        return calendar
    return WorkingDays({**calendar.years, **load_tables(path).years})
