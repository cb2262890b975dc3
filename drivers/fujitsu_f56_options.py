"""How one Fujitsu F53 or F56 is used."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.fujitsu_f56_line import LineTimers
from protocol.fujitsu_f56_codes import CASSETTES
from protocol.fujitsu_f56_messages import MAX_NOTES, NO_BILL, Bill, check_shutter_bit


class Model(StrEnum):
    """The F53 has no pool."""

    F53 = "F53"
    F56 = "F56"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: the longest waits for a response to a motion and to a question, and between two looks at the exit."""

    motion: float = 60.0
    query: float = 10.0
    taken_interval: float = 1.0


@dataclass(frozen=True, slots=True)
class FujitsuF56Options:
    """How one unit is used.

    `lengths` (mm) and `thicknesses` (0.01 mm) are those of the notes in each cassette from the top; the last one goes
    for all further cassettes. `polymer`: they are not of paper. `rejects` and `retries` are permitted to each cassette
    in one count. `pool` notes fit the pool. `shutter_closed_bit` is where in the sensor register a closed shutter
    shows, which nobody has published; None where that is not known. `timers` are those of the line.
    """

    model: Model = Model.F56
    cassettes: int = CASSETTES
    lengths: tuple[int, ...] = (155,)
    thicknesses: tuple[int, ...] = (12,)
    polymer: bool = False
    rejects: int = 10
    retries: int = 3
    pool: int = 50
    shutter: bool = True
    shutter_closed_bit: int | None = None
    extensions: bool = False
    timing: Timing = field(default_factory=Timing)
    timers: LineTimers = field(default_factory=LineTimers)

    def __post_init__(self) -> None:
        if not 1 <= self.cassettes <= CASSETTES:
            raise ValueError(f"cassettes: 1 to {CASSETTES}, not {self.cassettes}")
        if not self.lengths or not all(_TOLERANCE < length <= 0xFF - _TOLERANCE for length in self.lengths):
            raise ValueError(f"lengths: at least one, each {_TOLERANCE + 1} to {0xFF - _TOLERANCE} mm")
        if not self.thicknesses or not all(1 <= thickness <= 0xFF for thickness in self.thicknesses):
            raise ValueError("thicknesses: at least one, each 1 to 255 hundredths of a millimetre")
        if not 0 <= self.rejects <= MAX_NOTES or not 0 <= self.retries <= 0xFF:
            raise ValueError("rejects: 0 to 99; retries: 0 to 255")
        if not 1 <= self.pool <= MAX_NOTES * CASSETTES:
            raise ValueError("pool: how many notes fit it, 1 or more")
        if self.shutter_closed_bit is not None:
            check_shutter_bit(self.shutter_closed_bit)

    @property
    def bills(self) -> tuple[Bill, ...]:
        """What is told about the notes of all cassettes, present or not."""
        told = tuple(
            Bill(length + _TOLERANCE, length - _TOLERANCE, thickness)
            for position in range(self.cassettes)
            for length in (self.lengths[min(position, len(self.lengths) - 1)],)
            for thickness in (self.thicknesses[min(position, len(self.thicknesses) - 1)],)
        )
        return told + (NO_BILL,) * (CASSETTES - self.cassettes)


_TOLERANCE = 10
"""Millimetres that a note may be longer or shorter (drivers in the field)."""

DEFAULTS: Final = FujitsuF56Options()
