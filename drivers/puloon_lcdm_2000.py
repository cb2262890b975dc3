"""Puloon LCDM-2000 as a CashDispenser without a stacker: notes go straight to the customer.

It has no memory of its last dispense. An answer that was lost can only be had by NAK, as long as the device waits for
our ACK; after that nobody knows.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from drivers.dispense_verdict import Answer, Meaning, verdict
from drivers.exchange import ExchangeFailed
from drivers.interfaces import (
    CashUnitStatus,
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserCapabilities,
    DispenserStatus,
    Done,
    ErrorCode,
    Outcome,
    PresentState,
    PresentStatus,
    Replenishment,
    UnitCounts,
    UnitStatus,
    Unknown,
)
from drivers.link import Link
from drivers.puloon_lcdm_common import SENDS, PuloonLcdm, Timing, dispenser_state, position_status
from protocol import puloon_lcdm_2000 as lcdm2000
from protocol.puloon_lcdm import error_2000
from protocol.wire import ACK, NAK, Damaged, Event


@dataclass(frozen=True, slots=True)
class PuloonLcdm2000Options:
    """How one LCDM-2000 is used.

    `grouped`: it sends the counts of DISPENSE BOTH in the other order. `exit_sensor`: notes that wait at the exit cover
    the EXIT sensor.
    """

    grouped: bool = False
    exit_sensor: bool = True
    timing: Timing = field(default_factory=Timing)

    @property
    def cassettes(self) -> int:
        """An upper and a lower one."""
        return 2


_MEANINGS: Mapping[int, Meaning] = {
    lcdm2000.ErrorCode.PICK_UP_ERROR: Meaning(CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR),
    lcdm2000.ErrorCode.JAM_AT_EXIT_OR_EJT: Meaning(in_reach=True),
    lcdm2000.ErrorCode.COUNTING_ERROR_DIV_TO_EJT: Meaning(in_reach=True),
    lcdm2000.ErrorCode.COUNTING_ERROR_EJT_TO_EXIT: Meaning(in_reach=True),
    lcdm2000.ErrorCode.OVERFLOW_BILL: Meaning(in_reach=True),
    lcdm2000.ErrorCode.JAM_AT_EJT: Meaning(in_reach=True),
    lcdm2000.ErrorCode.UNDEFINED_COMMAND: Meaning(CompletionCode.INVALID_DATA, before_motion=True),
    lcdm2000.ErrorCode.UPPER_BILL_END: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR, unit="unit1", remedy="Refill the upper cassette"
    ),
    lcdm2000.ErrorCode.LOWER_BILL_END: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR, unit="unit2", remedy="Refill the lower cassette"
    ),
    lcdm2000.ErrorCode.NOTE_REQUEST_ERROR: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.TOO_MANY_ITEMS, before_motion=True
    ),
    lcdm2000.ErrorCode.REJECT_TRAY_NOT_RECOGNISED: Meaning(
        CompletionCode.USER_ERROR, before_motion=True, remedy="Put the reject tray in"
    ),
    lcdm2000.ErrorCode.UPPER_CASSETTE_NOT_RECOGNISED: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR, before_motion=True, unit="unit1"
    ),
    lcdm2000.ErrorCode.LOWER_CASSETTE_NOT_RECOGNISED: Meaning(
        CompletionCode.COMMAND_ERROR_CODE, ErrorCode.CASH_UNIT_ERROR, before_motion=True, unit="unit2"
    ),
}
"""Every other error is a fault of the hardware, found while notes may move, with true counts in the same answer."""


class PuloonLcdm2000(PuloonLcdm[lcdm2000.Message]):
    """LCDM-2000: `unit1` is the upper cassette, `unit2` the lower; 60 notes from each in one dispense."""

    _name = "Puloon LCDM-2000"

    def __init__(self, link: Link, options: PuloonLcdm2000Options = PuloonLcdm2000Options()) -> None:
        capabilities = DispenserCapabilities(
            ("unit1", "unit2"),
            max_items=2 * lcdm2000.MAX_NOTES,
            max_items_per_unit=lcdm2000.MAX_NOTES,
            intermediate_stacker=False,
            retract=False,
        )
        decoder = lcdm2000.device_decoder(grouped=options.grouped)
        super().__init__(link, decoder, options.timing, capabilities, exit_sensor=options.exit_sensor, closing_eot=None)

    async def reset(self) -> Outcome[None]:
        """PURGE: notes on the path go to the reject tray."""
        try:
            # PURGE leaves once; a device that still offers an old answer would not hear it.
            await self._memory()
            reply = await self._exchange.request(
                lcdm2000.encode(lcdm2000.Request(lcdm2000.Command.PURGE)),
                lambda message: isinstance(message, lcdm2000.PlainReply) and message.command == lcdm2000.Command.PURGE,
                timeout=self._timing.motion,
                motion=True,
            )
        except (ExchangeFailed, ConnectionError, DeviceError) as failed:
            return Unknown(f"{self._name}: PURGE: {failed}")
        assert isinstance(reply, lcdm2000.PlainReply)
        if lcdm2000.is_success(reply.error):
            return Done(None)
        return Unknown(f"{self._name}: PURGE ended with: {error_2000(reply.error)}")

    async def get_present_status(self) -> PresentStatus:
        """This model remembers nothing."""
        return PresentStatus(PresentState.UNKNOWN)

    async def identify(self) -> str:
        """What ROM VERSION answers. Raises DeviceError."""
        reply = await self._ask(_frame(lcdm2000.Command.ROM_VERSION), lcdm2000.VersionReply)
        return f"model {reply.model}, ROM version {reply.version}, checksum {reply.checksum}"

    async def _status(self) -> DispenserStatus:
        reply = await self._ask(_STATUS, lcdm2000.StatusReply)
        return _understood(reply.sensors, reply.error)

    async def _memory(self, aside: Callable[[Event[lcdm2000.Message]], None] = lambda _: None) -> None:
        await self._ask(_STATUS, lcdm2000.StatusReply, aside)

    async def _after_lost_answer(
        self, asked: Mapping[str, int], before: object, failed: ExchangeFailed
    ) -> Outcome[Dispensed]:
        """The device idles, or waits for our ACK: then NAK makes it repeat what it said."""
        for _ in range(SENDS):
            await self._exchange.send(NAK.raw)
            if (answer := await self._repeated(asked)) is not None:
                await self._exchange.send(ACK.raw)
                return self._verdict(asked, answer)
        return Unknown(f"{self._name}: {failed}, and it does not repeat its answer")

    async def _repeated(self, asked: Mapping[str, int]) -> object | None:
        deadline = asyncio.get_running_loop().time() + self._timing.query
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            event = await self._exchange.receive(left)
            if event is None or isinstance(event, Damaged):
                return None
            if self._answers(asked, event):
                return event
        return None

    def _too_much(self, units: Mapping[str, int]) -> str:
        most = max(units.values())
        return f"{most} notes from one cassette, {lcdm2000.MAX_NOTES} can be had" if most > lcdm2000.MAX_NOTES else ""

    async def _dispense_frame(self, asked: Mapping[str, int]) -> bytes:
        return _frame(_command(asked), *asked.values())

    def _answers(self, asked: Mapping[str, int], message: object) -> bool:
        return isinstance(message, lcdm2000.DispenseReply | lcdm2000.PlainReply) and message.command == _command(asked)

    def _verdict(self, asked: Mapping[str, int], reply: object) -> Outcome[Dispensed]:
        assert isinstance(reply, lcdm2000.DispenseReply | lcdm2000.PlainReply)
        words = error_2000(reply.error)
        meaning = None if lcdm2000.is_success(reply.error) else _MEANINGS.get(reply.error, Meaning())
        if isinstance(reply, lcdm2000.PlainReply):
            return verdict(self._name, asked, Answer(None, words, meaning))
        counts = {
            name: UnitCounts(cassette.exited, cassette.rejected)
            for name, cassette in zip(asked, reply.cassettes, strict=True)
        }
        impossible = [cassette for cassette in reply.cassettes if cassette.exited > cassette.checked]
        contradiction = f"more notes out than picked: {impossible}" if impossible else ""
        return verdict(self._name, asked, Answer(counts, words, meaning, contradiction))


def _command(asked: Mapping[str, int]) -> lcdm2000.Command:
    if len(asked) == 2:
        return lcdm2000.Command.DISPENSE_BOTH
    return lcdm2000.Command.DISPENSE_UPPER if "unit1" in asked else lcdm2000.Command.DISPENSE_LOWER


def _frame(command: lcdm2000.Command, *counts: int) -> bytes:
    return lcdm2000.encode(lcdm2000.Request(command, counts))


_STATUS = _frame(lcdm2000.Command.STATUS)


@lru_cache(maxsize=64)
def _understood(sensors: lcdm2000.Sensor, error: int) -> DispenserStatus:
    """What STATUS says in XFS4IoT words; a device that is watched says the same again and again."""
    sensor, code = lcdm2000.Sensor, lcdm2000.ErrorCode
    units = {
        "unit1": _unit(sensors, sensor.UPPER_ABSENT, sensor.UPPER_NEAR_END, at_end=error == code.UPPER_BILL_END),
        "unit2": _unit(sensors, sensor.LOWER_ABSENT, sensor.LOWER_NEAR_END, at_end=error == code.LOWER_BILL_END),
    }
    fault = bool(sensors & (sensor.SOL | sensor.REJECT_TRAY_ABSENT))
    blocked = bool(sensors & lcdm2000.PATH_SENSORS)
    return DispenserStatus(
        DeviceState.HARDWARE_ERROR if sensor.SOL in sensors else DeviceState.ONLINE,
        dispenser_state(units, fault=fault, blocked=blocked),
        MappingProxyType(units),
        position=position_status(sensor.EXIT in sensors),
        transport=position_status(blocked),
        detail="" if lcdm2000.is_success(error) else error_2000(error),
    )


def _unit(
    sensors: lcdm2000.Sensor, absent: lcdm2000.Sensor, near_end: lcdm2000.Sensor, *, at_end: bool
) -> CashUnitStatus:
    if absent in sensors:
        return CashUnitStatus(UnitStatus.MISSING, Replenishment.UNKNOWN)
    if at_end:
        return CashUnitStatus(UnitStatus.OK, Replenishment.EMPTY)
    return CashUnitStatus(UnitStatus.OK, Replenishment.LOW if near_end in sensors else Replenishment.OK)
