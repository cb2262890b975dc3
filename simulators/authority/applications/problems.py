"""What keeps an application from being taken in, changed or decided: always all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `key` names a text; `value` fills its gap and names no person, number or card."""

    field: str
    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done. `refusal_id` is what an appeal can be made against, where a person was refused by rules."""

    problems: tuple[Problem, ...]
    refusal_id: int | None = None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are named."""
        return frozenset(problem.field for problem in self.problems)

    @property
    def keys(self) -> frozenset[str]:
        """The texts that are named."""
        return frozenset(problem.key for problem in self.problems)


def refused(problems: Iterable[Problem]) -> Refused:
    """Each problem once, in its order."""
    return Refused(tuple(dict.fromkeys(problems)))
