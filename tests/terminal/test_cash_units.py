import pytest

from drivers.interfaces import (
    CashUnitStatus,
    CompletionCode,
    DeviceError,
    Dispensed,
    ErrorCode,
    Replenishment,
    UnitCounts,
    UnitStatus,
)
from terminal.cash_units import Accuracy, CashTotals, CashUnit, CashUnits
from terminal.denomination import CashUnitCount

OK = CashUnitStatus(UnitStatus.OK, Replenishment.OK)


def loaded() -> CashUnits:
    return CashUnits({}).loaded("unit1", 500, 10_000).loaded("unit2", 200, 10_000).loaded("unit3", 300, 5_000)


def error(completion: CompletionCode, code: ErrorCode | None = None) -> DeviceError:
    return DeviceError("dispenser", completion, "told by the device", code=code)


def test_a_dispense_leaves_what_the_device_did_not_count_out() -> None:
    units = loaded().after(Dispensed({"unit1": UnitCounts(10, 2), "unit3": UnitCounts(1)}))
    assert units.units["unit1"] == CashUnit(10_000, 500, dispensed=10, rejected=2)
    assert units.units["unit1"].remaining == 488
    assert units.units["unit2"] == CashUnit(10_000, 200)


def test_the_value_before_is_untouched() -> None:
    before = loaded()
    before.after(Dispensed({"unit1": UnitCounts(10)}))
    assert before == loaded()


def test_sums_are_kept_per_denomination_and_in_fen() -> None:
    units = loaded().after(Dispensed({"unit1": UnitCounts(10, 2), "unit2": UnitCounts(5), "unit3": UnitCounts(1)}))
    assert units.by_denomination() == {
        10_000: CashTotals(initial=700, dispensed=15, rejected=2, remaining=683),
        5_000: CashTotals(initial=300, dispensed=1, remaining=299),
    }
    assert units.total_fen().dispensed == 15 * 10_000 + 5_000


def test_a_cassette_that_ran_empty_is_not_offered_until_it_is_loaded() -> None:
    short = Dispensed(
        {"unit1": UnitCounts(10), "unit2": UnitCounts(3)},
        error(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR),
        failed_unit="unit2",
    )
    units = loaded().after(short)
    assert [unit.id for unit in units.available()] == ["unit1", "unit3"]
    assert units.units["unit2"].remaining == 197
    assert [unit.id for unit in units.loaded("unit2", 100, 10_000).available()] == ["unit1", "unit2", "unit3"]


def test_after_a_jam_the_counts_of_all_cassettes_asked_are_inaccurate() -> None:
    jam = Dispensed({"unit1": UnitCounts(3), "unit2": UnitCounts()}, error(CompletionCode.HARDWARE_ERROR))
    units = loaded().after(jam)
    assert units.units["unit1"].accuracy is Accuracy.INACCURATE
    assert [unit.id for unit in units.available()] == ["unit3"]


def test_an_unknown_outcome_is_bounded_by_what_was_asked() -> None:
    units = loaded().uncertain({"unit1": 20, "unit3": 0}).uncertain({"unit1": 5})
    assert units.units["unit1"].unknown == 25
    assert units.units["unit1"].accuracy is Accuracy.UNKNOWN
    assert [unit.id for unit in units.available()] == ["unit2", "unit3"]
    jam = Dispensed({"unit1": UnitCounts(1)}, error(CompletionCode.HARDWARE_ERROR))
    assert units.after(jam).units["unit1"].accuracy is Accuracy.UNKNOWN


def test_more_notes_than_were_loaded_prove_the_count_wrong() -> None:
    units = CashUnits({}).loaded("unit1", 3, 10_000).after(Dispensed({"unit1": UnitCounts(5)}))
    assert units.units["unit1"].accuracy is Accuracy.INACCURATE
    assert units.available() == []


@pytest.mark.parametrize(
    "reported",
    [
        CashUnitStatus(UnitStatus.MISSING, Replenishment.UNKNOWN),
        CashUnitStatus(UnitStatus.MANIPULATED, Replenishment.OK),
        CashUnitStatus(UnitStatus.INOPERATIVE, Replenishment.OK),
        CashUnitStatus(UnitStatus.OK, Replenishment.EMPTY),
        None,
    ],
)
def test_a_cassette_that_the_device_can_not_use_is_not_offered(reported: CashUnitStatus | None) -> None:
    status = {"unit1": OK, "unit3": CashUnitStatus(UnitStatus.OK, Replenishment.LOW)}
    if reported is not None:
        status["unit2"] = reported
    assert [unit.id for unit in loaded().available(status)] == ["unit1", "unit3"]


def test_the_note_mix_gets_what_remains_and_the_limit_of_the_device() -> None:
    units = loaded().after(Dispensed({"unit3": UnitCounts(300)}))
    assert units.available(limit=60) == [
        CashUnitCount("unit1", 10_000, 500, 60),
        CashUnitCount("unit2", 10_000, 200, 60),
    ]
