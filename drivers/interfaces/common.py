"""What all devices share: how a command or a motion ends, and how a device is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

T = TypeVar("T")


class CompletionCode(StrEnum):
    """How a command ended, device independent."""

    COMMAND_ERROR_CODE = "commandErrorCode"
    CANCELED = "canceled"
    TIME_OUT = "timeOut"
    DEVICE_NOT_READY = "deviceNotReady"
    HARDWARE_ERROR = "hardwareError"
    INTERNAL_ERROR = "internalError"
    UNSUPPORTED_COMMAND = "unsupportedCommand"
    INVALID_DATA = "invalidData"
    USER_ERROR = "userError"
    FRAUD_ATTEMPT = "fraudAttempt"
    SEQUENCE_ERROR = "sequenceError"


class ErrorCode(StrEnum):
    """Command-specific errors that our devices report."""

    # CardReader
    MEDIA_JAM = "mediaJam"
    SHUTTER_FAIL = "shutterFail"
    NO_MEDIA = "noMedia"
    INVALID_MEDIA = "invalidMedia"
    CARD_TOO_SHORT = "cardTooShort"
    CARD_TOO_LONG = "cardTooLong"
    RETAIN_BIN_FULL = "retainBinFull"
    ATR_NOT_OBTAINED = "atrNotObtained"
    PROTOCOL_NOT_SUPPORTED = "protocolNotSupported"
    WRITE_METHOD = "writeMethod"
    # Keyboard, PinPad, Crypto, KeyManagement
    ENTRY_TIMEOUT = "entryTimeout"
    NO_PIN = "noPin"
    KEY_NOT_FOUND = "keyNotFound"
    USE_VIOLATION = "useViolation"
    ACCESS_DENIED = "accessDenied"
    INVALID_KEY_LENGTH = "invalidKeyLength"
    INVALID_VALUE = "invalidValue"
    FORMAT_NOT_SUPPORTED = "formatNotSupported"
    ALGORITHM_NOT_SUPPORTED = "algorithmNotSupported"
    # CashDispenser
    CASH_UNIT_ERROR = "cashUnitError"
    NOT_DISPENSABLE = "notDispensable"
    TOO_MANY_ITEMS = "tooManyItems"
    INVALID_DENOMINATION = "invalidDenomination"
    ITEMS_LEFT = "itemsLeft"
    SHUTTER_OPEN = "shutterOpen"
    SHUTTER_NOT_OPEN = "shutterNotOpen"
    NO_ITEMS = "noItems"
    PRESENT_ERROR_NO_ITEMS = "presentErrorNoItems"
    PRESENT_ERROR_ITEMS = "presentErrorItems"
    PRESENT_ERROR_UNKNOWN = "presentErrorUnknown"
    # Printer
    PAPER_OUT = "paperOut"
    PAPER_JAMMED = "paperJammed"


class DeviceError(Exception):
    """A device did not do what it was asked, and says why and what helps."""

    def __init__(
        self, device: str, completion: CompletionCode, detail: str, *, code: ErrorCode | None = None, remedy: str = ""
    ) -> None:
        self.device = device
        self.completion = completion
        self.code = code
        self.detail = detail
        self.remedy = remedy
        words = f"{device}: {code or completion}: {detail}"
        super().__init__(f"{words}. {remedy}" if remedy else words)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The motion ended and the device says how."""

    result: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly nothing moved."""

    error: DeviceError


@dataclass(frozen=True, slots=True)
class Unknown:
    """The motion may have happened, in whole or in part; `cause` says what was heard last."""

    cause: str


Outcome: TypeAlias = Done[T] | Refused | Unknown


class DeviceState(StrEnum):
    """Common status `device`."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    DEVICE_BUSY = "deviceBusy"
    FRAUD_ATTEMPT = "fraudAttempt"
    STARTING = "starting"


class AntiFraudModule(StrEnum):
    """Common status `antiFraudModule`: has somebody been at the device?"""

    OK = "ok"
    INOPERABLE = "inoperable"
    DEVICE_DETECTED = "deviceDetected"
    UNKNOWN = "unknown"


@runtime_checkable
class Identity(Protocol):
    """A driver whose device can say what it is."""

    async def identify(self) -> str:
        """Model, firmware, serial number: what the device tells, in one line. Moves nothing. Raises DeviceError."""
