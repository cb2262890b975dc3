"""What can go wrong with the notes and the parts of a dispenser without a presenter, as data.

An `Upset` happens to one pick, a `Defect` stays until it is mended, a `Trouble` is how the device notices that a run
can't go on. Each family of devices has its own codes for troubles and defects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Point(StrEnum):
    """Where on the path a note can stand; each has a sensor of its own, or a pair."""

    CHECK = "check sensors of its cassette"
    DIVERTER = "diverter"
    REJECT = "way to the reject tray"
    EJECT = "eject sensor"


class Upset(StrEnum):
    """What can happen to one pick."""

    PICK_FAILURE = "pick failure"
    DOUBLE_PICK = "double pick"
    UNSEEN_DOUBLE_PICK = "double pick that counts as one"
    PARTING_DOUBLE_PICK = "double pick that parts on its way"
    REJECT = "reject"
    STRAY_NOTE = "note from another cassette"
    JAM_AT_CHECK = "jam at the check sensors"
    JAM_BEFORE_DIVERTER = "jam before the diverter"
    JAM_IN_PATH = "jam in the path"
    JAM_TO_REJECT = "jam on the way to the reject tray"
    JAM_BEFORE_EJECT = "jam before the eject sensor"
    JAM_AT_EJECT = "jam at the eject sensor"
    JAM_AT_EXIT = "jam at the exit"
    STAYS_IN_EXIT = "note stays in the exit"
    LONG_AT_EJECT = "overlapping notes at the eject sensor"
    LONG_AT_EXIT = "overlapping notes at the exit"
    MISSED_AT_DIVERTER = "diverter sensor misses a note"
    MISSED_AT_EJECT = "eject sensor misses a note"
    MISSED_AT_EXIT = "exit sensor misses a note"
    SUSPECT_EJECTED = "note to be doubted is ejected"
    REJECT_EJECTED = "note to be rejected is ejected"


class Trouble(StrEnum):
    """Why a run ended early."""

    EMPTY = "cassette empty"
    PICK_FAILURE = "pick failure"
    STRAY_NOTE = "note from another cassette"
    JAM_AT_CHECK = "jam at the check sensors"
    JAM_BEFORE_DIVERTER = "jam before the diverter"
    JAM_IN_PATH = "jam in the path"
    JAM_TO_REJECT = "jam on the way to the reject tray"
    JAM_BEFORE_EJECT = "jam before the eject sensor"
    JAM_AT_EJECT = "jam at the eject sensor"
    JAM_AT_EXIT = "jam at the exit"
    STAYS_IN_EXIT = "note stays in the exit"
    LONG_AT_EJECT = "note too long at the eject sensor"
    LONG_AT_EXIT = "note too long at the exit"
    COUNT_AT_DIVERTER = "counts differ at the diverter"
    COUNT_AT_EJECT = "counts differ at the eject sensor"
    COUNT_AT_EXIT = "counts differ at the exit"
    SUSPECT_EJECTED = "a doubtful note was ejected"
    REJECT_EJECTED = "a note to be rejected was ejected"
    EXCESS = "more notes than were asked"
    TOO_MANY_REJECTS = "too many rejects"
    TOO_MANY_NOTES = "too many notes"
    TOO_LONG = "the run takes too long"
    MOTOR_STOPPED = "motor stopped"


class Defect(StrEnum):
    """What is broken until somebody mends it; the exit sensor's three are about what it tells."""

    MOTOR = "motor stands still"
    SAFE_OPEN = "safe door open"
    SOLENOID = "diverter solenoid does not act"
    SOLENOID_SENSOR = "solenoid sensor sees nothing"
    DIRTY_SENSOR = "check sensor dirty"
    FOREIGN_MATTER = "foreign matter on the path"
    PROGRAM = "program not verified"
    PROGRAM_MEMORY = "program memory can't be written"
    PROGRAM_DAMAGED = "program damaged"
    EEPROM = "EEPROM can't be written"
    EXIT_SENSOR_BLIND = "exit sensor sees nothing"
    EXIT_SENSOR_COVERED = "exit sensor is always covered"
    EXIT_SENSOR_STICKS = "exit sensor stays covered when notes are taken"
    WEDGED = "what stands on the path is wedged"
    WORN_BELT = "worn belt"


STOPS_MOTORS = (Defect.MOTOR, Defect.SAFE_OPEN)
"""What stops a run in the middle: notes stay where they are."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one pick: how many notes it takes, how many the device counts, where they end, and the trouble.

    `part` is a place in custody; on the path, `point` is where on it. `exited` and `rejected` are what the device
    counts; `checked` None means each note picked.
    """

    part: str
    picked: int = 1
    checked: int | None = None
    exited: int = 0
    rejected: int = 0
    point: Point | None = None
    trouble: Trouble | None = None


DELIVERED = Fate("exit", exited=1)
REJECTED = Fate("reject", rejected=1)

FATES: Mapping[Upset, Fate] = {
    Upset.DOUBLE_PICK: Fate("reject", picked=2, rejected=2),
    Upset.UNSEEN_DOUBLE_PICK: Fate("exit", picked=2, checked=1, exited=1),
    Upset.PARTING_DOUBLE_PICK: Fate("exit", picked=2, checked=1, exited=2, trouble=Trouble.COUNT_AT_EJECT),
    Upset.REJECT: REJECTED,
    Upset.STRAY_NOTE: Fate("path", checked=0, point=Point.CHECK, trouble=Trouble.STRAY_NOTE),
    Upset.JAM_AT_CHECK: Fate("path", point=Point.CHECK, trouble=Trouble.JAM_AT_CHECK),
    Upset.JAM_BEFORE_DIVERTER: Fate("path", point=Point.CHECK, trouble=Trouble.JAM_BEFORE_DIVERTER),
    Upset.JAM_IN_PATH: Fate("path", point=Point.DIVERTER, trouble=Trouble.JAM_IN_PATH),
    Upset.JAM_TO_REJECT: Fate("path", point=Point.REJECT, trouble=Trouble.JAM_TO_REJECT),
    Upset.JAM_BEFORE_EJECT: Fate("path", point=Point.DIVERTER, trouble=Trouble.JAM_BEFORE_EJECT),
    Upset.JAM_AT_EJECT: Fate("path", point=Point.EJECT, trouble=Trouble.JAM_AT_EJECT),
    Upset.JAM_AT_EXIT: Fate("throat", trouble=Trouble.JAM_AT_EXIT),
    Upset.STAYS_IN_EXIT: Fate("throat", trouble=Trouble.STAYS_IN_EXIT),
    Upset.LONG_AT_EJECT: Fate("path", picked=2, point=Point.EJECT, trouble=Trouble.LONG_AT_EJECT),
    Upset.LONG_AT_EXIT: Fate("throat", picked=2, trouble=Trouble.LONG_AT_EXIT),
    Upset.MISSED_AT_DIVERTER: Fate("path", point=Point.DIVERTER, trouble=Trouble.COUNT_AT_DIVERTER),
    Upset.MISSED_AT_EJECT: Fate("exit", trouble=Trouble.COUNT_AT_EJECT),
    Upset.MISSED_AT_EXIT: Fate("exit", trouble=Trouble.COUNT_AT_EXIT),
    Upset.SUSPECT_EJECTED: Fate("exit", exited=1, trouble=Trouble.SUSPECT_EJECTED),
    Upset.REJECT_EJECTED: Fate("exit", exited=1, trouble=Trouble.REJECT_EJECTED),
}
"""All upsets but the pick failure, which moves nothing."""

DOUBLES = tuple(upset for upset, fate in FATES.items() if fate.picked > 1)
"""What only two notes can do; with one note left it is picked alone, and well."""
