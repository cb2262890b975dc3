"""What an error of the Fujitsu F53 and F56 is in the terminal's words."""

from collections.abc import Mapping
from typing import Final

from drivers.dispense_verdict import Meaning
from drivers.interfaces import CompletionCode, DeviceError, ErrorCode
from protocol.fujitsu_f56_codes import CassetteCode, Code, cassette_of
from protocol.fujitsu_f56_messages import Common

_REMEDY = "Reset the dispenser: it has to be initialised"

_MEANINGS: Final[Mapping[int, Meaning]] = {
    Code.NOTHING_IN_POOL: Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.NO_ITEMS, before_motion=True),
    Code.NOTHING_AT_EXIT: Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.NO_ITEMS, before_motion=True),
    Code.EJECTION_JAM: Meaning(in_reach=True),
    Code.PULLED_OUT_AT_FRONT: Meaning(CompletionCode.FRAUD_ATTEMPT, in_reach=True),
    Code.PULLED_OUT_AT_REAR: Meaning(CompletionCode.FRAUD_ATTEMPT, in_reach=True),
    Code.SHUTTER_OPEN_ERROR: Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.SHUTTER_NOT_OPEN, before_motion=True),
    Code.SHUTTER_OPEN_FAILED: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.SHUTTER_NOT_OPEN, before_motion=True
    ),
    Code.SHUTTER_FOUND_OPEN: Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.SHUTTER_OPEN, before_motion=True),
    Code.REJECT_BOX_NOT_SET: Meaning(CompletionCode.USER_ERROR, before_motion=True, remedy="Put the reject box in"),
    Code.REJECT_BOX_FULL: Meaning(CompletionCode.USER_ERROR, remedy="Empty the reject box"),
    Code.CAPTURE_BOX_ABSENT: Meaning(CompletionCode.USER_ERROR, before_motion=True, remedy="Put the capture box in"),
    Code.CAPTURE_BOX_NOT_SET: Meaning(CompletionCode.USER_ERROR, before_motion=True, remedy="Put the capture box in"),
    Code.CAPTURE_BOX_FULL: Meaning(CompletionCode.USER_ERROR, remedy="Empty the capture box"),
    Code.UNDEFINED_COMMAND: Meaning(CompletionCode.UNSUPPORTED_COMMAND, before_motion=True),
    Code.NOT_INITIALISED: Meaning(CompletionCode.DEVICE_NOT_READY, before_motion=True, remedy=_REMEDY),
    Code.NO_INFORMATION_FOR_CASSETTE: Meaning(
        CompletionCode.DEVICE_NOT_READY, before_motion=True, remedy="Give `lengths` for this cassette, and reset"
    ),
    Code.COUNT_SEQUENCE: Meaning(CompletionCode.SEQUENCE_ERROR, before_motion=True, remedy=_REMEDY),
    Code.CANNOT_EXECUTE: Meaning(CompletionCode.SEQUENCE_ERROR, before_motion=True, remedy=_REMEDY),
    **dict.fromkeys(
        (Code.DIGIT, Code.LENGTH_OR_THICKNESS, Code.PARAMETER, Code.FS_MISSING, Code.FORMAT),
        Meaning(CompletionCode.INVALID_DATA, before_motion=True),
    ),
}
"""Every other error is a fault of the hardware, found while notes may move. `before_motion` needs counts of zero."""

UNTRUE_COUNTS: Final = (Code.COUNT_MISMATCH, Code.WRONG_CASSETTE, Code.POWER_OFF_DURING_COUNT)
"""Errors that say of the counts beside them that they are not those of the notes."""

NEEDS_RESET: Final = (Code.NOT_INITIALISED, Code.POWER_OFF_DURING_COUNT, Code.CANNOT_EXECUTE)
"""Errors after which no count can be had before a reset."""


def meaning_of(error: int) -> Meaning:
    """The error code of a response."""
    if (found := cassette_of(error)) is None:
        return _MEANINGS.get(error, Meaning())
    position, code = found
    return Meaning(
        CompletionCode.COMMAND_ERROR_CODE,
        ErrorCode.CASH_UNIT_ERROR,
        before_motion=code is CassetteCode.ABSENT,
        unit=f"unit{position}",
        remedy=f"Refill cassette {position}" if code is CassetteCode.EMPTY else "",
    )


def device_error(device: str, common: Common) -> DeviceError:
    """The error of a response."""
    meaning = meaning_of(common.error)
    return DeviceError(device, meaning.completion, common.words, code=meaning.code, remedy=meaning.remedy)
