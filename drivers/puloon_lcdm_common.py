"""What the drivers of both Puloon LCDM families share: a dispense is asked for once, and what follows a failure."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.exchange import Exchange, ExchangeFailed, Handshake, NoReply
from drivers.interfaces import (
    CashUnitStatus,
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserCapabilities,
    DispenserState,
    DispenserStatus,
    Done,
    ErrorCode,
    Outcome,
    PositionStatus,
    Refused,
    Replenishment,
    UnitStatus,
    Unknown,
)
from drivers.link import Link
from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.wire import Decoder, Event, Noise, Received

M = TypeVar("M", bound=Received)
A = TypeVar("A", bound=Received)

ACK_TIME = 0.55
SENDS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: the longest waits for an answer to a command that moves notes (`motion`) or doesn't (`query`).

    `taken_interval` is how often the EXIT sensor is asked whether the notes are still there.
    """

    motion: float = 60.0
    query: float = 5.0
    taken_interval: float = 0.5


class PuloonLcdm(ABC, Generic[M]):
    """What both families share; `M` are the messages of the wire."""

    _name: str

    def __init__(
        self,
        link: Link,
        decoder: Decoder[M],
        timing: Timing,
        capabilities: DispenserCapabilities,
        *,
        exit_sensor: bool,
        closing_eot: float | None,
    ) -> None:
        handshake = Handshake(ack=ACK_TIME, attempts=SENDS, closing_eot=closing_eot)
        self._exchange: Exchange[M] = Exchange(link, decoder, handshake)
        self._timing = timing
        self._capabilities = capabilities
        self._exit_sensor = exit_sensor

    @property
    def capabilities(self) -> DispenserCapabilities:
        """Fixed for the device."""
        return self._capabilities

    async def status(self) -> DispenserStatus:
        """Ask the device; one that doesn't answer is offline."""
        try:
            return await self._status()
        except DeviceError as silent:
            return DispenserStatus(
                DeviceState.OFFLINE, DispenserState.UNKNOWN, {}, stacker=PositionStatus.UNKNOWN, detail=str(silent)
            )

    async def dispense(self, units: Mapping[str, int]) -> Outcome[Dispensed]:
        """Move notes from cassettes straight to the customer. Never repeated."""
        if (impossible := self._impossible(units)) is not None:
            return Refused(impossible)
        asked = {name: units[name] for name in self._capabilities.units if units.get(name)}
        try:
            before = await self._memory()
            frame = await self._dispense_frame(asked)
        except DeviceError as silent:
            return Refused(silent)
        return await self._seen_at_exit(await self._moved(asked, before, frame))

    async def _moved(self, asked: Mapping[str, int], before: M | None, frame: bytes) -> Outcome[Dispensed]:
        """What the answer says, or what the device remembers where it was lost."""
        heard: list[Event[M]] = []
        try:
            reply = await self._exchange.request(
                frame,
                lambda message: self._answers(asked, message),
                timeout=self._timing.motion,
                motion=True,
                aside=heard.append,
            )
        except ConnectionError as down:
            return Unknown(f"{self._name}: the line went down during a dispense: {down}")
        except ExchangeFailed as failed:
            try:
                if not failed.may_have_run:
                    return await self._after_nak(asked, before, heard, failed)
                return await self._after_lost_answer(asked, before, failed)
            except (DeviceError, ConnectionError) as silent:
                return Unknown(f"{self._name}: {failed}; then: {silent}")
        return self._verdict(asked, reply)

    async def _seen_at_exit(self, outcome: Outcome[Dispensed]) -> Outcome[Dispensed]:
        """That nothing came out is believed where the EXIT sensor sees nothing: two damaged bits can hide notes."""
        match outcome:
            case Done(Dispensed(units)) if any(counts.dispensed for counts in units.values()):
                return outcome
            case Unknown():
                return outcome
        if not self._exit_sensor:
            return outcome
        try:
            if (await self._status()).position is PositionStatus.EMPTY:
                return outcome
        except DeviceError as silent:
            return Unknown(f"{self._name}: it says that nothing came out; then: {silent}")
        return Unknown(f"{self._name}: it says that nothing came out, and the EXIT sensor sees notes")

    async def present(self) -> Outcome[None]:
        """There is no presenter. Raises DeviceError unsupportedCommand."""
        raise self._error(CompletionCode.UNSUPPORTED_COMMAND, "notes go straight to the customer, there is no present")

    async def retract(self) -> Outcome[int | None]:
        """There is no retract. Raises DeviceError unsupportedCommand."""
        raise self._error(CompletionCode.UNSUPPORTED_COMMAND, "this dispenser can't take notes back")

    async def reject(self) -> Outcome[int | None]:
        """There is no stacker. Raises DeviceError unsupportedCommand."""
        raise self._error(CompletionCode.UNSUPPORTED_COMMAND, "this dispenser has no stacker")

    async def items_taken(self, timeout: float) -> bool:
        """Ask the EXIT sensor until it is free or `timeout` seconds are over; True at once where it sees no notes.

        Raises DeviceError when the device falls silent.
        """
        if not self._exit_sensor:
            return True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (await self._status()).position is PositionStatus.NOT_EMPTY:
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(self._timing.taken_interval, deadline - loop.time()))
        return True

    # What differs

    @abstractmethod
    async def _status(self) -> DispenserStatus:
        """Raises DeviceError when the device doesn't answer."""

    @abstractmethod
    async def _memory(self, aside: Callable[[Event[M]], None] = lambda _: None) -> M | None:
        """Prove that the device is idle, and get what it remembers of its last dispense. Raises DeviceError."""

    @abstractmethod
    async def _after_lost_answer(
        self, asked: Mapping[str, int], before: M | None, failed: ExchangeFailed
    ) -> Outcome[Dispensed]:
        """No answer came: what did the device do? Raises DeviceError, ConnectionError."""

    @abstractmethod
    def _too_much(self, units: Mapping[str, int]) -> str:
        """Why the device can't give so many notes at once; empty when it can."""

    @abstractmethod
    async def _dispense_frame(self, asked: Mapping[str, int]) -> bytes:
        """Raises DeviceError when the device must be asked for it and does not answer."""

    @abstractmethod
    def _answers(self, asked: Mapping[str, int], message: object) -> bool:
        """Whether a message is the answer to this dispense."""

    @abstractmethod
    def _verdict(self, asked: Mapping[str, int], reply: object) -> Outcome[Dispensed]: ...

    # Helpers

    async def _ask(self, frame: bytes, reply: type[A], aside: Callable[[Event[M]], None] = lambda _: None) -> A:
        """Ask for something that moves nothing, twice if need be. Raises DeviceError."""
        try:
            try:
                found = await self._query(frame, reply, aside)
            except NoReply:
                found = await self._query(frame, reply, aside)
        except ExchangeFailed as failed:
            raise self._error(CompletionCode.DEVICE_NOT_READY, str(failed)) from failed
        except ConnectionError as down:
            raise self._error(CompletionCode.DEVICE_NOT_READY, f"the line is down: {down}") from down
        if not isinstance(found, reply):
            raise self._error(CompletionCode.DEVICE_NOT_READY, f"command {frame[3]:02X} was answered with an error")
        return found

    async def _query(self, frame: bytes, reply: type[A], aside: Callable[[Event[M]], None]) -> M:
        return await self._exchange.request(
            frame,
            lambda message: isinstance(message, reply) or _is_error(frame, message),
            timeout=self._timing.query,
            aside=aside,
        )

    async def _after_nak(
        self, asked: Mapping[str, int], before: M | None, heard: Sequence[Event[M]], failed: ExchangeFailed
    ) -> Outcome[Dispensed]:
        """The frame was refused. A NAK may be a damaged ACK, so only a device that idles has not moved anything."""
        since = list(heard)
        now = await self._memory(since.append)
        for event in since:
            if self._answers(asked, event):
                return self._verdict(asked, event)
        if now != before:
            if before is None:
                return Unknown(f"{self._name}: {failed}, and what it remembers may be of an earlier dispense")
            return self._verdict(asked, now)
        if all(_is_static(event) for event in since):
            return Refused(self._error(CompletionCode.DEVICE_NOT_READY, str(failed)))
        return Unknown(f"{self._name}: {failed}, and then something unreadable came")

    def _impossible(self, units: Mapping[str, int]) -> DeviceError | None:
        """Why nothing needs to be sent."""
        unknown = [name for name in units if name not in self._capabilities.units]
        if unknown:
            return self._error(CompletionCode.INVALID_DATA, f"there is no {', '.join(unknown)}")
        if any(number < 0 for number in units.values()) or not sum(units.values()):
            return self._error(CompletionCode.INVALID_DATA, f"not a number of notes: {dict(units)}")
        if too_much := self._too_much(units):
            return self._error(CompletionCode.COMMAND_ERROR_CODE, too_much, ErrorCode.TOO_MANY_ITEMS)
        return None

    def _error(
        self, completion: CompletionCode, detail: str, code: ErrorCode | None = None, *, remedy: str = ""
    ) -> DeviceError:
        return DeviceError(self._name, completion, detail, code=code, remedy=remedy)


def dispenser_state(units: Mapping[str, CashUnitStatus], *, fault: bool, blocked: bool) -> DispenserState:
    """XFS4IoT: `stop` when nothing can be dispensed, `attention` when a cassette needs a person."""
    ready = [unit.status is UnitStatus.OK and unit.replenishment is not Replenishment.EMPTY for unit in units.values()]
    if fault or blocked or not any(ready):
        return DispenserState.STOP
    low = any(unit.replenishment is Replenishment.LOW for unit in units.values())
    return DispenserState.ATTENTION if low or not all(ready) else DispenserState.OK


def position_status(not_empty: bool) -> PositionStatus:
    """What a sensor says about a place."""
    return PositionStatus.NOT_EMPTY if not_empty else PositionStatus.EMPTY


def _is_error(frame: bytes, message: object) -> bool:
    """Whether a message is only the error byte that a command can get instead of its answer."""
    return isinstance(message, lcdm2000.PlainReply | lcdm4000.PlainReply) and message.command == frame[3]


def _is_static(event: object) -> bool:
    """FF and 00 bytes, which idle lines bring forth."""
    return isinstance(event, Noise) and not event.raw.strip(b"\x00\xff")
