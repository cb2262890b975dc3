"""What the risk rules are worth: the share of fraud that they catch, and of honest people whom they block."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulators.authority.supervision.fraud_set.fraud import fraud
from simulators.authority.supervision.fraud_set.honest import honest_people
from simulators.authority.supervision.fraud_set.replay import StoryOutcome
from simulators.authority.supervision.fraud_set.stories import Stories

CAUGHT_GOAL: Final = 0.95
BLOCKED_GOAL: Final = 0.01


@dataclass(frozen=True, slots=True)
class KindRow:
    """One disguise of one kind. `limited` were not caught, but refused something by limits or counts."""

    kind: str
    disguise: str
    stories: int
    caught: int
    limited: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything together. A person is blocked when the risk rules declined one of the person's requests."""

    fraud_stories: int
    fraud_caught: int
    honest_people: int
    honest_blocked: int
    honest_requests: int
    honest_requests_blocked: int
    fraud_paid_fen: int
    rows: tuple[KindRow, ...]
    missed: tuple[str, ...]
    blocked: tuple[str, ...]

    @property
    def caught_share(self) -> float:
        """Of all stories of fraud; 1 when there are none."""
        return self.fraud_caught / self.fraud_stories if self.fraud_stories else 1.0

    @property
    def blocked_share(self) -> float:
        """Of all honest people; 0 when there are none."""
        return self.honest_blocked / self.honest_people if self.honest_people else 0.0

    @property
    def good(self) -> bool:
        """Are both goals met?"""
        return self.caught_share >= CAUGHT_GOAL and self.blocked_share <= BLOCKED_GOAL


def our_set(seed: int, people: int = 300, of_each: int = 3) -> Stories:
    """Honest people and fraud at the same kiosks in the same half year."""
    return honest_people(seed, people).joined(fraud(seed, of_each))


def measured(outcomes: Iterable[StoryOutcome]) -> Measured:
    """Count."""
    outcomes = tuple(outcomes)
    frauds = [outcome for outcome in outcomes if outcome.story.fraud]
    honest = [outcome for outcome in outcomes if not outcome.story.fraud]
    people = {event.person for outcome in honest for event in outcome.story.events}
    blocked = {person for outcome in honest for person in outcome.blocked_people}
    rows = []
    for kind, disguise in dict.fromkeys((each.story.kind, each.story.disguise) for each in frauds):
        these = [each for each in frauds if (each.story.kind, each.story.disguise) == (kind, disguise)]
        limited = sum(each.limited and not each.caught for each in these)
        rows.append(KindRow(kind, disguise, len(these), sum(each.caught for each in these), limited))
    return Measured(
        fraud_stories=len(frauds),
        fraud_caught=sum(each.caught for each in frauds),
        honest_people=len(people),
        honest_blocked=len(blocked),
        honest_requests=sum(len(each.codes) for each in honest),
        honest_requests_blocked=sum(each.declined for each in honest),
        fraud_paid_fen=sum(each.paid_fen for each in frauds),
        rows=tuple(rows),
        missed=tuple(each.story.name for each in frauds if not each.caught),
        blocked=tuple(sorted(blocked)),
    )
