"""What becomes of notes as they move, and the rules that only show there: each on a tape of its own."""

import random

import pytest

from simulators.campaign import motions, run
from simulators.campaign.aimed import TO_THE_CUSTOMER, WITH_A_STACKER
from simulators.campaign.moments import Aim, Subject
from simulators.campaign.planted import PLANTED
from simulators.campaign.possible import possible
from simulators.campaign.tape import Act, OnlineTransfer, Tape, Visit
from simulators.world.fault_options import Option
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


def _at_the_motion(fault: str, at: Entry = Entry.DISPENSE_INTENT, command: int = 2, **options: Option) -> Visit:
    act = Act(fault=fault, at=at, target=DISPENSER, command=command, options=options)
    return VISIT.model_copy(update={"acts": (act,)})


BIT = _at_the_motion("B1", part="message", direction="from_device")
BIT_OF_A_STACKER = _at_the_motion("B1", Entry.STACK_INTENT, part="message", direction="from_device")
NO_ACK = _at_the_motion("B13")
OLD_ANSWER = _at_the_motion("B16", command=1)
OLD_COUNTS = _at_the_motion("B16", same_form=True).model_copy(update={"amount": 300})
OLD_COUNTS_OF_A_STACKER = _at_the_motion("B16", Entry.STACK_INTENT, same_form=True).model_copy(update={"amount": 300})
EMPTY = _at_the_motion("C5", command=1)
STARTS_BADLY = VISIT.model_copy(
    update={"acts": (Act(fault="A14", at=Entry.VISIT_ENDED), Act(fault="E11", at=Entry.VISIT_ENDED, after=0.5))}
)
REFUSED = VISIT.model_copy(
    update={
        "online": OnlineTransfer(yuan=5_000, times=2, at=Entry.CONFIRMED),
        "acts": (Act(fault="D8", at=Entry.CARD_READ),),
    }
)
REPLAYED = VISIT.model_copy(
    update={
        "acts": (Act(fault="D11", at=Entry.HOST_REPLY, about=Subject.QUOTE, options={"reply": True, "alone": True}),)
    }
)
TOO_LATE = VISIT.model_copy(
    update={"acts": (Act(fault="D2", at=Entry.HOST_REPLY, about=Subject.QUOTE, options={"seconds": 45.0}),)}
)
OUT_OF_DATE = VISIT.model_copy(
    update={
        "acts": (
            Act(fault="E8", at=Entry.HOST_REQUEST, about=Subject.CASH, options={"newer_comes_back": True}),
            Act(fault="D1", at=Entry.ADVICE_STORED, about=Subject.CONFIRM, options={"reply": False}),
            Act(fault="A14", at=Entry.ADVICE_STORED, about=Subject.CONFIRM),
            Act(fault="A14", at=Entry.ADVICE_ANSWERED, about=Subject.REVERSAL),
        )
    }
)
ALTERED = VISIT.model_copy(
    update={
        "acts": (
            Act(fault="D9", at=Entry.ADVICE_STORED, about=Subject.CONFIRM, options={"reply": False, "more": False}),
        )
    }
)
DOUBLED = VISIT.model_copy(update={"acts": (Act(fault="D4", at=Entry.HOST_REPLY, about=Subject.QUOTE),)})
DIES_ASKING = VISIT.model_copy(
    update={"acts": (Act(fault="A14", at=Entry.HOST_REQUEST, about=Subject.CASH, after=0.06),)}
)
DIES_PAYING = VISIT.model_copy(
    update={
        "acts": (
            Act(fault="A14", at=Entry.DISPENSE_DONE, after=1.0, options={"seconds": 20.0}),
            Act(fault="G2", at=Entry.DISPENSE_DONE, target="customer"),
        )
    }
)
SET_BACK = VISIT.model_copy(
    update={"acts": (Act(fault="F2", at=Entry.VISIT_ENDED, after=1.5, options={"seconds": 3_600}),)}
)


@pytest.mark.parametrize(
    ("bug", "rule", "dispenser", "visit", "seed"),
    [
        ("M23", 8, "fujitsu-f56", TAKES_AT_LAST, 3),
        ("K10", 12, "fujitsu-f56", COUNTED_SHORT, 3),
        ("K4", 5, "fujitsu-f56", STACKED_SHORT, 3),
        ("K86", 1, "fujitsu-f56", FORGOTTEN, 3),
        ("K51", 9, "puloon-lcdm-4000", CARD_LEFT, 3),
        ("M9", 3, "puloon-lcdm-4000", BIT, 2),
        ("M9", 3, "fujitsu-f56", BIT_OF_A_STACKER, 2),
        ("M10", 3, "puloon-lcdm-2000", OLD_COUNTS, 3),
        ("M10", 3, "fujitsu-f56", OLD_COUNTS_OF_A_STACKER, 3),
        ("M11", 7, "puloon-lcdm-4000", NO_ACK, 3),
        ("M16", 17, "puloon-lcdm-2000", EMPTY, 3),
        ("M17", 21, "puloon-lcdm-2000", OLD_ANSWER, 3),
        ("M44", 12, "puloon-lcdm-4000", STARTS_BADLY, 3),
        ("M18", 5, "puloon-lcdm-4000", TOO_LATE, 3),
        ("M27", 18, "puloon-lcdm-4000", DOUBLED, 3),
        ("M43", 14, "puloon-lcdm-2000", DIES_PAYING, 3),
        ("K25", 9, "puloon-lcdm-4000", DIES_ASKING, 3),
        ("K87", 2, "puloon-lcdm-4000", OUT_OF_DATE, 3),
        ("K87", 2, "fujitsu-f56", OUT_OF_DATE, 3),
        ("K111", 4, "fujitsu-f56", OUT_OF_DATE, 3),
        ("K91", 8, "puloon-lcdm-4000", ALTERED, 3),
        ("M30", 18, "puloon-lcdm-4000", REPLAYED, 3),
        ("M31", 5, "puloon-lcdm-4000", REFUSED, 3),
        ("M37", 15, "fujitsu-f56", SET_BACK, 3),
    ],
)
def test_a_bug_breaks_a_rule_in_a_story_of_its_own_and_without_it_none_is_broken(
    bug: str, rule: int, dispenser: str, visit: Visit, seed: int
) -> None:
    tape = Tape(seed=seed, dispenser=dispenser, visits=(VISIT, visit, VISIT))
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


@pytest.mark.parametrize(("dispenser", "excused"), [("puloon-lcdm-2000", {"B2"}), ("fujitsu-f56", set())])
def test_two_flipped_bits_excuse_wrong_counts_only_where_the_check_character_still_fits(
    dispenser: str, excused: set[str]
) -> None:
    at = Entry.STACK_INTENT if dispenser == "fujitsu-f56" else Entry.DISPENSE_INTENT
    flipped = _at_the_motion("B2", at, part="message", direction="from_device")
    day = run.Run(Tape(seed=3, dispenser=dispenser, visits=(flipped,)))
    assert day.play().violations == ()
    assert (len(day.rig.fired["B2"]), day.rig.excuses) == (1, excused)


@pytest.mark.parametrize("notes", [TO_THE_CUSTOMER, WITH_A_STACKER])
def test_every_story_strikes_at_a_record_and_with_a_fault_of_its_dispenser(notes: tuple[Aim, ...]) -> None:
    stacker = notes is WITH_A_STACKER
    suffers = possible("fujitsu-f56" if stacker else "puloon-lcdm-4000")
    told = [motions.story(random.Random(number), notes, suffers) for number in range(300)]
    assert {act.fault for acts in told for act in acts} >= {
        *(
            "A14",
            "B1",
            "B2",
            "B5",
            "B13",
            "B16",
            "C1",
            "C2",
            "C3",
            "C5",
            "D1",
            "D9",
            "D11",
            "D17",
            "E8",
            "E11",
            "F2",
            "G2",
        )
    }
    assert ("C12" in {act.fault for acts in told for act in acts}) == stacker
    assert all(act.at is not None for acts in told for act in acts)
    mine = {act.fault for acts in told for act in acts if act.target == DISPENSER}
    assert mine <= {each.fault for each in suffers if each.target == DISPENSER}
