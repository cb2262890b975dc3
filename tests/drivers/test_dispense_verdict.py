import pytest

from drivers.dispense_verdict import Answer, Meaning, verdict
from drivers.interfaces import (
    CompletionCode,
    Dispensed,
    Done,
    ErrorCode,
    Outcome,
    Refused,
    UnitCounts,
    Unknown,
)

ASKED = {"unit1": 3, "unit2": 2}
CASH_UNIT = Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR)
BEFORE = Meaning(before_motion=True)
NOTHING = UnitCounts()


def judge(
    first: int, second: int, meaning: Meaning | None = None, *, rejected: int = 0, third: UnitCounts = NOTHING
) -> Outcome[Dispensed]:
    counts = {"unit1": UnitCounts(first, rejected), "unit2": UnitCounts(second), "unit3": third}
    return verdict("dispenser", ASKED, Answer(counts, "the device's words", meaning))


def test_all_that_was_asked_is_done() -> None:
    assert judge(3, 2) == Done(Dispensed({"unit1": UnitCounts(3), "unit2": UnitCounts(2)}))


@pytest.mark.parametrize(("first", "second"), [(2, 2), (4, 2), (3, 0)])
def test_success_with_other_counts_is_unknown(first: int, second: int) -> None:
    assert isinstance(judge(first, second), Unknown)


@pytest.mark.parametrize("third", [UnitCounts(1), UnitCounts(0, 1)])
def test_success_with_notes_from_a_cassette_that_was_not_asked_is_unknown(third: UnitCounts) -> None:
    assert isinstance(judge(3, 2, third=third), Unknown)


def test_an_error_with_more_than_was_asked_is_unknown_unless_the_device_says_so() -> None:
    assert isinstance(judge(4, 0, Meaning()), Unknown)
    assert isinstance(judge(4, 0, Meaning(excess=True)), Done)


def test_an_error_found_before_motion_is_a_refusal_only_with_nothing_counted() -> None:
    assert isinstance(judge(0, 0, BEFORE), Refused)
    assert isinstance(judge(0, 0, BEFORE, rejected=1), Done)
    assert isinstance(judge(1, 0, BEFORE), Done)
    assert isinstance(judge(0, 0, Meaning()), Done)


def test_the_first_cassette_that_fell_short_is_the_failed_one() -> None:
    outcome = judge(3, 1, CASH_UNIT)
    assert isinstance(outcome, Done)
    assert outcome.result.failed_unit == "unit2"


def test_a_jam_blames_no_cassette() -> None:
    outcome = judge(1, 0, Meaning())
    assert isinstance(outcome, Done)
    assert outcome.result.failed_unit is None


def test_the_device_s_own_words_reach_the_error() -> None:
    outcome = judge(1, 0, CASH_UNIT)
    assert isinstance(outcome, Done)
    assert "the device's words" in str(outcome.result.error)


def test_a_note_in_reach_that_nobody_counted_is_unknown_and_the_counts_are_told() -> None:
    outcome = judge(2, 0, Meaning(in_reach=True))
    assert isinstance(outcome, Unknown)
    assert "'unit1': 2" in outcome.cause
