"""The terminal's own count of every cassette: what was loaded, and what each dispense took out of it.

A pure fold over typed values, so replaying the journal gives the same counts. The counters are those of XFS4IoT's
storage units. Nothing in here asks the device: cassettes count no notes, and a sensor only says "near end".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.interfaces import CashUnitStatus, Dispensed, ErrorCode, Replenishment, UnitCounts, UnitStatus
from terminal.denomination import CashUnitCount


class Accuracy(StrEnum):
    """XFS4IoT count accuracy: set by a person, probably off by a few notes, or not known."""

    ACCURATE_SET = "accurateSet"
    INACCURATE = "inaccurate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CashUnit:
    """One cassette since it was loaded; numbers are notes.

    `dispensed` left for the stacker or the customer, `rejected` for the reject bin. On a dispenser with a stacker,
    `stacked` of the dispensed have not been seen anywhere else since, and `presented` were within reach. `unknown` is
    at most how many more may have left: they were asked for in dispenses whose outcome was lost. `empty` says that the
    device could not pick from it, whatever the count.
    """

    denomination_fen: int
    initial: int
    dispensed: int = 0
    rejected: int = 0
    unknown: int = 0
    stacked: int = 0
    presented: int = 0
    accuracy: Accuracy = Accuracy.ACCURATE_SET
    empty: bool = False

    @property
    def remaining(self) -> int:
        """Notes still in it, by these counters; `unknown` ones are counted as still there."""
        return self.initial - self.dispensed - self.rejected

    @property
    def usable(self) -> bool:
        """Whether notes may be promised from it."""
        return self.accuracy is Accuracy.ACCURATE_SET and not self.empty and self.remaining > 0


@dataclass(frozen=True, slots=True)
class CashTotals:
    """Sums over cassettes of one denomination, or over all of them in fen."""

    initial: int = 0
    dispensed: int = 0
    rejected: int = 0
    unknown: int = 0
    remaining: int = 0


@dataclass(frozen=True, slots=True)
class RetractArea:
    """Notes taken back after they were within reach, whatever they are: nobody has looked at them.

    `counted` ones the device counted; `uncounted` is at most how many more there may be.
    """

    bundles: int = 0
    counted: int = 0
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class CashUnits:
    """All cassettes by unit name, and the retract area."""

    units: Mapping[str, CashUnit]
    retract_area: RetractArea = RetractArea()

    def loaded(self, unit: str, initial: int, denomination_fen: int) -> "CashUnits":
        """A person put a cassette with `initial` notes in place."""
        return self._with({unit: CashUnit(denomination_fen, initial)})

    def after(self, dispensed: Dispensed) -> "CashUnits":
        """A dispense ended and the device says what left the cassettes.

        A cassette that the device blames gives no more notes until it is loaded. Any other error may have left notes on
        the path that the device does not count, so the counts of all cassettes asked are inaccurate from then on.
        """
        error = dispensed.error
        path_in_doubt = error is not None and error.code is not ErrorCode.CASH_UNIT_ERROR
        changed: dict[str, CashUnit] = {}
        for name, counts in dispensed.units.items():
            before = self.units[name]
            unit = replace(
                before,
                dispensed=before.dispensed + counts.dispensed,
                rejected=before.rejected + counts.rejected,
                empty=before.empty or name == dispensed.failed_unit,
            )
            doubtful = path_in_doubt or unit.remaining < 0
            changed[name] = replace(unit, accuracy=_worse(unit.accuracy)) if doubtful else unit
        return self._with(changed)

    def stacked(self, dispensed: Dispensed) -> "CashUnits":
        """As `after`, but the notes lie on the stacker."""
        return self.after(dispensed)._each(
            dispensed.units, lambda unit, counts: replace(unit, stacked=unit.stacked + counts.dispensed)
        )

    def presented(self, units: Mapping[str, UnitCounts]) -> "CashUnits":
        """What was stacked was brought within reach, or may have been."""
        return self._each(
            units,
            lambda unit, counts: replace(
                unit, stacked=unit.stacked - counts.dispensed, presented=unit.presented + counts.dispensed
            ),
        )

    def taken_back(self, units: Mapping[str, UnitCounts]) -> "CashUnits":
        """All that was stacked is in the reject bin, counted."""
        return self._each(
            units,
            lambda unit, counts: replace(
                unit,
                stacked=unit.stacked - counts.dispensed,
                dispensed=unit.dispensed - counts.dispensed,
                rejected=unit.rejected + counts.dispensed,
            ),
        )

    def retracted(self, counted: int | None, at_most: int) -> "CashUnits":
        """Presented notes are in the retract area: so many were counted, and no more than `at_most` were presented."""
        area = self.retract_area
        more = replace(
            area,
            bundles=area.bundles + 1,
            counted=area.counted + (counted or 0),
            uncounted=area.uncounted + (at_most if counted is None else 0),
        )
        return replace(self, retract_area=more)

    def retract_area_emptied(self) -> "CashUnits":
        """A person has taken out what was in it."""
        return replace(self, retract_area=RetractArea())

    def uncertain(self, asked: Mapping[str, int]) -> "CashUnits":
        """The outcome of a dispense of `asked` notes per cassette was lost."""
        return self._with(
            {
                name: replace(self.units[name], unknown=self.units[name].unknown + notes, accuracy=Accuracy.UNKNOWN)
                for name, notes in asked.items()
                if notes
            }
        )

    def available(
        self, reported: Mapping[str, CashUnitStatus] | None = None, limit: int | None = None
    ) -> Sequence[CashUnitCount]:
        """What the note mix may use; `limit` notes per cassette and dispense.

        Left out: a cassette whose count is not certain, that ran empty, or that the device `reported` as empty, missing
        or out of order. A device that says nothing about a cassette doesn't have it.
        """
        return [
            CashUnitCount(name, unit.denomination_fen, unit.remaining, limit)
            for name, unit in self.units.items()
            if unit.usable and (reported is None or _ready(reported.get(name)))
        ]

    def by_denomination(self) -> Mapping[int, CashTotals]:
        """Notes per denomination in fen, in the order of the cassettes."""
        totals: dict[int, CashTotals] = {}
        for unit in self.units.values():
            totals[unit.denomination_fen] = _sum(totals.get(unit.denomination_fen, CashTotals()), unit, 1)
        return totals

    def total_fen(self) -> CashTotals:
        """The value of all notes in fen."""
        total = CashTotals()
        for unit in self.units.values():
            total = _sum(total, unit, unit.denomination_fen)
        return total

    def _with(self, changed: Mapping[str, CashUnit]) -> "CashUnits":
        return replace(self, units={**self.units, **changed})

    def _each(self, moved: Mapping[str, UnitCounts], change: Callable[[CashUnit, UnitCounts], CashUnit]) -> "CashUnits":
        return self._with({name: change(self.units[name], counts) for name, counts in moved.items()})


def _worse(accuracy: Accuracy) -> Accuracy:
    return Accuracy.UNKNOWN if accuracy is Accuracy.UNKNOWN else Accuracy.INACCURATE


def _ready(status: CashUnitStatus | None) -> bool:
    return status is not None and status.status is UnitStatus.OK and status.replenishment is not Replenishment.EMPTY


def _sum(total: CashTotals, unit: CashUnit, worth: int) -> CashTotals:
    return CashTotals(
        total.initial + unit.initial * worth,
        total.dispensed + unit.dispensed * worth,
        total.rejected + unit.rejected * worth,
        total.unknown + unit.unknown * worth,
        total.remaining + unit.remaining * worth,
    )
