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

_FIRMWARE = "This pad can't do that: see the options of the driver"
_REPLACE = "Reset the pad; if it happens again, replace it"
_RSA = "Load keys under a master key: keys that travel under RSA or SM2 are not used here"

_COMMAND = CompletionCode.COMMAND_ERROR_CODE
_BROKEN = CompletionCode.HARDWARE_ERROR
_WRONG = CompletionCode.INVALID_DATA
_UNKNOWN_TO_IT = CompletionCode.UNSUPPORTED_COMMAND
MEANINGS: Mapping[Rtn, Meaning] = {
    **dict.fromkeys(
        (
            Rtn.SM2_ENCRYPT,
            Rtn.SM2_DECRYPT,
            Rtn.SM2_SIGN,
            Rtn.SM2_VERIFY,
            Rtn.SM2_KEY_EXCHANGE,
            Rtn.SM2_KEY_EXCHANGE_VERIFY,
            Rtn.RSA_KEY_MISSING,
            Rtn.RSA_KEY_PRESENT,
            Rtn.RSA_STRUCTURE,
            Rtn.RSA_SIGNATURE_LENGTH,
            Rtn.RSA_PADDING,
            Rtn.RSA_VERIFY,
            Rtn.RSA_MODULUS,
            Rtn.RSA_EXPONENT,
            Rtn.RSA_SERIAL,
            Rtn.RSA_READ,
        ),
        Meaning(_UNKNOWN_TO_IT, None, _RSA),
    ),
    Rtn.SM_CHIP_ERROR: Meaning(_BROKEN, None, _REPLACE),
    Rtn.SM_CHIP_SILENT: Meaning(_BROKEN, None, _REPLACE),
    Rtn.SM_CHIP_ABSENT: Meaning(_UNKNOWN_TO_IT, None, f"{_FIRMWARE} (algorithm)"),
    Rtn.SM4_KEY_VALUE: Meaning(
        _COMMAND, ErrorCode.INVALID_VALUE, "Delete the SM4 key of the same value, or let the host make another"
    ),
    Rtn.COMMAND_MAC: Meaning(_WRONG, None, _FIRMWARE),
    Rtn.TAMPERED: Meaning(CompletionCode.FRAUD_ATTEMPT, None, _INSPECT),
    Rtn.REMOVED: Meaning(CompletionCode.FRAUD_ATTEMPT, None, _INSPECT),
    Rtn.BATTERY_LOW: Meaning(_BROKEN, None, "Replace the battery before the keys are lost"),
    Rtn.EEPROM: Meaning(_BROKEN, None, "Replace the pad"),
    Rtn.NO_IMK: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _MASTER),
    Rtn.NO_TMK: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _MASTER),
    Rtn.KEY_LENGTH: Meaning(_COMMAND, ErrorCode.INVALID_KEY_LENGTH, "Compare the key profile of the host"),
    Rtn.NO_SUCH_SLOT: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, f"{_SIGN_ON}, or correct the key slots"),
    Rtn.TAG_OR_NO_KEY: Meaning(_COMMAND, ErrorCode.KEY_NOT_FOUND, _SIGN_ON),
    Rtn.PARITY: Meaning(_COMMAND, ErrorCode.INVALID_VALUE, "Compare the master keys of pad and host"),
    Rtn.CHECK_VALUE: Meaning(_COMMAND, ErrorCode.INVALID_VALUE, "Compare the master keys of pad and host"),
    Rtn.COMMAND_LENGTH: Meaning(_WRONG, None, _DIALECT),
    Rtn.ILLEGAL_DATA: Meaning(_WRONG, None, _DIALECT),
    Rtn.INFORMATION_CODE: Meaning(_WRONG, None, _DIALECT),
    Rtn.PARAMETER: Meaning(_UNKNOWN_TO_IT, None, _DIALECT),
    Rtn.AUTHENTICATION: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, _UID),
    Rtn.AUTHENTICATION_LOCKED: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, f"{_UID}; a power cycle ends the lock"),
    Rtn.UID_MISSING: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.COMMAND_LOCKED: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.PASSWORD: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.PASSWORD_LENGTH: Meaning(_COMMAND, ErrorCode.ACCESS_DENIED, "Initialise the pad"),
    Rtn.PIN_TIMEOUT: Meaning(_COMMAND, ErrorCode.ENTRY_TIMEOUT, "Ask for the PIN again"),
    Rtn.INPUT_MODE: Meaning(CompletionCode.SEQUENCE_ERROR, None, "Reset the pad"),
    Rtn.OTHER: Meaning(_BROKEN, None, _REPLACE),
}
_NO_PIN = Meaning(_COMMAND, ErrorCode.NO_PIN, "Ask for the PIN again")
_OTHERS = Meaning(_BROKEN, None, _REPLACE)

_STATES = {CompletionCode.FRAUD_ATTEMPT: DeviceState.FRAUD_ATTEMPT}


class PadRefused(DeviceError):
    """The pad answered a command with an error."""

    def __init__(self, device: str, opcode: Opcode, rtn: int) -> None:
        known = rtn in tuple(Rtn)
        self.rtn = rtn
        meaning = MEANINGS.get(Rtn(rtn), _OTHERS) if known else _OTHERS
        if rtn == Rtn.OTHER and opcode in (Opcode.PIN_BLOCK, Opcode.SM4_PIN_BLOCK):
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
    def tampered(self) -> bool:
        """Somebody has been at the pad: it has erased its keys."""
        return self.rtn in (Rtn.TAMPERED, Rtn.REMOVED)

    @property
    def battery_low(self) -> bool:
        """The battery that keeps the keys has to be replaced."""
        return self.rtn == Rtn.BATTERY_LOW

    @property
    def state(self) -> DeviceState:
        """The device status that this error stands for."""
        return _STATES.get(self.completion, DeviceState.HARDWARE_ERROR)
