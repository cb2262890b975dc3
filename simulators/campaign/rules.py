"""What each of the rules says, by its number."""

from collections.abc import Mapping
from typing import Final

from simulators.campaign.invariants import INVARIANTS
from simulators.campaign.job import DETERMINISM, FAILED

RULES: Final[Mapping[int, tuple[str, ...]]] = {
    FAILED: ("the simulation comes to its end",),
    **{
        number: tuple(rule.words for rule in INVARIANTS if rule.number == number)
        for number in sorted({rule.number for rule in INVARIANTS})
    },
    DETERMINISM: ("the same seed gives the same run",),
}
"""All of them; 0 is for runs that could not be judged."""


def words(number: int) -> str:
    """The rule in words."""
    return "; ".join(RULES.get(number, ("a rule without words",)))
