"""CashDispenser, CashManagement and Storage, joined in one device: a note dispenser."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.interfaces.common import DeviceError, DeviceState, Outcome


class DispenserState(StrEnum):
    """CashDispenser status `dispenser`."""

    OK = "ok"
    ATTENTION = "attention"
    STOP = "stop"
    UNKNOWN = "unknown"


class UnitStatus(StrEnum):
    """Storage unit `status`."""

    OK = "ok"
    INOPERATIVE = "inoperative"
    MISSING = "missing"
    MANIPULATED = "manipulated"


class Replenishment(StrEnum):
    """Storage unit `replenishmentStatus`, as far as the device's sensors tell."""

    OK = "ok"
    LOW = "low"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class PositionStatus(StrEnum):
    """Output position or stacker: are notes there?"""

    EMPTY = "empty"
    NOT_EMPTY = "notEmpty"
    UNKNOWN = "unknown"


class ShutterStatus(StrEnum):
    """Output position: its shutter."""

    CLOSED = "closed"
    OPEN = "open"
    JAMMED = "jammed"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "notSupported"


class PresentState(StrEnum):
    """GetPresentStatus: have notes of the last dispense been within the customer's reach?"""

    PRESENTED = "presented"
    NOT_PRESENTED = "notPresented"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DispenserCapabilities:
    """What decides the flow. Units are named `unit1`, `unit2`, ... from the top.

    `max_items` is the most notes of one dispense, `max_items_per_unit` the most out of one cassette (None: no limit).
    With an `intermediate_stacker` notes are out of reach until `present`, and `reject` clears it; `retract` tells
    whether presented notes can be taken back.
    """

    units: tuple[str, ...]
    max_items: int
    intermediate_stacker: bool
    retract: bool
    max_items_per_unit: int | None = None


@dataclass(frozen=True, slots=True)
class CashUnitStatus:
    """One cassette as the device sees it."""

    status: UnitStatus
    replenishment: Replenishment


@dataclass(frozen=True, slots=True)
class DispenserStatus:
    """Status of the dispenser and its cassettes."""

    device: DeviceState
    dispenser: DispenserState
    units: Mapping[str, CashUnitStatus]
    position: PositionStatus = PositionStatus.UNKNOWN
    stacker: PositionStatus = PositionStatus.EMPTY
    transport: PositionStatus = PositionStatus.UNKNOWN
    shutter: ShutterStatus = ShutterStatus.NOT_SUPPORTED
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """Notes that left one cassette, as the device counted them.

    `dispensed` went to the stacker, or (no stacker) into the customer's reach; `rejected` into the reject bin.
    """

    dispensed: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Dispensed:
    """What a dispense moved: `units` names every cassette that was asked. `error` says why it is less than asked.

    `failed_unit` is the cassette that could give no more notes, where the device tells or its order of work shows.
    """

    units: Mapping[str, UnitCounts]
    error: DeviceError | None = None
    failed_unit: str | None = None


@dataclass(frozen=True, slots=True)
class PresentStatus:
    """What the device remembers of its last dispense; `units` None when it does not say."""

    state: PresentState
    units: Mapping[str, UnitCounts] | None = None


class CashDispenser(Protocol):
    """A note dispenser, with or without a stacker and presenter."""

    @property
    def capabilities(self) -> DispenserCapabilities:
        """Fixed for the device."""

    async def reset(self) -> Outcome[None]:
        """Clear the path. Destroys evidence: ask `get_present_status` first."""

    async def status(self) -> DispenserStatus:
        """Ask the device; never moves anything."""

    async def dispense(self, units: Mapping[str, int]) -> Outcome[Dispensed]:
        """Move notes from cassettes to the stacker, or without one straight to the customer. Never repeated."""

    async def present(self) -> Outcome[None]:
        """Bring the stacked notes into the customer's reach. Raises DeviceError where there is no stacker."""

    async def items_taken(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until presented notes are taken; True at once where the exit has no sensor."""

    async def retract(self) -> Outcome[int | None]:
        """Take presented notes back into the retract area; how many were counted, None when not counted.

        Raises DeviceError where `capabilities.retract` is False.
        """

    async def reject(self) -> Outcome[int | None]:
        """Bring stacked notes that were never presented into the reject bin; how many were counted, None if not.

        Raises DeviceError where there is no stacker.
        """

    async def get_present_status(self) -> PresentStatus:
        """What the device remembers of its last dispense; moves nothing."""
