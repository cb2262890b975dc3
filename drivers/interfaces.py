"""The four devices of a kiosk in XFS4IoT words: what a driver offers and what the terminal may rely on.

Names and values are those of XFS4IoT (CEN; no conformance is claimed). Two rules of this project come on top:

- A command that moves notes, a card or paper ends in one of three ways: `Done` (what happened, as the device counted
  it), `Refused` (certainly nothing moved) or `Unknown` (the answer was lost). Unknown is never retried.
- Every other command returns its result or raises `DeviceError`.

Times are seconds. Cancelling the task that waits in `read_raw_data`, `media_removed`, `pin_entry` or `data_entry` ends
the command on the device too; a motion is never cancelled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar

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
    # Keyboard, PinPad, Crypto, KeyManagement
    ENTRY_TIMEOUT = "entryTimeout"
    NO_PIN = "noPin"
    KEY_NOT_FOUND = "keyNotFound"
    USE_VIOLATION = "useViolation"
    ACCESS_DENIED = "accessDenied"
    INVALID_KEY_LENGTH = "invalidKeyLength"
    INVALID_VALUE = "invalidValue"
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


# --- CardReader


class Media(StrEnum):
    """Where the card is: `present` inside, `entering` at the slot."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"


class MoveTarget(StrEnum):
    """Where `move` and `reset` bring a card."""

    EXIT = "exit"
    RETAIN = "retain"


class ChipPower(StrEnum):
    """What `chip_power` does."""

    COLD = "cold"
    WARM = "warm"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class CardReaderStatus:
    """Status of the card reader; `retained` counts captured cards where the device counts them."""

    device: DeviceState
    media: Media
    detail: str = ""
    retained: int | None = None


@dataclass(frozen=True, slots=True)
class CardData:
    """What `read_raw_data` found: tracks without sentinels (None: not readable) and the ATR (None: mute or no chip)."""

    track1: str | None = field(default=None, repr=False)
    track2: str | None = field(default=None, repr=False)
    track3: str | None = field(default=None, repr=False)
    atr: bytes | None = None


class CardReader(Protocol):
    """A motorised card reader."""

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        """Initialise; a card inside is moved `to`. Ends with where a card is now."""

    async def status(self) -> CardReaderStatus:
        """Ask the device; never moves anything."""

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        """Wait without limit for a card, take it in, read its tracks and power its chip.

        `on_inserted` is MediaInsertedEvent. Raises DeviceError: mediaJam, invalidMedia (nothing readable at all),
        cardTooShort, cardTooLong, noMedia (pulled out on the way).
        """

    async def chip_power(self, action: ChipPower) -> bytes:
        """Reset or switch off the chip; returns the ATR (empty for `off`). Raises atrNotObtained."""

    async def chip_io(self, command: bytes) -> bytes:
        """Exchange one APDU as the card expects it; returns data and status word. Raises DeviceError."""

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        """Bring the card to the slot, or into the retain bin."""

    async def media_removed(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until a card at the slot is taken; False when it still is there."""


# --- Keyboard, PinPad, Crypto, KeyManagement


class KeyName(StrEnum):
    """The keys a terminal needs; a driver maps them to slots."""

    MASTER = "TMK"
    PIN = "PIK"
    MAC = "MAK"


class EncryptionState(StrEnum):
    """KeyManagement status `encryptionState`."""

    READY = "ready"
    NOT_READY = "notReady"
    NOT_INITIALIZED = "notInitialized"
    INITIALIZED = "initialized"


class KeyPress(StrEnum):
    """KeyEvent: that a key was pressed. During PIN entry a digit is only ever `DIGIT`."""

    DIGIT = "digit"
    BACKSPACE = "backspace"
    CLEAR = "clear"
    ENTER = "enter"
    CANCEL = "cancel"


class EntryCompletion(StrEnum):
    """How an entry ended."""

    AUTO = "auto"
    ENTER = "enter"
    CANCEL = "cancel"
    TIME_OUT = "timeOut"


class MacAlgorithm(StrEnum):
    """How a MAC is made: ISO 9797-1 algorithm 3 (X9.19), or the UnionPay ECB way."""

    X9_19 = "x9.19"
    UNIONPAY_ECB = "unionpay-ecb"


@dataclass(frozen=True, slots=True)
class PinPadStatus:
    """Status of the PIN pad."""

    device: DeviceState
    encryption_state: EncryptionState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PinEntered:
    """Result of `pin_entry`: how many digits wait in the pad, and how the entry ended."""

    digits: int
    completion: EntryCompletion


@dataclass(frozen=True, slots=True)
class DataEntered:
    """Result of `data_entry`: the digits typed, and how the entry ended."""

    keys: str
    completion: EntryCompletion


class PinPad(Protocol):
    """An encrypting PIN pad."""

    async def reset(self) -> None:
        """Bring the pad to its idle state; keys stay. Raises DeviceError."""

    async def status(self) -> PinPadStatus:
        """Ask the device."""

    async def import_key(self, key: KeyName, cryptogram: bytes) -> bytes:
        """Load a working key that is encrypted under the master key; returns its check value (8 bytes at most)."""

    async def set_pin_block_data(self, customer_data: str) -> None:
        """Give PAN12 to a pad that wants it before the first digit; others do not care."""

    async def pin_entry(
        self,
        *,
        min_len: int,
        max_len: int,
        auto_end: bool,
        timeout: float,
        on_key: Callable[[KeyPress], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> PinEntered:
        """Let the customer type a PIN. Digits stay in the pad; `on_key` hears only that keys were pressed.

        `on_ready` is EnterDataEvent: the keyboard is ready, prompt the customer.
        """

    async def get_pin_block(self, customer_data: str) -> bytes:
        """The PIN just typed as an ISO-0 block under the PIN key, once; `customer_data` is PAN12 (no check digit).

        Raises noPin, keyNotFound, accessDenied.
        """

    async def data_entry(
        self,
        *,
        max_len: int,
        timeout: float,
        on_key: Callable[[KeyPress, str], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> DataEntered:
        """Let the customer type digits in clear: an amount, never a PIN. `on_key` gets the digits so far."""

    async def generate_authentication(self, data: bytes, algorithm: MacAlgorithm) -> bytes:
        """The 8-byte MAC over `data` under the MAC key."""


# --- CashDispenser


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


class PresentState(StrEnum):
    """GetPresentStatus: have notes of the last dispense been within the customer's reach?"""

    PRESENTED = "presented"
    NOT_PRESENTED = "notPresented"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DispenserCapabilities:
    """What decides the flow. Units are named `unit1`, `unit2`, ... from the top.

    `max_items` is the most notes of one dispense, `max_items_per_unit` the most out of one cassette (None: no limit).
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
        """Take presented notes back; how many were counted, None when not counted."""

    async def get_present_status(self) -> PresentStatus:
        """What the device remembers of its last dispense; moves nothing."""


# --- Printer


class PaperSupply(StrEnum):
    """Printer paper."""

    UNKNOWN = "unknown"
    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """Status of the receipt printer."""

    device: DeviceState
    paper: PaperSupply
    detail: str = ""


class Align(StrEnum):
    """Alignment of printed matter."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class PrintText:
    """One line of a receipt; Chinese is encoded as GB18030 by the driver."""

    text: str
    align: Align = Align.LEFT
    emphasized: bool = False
    double_size: bool = False


@dataclass(frozen=True, slots=True)
class PrintQr:
    """A QR code."""

    data: str


PrintItem: TypeAlias = PrintText | PrintQr


class ReceiptPrinter(Protocol):
    """A receipt printer that cuts."""

    @property
    def columns(self) -> int:
        """Narrow characters in a line; a Chinese character takes two."""

    async def reset(self) -> None:
        """Initialise. Raises DeviceError."""

    async def status(self) -> PrinterStatus:
        """Ask the device."""

    async def print_form(self, items: Sequence[PrintItem]) -> Outcome[None]:
        """Print one receipt and cut it. Refused when it certainly was not begun (paper out, jam, offline)."""
