"""What an option of a fault may be: read from what was given, drawn by chance, and said in words."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Option: TypeAlias = bool | int | float | str


class Range(Protocol):
    """The values that one option may have."""

    def read(self, given: object) -> Option:
        """The value that was meant; a number or a word may come as text. Raises ValueError."""

    def draw(self, chance: random.Random) -> Option:
        """A value of the range, of those that are likely to matter."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`; one that is drawn goes up to `usual`."""

    low: int
    high: int
    usual: int | None = None

    def read(self, given: object) -> int:
        """Raises ValueError."""
        try:
            value = int(given) if isinstance(given, int | str) and not isinstance(given, bool) else None
        except ValueError:
            value = None
        if value is None or not self.low <= value <= self.high:
            raise ValueError(f"give {self}, not {given!r}")
        return value

    def draw(self, chance: random.Random) -> int:
        """Each with the same chance."""
        return chance.randint(self.low, self.high if self.usual is None else self.usual)

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Seconds:
    """From 0 to `high` seconds; what is drawn goes up to `usual`, with three decimals."""

    high: float
    usual: float

    def read(self, given: object) -> float:
        """Raises ValueError."""
        try:
            value = float(given) if isinstance(given, int | float | str) and not isinstance(given, bool) else math.nan
        except (ValueError, OverflowError):
            value = math.nan
        if not 0 <= value <= self.high:
            raise ValueError(f"give {self}, not {given!r}")
        return value

    def draw(self, chance: random.Random) -> float:
        """Each with the same chance."""
        return round(chance.uniform(0, self.usual), 3)

    def __str__(self) -> str:
        return f"0 to {self.high:g} seconds"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these."""

    choices: Sequence[Option]

    def read(self, given: object) -> Option:
        """Raises ValueError."""
        meant = _plain(given)
        for choice in self.choices:
            if _plain(choice) == meant:
                return choice
        raise ValueError(f"give {self}, not {given!r}")

    def draw(self, chance: random.Random) -> Option:
        """Each with the same chance."""
        return chance.choice(self.choices)

    def __str__(self) -> str:
        return f"one of {', '.join(map(_plain, self.choices))}"


def _plain(value: object) -> str:
    """As it is typed: `true` and `false`, a word of an enum, a number."""
    return str(value).casefold()
