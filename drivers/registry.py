"""Every model that has a driver: one line a model."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from drivers.escpos import EscPosOptions, EscPosPrinter
from drivers.fujitsu_f56 import FujitsuF56, FujitsuF56Options
from drivers.link import LineSettings, Link, Parity
from drivers.puloon_lcdm import PuloonLcdm2000, PuloonLcdm2000Options, PuloonLcdm4000, PuloonLcdm4000Options
from drivers.sankyo_ict3q8 import SankyoIct3q8, SankyoIct3q8Options
from drivers.szzt_zt598 import SzztZt598, SzztZt598Options
from protocol.escpos import ESCPOS
from protocol.fujitsu_f56 import FUJITSU_F56
from protocol.puloon_lcdm import PULOON_LCDM_2000, PULOON_LCDM_4000
from protocol.sankyo_ict3q8 import SANKYO_ICT3Q8
from protocol.szzt_zt598 import SZZT_ZT598
from protocol.wire import WireFormat


class Kind(StrEnum):
    """Which interface of `drivers.interfaces` a driver implements."""

    CARD_READER = "CardReader"
    PIN_PAD = "PinPad"
    CASH_DISPENSER = "CashDispenser"
    RECEIPT_PRINTER = "ReceiptPrinter"


class UnknownModel(LookupError):
    """No driver for this model; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Model:
    """A driver (called with a link and its options), its options, what its line speaks, and how the line is set.

    `other_lines`: settings that such devices are known to have besides, by switches or by firmware.
    """

    kind: Kind
    driver: Callable[[Link, Any], Any]
    options: type[Any]
    wire: WireFormat
    line: LineSettings
    other_lines: tuple[LineSettings, ...] = ()

    def configured(self, options: Mapping[str, object]) -> Any:
        """The driver's options from plain values of a configuration. Raises ValueError that says what is right."""
        known = [field.name for field in fields(self.options)]
        if unknown := [name for name in options if name not in known]:
            raise ValueError(f"unknown option {', '.join(unknown)}; known here: {', '.join(known)}")
        for name, value in options.items():
            if isinstance(value, int | float) and not 0 <= value < math.inf:
                raise ValueError(f"option {name}: {value} is no number for it; leave it out for the usual one")
        try:
            return adapter(self.options).validate_python(dict(options))
        except ValidationError as error:
            raise ValueError("; ".join(_complaint(found["loc"], found["msg"]) for found in error.errors())) from None


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(options: type[Any]) -> TypeAdapter[Any]:
    """What validates options of a type: made once, for that takes longer than all validations."""
    if options not in _ADAPTERS:
        _ADAPTERS[options] = TypeAdapter(options)
    return _ADAPTERS[options]


def _complaint(where: tuple[int | str, ...], message: str) -> str:
    """What is wrong with an option, or with several together."""
    said = message.removeprefix("Value error, ")
    return f"option {'.'.join(map(str, where))}: {said}" if where else said


def _lines(speeds: Iterable[int], *parities: Parity) -> tuple[LineSettings, ...]:
    return tuple(LineSettings(speed, parity) for speed in speeds for parity in parities)


_EVEN = LineSettings(38400, Parity.EVEN)
_PLAIN = LineSettings(9600)

MODELS: Final[Mapping[str, Model]] = {
    "sankyo-ict3q8": Model(
        Kind.CARD_READER,
        SankyoIct3q8,
        SankyoIct3q8Options,
        SANKYO_ICT3Q8,
        _EVEN,
        # The reader takes its speed from the first command; an ICT3K5 has one speed.
        (*_lines((38400, 19200, 9600), Parity.EVEN), LineSettings(115200, Parity.EVEN, rtscts=True)),
    ),
    "szzt-zt598": Model(
        Kind.PIN_PAD,
        SzztZt598,
        SzztZt598Options,
        SZZT_ZT598,
        _PLAIN,
        _lines((9600, 115200, 57600, 38400, 19200, 4800, 2400, 1200), Parity.NONE),
    ),
    "puloon-lcdm-4000": Model(
        Kind.CASH_DISPENSER,
        PuloonLcdm4000,
        PuloonLcdm4000Options,
        PULOON_LCDM_4000,
        _PLAIN,
        _lines((9600,), Parity.NONE, Parity.EVEN),
    ),
    "puloon-lcdm-2000": Model(
        Kind.CASH_DISPENSER,
        PuloonLcdm2000,
        PuloonLcdm2000Options,
        PULOON_LCDM_2000,
        _PLAIN,
        _lines((9600, 19200, 38400), Parity.NONE, Parity.EVEN, Parity.ODD),
    ),
    "fujitsu-f56": Model(
        Kind.CASH_DISPENSER,
        FujitsuF56,
        FujitsuF56Options,
        FUJITSU_F56,
        LineSettings(9600, Parity.EVEN),
        _lines((9600,), Parity.EVEN),
    ),
    "escpos": Model(
        Kind.RECEIPT_PRINTER,
        EscPosPrinter,
        EscPosOptions,
        ESCPOS,
        LineSettings(115200),
        _lines((115200, 57600, 38400, 19200, 9600, 4800), Parity.NONE, Parity.EVEN, Parity.ODD),
    ),
}


def model(name: str, kind: Kind) -> Model:
    """The driver for a model. Raises UnknownModel."""
    found = MODELS.get(name)
    if found is None or found.kind is not kind:
        known = ", ".join(each for each, entry in MODELS.items() if entry.kind is kind)
        raise UnknownModel(f"no {kind} driver for {name!r}; there is {known}")
    return found
