"""The result of a dispense as the journal keeps it and as the host is told."""

from collections.abc import Mapping
from typing import Any

from drivers.interfaces import CompletionCode, DeviceError, Dispensed, ErrorCode, UnitCounts
from protocol.money_line import UnitResult
from terminal.cash_units import CashUnits
from terminal.redaction import Json


def to_data(dispensed: Dispensed) -> dict[str, Json]:
    """The data of a `dispense_done` record."""
    error = dispensed.error
    return {
        "units": {unit: [counts.dispensed, counts.rejected] for unit, counts in dispensed.units.items()},
        "failed_unit": dispensed.failed_unit,
        "error": None if error is None else error.detail,
        "completion": None if error is None else error.completion,
        "code": None if error is None else error.code,
    }


def from_data(data: Mapping[str, Any]) -> Dispensed:
    """The result that `to_data` wrote down."""
    error = None
    if data["completion"] is not None:
        code = None if data["code"] is None else ErrorCode(data["code"])
        error = DeviceError("CashDispenser", CompletionCode(data["completion"]), data["error"], code=code)
    units = {unit: UnitCounts(dispensed, rejected) for unit, (dispensed, rejected) in data["units"].items()}
    return Dispensed(units, error, data["failed_unit"])


def worth_fen(dispensed: Dispensed, cash: CashUnits) -> int:
    """What the customer got, in fen."""
    return sum(counts.dispensed * cash.units[unit].denomination_fen for unit, counts in dispensed.units.items())


def unit_results(dispensed: Dispensed, cash: CashUnits) -> list[UnitResult]:
    """Field 48. Notes handed straight to the customer are presented; how many of them were taken, no device counts."""
    return [
        UnitResult(
            denomination_fen=cash.units[unit].denomination_fen,
            presented=counts.dispensed,
            taken=None if counts.dispensed else 0,
            retracted=0,
            rejected=counts.rejected,
        )
        for unit, counts in dispensed.units.items()
    ]
