"""Regional policy as data: one TOML file per region and version, and which one is in force on a day."""

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError, model_validator

from simulators.authority.policy.pooling import pooling_region

REGIONS = Path(__file__).with_name("regions")
"""The policies that come with the simulator; their figures are invented."""

Fen = Annotated[StrictInt, Field(ge=0)]


class PolicyError(ValueError):
    """A policy file that can't be used; says which file, which key and what is wrong."""


class RegionPolicy(BaseModel):
    """The rules of one region in one version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: Annotated[str, Field(pattern=r"^\d{6}$")]
    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,32}$")]
    valid_from: date
    valid_to: date | None = None
    legal_basis: Annotated[str, Field(min_length=1)]
    enabled: bool
    single_limit_fen: Fen
    day_limit_fen: Fen
    annual_limit_fen: Fen
    minimum_remainder_fen: Fen
    ratio_percent: Annotated[StrictInt, Field(ge=0, le=100)]
    note_multiple_fen: Annotated[StrictInt, Field(gt=0)]
    pin_tries: Annotated[StrictInt, Field(gt=0, le=9)]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "RegionPolicy":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def in_force(self, on: date) -> bool:
        """Both days of the validity count."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class PolicyBook:
    """All versions of all regions; at most one of a region is in force on any day."""

    def __init__(self, policies: Iterable[RegionPolicy]) -> None:
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
        pool = pooling_region(region)
        return next((p for p in self._policies if pooling_region(p.region) == pool and p.in_force(on)), None)


@cache
def our_policies() -> PolicyBook:
    """Those that come with the simulator; read once, and shared by all hosts of a process."""
    return PolicyBook.load()


def load_policy(path: Path) -> RegionPolicy:
    """One policy file. Raises PolicyError."""
    try:
        return RegionPolicy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'policy'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise PolicyError(f"{path}: {problems}") from error
