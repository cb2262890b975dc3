"""What a dispenser's words mean for the money: each row of the table, and everything around it is suspense."""

from itertools import product

import pytest

from drivers.interfaces import (
    DeviceState,
    Dispensed,
    DispenserState,
    DispenserStatus,
    PositionStatus,
    PresentState,
    PresentStatus,
    ShutterStatus,
    UnitCounts,
)
from terminal.bundle import Bundle, Phase, Verdict
from terminal.evidence import TABLE, Counts, Evidence, compared, judge

OURS = {"unit1": UnitCounts(5)}
MIX = {"unit1": 5}
EMPTY, NOT_EMPTY, UNKNOWN = PositionStatus.EMPTY, PositionStatus.NOT_EMPTY, PositionStatus.UNKNOWN
COUNTED = (
    Phase.STACKED,
    Phase.PRESENTING,
    Phase.PRESENT_UNKNOWN,
    Phase.PRESENT_REFUSED,
    Phase.PRESENTED,
    Phase.LEFT,
    Phase.RETRACT_REFUSED,
)


def bundle(phase: Phase) -> Bundle:
    return Bundle(MIX, phase, Dispensed(OURS) if phase in COUNTED else None)


def evidence(
    state: PresentState,
    stacker: PositionStatus,
    position: PositionStatus,
    shutter: ShutterStatus = ShutterStatus.CLOSED,
    units: dict[str, UnitCounts] | None = None,
) -> Evidence:
    status = DispenserStatus(
        DeviceState.ONLINE, DispenserState.OK, {}, position=position, stacker=stacker, shutter=shutter
    )
    return Evidence(PresentStatus(state, units), status)


NOT_PRESENTED, PRESENTED = PresentState.NOT_PRESENTED, PresentState.PRESENTED


@pytest.mark.parametrize(
    ("phase", "words", "verdict"),
    [
        # the device certainly stacked nothing, or never began ours
        (Phase.STACK_REFUSED, evidence(NOT_PRESENTED, EMPTY, EMPTY), Verdict.NOTHING_STACKED),
        (Phase.NOTHING_STACKED, evidence(NOT_PRESENTED, EMPTY, EMPTY), Verdict.NOTHING_STACKED),
        (Phase.STACK_UNKNOWN, evidence(NOT_PRESENTED, EMPTY, EMPTY, units={}), Verdict.NOTHING_STACKED),
        # it doesn't say whether its memory is of our dispense, or it is of another
        (Phase.STACK_UNKNOWN, evidence(NOT_PRESENTED, EMPTY, EMPTY), Verdict.SUSPENSE),
        (Phase.STACK_UNKNOWN, evidence(PRESENTED, EMPTY, EMPTY, units=OURS), Verdict.SUSPENSE),
        (Phase.STACK_UNKNOWN, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units=None), Verdict.SUSPENSE),
        (
            Phase.STACK_UNKNOWN,
            evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units={"unit2": UnitCounts(1)}),
            Verdict.SUSPENSE,
        ),
        (Phase.STACKED, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units={"unit1": UnitCounts(4)}), Verdict.SUSPENSE),
        # ours, on the stacker, shutter closed
        (Phase.STACK_UNKNOWN, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units=OURS), Verdict.OUT_OF_REACH),
        (Phase.STACKED, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY), Verdict.OUT_OF_REACH),
        (Phase.PRESENT_UNKNOWN, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units=OURS), Verdict.OUT_OF_REACH),
        # notes that were stacked are nowhere
        (Phase.STACKED, evidence(NOT_PRESENTED, EMPTY, EMPTY, units=OURS), Verdict.SUSPENSE),
        # presented and gone; presented and there
        (Phase.PRESENT_UNKNOWN, evidence(PRESENTED, EMPTY, EMPTY, ShutterStatus.OPEN, OURS), Verdict.TAKEN),
        (Phase.RETRACT_REFUSED, evidence(PRESENTED, EMPTY, EMPTY, units=OURS), Verdict.TAKEN),
        (Phase.PRESENTED, evidence(PRESENTED, EMPTY, NOT_EMPTY, ShutterStatus.OPEN, OURS), Verdict.IN_REACH),
        (Phase.RETRACT_REFUSED, evidence(PRESENTED, EMPTY, NOT_EMPTY, units=OURS), Verdict.SUSPENSE),
        (Phase.PRESENTED, evidence(NOT_PRESENTED, NOT_EMPTY, EMPTY, units=OURS), Verdict.SUSPENSE),
        (Phase.STACKED, evidence(PRESENTED, NOT_EMPTY, EMPTY, units=OURS), Verdict.SUSPENSE),
    ],
)
def test_each_row_says_what_follows(phase: Phase, words: Evidence, verdict: Verdict) -> None:
    assert judge(bundle(phase), words) is verdict


def every_word() -> list[Evidence]:
    units: list[dict[str, UnitCounts] | None] = [None, {}, OURS, {"unit1": UnitCounts(2)}, {"unit2": UnitCounts(5)}]
    return [
        evidence(state, stacker, position, shutter, told)
        for state, stacker, position, shutter, told in product(
            PresentState, PositionStatus, PositionStatus, ShutterStatus, units
        )
    ]


@pytest.mark.req("S1-66")
@pytest.mark.parametrize("phase", Phase)
def test_whatever_is_said_nothing_is_given_back_once_a_shutter_was_open_or_a_word_is_unknown(phase: Phase) -> None:
    for words in every_word():
        if judge(bundle(phase), words) in (Verdict.NOTHING_STACKED, Verdict.OUT_OF_REACH):
            assert words.present.state is NOT_PRESENTED
            assert words.status.shutter in (ShutterStatus.CLOSED, ShutterStatus.NOT_SUPPORTED)
            assert words.status.position is EMPTY
            assert words.status.stacker is not UNKNOWN
            assert phase not in (Phase.PRESENTED, Phase.LEFT, Phase.RETRACTING, Phase.RETRACTED, Phase.TAKEN)


@pytest.mark.parametrize("phase", Phase)
def test_a_device_that_knows_nothing_ends_in_suspense(phase: Phase) -> None:
    for words in every_word():
        if words.present.state is PresentState.UNKNOWN:
            assert judge(bundle(phase), words) is Verdict.SUSPENSE


def test_the_last_row_fits_everything() -> None:
    assert TABLE[-1].verdict is Verdict.SUSPENSE
    assert [row for row in TABLE if row.verdict is Verdict.SUSPENSE] == [TABLE[-1]]
    assert {row.verdict for row in TABLE} == set(Verdict)


def test_counts_are_ours_when_they_are_those_of_the_journal() -> None:
    stacked, asked = bundle(Phase.STACKED), bundle(Phase.STACK_UNKNOWN)

    assert compared(stacked, None) is Counts.SILENT
    assert compared(stacked, OURS) is Counts.OURS
    assert compared(stacked, {**OURS, "unit2": UnitCounts()}) is Counts.OURS
    assert compared(stacked, {}) is Counts.FOREIGN
    assert compared(asked, {}) is Counts.NOTHING
    assert compared(asked, {"unit1": UnitCounts(0, 1)}) is Counts.OURS
    assert compared(asked, {"unit1": UnitCounts(6)}) is Counts.FOREIGN
