"""Keyboard, PinPad, Crypto and KeyManagement, joined in one device: an encrypting PIN pad."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.interfaces.common import DeviceState


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
