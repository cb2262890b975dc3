import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import CompletionCode, DeviceError, Dispensed, ErrorCode, UnitCounts
from terminal.cash_units import CashUnit, CashUnits
from terminal.dispense_record import from_data, to_data, unit_results, worth_fen

CASH = CashUnits({"unit1": CashUnit(100_00, 100), "unit2": CashUnit(50_00, 100)})
EMPTY = DeviceError("CashDispenser", CompletionCode.HARDWARE_ERROR, "ran empty", code=ErrorCode.CASH_UNIT_ERROR)

COUNTS = st.builds(UnitCounts, st.integers(0, 60), st.integers(0, 20))


@given(st.dictionaries(st.sampled_from(["unit1", "unit2"]), COUNTS), st.sampled_from([None, "unit1", "unit2"]))
def test_what_was_written_down_is_read_back(units: dict[str, UnitCounts], failed: str | None) -> None:
    dispensed = Dispensed(units, failed_unit=failed)

    assert from_data(json.loads(json.dumps(to_data(dispensed)))) == dispensed


@pytest.mark.parametrize("code", [None, ErrorCode.CASH_UNIT_ERROR])
def test_an_error_keeps_what_decides_about_the_counts(code: ErrorCode | None) -> None:
    error = DeviceError("CashDispenser", CompletionCode.HARDWARE_ERROR, "ran empty", code=code)

    read = from_data(json.loads(json.dumps(to_data(Dispensed({"unit1": UnitCounts(3)}, error, "unit1"))))).error

    assert read is not None
    assert (read.code, read.completion, read.detail) == (code, CompletionCode.HARDWARE_ERROR, "ran empty")


def test_only_what_the_customer_could_take_is_worth_something() -> None:
    assert worth_fen(Dispensed({"unit1": UnitCounts(3, 7), "unit2": UnitCounts(1)}), CASH) == 350_00
    assert worth_fen(Dispensed({}), CASH) == 0


def test_the_host_is_told_by_denomination_and_never_how_many_were_taken() -> None:
    dispensed = Dispensed({"unit1": UnitCounts(3, 1), "unit2": UnitCounts(0, 2)}, EMPTY)

    told = [
        (unit.denomination_fen, unit.presented, unit.taken, unit.rejected) for unit in unit_results(dispensed, CASH)
    ]

    assert told == [(100_00, 3, None, 1), (50_00, 0, 0, 2)]
