"""Why supervision does not do what it is asked: every problem at once, each with the field and the key of its text."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; `key` names a text in a data file."""

    field: str
    key: str


class Refused(Exception):
    """Nothing was done."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.key}" for problem in problems))
        self.problems = tuple(problems)
