"""What the status response of a Fujitsu F53 or F56 says, in XFS4IoT words."""

from collections.abc import Mapping, Sequence

from drivers.fujitsu_f56_options import FujitsuF56Options
from drivers.interfaces import (
    CashUnitStatus,
    DeviceState,
    DispenserState,
    DispenserStatus,
    PositionStatus,
    Replenishment,
    ShutterStatus,
    UnitStatus,
)
from protocol.fujitsu_f56_codes import CassetteCode, Code, cassette_of
from protocol.fujitsu_f56_messages import Common

_ON_THE_WAY = (
    Code.MEDIUM_REMAINS,
    Code.JAM,
    Code.JAM_DFSS_TO_REJS,
    Code.JAM_AT_REJS,
    Code.EJECTION_JAM,
    Code.JAM_EJS_TO_POOL,
)
_SHUTTER_STUCK = (Code.SHUTTER_OPEN_ERROR, Code.SHUTTER_OPEN_FAILED, Code.SHUTTER_CLOSE_FAILED)


def told(
    common: Common, options: FujitsuF56Options, *, units: Sequence[str], stacker: PositionStatus, ready: bool
) -> DispenserStatus:
    """The status; what `stacker` holds and whether the unit is `ready` (initialised) only its driver knows."""
    seen = {name: _unit(common, position) for position, name in enumerate(units, 1)}
    in_order = common.error == Code.GOOD or cassette_of(common.error) is not None
    return DispenserStatus(
        DeviceState.ONLINE,
        _dispenser_state(seen, ready=ready and in_order),
        seen,
        position=PositionStatus.NOT_EMPTY if common.notes_at_exit else PositionStatus.EMPTY,
        stacker=stacker,
        transport=PositionStatus.NOT_EMPTY if common.error in _ON_THE_WAY else PositionStatus.UNKNOWN,
        shutter=_shutter(common, options),
        detail=_detail(common, initialised=ready),
    )


def _shutter(common: Common, options: FujitsuF56Options) -> ShutterStatus:
    if not options.shutter:
        return ShutterStatus.NOT_SUPPORTED
    if common.error == Code.SHUTTER_FOUND_OPEN:
        return ShutterStatus.OPEN
    if common.error in _SHUTTER_STUCK:
        return ShutterStatus.JAMMED
    if options.shutter_closed_bit is None:
        return ShutterStatus.UNKNOWN
    return ShutterStatus.CLOSED if common.sees(options.shutter_closed_bit) else ShutterStatus.OPEN


def _unit(common: Common, position: int) -> CashUnitStatus:
    if not common.is_set(position):
        return CashUnitStatus(UnitStatus.MISSING, Replenishment.UNKNOWN)
    empty = cassette_of(common.error) == (position, CassetteCode.EMPTY)
    return CashUnitStatus(UnitStatus.OK, Replenishment.EMPTY if empty else Replenishment.UNKNOWN)


def _dispenser_state(units: Mapping[str, CashUnitStatus], *, ready: bool) -> DispenserState:
    """XFS4IoT: `stop` when nothing can be dispensed, `attention` when a cassette needs a person."""
    usable = [unit.status is UnitStatus.OK and unit.replenishment is not Replenishment.EMPTY for unit in units.values()]
    if not ready or not any(usable):
        return DispenserState.STOP
    return DispenserState.OK if all(usable) else DispenserState.ATTENTION


def _detail(common: Common, *, initialised: bool) -> str:
    if common.error != Code.GOOD:
        return common.words
    return "" if initialised else "not initialised by this program"
