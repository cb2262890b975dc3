from collections.abc import Callable, Sequence

import pytest

from simulators.campaign.shrink import Shrinking
from simulators.campaign.tape import Act, Tape, Visit
from terminal.view import Screen


def long_tape() -> Tape:
    """Six visits with four faults each, numbered from 0 to 23."""
    return Tape(
        seed=1,
        visits=tuple(
            Visit(
                person=visit,
                gap=20.0,
                amount=1000,
                wrong_pins=1,
                acts=tuple(
                    Act(fault=f"C{4 * visit + act}", after=7.3, command=2, options={"seconds": 3.0, "other": "x"})
                    for act in range(4)
                ),
            )
            for visit in range(6)
        ),
    )


def faults(tape: Tape) -> set[str]:
    return {act.fault for visit in tape.visits for act in visit.acts}


def shrinking(tape: Tape, broken: Callable[[Tape], bool], *, at_once: int = 3, seconds: float = 1e9) -> Shrinking:
    def breaks(tapes: Sequence[Tape]) -> int | None:
        assert len(tapes) <= at_once
        return next((number for number, each in enumerate(tapes) if broken(each)), None)

    ticks = iter(range(10**6))
    return Shrinking(tape, breaks, seconds, at_once, clock=lambda: float(next(ticks)))


@pytest.mark.parametrize("needed", [{"C9"}, {"C0", "C23"}, {"C5", "C6", "C17"}, {f"C{number}" for number in range(8)}])
@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_what_is_needed_stays_and_nothing_else(needed: set[str], at_once: int) -> None:
    found = shrinking(long_tape(), lambda tape: needed <= faults(tape), at_once=at_once)

    assert faults(found.shrink()) == needed
    assert all(visit.acts for visit in found.tape.visits)
    assert found.complete


def test_what_stays_is_said_in_the_plainest_way() -> None:
    found = shrinking(long_tape(), lambda tape: "C9" in faults(tape)).shrink()

    assert found == Tape(seed=1, visits=(Visit(person=0, acts=(Act(fault="C9"),)),))


def test_what_matters_stays_as_it_is() -> None:
    def broken(tape: Tape) -> bool:
        visits = [visit for visit in tape.visits if "C9" in {act.fault for act in visit.acts}]
        return any(visit.amount == 1000 and act.options.get("seconds") == 3.0 for visit in visits for act in visit.acts)

    found = shrinking(long_tape(), broken).shrink()

    assert [(visit.amount, visit.gap, visit.wrong_pins) for visit in found.visits] == [(1000, 5.0, 0)]
    assert [act.options for act in found.visits[0].acts if act.options] == [{"seconds": 3.0}]


def test_a_rule_that_is_broken_without_any_fault_needs_no_visit() -> None:
    tape = Tape(seed=1, visits=(Visit(person=3, cancels_at=Screen.PIN),))
    assert shrinking(tape, lambda _: True).shrink() == Tape(seed=1)


def test_when_the_time_is_over_the_best_so_far_is_taken() -> None:
    found = shrinking(long_tape(), lambda tape: {"C9", "C17"} <= faults(tape), seconds=5)

    assert {"C9", "C17"} <= faults(found.shrink())
    assert not found.complete
    assert found.played <= 5 * 3


def test_a_long_tape_needs_few_runs() -> None:
    found = shrinking(long_tape(), lambda tape: {"C9", "C17"} <= faults(tape), at_once=1)
    found.shrink()

    assert found.played < 60
