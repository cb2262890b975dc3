"""A run with a cut: it strikes where the tape says, once, and everything that was under way comes to its end."""

import pytest

from simulators.campaign import exhaustive, run
from simulators.campaign.exhaustive import SCENARIOS
from simulators.campaign.tape import Cut

# A run has a virtual-time loop of its own, so these tests are not asynchronous.


@pytest.mark.parametrize(
    ("cut", "fired"),
    [
        (Cut(place="step", number=300), {"A1"}),
        (Cut(place="step", number=300, power=False), {"A14"}),
        (Cut(place="disk", number=1), {"A3", "A4"}),
        (Cut(place="disk", number=100, tearing=2), {"A3", "A4"}),
        (Cut(place="to cash_dispenser", number=29), {"A2"}),
        (Cut(place="from card_reader", number=500, power=False), {"A14"}),
        (Cut(place="request", number=400), {"D13"}),
        (Cut(place="reply", number=400), {"D13"}),
        (Cut(place="step", number=300, then=Cut(place="step", number=320)), {"A9"}),
    ],
    ids=lambda value: value.words() if isinstance(value, Cut) else "",
)
def test_a_visit_that_is_cut_comes_to_its_end(cut: Cut, fired: set[str]) -> None:
    outcome = run.play(SCENARIOS["withdraw"].model_copy(update={"cut": cut}))

    assert outcome.violations == ()
    assert fired & outcome.fired.keys()


def test_a_host_dies_before_or_after_its_commits_and_no_money_is_lost() -> None:
    number = exhaustive.places("withdraw").reached["ledger"]
    tapes = [SCENARIOS["withdraw"].model_copy(update={"cut": Cut(place="ledger", number=n + 1)}) for n in range(number)]

    outcomes = [run.play(tape) for tape in tapes]

    assert {fault for outcome in outcomes for fault in outcome.fired} == {"A6", "A7"}
    assert [outcome.violations for outcome in outcomes if outcome.violations] == []


@pytest.mark.parametrize("number", range(1, 25))
def test_the_power_can_go_while_the_first_journal_is_made(number: int) -> None:
    outcome = run.play(SCENARIOS["withdraw"].model_copy(update={"cut": Cut(place="disk", number=number)}))

    assert outcome.violations == ()
    assert outcome.cuts == 1
    assert outcome.endings == {"paid": 1}


def test_a_cut_that_no_run_reaches_cuts_nothing() -> None:
    outcome = run.play(SCENARIOS["withdraw"].model_copy(update={"cut": Cut(place="step", number=1_000_000)}))

    assert outcome.cuts == 0
    assert outcome.endings == {"paid": 1}
