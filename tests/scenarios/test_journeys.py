"""Whole journeys of several days and places: every one ends as it is told, and all that must hold does."""

from dataclasses import replace
from functools import cache

import pytest

from simulators.bench.file import load_bench
from simulators.bench.journeys.catalogue import JOURNEYS
from simulators.bench.journeys.course import Course
from simulators.bench.journeys.play import play_journey
from simulators.bench.result import Result
from terminal.visit import Ending

SHOWS = {
    "online-to-own-bank": ("S1-34", "S2-53", "S2-70", "S2-71", "S2-72", "S2-73", "S2-75", "S2-76", "S2-78", "S2-82"),
    "lost-card-same-application": ("S1-57", "S1-73", "S1-74", "S1-79"),
    "failed-withdrawal-counter": ("S1-75", "S2-67"),
    "cash-over-new-year": ("S1-44", "S1-70", "S2-26"),
}
"""The requirements that a journey shows."""


@cache
def played(name: str) -> Result:
    """Once; what it told can be asked for more than one thing."""
    return play_journey(name, JOURNEYS[name], load_bench())


def failed(result: Result) -> list[str]:
    return [check.name for check in result.checks if not check.held]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.req(*SHOWS[name], "S1-05", "S2-63")) for name in JOURNEYS]
)
def test_every_journey_ends_as_it_is_told_and_all_checks_hold(name: str) -> None:
    assert failed(played(name)) == []


@pytest.mark.req("S2-81")
def test_after_all_journeys_and_visits_every_invariant_of_the_books_holds() -> None:
    """Each journey's own checks hold the books as a whole; those of single visits are in `test_stories`."""
    invariants = {
        "account debits = notes taken + transfers",
        "nothing is left on hold",
        "every approval stands on a stored decision",
        "the books reconcile to zero, and no exception is open",
        "the ledger balances",
        "the audit chain is whole",
        "the journal's chain is whole",
        "every advice was answered",
    }
    for name in JOURNEYS:
        assert {check.name for check in played(name).checks if check.held} >= invariants, name


def test_a_journey_whose_money_is_told_wrong_fails_its_checks() -> None:
    journey = JOURNEYS["online-to-own-bank"]

    async def wrong(course: Course) -> None:
        await journey.script(course)
        course.transferred_fen += 100

    result = play_journey("wrong", replace(journey, script=wrong, ending=Ending.PAID), load_bench())

    assert failed(result) == ["the last visit ended as the story says", "account debits = notes taken + transfers"]
    right = played("online-to-own-bank")
    assert (right.trace_hash, right.postings) == (result.trace_hash, result.postings)  # the same seed, the same run
