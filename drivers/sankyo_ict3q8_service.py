"""Sankyo ICT3Q8: what the service wants of a reader - revisions, sensor levels, ports, counters, maintenance mode.

Nothing here is needed to serve a customer. The firmware download is left to the vendor's tool.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from drivers.interfaces import CompletionCode, DeviceError
from drivers.sankyo_ict3q8_errors import DEVICE, not_answered
from drivers.sankyo_ict3q8_line import Lost
from drivers.sankyo_ict3q8_unit import READ_COUNTER, Unit
from protocol.sankyo_ict3q8 import Command
from protocol.sankyo_ict3q8_status import (
    CLEANING_LEVEL,
    Barrier,
    Performance,
    Sensors,
    parse_levels,
    parse_percent,
)
from protocol.wire import RemoteProtocolError

T = TypeVar("T")

RETRACT_COUNTER_LIMIT = 99


class OutputMode(StrEnum):
    """What an output does; `one_shot` and `blink` take a time."""

    LOW = "0"
    HIGH_IMPEDANCE = "1"
    ONE_SHOT = "2"
    BLINK = "3"
    STOP_BLINKING = "4"


class OutputTime(StrEnum):
    """Milliseconds."""

    MS_250 = "0"
    MS_500 = "1"
    MS_750 = "2"
    MS_1000 = "3"


class Service:
    """One reader, seen by the service."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def revision(self) -> str:
        """Of the user program, like 2345-01A. Raises DeviceError."""
        return await self._text(Command("A", "1"))

    async def emv_library(self) -> str:
        """Its revision. Raises DeviceError."""
        return await self._text(Command("A", "2"))

    async def sensors(self) -> Sensors:
        """What they see now. Raises DeviceError."""
        return await self._unit.sensors()

    async def sensor_levels(self, *, weak_light: bool = False) -> dict[Barrier, float]:
        """Volts at each light barrier. Raises DeviceError."""
        return await self._parsed(Command(">", str(int(weak_light))), parse_levels)

    async def sensor_percent(self) -> dict[Barrier, int]:
        """Of the level stored at calibration. Raises DeviceError."""
        return await self._parsed(Command(">", "2"), parse_percent)

    async def sensors_to_clean(self) -> list[Barrier]:
        """Those below the level where cleaning can't wait. Raises DeviceError."""
        levels = await self.sensor_levels(weak_light=True)
        return [barrier for barrier, volts in levels.items() if volts < CLEANING_LEVEL]

    async def calibrate(self) -> None:
        """Store the levels of now as 100 %; the slot must be empty. Sent once. Raises DeviceError."""
        answer = await self._unit.line.once(Command(">", "3"), self._unit.options.reply_timeout)
        if isinstance(answer, Lost):
            raise not_answered("calibration", answer.cause)
        self._unit.line.positive(answer)

    async def retained(self) -> int:
        """The reader's counter of captured cards. Raises DeviceError where it does not count."""
        return int(await self._text(READ_COUNTER) or 0)

    async def set_retained(self, count: int) -> None:
        """Raises DeviceError."""
        if not 0 <= count <= RETRACT_COUNTER_LIMIT:
            raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, f"the counter can't be set to {count}")
        await self._unit.line.do(Command("C", "1", f"{count:02d}".encode()))

    async def inputs(self) -> tuple[bool, bool, bool, bool]:
        """IN1 to IN4. Raises DeviceError."""
        bits = (await self._unit.line.do(Command("5", "8"))).data[:1] or b"\x30"
        return bool(bits[0] & 1), bool(bits[0] & 2), bool(bits[0] & 4), bool(bits[0] & 8)

    async def set_output(self, number: int, mode: OutputMode, time: OutputTime | None = None) -> None:
        """OUT1 to OUT4. Raises DeviceError."""
        if not 1 <= number <= 4:
            raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, f"there is no output {number}")
        await self._unit.line.do(Command("5", str(number - 1), f"{mode}{time or ''}".encode()))

    async def performance(self) -> Performance:
        """Life counters, of firmwares that have them. Raises DeviceError."""
        return await self._parsed(Command("f", "A"), Performance.parse)

    async def enter_maintenance(self) -> Sensors:
        """Until `leave_maintenance` or a reset. Raises DeviceError."""
        return await self._parsed(Command("=", "0"), Sensors.parse)

    async def leave_maintenance(self) -> None:
        """A card inside is ejected. Sent once. Raises DeviceError."""
        answer = await self._unit.line.once(Command("=", "1"), self._unit.options.motion_timeout)
        if isinstance(answer, Lost):
            raise not_answered("maintenance", answer.cause)
        self._unit.line.positive(answer)

    async def drive(self, *, shutter: bool = False, contact: bool = False, weak_light: bool = False) -> Sensors:
        """Solenoids and light, in maintenance mode; the motor's lines are not clear enough to be driven."""
        outputs = 0x40 | shutter | contact << 3 | weak_light << 5
        return await self._parsed(Command("=", "2", bytes((outputs,))), Sensors.parse)

    async def _text(self, command: Command) -> str:
        return (await self._unit.line.do(command)).data.decode("latin-1")

    async def _parsed(self, command: Command, parse: Callable[[bytes], T]) -> T:
        data = (await self._unit.line.do(command)).data
        try:
            return parse(data)
        except RemoteProtocolError as error:
            raise not_answered(command.mnemonic, str(error)) from error
