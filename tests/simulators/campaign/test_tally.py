from simulators.campaign import job
from simulators.campaign.invariants import Violation
from simulators.campaign.job import Job
from simulators.campaign.tally import Tally
from tests.simulators.campaign.played import played


def tally_of(*seeds: int) -> Tally:
    tally = Tally(first_seed=1)
    for seed in seeds:
        tally.add(played(seed, fired={"B1": 2}))
    return tally


def test_everything_is_added_up() -> None:
    tally = tally_of(1, 2, 3)

    assert (tally.seeds, tally.cuts, tally.seconds, tally.fired["B1"]) == (3, 3, 3000.0, 6)
    assert (tally.states["idle"], tally.endings["paid"]) == (9, 3)


def test_the_hash_over_all_is_the_same_in_whatever_order_seeds_end() -> None:
    assert tally_of(1, 2, 3).trace_hash == tally_of(3, 1, 2).trace_hash
    assert tally_of(1, 2, 3).trace_hash != tally_of(1, 2).trace_hash


def test_a_hash_with_a_seed_missing_is_another_one() -> None:
    assert tally_of(1, 3).trace_hash != tally_of(1, 2, 3).trace_hash


def test_a_run_that_broke_a_rule_is_kept_and_one_that_failed_counts() -> None:
    tally = tally_of(1)
    tally.add(played(2, Violation(4, 1.0, "words")))
    tally.add(job.failed(Job(3), "words"))

    assert (tally.seeds, tally.violations, [each.job.seed for each in tally.broken]) == (3, 2, [2, 3])
