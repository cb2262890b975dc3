"""Counts that people enter: cassettes filled or counted, the retract area emptied.

XFS4IoT calls the first two replenishment and SetStorage: from then on the count is `accurateSet`. What was
believed before stays on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from terminal.cash_units import CashUnits
from terminal.journal import Entry, Journal

MOST_NOTES = 10_000
"""No cassette holds more."""


class CountRefused(Exception):
    """A count that can't be entered; the message says why and what would."""


class Why(StrEnum):
    """What people did before they entered a count."""

    REPLENISHED = "replenished"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class Difference:
    """One cassette before and after: notes. `was` is what the journal believed."""

    unit: str
    denomination_fen: int
    was: int
    notes: int


def check(cash: CashUnits, notes: Mapping[str, int]) -> None:
    """Can these notes be entered? Raises CountRefused."""
    if not notes:
        raise CountRefused("name a cassette and its notes, such as unit1=1000")
    if unknown := sorted(set(notes) - set(cash.units)):
        raise CountRefused(f"there is no cassette {', '.join(unknown)}; there are {', '.join(sorted(cash.units))}")
    if wrong := [unit for unit, number in notes.items() if not 0 <= number <= MOST_NOTES]:
        raise CountRefused(f"{', '.join(wrong)}: a cassette holds 0 to {MOST_NOTES} notes")


def set_counts(
    journal: Journal, cash: CashUnits, notes: Mapping[str, int], why: Why, by: Sequence[str]
) -> Sequence[Difference]:
    """Enter what is in cassettes now. Raises CountRefused before anything is written, and JournalError."""
    check(cash, notes)
    differences = [
        Difference(unit, cash.units[unit].denomination_fen, cash.units[unit].remaining, number)
        for unit, number in sorted(notes.items())
    ]
    for found in differences:
        journal.write(
            Entry.COUNTS_SET,
            unit=found.unit,
            notes=found.notes,
            denomination_fen=found.denomination_fen,
            was=found.was,
            why=why,
            by=list(by),
        )
    return differences


def empty_retract_area(journal: Journal, cash: CashUnits, found: int, by: Sequence[str]) -> None:
    """Two operators took out what had been retracted, `found` notes. Raises CountRefused, JournalError."""
    if not 0 <= found <= MOST_NOTES:
        raise CountRefused(f"0 to {MOST_NOTES} notes")
    area = cash.retract_area
    journal.write(
        Entry.RETRACT_EMPTIED,
        found=found,
        bundles=area.bundles,
        counted=area.counted,
        uncounted=area.uncounted,
        by=list(by),
    )
