"""The notes of one withdrawal on a dispenser with a stacker: where they are by the journal, and what the person got.

A pure fold over records, the same while the kiosk works and after a restart:

    stack intent -> stacked -> present intent -> presented -> taken
                       |            |               |
                       |            +- refused      +-> left -> retract intent -> retracted (a person counts)
                       +-> reject intent -> back, when the device counted every note that was stacked
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.interfaces import Dispensed, UnitCounts
from protocol.money_line import UnitResult
from terminal.cash_units import CashUnits
from terminal.dispense_record import from_data
from terminal.journal import Entry, Record


class Verdict(StrEnum):
    """What a dispenser's words mean for the money (`terminal.evidence` has the table)."""

    NOTHING_STACKED = "nothing_stacked"  # no note is anywhere but in cassettes and reject bin: given back
    OUT_OF_REACH = "out_of_reach"  # on the stacker, never presented: reject, then give back
    IN_REACH = "in_reach"  # presented and still there: wait, then retract
    TAKEN = "taken"  # presented and gone: the debit stands
    SUSPENSE = "suspense"  # the words don't settle it: a person has to count


class Phase(StrEnum):
    """How far the notes of one withdrawal have come."""

    STACKING = "stacking"
    STACK_UNKNOWN = "stack_unknown"
    STACK_REFUSED = "stack_refused"
    STACKED = "stacked"
    NOTHING_STACKED = "nothing_stacked"
    PRESENTING = "presenting"
    PRESENT_UNKNOWN = "present_unknown"
    PRESENT_REFUSED = "present_refused"
    PRESENTED = "presented"
    LEFT = "left"
    RETRACTING = "retracting"
    RETRACT_UNKNOWN = "retract_unknown"
    RETRACT_REFUSED = "retract_refused"
    RETRACTED = "retracted"
    REJECTING = "rejecting"
    REJECT_UNKNOWN = "reject_unknown"
    REJECT_REFUSED = "reject_refused"
    REJECTED_SHORT = "rejected_short"  # not all that was stacked was counted
    # ends
    BACK = "back"  # all notes are inside, and never were within reach
    TAKEN = "taken"
    STAYED = "stayed"  # within reach, and the device can't take them back


_LEADS_TO: Mapping[str, Phase] = {
    Entry.STACK_REFUSED: Phase.STACK_REFUSED,
    Entry.STACK_UNKNOWN: Phase.STACK_UNKNOWN,
    Entry.PRESENT_INTENT: Phase.PRESENTING,
    Entry.PRESENT_DONE: Phase.PRESENTED,
    Entry.PRESENT_REFUSED: Phase.PRESENT_REFUSED,
    Entry.PRESENT_UNKNOWN: Phase.PRESENT_UNKNOWN,
    Entry.CASH_TAKEN: Phase.TAKEN,
    Entry.RETRACT_INTENT: Phase.RETRACTING,
    Entry.RETRACT_DONE: Phase.RETRACTED,
    Entry.RETRACT_REFUSED: Phase.RETRACT_REFUSED,
    Entry.RETRACT_UNKNOWN: Phase.RETRACT_UNKNOWN,
    Entry.REJECT_INTENT: Phase.REJECTING,
    Entry.REJECT_REFUSED: Phase.REJECT_REFUSED,
    Entry.REJECT_UNKNOWN: Phase.REJECT_UNKNOWN,
}
"""Records that say by themselves where the notes are."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The notes of one withdrawal. `mix` was asked for, `stacked` is what the device counted (None: nobody knows).

    `counted` is what it counted when it took them back; `told` says that `stacked` was asked for afterwards, so that
    the counts of the cassettes are in doubt.
    """

    mix: Mapping[str, int]
    phase: Phase = Phase.STACKING
    stacked: Dispensed | None = None
    counted: int | None = None
    told: bool = False

    @property
    def complete(self) -> bool:
        """Exactly the notes asked for are on the stacker, and the device has no complaint."""
        if self.stacked is None or self.stacked.error is not None:
            return False
        return {unit: counts.dispensed for unit, counts in self.stacked.units.items() if counts.dispensed} == {
            unit: notes for unit, notes in self.mix.items() if notes
        }

    @property
    def notes(self) -> int:
        """How many notes are in it; at most, where nobody knows."""
        if self.stacked is None:
            return sum(self.mix.values())
        return sum(counts.dispensed for counts in self.stacked.units.values())

    @property
    def got(self) -> Dispensed | None:
        """What the person got and what went into the reject bin, by cassette; None while nobody knows."""
        units = self.stacked.units if self.stacked is not None else {}
        match self.phase:
            case Phase.TAKEN | Phase.STAYED if self.stacked is not None:
                return Dispensed(units)
            case Phase.BACK:
                return Dispensed({unit: UnitCounts(0, told.rejected + told.dispensed) for unit, told in units.items()})
            case _:
                return None

    def after(self, record: Record) -> "Bundle":
        """Take one record of this withdrawal."""
        data = record.data
        match record.kind:
            case Entry.STACK_DONE:
                stacked = from_data(data)
                some = any(counts.dispensed for counts in stacked.units.values())
                return replace(self, phase=Phase.STACKED if some else Phase.NOTHING_STACKED, stacked=stacked)
            case Entry.CASH_LEFT:
                return replace(self, phase=Phase.STAYED if data["stays"] else Phase.LEFT)
            case Entry.RETRACT_DONE:
                return replace(self, phase=Phase.RETRACTED, counted=data["counted"])
            case Entry.REJECT_DONE:
                whole = self.stacked is not None and data["counted"] == self.notes
                return replace(self, phase=Phase.BACK if whole else Phase.REJECTED_SHORT, counted=data["counted"])
            case Entry.NOTES_JUDGED:
                return self._judged(Verdict(data["verdict"]), data["units"])
            case _ if record.kind in _LEADS_TO:
                return replace(self, phase=_LEADS_TO[record.kind])
            case _:
                return self

    def _judged(self, verdict: Verdict, told: Mapping[str, list[int]] | None) -> "Bundle":
        match verdict:
            case Verdict.NOTHING_STACKED:
                return replace(self, phase=Phase.BACK)
            case Verdict.TAKEN:
                return replace(self, phase=Phase.TAKEN)
            case Verdict.IN_REACH:
                return replace(self, phase=Phase.PRESENTED)
            case Verdict.OUT_OF_REACH if self.stacked is None and told is not None:
                units = {unit: UnitCounts(dispensed, rejected) for unit, (dispensed, rejected) in told.items()}
                return replace(self, stacked=Dispensed(units), told=True)
            case _:
                return self

    def moved(self, record: Record, cash: CashUnits) -> CashUnits:
        """The terminal's counts after `record`, which this bundle is about to take."""
        after = self.after(record)
        units = after.stacked.units if after.stacked is not None and not after.told else {}
        if self.phase not in _REACHED and after.phase in _REACHED:
            cash = cash.presented(units)
        match record.kind:
            case Entry.STACK_DONE if after.stacked is not None:
                return cash.stacked(after.stacked)
            case Entry.STACK_UNKNOWN:
                return cash.uncertain(self.mix)
            case Entry.REJECT_DONE if after.phase is Phase.BACK:
                return cash.taken_back(units)
            case Entry.RETRACT_DONE:
                return cash.retracted(after.counted, after.notes)
            case Entry.RETRACT_UNKNOWN:
                return cash.retracted(None, after.notes)
            case _:
                return cash

    def results(self, got: Dispensed, cash: CashUnits) -> list[UnitResult]:
        """Field 48, when `got` is what the person got, by this fold or by a person's count."""
        reached = self.phase not in _NEVER_IN_REACH
        stacked = self.stacked.units if self.stacked is not None and reached else {}
        results = []
        for unit, counts in got.units.items():
            presented = stacked[unit].dispensed if unit in stacked else counts.dispensed
            back = presented - counts.dispensed if self.phase in _TAKEN_BACK else 0
            results.append(
                UnitResult(
                    denomination_fen=cash.units[unit].denomination_fen,
                    presented=presented,
                    taken=None if self.phase is Phase.STAYED else counts.dispensed,
                    retracted=max(back, 0),
                    rejected=counts.rejected,
                )
            )
        return results


_REACHED = (Phase.PRESENTED, Phase.LEFT, Phase.TAKEN, Phase.STAYED)
_NEVER_IN_REACH = (
    Phase.BACK,
    Phase.NOTHING_STACKED,
    Phase.STACKING,
    Phase.STACK_UNKNOWN,
    Phase.STACK_REFUSED,
    Phase.STACKED,
)
_TAKEN_BACK = (Phase.RETRACTING, Phase.RETRACT_UNKNOWN, Phase.RETRACTED)
