"""Printer: a receipt printer that cuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from drivers.interfaces.common import DeviceState, Outcome


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
