"""CardReader: a motorised card reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from drivers.interfaces.common import DeviceState, Outcome


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


class ChipProtocol(StrEnum):
    """How `chip_io` talks to the chip; `chipProtocolNotRequired` leaves it to the reader, which knows the ATR."""

    T0 = "chipT0"
    T1 = "chipT1"
    NOT_REQUIRED = "chipProtocolNotRequired"


class WriteMethod(StrEnum):
    """With which current `write_raw_data` writes."""

    LOCO = "loco"
    HICO = "hico"


@dataclass(frozen=True, slots=True)
class CardReaderCapabilities:
    """What the device can do, as far as it says so: track numbers that it reads and writes."""

    read_tracks: tuple[int, ...] = (1, 2, 3)
    write_tracks: tuple[int, ...] = ()
    chip: bool = True


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

    @property
    def capabilities(self) -> CardReaderCapabilities:
        """As the device told at its last reset."""

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        """Initialise; a card inside is moved `to`. Ends with where a card is now."""

    async def status(self) -> CardReaderStatus:
        """Ask the device; never moves anything."""

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        """Wait without limit for a card, take it in, read its tracks and power its chip.

        `on_inserted` is MediaInsertedEvent. Raises DeviceError: mediaJam, invalidMedia (nothing readable at all),
        cardTooShort, cardTooLong, noMedia (pulled out on the way).
        """

    async def write_raw_data(self, tracks: Mapping[int, str], method: WriteMethod | None = None) -> None:
        """Write tracks of the card inside (without sentinels) and verify them; `method` None leaves the current as is.

        Raises DeviceError: noMedia, mediaJam, invalidMedia (a track was not written well), writeMethod,
        unsupportedCommand (this unit only reads), invalidData (characters or lengths that don't fit).
        """

    async def chip_power(self, action: ChipPower) -> bytes:
        """Reset or switch off the chip; returns the ATR (empty for `off`). Raises atrNotObtained."""

    async def chip_io(self, command: bytes, protocol: ChipProtocol = ChipProtocol.NOT_REQUIRED) -> bytes:
        """Exchange one APDU as the card expects it; returns data and status word. Raises protocolNotSupported."""

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        """Bring the card to the slot, or into the retain bin."""

    async def media_removed(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until a card at the slot is taken; False when it still is there."""

    async def reset_count(self) -> None:
        """The retained cards were taken out: the device counts from 0 again. Raises DeviceError."""
