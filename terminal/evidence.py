"""What a dispenser's own words mean for the money, where a motion has no outcome: one table, first row that fits.

Ask first, move second: a reset or a retract destroys what is asked for here. A row needs every word of it to be said; a
device that says "unknown" to any of them ends in the last row, and a person counts. Nothing but NOTHING_STACKED and
OUT_OF_REACH ever gives money back, and neither fits once the journal says that the notes were presented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from drivers.interfaces import (
    CashDispenser,
    DispenserStatus,
    PositionStatus,
    PresentState,
    PresentStatus,
    ShutterStatus,
    UnitCounts,
)
from terminal.bundle import Bundle, Phase, Verdict
from terminal.redaction import Json

T = TypeVar("T")


class Counts(StrEnum):
    """What the device remembers of its last dispense, beside what the journal knows of ours."""

    SILENT = "silent"  # it remembers no counts
    NOTHING = "nothing"  # nothing left the cassettes
    OURS = "ours"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the device said, asked before anything moved."""

    present: PresentStatus
    status: DispenserStatus

    def data(self) -> dict[str, Json]:
        """For the journal."""
        units = self.present.units
        return {
            "state": self.present.state,
            "stacker": self.status.stacker,
            "position": self.status.position,
            "shutter": self.status.shutter,
            "units": None if units is None else {unit: [told.dispensed, told.rejected] for unit, told in units.items()},
        }


async def ask(dispenser: CashDispenser) -> Evidence:
    """Ask; nothing moves. Raises DeviceError, ConnectionError."""
    return Evidence(await dispenser.get_present_status(), await dispenser.status())


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; an empty tuple fits everything."""

    verdict: Verdict
    phases: tuple[Phase, ...] = ()
    state: tuple[PresentState, ...] = ()
    stacker: tuple[PositionStatus, ...] = ()
    position: tuple[PositionStatus, ...] = ()
    shutter: tuple[ShutterStatus, ...] = ()
    counts: tuple[Counts, ...] = ()


_EMPTY, _NOT_EMPTY = (PositionStatus.EMPTY,), (PositionStatus.NOT_EMPTY,)
_PRESENTED, _NOT_PRESENTED = (PresentState.PRESENTED,), (PresentState.NOT_PRESENTED,)
_CLOSED = (ShutterStatus.CLOSED, ShutterStatus.NOT_SUPPORTED)
_ASKED = (Phase.STACKING, Phase.STACK_UNKNOWN)
_IN_DOUBT = (Phase.PRESENTING, Phase.PRESENT_UNKNOWN)
_COUNTED_IN = (Phase.STACKED, Phase.PRESENT_REFUSED)
_REACHED = (Phase.PRESENTED, Phase.LEFT)

TABLE: tuple[Row, ...] = (
    # a dispense that certainly stacked nothing, or whose memory shows that it never began
    Row(
        Verdict.NOTHING_STACKED,
        (Phase.STACK_REFUSED, Phase.NOTHING_STACKED),
        _NOT_PRESENTED,
        stacker=_EMPTY,
        position=_EMPTY,
        shutter=_CLOSED,
    ),
    Row(
        Verdict.NOTHING_STACKED,
        _ASKED,
        _NOT_PRESENTED,
        stacker=_EMPTY,
        position=_EMPTY,
        shutter=_CLOSED,
        counts=(Counts.NOTHING,),
    ),
    # ours, on the stacker, behind a closed shutter
    Row(
        Verdict.OUT_OF_REACH,
        _ASKED,
        _NOT_PRESENTED,
        stacker=_NOT_EMPTY,
        position=_EMPTY,
        shutter=_CLOSED,
        counts=(Counts.OURS,),
    ),
    Row(
        Verdict.OUT_OF_REACH,
        (*_COUNTED_IN, *_IN_DOUBT),
        _NOT_PRESENTED,
        stacker=_NOT_EMPTY,
        position=_EMPTY,
        shutter=_CLOSED,
        counts=(Counts.OURS, Counts.SILENT),
    ),
    # presented: the debit stands where they are gone
    Row(
        Verdict.TAKEN,
        (*_IN_DOUBT, *_REACHED, Phase.RETRACT_REFUSED),
        _PRESENTED,
        stacker=_EMPTY,
        position=_EMPTY,
        counts=(Counts.OURS, Counts.SILENT),
    ),
    Row(
        Verdict.IN_REACH,
        (*_IN_DOUBT, *_REACHED),
        _PRESENTED,
        position=_NOT_EMPTY,
        counts=(Counts.OURS, Counts.SILENT),
    ),
    Row(Verdict.SUSPENSE),
)


def judge(bundle: Bundle, evidence: Evidence) -> Verdict:
    """The verdict of the first row that fits."""
    present, status = evidence.present, evidence.status
    return next(
        row.verdict
        for row in TABLE
        if _fits(row.phases, bundle.phase)
        and _fits(row.state, present.state)
        and _fits(row.stacker, status.stacker)
        and _fits(row.position, status.position)
        and _fits(row.shutter, status.shutter)
        and _fits(row.counts, compared(bundle, present.units))
    )


def compared(bundle: Bundle, told: Mapping[str, UnitCounts] | None) -> Counts:
    """The counts that the device tells, beside those of the journal."""
    if told is None:
        return Counts.SILENT
    dispensed = {unit: counts.dispensed for unit, counts in told.items() if counts.dispensed}
    if not dispensed and not any(counts.rejected for counts in told.values()) and bundle.stacked is None:
        return Counts.NOTHING
    if bundle.stacked is not None:
        known = {unit: counts.dispensed for unit, counts in bundle.stacked.units.items() if counts.dispensed}
        return Counts.OURS if dispensed == known else Counts.FOREIGN
    fits = all(notes <= bundle.mix.get(unit, 0) for unit, notes in dispensed.items())
    return Counts.OURS if fits else Counts.FOREIGN


def _fits(wanted: tuple[T, ...], found: T) -> bool:
    return not wanted or found in wanted
