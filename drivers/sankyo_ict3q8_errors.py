"""Sankyo ICT3Q8: what each error of the reader means in XFS4IoT words, and what helps."""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.interfaces import CompletionCode, DeviceError, ErrorCode
from protocol.sankyo_ict3q8 import NegativeReply
from protocol.sankyo_ict3q8_codes import Dialect, error_meaning
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError

DEVICE = "card reader"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: completion, command-specific code, remedy."""

    completion: CompletionCode
    code: ErrorCode | None = None
    remedy: str = ""


_COMMAND = CompletionCode.COMMAND_ERROR_CODE
_HARDWARE = CompletionCode.HARDWARE_ERROR
_CLEAR_PATH = "Open the reader and take the card out of the path"
_SERVICE = "Call the service for the reader"

MEANINGS: dict[str, Meaning] = {
    ReaderError.UNKNOWN_COMMAND: Meaning(CompletionCode.UNSUPPORTED_COMMAND),
    ReaderError.BAD_PARAMETER: Meaning(CompletionCode.INVALID_DATA),
    ReaderError.NOT_EXECUTABLE: Meaning(_COMMAND, ErrorCode.NO_MEDIA),
    ReaderError.OPTION_ABSENT: Meaning(CompletionCode.UNSUPPORTED_COMMAND),
    ReaderError.BAD_DATA: Meaning(CompletionCode.INVALID_DATA),
    ReaderError.CONTACT_SET: Meaning(CompletionCode.SEQUENCE_ERROR, None, "Release the chip contact first"),
    ReaderError.JAM: Meaning(_COMMAND, ErrorCode.MEDIA_JAM, _CLEAR_PATH),
    ReaderError.SHUTTER: Meaning(_COMMAND, ErrorCode.SHUTTER_FAIL, "Clear the slot"),
    ReaderError.SENSOR: Meaning(_COMMAND, ErrorCode.MEDIA_JAM, "Clean the sensors and look for a second card"),
    ReaderError.CARD_TOO_LONG: Meaning(_COMMAND, ErrorCode.CARD_TOO_LONG),
    ReaderError.CARD_TOO_SHORT: Meaning(_COMMAND, ErrorCode.CARD_TOO_SHORT),
    ReaderError.MEMORY: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.CARD_FORCED: Meaning(CompletionCode.FRAUD_ATTEMPT, None, "Capture the card and inspect the slot"),
    ReaderError.JAM_AT_RETRIEVE: Meaning(_COMMAND, ErrorCode.MEDIA_JAM, _CLEAR_PATH),
    ReaderError.SWITCH: Meaning(_COMMAND, ErrorCode.SHUTTER_FAIL, _SERVICE),
    ReaderError.PARITY: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.READ: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.WRITE: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.TRACK_EMPTY: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.TRACK_BLANK: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.WRITE_QUALITY: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.WRITTEN_DATA_DIFFER: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.NO_START_SENTINEL: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.NO_END_SENTINEL: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.LRC: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.POWER_DOWN: Meaning(CompletionCode.DEVICE_NOT_READY, None, "Initialise when the mains are back"),
    ReaderError.DSR_OFF: Meaning(CompletionCode.DEVICE_NOT_READY, None, "Check the cable and the DSR line"),
    ReaderError.PULLED_OUT_IN_CAPTURE: Meaning(_COMMAND, ErrorCode.NO_MEDIA),
    ReaderError.CONTACT_SOLENOID: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.CHIP_POSITION: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.LOST_AT_INTAKE: Meaning(_COMMAND, ErrorCode.NO_MEDIA),
    ReaderError.NOT_TAKEN: Meaning(CompletionCode.TIME_OUT),
    ReaderError.RETRACT_COUNTER_FULL: Meaning(
        _COMMAND, ErrorCode.RETAIN_BIN_FULL, "Empty the capture box and set the retract counter to 0"
    ),
    ReaderError.MOTOR: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.POWER_EJECT: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.CHIP_SUPPLY: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.NO_ATR: Meaning(_COMMAND, ErrorCode.ATR_NOT_OBTAINED),
    ReaderError.CHIP_PROTOCOL_MISMATCH: Meaning(_COMMAND, ErrorCode.PROTOCOL_NOT_SUPPORTED),
    ReaderError.CHIP_TIMEOUT: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.CHIP_PROTOCOL: Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    ReaderError.CHIP_NOT_ACTIVE: Meaning(CompletionCode.SEQUENCE_ERROR, None, "Reset the chip first"),
    ReaderError.ATR_UNSUPPORTED: Meaning(_COMMAND, ErrorCode.ATR_NOT_OBTAINED),
    ReaderError.ATR_NOT_EMV: Meaning(_COMMAND, ErrorCode.ATR_NOT_OBTAINED),
    ReaderError.FIRMWARE_WRITE: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.FIRMWARE_CRC: Meaning(_HARDWARE, None, _SERVICE),
    ReaderError.NOT_INITIALIZED: Meaning(CompletionCode.DEVICE_NOT_READY, None, "Reset the reader"),
}
_OTHER = Meaning(_HARDWARE, None, _SERVICE)
ICT3K5_MEANINGS: Mapping[str, Meaning] = {
    "15": Meaning(_HARDWARE, None, _SERVICE),
    "18": Meaning(_COMMAND, ErrorCode.MEDIA_JAM, "Take the second card out of the slot"),
    "21": Meaning(_COMMAND, ErrorCode.INVALID_MEDIA),
    "31": Meaning(CompletionCode.DEVICE_NOT_READY, None, "Check the cable and the DTR line"),
}
"""Where an ICT3K5 means something else."""


def device_error(reply: NegativeReply, dialect: Dialect = Dialect.ICT3Q8) -> DeviceError:
    """What a negative reply says."""
    meaning = MEANINGS.get(reply.error, _OTHER)
    if dialect is Dialect.ICT3K5:
        meaning = ICT3K5_MEANINGS.get(reply.error, meaning)
    said = error_meaning(reply.error, dialect)
    detail = f"C{reply.cm}{reply.pm} was answered with error {reply.error}, {said}"
    return DeviceError(DEVICE, meaning.completion, detail, code=meaning.code, remedy=meaning.remedy)


def not_answered(what: str, cause: str) -> DeviceError:
    """The reader is silent, or its line is down."""
    remedy = "Check its power, cable and line settings, then reset it"
    return DeviceError(DEVICE, CompletionCode.DEVICE_NOT_READY, f"{what}: {cause}", remedy=remedy)


def no_card(detail: str) -> DeviceError:
    """There is nothing to move."""
    return DeviceError(DEVICE, CompletionCode.COMMAND_ERROR_CODE, detail, code=ErrorCode.NO_MEDIA)


def chip_failure(detail: str) -> DeviceError:
    """The card breaks off."""
    return DeviceError(DEVICE, CompletionCode.COMMAND_ERROR_CODE, detail, code=ErrorCode.INVALID_MEDIA)
