"""What each error of the SZZT ZT598 means in XFS4IoT words, and what helps."""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.interfaces import CompletionCode, DeviceError, DeviceState, ErrorCode
from protocol.szzt_zt598_tables import Opcode, Rtn


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: how the command ended, why, and the remedy."""

    completion: CompletionCode
    code: ErrorCode | None
    remedy: str


_INSPECT = "Take the kiosk out of service: the pad has erased its keys, must be inspected and initialised again"
_SIGN_ON = "Sign on, so that the working keys are loaded again"
_MASTER = "Load the terminal master key, or set the slot that holds it"
_UID = "Compare the UID and the key slots of the configuration with those the pad was initialised with"
_DIALECT = "This firmware speaks another dialect: see the options of the driver"

_COMMAND = CompletionCode.COMMAND_ERROR_CODE
MEANINGS: Mapping[Rtn, Meaning] = {
    Rtn.TAMPERED: Meaning(CompletionCode.FRAUD_ATTEMPT, None, _INSPECT),
    Rtn.REMOVED: Meaning(CompletionCode.FRAUD_ATTEMPT, None, _INSPECT),
    Rtn.BATTERY_LOW: Meaning(CompletionCode.HARDWARE_ERROR, None, "Replace the battery before the keys are lost"),
    Rtn.EEPROM: Meaning(CompletionCode.HARDWARE_ERROR, None, "Replace the pad"),
    Rtn.NO_IMK: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _MASTER),
    Rtn.NO_TMK: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _MASTER),
    Rtn.KEY_LENGTH: Meaning(_COMMAND, ErrorCode.INVALID_KEY_LENGTH, "Compare the key profile of the host"),
    Rtn.NO_SUCH_SLOT: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, f"{_SIGN_ON}, or correct the key slots"),
    Rtn.TAG_OR_NO_KEY: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _SIGN_ON),
    Rtn.PARITY: Meaning(_COMMAND, ErrorCode.INVALID_VALUE, "Compare the master keys of pad and host"),
    Rtn.CHECK_VALUE: Meaning(_COMMAND, ErrorCode.INVALID_VALUE, "Compare the master keys of pad and host"),
    Rtn.COMMAND_LENGTH: Meaning(CompletionCode.INVALID_DATA, None, _DIALECT),
    Rtn.ILLEGAL_DATA: Meaning(CompletionCode.INVALID_DATA, None, _DIALECT),
    Rtn.INFORMATION_CODE: Meaning(CompletionCode.INVALID_DATA, None, _DIALECT),
    Rtn.PARAMETER: Meaning(CompletionCode.UNSUPPORTED_COMMAND, None, _DIALECT),
    Rtn.AUTHENTICATION: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, _UID),
    Rtn.AUTHENTICATION_LOCKED: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, f"{_UID}; a power cycle ends the lock"),
    Rtn.UID_MISSING: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.COMMAND_LOCKED: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.PIN_TIMEOUT: Meaning(_COMMAND, ErrorCode.ENTRY_TIMEOUT, "Ask for the PIN again"),
    Rtn.INPUT_MODE: Meaning(CompletionCode.SEQUENCE_ERROR, None, "Reset the pad"),
}
_NO_PIN = Meaning(_COMMAND, ErrorCode.NO_PIN, "Ask for the PIN again")
_OTHERS = Meaning(CompletionCode.HARDWARE_ERROR, None, "Reset the pad; if it happens again, replace it")

_STATES = {CompletionCode.FRAUD_ATTEMPT: DeviceState.FRAUD_ATTEMPT}


class PadRefused(DeviceError):
    """The pad answered a command with an error."""

    def __init__(self, device: str, opcode: Opcode, rtn: int) -> None:
        known = rtn in tuple(Rtn)
        self.rtn = rtn
        meaning = MEANINGS.get(Rtn(rtn), _OTHERS) if known else _OTHERS
        if rtn == Rtn.OTHER and opcode is Opcode.PIN_BLOCK:
            meaning = _NO_PIN
        words = Rtn(rtn).name.lower().replace("_", " ") if known else "unknown error"
        asked = opcode.name.lower().replace("_", " ")
        super().__init__(
            device,
            meaning.completion,
            f"{asked} refused: {words} ({rtn:02X})",
            code=meaning.code,
            remedy=meaning.remedy,
        )

    @property
    def state(self) -> DeviceState:
        """The device status that this error stands for."""
        return _STATES.get(self.completion, DeviceState.HARDWARE_ERROR)
