"""Keyboard, PinPad, Crypto and KeyManagement, joined in one device: an encrypting PIN pad."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.interfaces.common import AntiFraudModule, DeviceState


class KeyName(StrEnum):
    """The keys a terminal needs; a driver maps them to slots."""

    MASTER = "TMK"
    PIN = "PIK"
    MAC = "MAK"
    DATA = "TDK"


class KeyAlgorithm(StrEnum):
    """What the working keys of a pad are for. XFS4IoT has no word for SM4."""

    TDES = "tdes"
    SM4 = "sm4"


class CryptoMethod(StrEnum):
    """Crypto `cryptoMethod`: how blocks are chained."""

    ECB = "ecb"
    CBC = "cbc"


class PinFormat(StrEnum):
    """PinPad `format`: the PIN block formats for a PIN that goes to a host. SM4 keys seal the one of 16 bytes."""

    ISO0 = "iso0"
    ISO1 = "iso1"
    ISO3 = "iso3"


class BatteryState(StrEnum):
    """The battery that keeps the keys of a pad without power; not a word of XFS4IoT."""

    GOOD = "good"
    LOW = "low"
    UNKNOWN = "unknown"


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
    """How a MAC of 8 bytes is made; messages are filled with zeros, except in the PBOC way (80, then zeros).

    X9.9 is single DES; X9.19 and PBOC are ISO 9797-1 algorithm 3; ISO 16609 is TDES in CBC; the UnionPay ECB ways
    answer in eight characters; of an SM4 MAC the first 8 bytes count.
    """

    X9_9 = "x9.9"
    X9_19 = "x9.19"
    ISO_16609 = "iso16609"
    PBOC = "pboc"
    UNIONPAY_ECB = "unionpay-ecb"
    SM4_CBC = "sm4-cbc"
    SM4_UNIONPAY_ECB = "sm4-unionpay-ecb"


@dataclass(frozen=True, slots=True)
class PinPadCapabilities:
    """What a pad, with the keys it is meant to hold, can make."""

    key_algorithm: KeyAlgorithm = KeyAlgorithm.TDES
    pin_formats: tuple[PinFormat, ...] = (PinFormat.ISO0,)
    mac_algorithms: tuple[MacAlgorithm, ...] = (MacAlgorithm.X9_19, MacAlgorithm.UNIONPAY_ECB)


@dataclass(frozen=True, slots=True)
class PinPadStatus:
    """Status of the PIN pad; a pad that was tampered with has `device` fraudAttempt, and no keys."""

    device: DeviceState
    encryption_state: EncryptionState
    detail: str = ""
    anti_fraud_module: AntiFraudModule = AntiFraudModule.UNKNOWN
    battery: BatteryState = BatteryState.UNKNOWN


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

    @property
    def capabilities(self) -> PinPadCapabilities:
        """What it can do; does not change."""

    async def reset(self) -> None:
        """Bring the pad to its idle state; keys stay. Raises DeviceError."""

    async def status(self) -> PinPadStatus:
        """Ask the device."""

    async def import_key(self, key: KeyName, cryptogram: bytes) -> bytes:
        """Load a working key that is encrypted under the master key; returns its check value (8 bytes at most)."""

    async def delete_key(self, key: KeyName) -> None:
        """Erase one key; that there is none is no error."""

    async def initialization(self) -> None:
        """Zeroise: erase every key and setting, the master key too. The pad must be commissioned again."""

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

    async def get_pin_block(self, customer_data: str, fmt: PinFormat = PinFormat.ISO0) -> bytes:
        """The PIN just typed as a block under the PIN key, once; `customer_data` is PAN12 (no check digit).

        8 bytes under a TDES key, 16 under an SM4 key. Raises noPin, keyNotFound, accessDenied, formatNotSupported.
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

    async def crypto_data(
        self, data: bytes, *, encrypt: bool, method: CryptoMethod = CryptoMethod.ECB, iv: bytes = b""
    ) -> bytes:
        """Whole blocks encrypted or decrypted under the data key; `iv` (zeros if empty) is for CBC."""

    async def generate_random(self) -> bytes:
        """At least 8 bytes of chance from the pad."""
