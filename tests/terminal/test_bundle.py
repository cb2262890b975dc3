"""The notes of one withdrawal by the journal: a fold, and what the host is told of it."""

from collections.abc import Sequence

import pytest

from drivers.interfaces import Dispensed, UnitCounts
from terminal.bundle import Bundle, Phase
from terminal.cash_units import CashUnit, CashUnits, RetractArea
from terminal.dispense_record import to_data
from terminal.journal import Entry, Record
from terminal.redaction import Json

CASH = CashUnits({"unit1": CashUnit(100_00, 100), "unit2": CashUnit(50_00, 100)})
STACKED = Dispensed({"unit1": UnitCounts(5, 1), "unit2": UnitCounts(1)})
MIX = {"unit1": 5, "unit2": 1}

Step = tuple[Entry, dict[str, Json]]

STACK: Step = (Entry.STACK_DONE, to_data(STACKED))
PRESENT: Sequence[Step] = [STACK, (Entry.PRESENT_INTENT, {}), (Entry.PRESENT_DONE, {})]
LEAVE: Sequence[Step] = [*PRESENT, (Entry.CASH_LEFT, {"stays": False, "times": 1}), (Entry.RETRACT_INTENT, {})]


def folded(steps: Sequence[Step]) -> tuple[Bundle, CashUnits]:
    bundle, cash = Bundle(MIX), CASH
    for number, (kind, data) in enumerate(steps, 1):
        record = Record(number, "2026-01-05T08:00:00", kind, "visit-000001", data, "", "")
        cash = bundle.moved(record, cash)
        bundle = bundle.after(record)
    return bundle, cash


def judged(verdict: str, units: Json = None) -> Step:
    return Entry.NOTES_JUDGED, {"verdict": verdict, "units": units}


@pytest.mark.parametrize(
    ("steps", "phase", "got"),
    [
        ([], Phase.STACKING, None),
        ([STACK], Phase.STACKED, None),
        ([(Entry.STACK_DONE, to_data(Dispensed({"unit1": UnitCounts(0, 2)})))], Phase.NOTHING_STACKED, None),
        (PRESENT, Phase.PRESENTED, None),
        ([*PRESENT, (Entry.CASH_TAKEN, {})], Phase.TAKEN, [(5, 1), (1, 0)]),
        ([*PRESENT, (Entry.CASH_LEFT, {"stays": True, "times": 1})], Phase.STAYED, [(5, 1), (1, 0)]),
        ([*LEAVE, (Entry.RETRACT_DONE, {"counted": 6})], Phase.RETRACTED, None),
        ([*LEAVE, (Entry.RETRACT_UNKNOWN, {})], Phase.RETRACT_UNKNOWN, None),
        ([STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": 6})], Phase.BACK, [(0, 6), (0, 1)]),
        ([STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": 5})], Phase.REJECTED_SHORT, None),
        ([STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": None})], Phase.REJECTED_SHORT, None),
        ([(Entry.STACK_REFUSED, {}), judged("nothing_stacked")], Phase.BACK, []),
        (
            [STACK, (Entry.PRESENT_INTENT, {}), (Entry.PRESENT_UNKNOWN, {}), judged("taken")],
            Phase.TAKEN,
            [(5, 1), (1, 0)],
        ),
        ([STACK, (Entry.PRESENT_INTENT, {}), (Entry.PRESENT_UNKNOWN, {}), judged("in_reach")], Phase.PRESENTED, None),
    ],
)
def test_where_the_notes_are_and_what_the_person_got(
    steps: Sequence[Step], phase: Phase, got: list[tuple[int, int]] | None
) -> None:
    bundle, _ = folded(steps)

    assert bundle.phase is phase
    found = bundle.got
    assert got == (None if found is None else [(unit.dispensed, unit.rejected) for unit in found.units.values()])


def test_only_exactly_the_notes_asked_for_are_complete() -> None:
    assert folded([STACK])[0].complete
    assert not Bundle({**MIX, "unit1": 6}, Phase.STACKED, STACKED).complete
    assert not Bundle({"unit1": 5}, Phase.STACKED, STACKED).complete
    assert Bundle({**MIX, "unit3": 0}, Phase.STACKED, STACKED).complete


def test_the_counters_follow_the_notes() -> None:
    def counters(steps: Sequence[Step]) -> tuple[int, int, int, int]:
        unit = folded(steps)[1].units["unit1"]
        return unit.dispensed, unit.stacked, unit.presented, unit.rejected

    assert counters([STACK]) == (5, 5, 0, 1)
    assert counters(PRESENT) == (5, 0, 5, 1)
    assert counters([*PRESENT, (Entry.CASH_TAKEN, {})]) == (5, 0, 5, 1)
    assert counters([STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": 6})]) == (0, 0, 0, 6)
    # unresolved: the notes stay counted as stacked until a person has looked
    assert counters([STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": 5})]) == (5, 5, 0, 1)
    assert counters([STACK, (Entry.PRESENT_INTENT, {}), (Entry.PRESENT_UNKNOWN, {})]) == (5, 5, 0, 1)


def test_what_is_in_the_retract_area_is_counted_or_bounded() -> None:
    assert folded([*LEAVE, (Entry.RETRACT_DONE, {"counted": 4})])[1].retract_area == RetractArea(1, 4, 0)
    assert folded([*LEAVE, (Entry.RETRACT_DONE, {"counted": None})])[1].retract_area == RetractArea(1, 0, 6)
    assert folded([*LEAVE, (Entry.RETRACT_UNKNOWN, {})])[1].retract_area == RetractArea(1, 0, 6)


def test_the_host_is_told_what_was_presented_taken_retracted_and_rejected() -> None:
    def results(steps: Sequence[Step], got: Dispensed | None = None) -> list[tuple[int | None, ...]]:
        bundle, cash = folded(steps)
        found = got or bundle.got
        assert found is not None
        return [(unit.presented, unit.taken, unit.retracted, unit.rejected) for unit in bundle.results(found, cash)]

    assert results([*PRESENT, (Entry.CASH_TAKEN, {})]) == [(5, 5, 0, 1), (1, 1, 0, 0)]
    back: Sequence[Step] = [STACK, (Entry.REJECT_INTENT, {}), (Entry.REJECT_DONE, {"counted": 6})]
    assert results(back) == [(0, 0, 0, 6), (0, 0, 0, 1)]
    # a person found that one note of 100 was taken, and the rest in the retract area
    counted = Dispensed({"unit1": UnitCounts(1, 1), "unit2": UnitCounts(0)})
    assert results([*LEAVE, (Entry.RETRACT_DONE, {"counted": 5})], counted) == [(5, 1, 4, 1), (1, 0, 1, 0)]
