"""Runs that were never played, for tests of what is made of them."""

from simulators.campaign.invariants import Violation
from simulators.campaign.job import Job, Played
from simulators.campaign.run import Outcome


def outcome(seed: int, *violations: Violation, trace_hash: str = "", fired: dict[str, int] | None = None) -> Outcome:
    """A day of 1000 seconds with one power cut."""
    return Outcome(
        seed=seed,
        violations=violations,
        fired=fired or {},
        cuts=1,
        starts=2,
        states={"idle": 3},
        transitions={"idle card_inserted reading_card": 1},
        endings={"paid": 1},
        unresolved=0,
        seconds=1000.0,
        trace_hash=trace_hash or f"hash of {seed}",
    )


def played(seed: int, *violations: Violation, fired: dict[str, int] | None = None) -> Played:
    """What a player would give for it."""
    return Played(Job(seed), outcome(seed, *violations, fired=fired), violations)
