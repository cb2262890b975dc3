from collections.abc import Iterable, Iterator

from simulators.campaign.campaign import Campaign, Order
from simulators.campaign.invariants import Violation
from simulators.campaign.job import Job, Played
from simulators.campaign.tally import Tally
from tests.simulators.campaign.played import played


class Scripted:
    """Plays nothing, and is interrupted at a seed."""

    def __init__(self, interrupted_at: int | None = None) -> None:
        self.interrupted_at = interrupted_at

    def play(self, work: Iterable[Job]) -> Iterator[Played]:
        for job in work:
            if job.seed == self.interrupted_at:
                raise KeyboardInterrupt
            yield played(job.seed, *[Violation(4, 1.0, "words")] * (job.seed == 12), fired={"B1": 1})


def test_seeds_are_given_out_one_after_the_other_and_some_are_played_twice() -> None:
    work = list(Order(seeds=5, first_seed=10, visits=3, twice_every=2).jobs())

    assert [job.seed for job in work] == [10, 11, 12, 13, 14]
    assert [job.twice for job in work] == [True, False, True, False, True]
    assert {job.visits for job in work} == {3}


def test_when_the_time_is_over_no_seed_is_begun() -> None:
    clock = iter([0.0, 1.0, 8.0, 11.0])
    assert len(list(Order(seeds=100, seconds=10.0).jobs(lambda: next(clock)))) == 2


def test_the_summary_has_what_machines_look_for() -> None:
    campaign = Campaign(Tally(10))
    heard: list[Played] = []
    campaign.play(Order(seeds=4, first_seed=10), Scripted(), heard.append)
    summary = campaign.summary()

    assert (summary["seeds"], summary["violations"], summary["unresolved"], summary["power_cuts"]) == (4, 1, 0, 4)
    assert summary["broken_seeds"] == [12]
    assert (summary["first_seed"], summary["faults_fired"], summary["interrupted"]) == (10, {"B1": 4}, False)
    assert summary["states_reached"] == {"idle": 12}
    assert summary["transitions_reached"] == {"idle card_inserted reading_card": 4}
    assert {"simulated_hours", "wall_seconds", "seeds_per_second", "commit", "trace_hash"} <= summary.keys()
    assert len(heard) == 4


def test_ctrl_c_keeps_what_is_known_until_then() -> None:
    campaign = Campaign(Tally(10))
    campaign.play(Order(seeds=4, first_seed=10), Scripted(interrupted_at=13), lambda _: None)

    assert (campaign.interrupted, campaign.tally.seeds, campaign.tally.violations) == (True, 3, 1)
