"""What becomes of notes as they move, and the rules that only show there: each on a tape of its own."""

import random

import pytest

from simulators.campaign import motions, run
from simulators.campaign.aimed import TO_THE_CUSTOMER, WITH_A_STACKER
from simulators.campaign.moments import Aim, Subject
from simulators.campaign.planted import PLANTED
from simulators.campaign.possible import possible
from simulators.campaign.tape import Act, Tape, Visit
from terminal.journal import Entry
from terminal.view import Screen

# A run has a virtual-time loop of its own, so these tests are not asynchronous.

DISPENSER = "cash_dispenser"
VISIT = Visit(person=0, amount=500)
TAKES_AT_LAST = VISIT.model_copy(
    update={
        "walks_away_at": Screen.TAKE_CASH,
        "acts": (Act(fault="C12", at=Entry.CASH_LEFT, target=DISPENSER, options={"notes": 200}),),
    }
)
COUNTED_SHORT = VISIT.model_copy(
    update={
        "walks_away_at": Screen.TAKE_CARD,
        "acts": (Act(fault="C15", at=Entry.REJECT_INTENT, target=DISPENSER, options={"notes": 1}),),
    }
)
STACKED_SHORT = VISIT.model_copy(
    update={"acts": (Act(fault="C3", at=Entry.STACK_INTENT, target=DISPENSER, command=1, options={"pick": 2}),)}
)
FORGOTTEN = VISIT.model_copy(
    update={
        "acts": (
            Act(fault="E8", at=Entry.HOST_REQUEST, about=Subject.CASH),
            Act(fault="A14", at=Entry.VISIT_ENDED),
        )
    }
)
CARD_LEFT = VISIT.model_copy(update={"walks_away_at": Screen.TAKE_CARD})


@pytest.mark.parametrize(
    ("bug", "rule", "dispenser", "visit"),
    [
        ("M23", 8, "fujitsu-f56", TAKES_AT_LAST),
        ("K10", 12, "fujitsu-f56", COUNTED_SHORT),
        ("K4", 5, "fujitsu-f56", STACKED_SHORT),
        ("K86", 1, "fujitsu-f56", FORGOTTEN),
        ("K51", 9, "puloon-lcdm-4000", CARD_LEFT),
    ],
)
def test_a_bug_of_moving_notes_breaks_a_rule_and_without_it_none_is_broken(
    bug: str, rule: int, dispenser: str, visit: Visit
) -> None:
    tape = Tape(seed=3, dispenser=dispenser, visits=(visit,))
    assert run.play(tape).violations == ()
    with next(each for each in PLANTED if each.id == bug).plant():
        assert rule in {violation.invariant for violation in run.play(tape).violations}


def test_an_answer_tells_the_host_s_knowledge_of_its_own_message_only() -> None:
    """The disk comes back as it was before the approval, and the confirm never left the kiosk: nobody can know."""
    acts = (
        Act(fault="E8", at=Entry.HOST_REQUEST, about=Subject.CASH),
        Act(fault="A1", at=Entry.ADVICE_STORED, options={"step": 1}),
    )
    tape = Tape(seed=48, dispenser="fujitsu-f56", visits=(VISIT.model_copy(update={"acts": acts}),))
    assert run.play(tape).violations == ()


def test_a_double_pick_that_the_dispenser_sees_excuses_no_wrong_count() -> None:
    twice = VISIT.model_copy(update={"acts": motions.worn(random.Random(1), TO_THE_CUSTOMER)})
    tape = Tape(seed=3, dispenser="puloon-lcdm-4000", visits=(twice, twice.model_copy(update={"person": 1})))
    day = run.Run(tape)
    assert day.play().violations == ()
    assert (len(day.rig.fired["C2"]), day.rig.excuses) == (2, set())
    with next(each for each in PLANTED if each.id == "K6").plant():
        assert 3 in {violation.invariant for violation in run.play(tape).violations}


@pytest.mark.parametrize("notes", [TO_THE_CUSTOMER, WITH_A_STACKER])
def test_every_story_strikes_at_a_record_and_with_a_fault_of_its_dispenser(notes: tuple[Aim, ...]) -> None:
    stacker = notes is WITH_A_STACKER
    suffers = possible("fujitsu-f56" if stacker else "puloon-lcdm-4000")
    told = [motions.story(random.Random(number), notes, suffers) for number in range(300)]
    assert {act.fault for acts in told for act in acts} >= {"A14", "B5", "C1", "C2", "C3", "D17", "E8", "G2"}
    assert ("C12" in {act.fault for acts in told for act in acts}) == stacker
    assert all(act.at is not None for acts in told for act in acts)
    mine = {act.fault for acts in told for act in acts if act.target == DISPENSER}
    assert mine <= {each.fault for each in suffers if each.target == DISPENSER}
