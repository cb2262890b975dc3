"""Sankyo ICT3Q8: the words of the chip station, of the SAMs beside it, and of memory cards."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from protocol.wire import LocalProtocolError, RemoteProtocolError

MAX_T0_APDU = 261
MAX_T1_APDU = 1000
"""Longest data of one command and of one reply; what is longer goes in parts."""


class ChipReply(StrEnum):
    """px: what stands in the place of pm in the reply to a chip exchange."""

    T0 = "3"
    T1 = "4"
    MORE = "5"
    LAST = "6"
    PART_TAKEN = "7"
    ABORTED = "?"


class ChipCommand(StrEnum):
    """pm of `CI` for the chip of the card."""

    COLD_RESET = "0"
    OFF = "1"
    STATUS = "2"
    T0 = "3"
    T1 = "4"
    PART = "5"
    LAST_PART = "6"
    NEXT_PART = "7"
    WARM_RESET = "8"
    AUTO = "9"


SAM_COMMANDS: Mapping[str, ChipCommand] = dict(zip("@ABCDEFGHI", ChipCommand, strict=True))
"""pm of `CI` for the selected SAM: that of the chip + 10."""
SAM_REPLIES: Mapping[str, str] = {"3": "C", "4": "D", "5": "E", "6": "F", "7": "G", "?": "O"}
"""px of a SAM for px of a chip."""
SELECT_SAM = "P"
SAM_SOCKETS = "01234"
"""sel of `CIP`. The specification prints 1 for the first two; 0 for the first is our reading."""


def sam_command(command: ChipCommand) -> str:
    """pm for the selected SAM."""
    return next(pm for pm, meant in SAM_COMMANDS.items() if meant is command)


class Supply(StrEnum):
    """Vcc of a cold reset: voltage, and whose rules the ATR has to keep."""

    EMV_5V = "0"
    ISO_5V = "3"
    FROM_3V = "5"
    FROM_5V = "6"


class Clock(IntEnum):
    """Clock bits of a chip's status."""

    NONE = 0
    MHZ_3_58 = 1
    MHZ_7_16 = 2


@dataclass(frozen=True, slots=True)
class ChipStatus:
    """sti: binary 0100 clock clock 3V powered."""

    powered: bool = False
    three_volts: bool = False
    clock: Clock = Clock.NONE

    def encode(self) -> int:
        """One byte."""
        return 0x40 | self.clock << 2 | self.three_volts << 1 | self.powered

    @classmethod
    def parse(cls, sti: int) -> "ChipStatus":
        """Raises RemoteProtocolError."""
        if sti & 0xF0 != 0x40 or sti >> 2 & 0x03 == 0x03:
            raise RemoteProtocolError(f"chip status {sti:02X}")
        return cls(bool(sti & 1), bool(sti & 2), Clock(sti >> 2 & 0x03))


_F = {0x0: 372, 0x1: 372, 0x3: 744, 0x5: 1488, 0x9: 512, 0xB: 1024, 0xD: 2048}
_D = {0x2: 2, 0x3: 4, 0x4: 8}
NEGOTIATED_TA1 = bytes.fromhex("02120313323353549293B2B3D3D4")
"""Speeds for which the reader sends a PPS (not by the EMV rules); with any other it stays at F 372, D 1."""


def speed(ta1: int | None, supply: Supply) -> float:
    """How many times faster than F 372, D 1 the reader and such a chip talk (ISO 7816-3, tables of Fi and Di)."""
    if supply is Supply.EMV_5V or ta1 is None or ta1 not in NEGOTIATED_TA1:
        return 1.0
    return 372 / _F[ta1 >> 4] * _D[ta1 & 0x0F]


# Memory cards (I2C)


class MemoryInstruction(IntEnum):
    """INS of `CU3`."""

    READ = 0xB0
    WRITE = 0xD0


@dataclass(frozen=True, slots=True)
class MemoryAccess:
    """Data of `CU3`: `00 B0 adrH adrL n`, or `00 D0 adrH adrL n data`; n 00 is 256. Never across a page."""

    address: int
    length: int
    written: bytes | None = None

    def encode(self) -> bytes:
        """Raises LocalProtocolError."""
        if not (0 <= self.address <= 0xFFFF and 1 <= self.length <= 256):
            raise LocalProtocolError(f"{self.length} bytes at {self.address} of a memory card")
        if self.written is not None and len(self.written) != self.length:
            raise LocalProtocolError(f"{len(self.written)} bytes to write where {self.length} are announced")
        ins = MemoryInstruction.READ if self.written is None else MemoryInstruction.WRITE
        head = bytes((0, ins)) + self.address.to_bytes(2, "big") + bytes((self.length & 0xFF,))
        return head + (self.written or b"")

    @classmethod
    def parse(cls, data: bytes) -> "MemoryAccess":
        """Raises RemoteProtocolError."""
        if len(data) < 5 or data[0] != 0 or data[1] not in tuple(MemoryInstruction):
            raise RemoteProtocolError(f"{len(data)} bytes are no access to a memory card")
        address, length, written = int.from_bytes(data[2:4], "big"), data[4] or 256, data[5:]
        if len(written) != (length if data[1] == MemoryInstruction.WRITE else 0):
            raise RemoteProtocolError(f"{len(written)} bytes in an access to {length}")
        return cls(address, length, written if data[1] == MemoryInstruction.WRITE else None)


@dataclass(frozen=True, slots=True)
class MemoryStatus:
    """Status byte of `CU2`: binary 010 two-address-bytes 00 3V powered."""

    powered: bool = False
    three_volts: bool = False
    two_address_bytes: bool = False

    def encode(self) -> int:
        """One byte."""
        return 0x40 | self.two_address_bytes << 4 | self.three_volts << 1 | self.powered

    @classmethod
    def parse(cls, status: int) -> "MemoryStatus":
        """Raises RemoteProtocolError."""
        if status & 0xEC != 0x40:
            raise RemoteProtocolError(f"memory card status {status:02X}")
        return cls(bool(status & 1), bool(status & 2), bool(status & 0x10))
