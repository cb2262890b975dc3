"""The dispenser's side of the Fujitsu line: whoever has a text asks with ENQ first, and the host wins.

A command that was acknowledged is carried out once for each time it came: there are no sequence numbers, nothing
tells a repetition. While something moves the device hears nothing.
"""

import asyncio
from collections.abc import Awaitable
from enum import StrEnum
from typing import TypeVar

from protocol.fujitsu_f56 import host_decoder
from protocol.fujitsu_f56_frame import ACK, ENQ, NAK, STX
from protocol.fujitsu_f56_messages import Message
from protocol.wire import Control, Damaged, Event, Noise
from simulators.world.line import LineEnd

T = TypeVar("T")

ATTEMPTS = 3
_GAP = 0.5
_QUIET = 0.05


class Delivery(StrEnum):
    """What became of a response."""

    TAKEN = "taken"
    GIVEN_UP = "given up"
    HOST_WINS = "the host had something to say"


class DispenserLine:
    """What the dispenser hears and says on one line; `wait` is the longest wait for the other side, in seconds."""

    def __init__(self, line: LineEnd, wait: float) -> None:
        self._line = line
        self._wait = wait
        self._decoder = host_decoder()
        self._events: list[Event[Message]] = []

    async def command(self) -> Message:
        """Wait for the host's next command and acknowledge it."""
        while True:
            if await self._next(None) == ENQ and (message := await self._text()) is not None:
                return message

    async def respond(self, text: bytes) -> Delivery:
        """Offer a response, and hand it over when the host takes it."""
        offered = await self._hand_over(ENQ.raw)
        return offered if offered is not Delivery.TAKEN else await self._hand_over(text)

    async def deaf_during(self, work: Awaitable[T]) -> T:
        """Do `work`; whatever is said meanwhile is lost, and a line that goes down stops nothing."""
        lost = asyncio.ensure_future(self._lose())
        try:
            return await work
        finally:
            lost.cancel()
            self._decoder = host_decoder()
            self._events.clear()

    async def _hand_over(self, data: bytes) -> Delivery:
        for _ in range(ATTEMPTS):
            await self._line.send(data)
            heard = await self._control()
            if heard == ACK:
                return Delivery.TAKEN
            if heard == ENQ:
                self._events.insert(0, ENQ)
                return Delivery.HOST_WINS
        return Delivery.GIVEN_UP

    async def _text(self) -> Message | None:
        """The text that follows an ENQ; None when none comes."""
        await self._line.send(ACK.raw)
        for _ in range(ATTEMPTS):
            event = await self._next(self._wait)
            while isinstance(event, Noise) or event == ENQ:
                if event == ENQ:  # our ACK was lost
                    await self._line.send(ACK.raw)
                event = await self._next(self._wait)
            if event is None or isinstance(event, Control):
                return None
            if not isinstance(event, Damaged):
                await self._line.send(ACK.raw)
                return event
            while await self._next(_QUIET) is not None:
                pass
            await self._line.send(NAK.raw)
        return None

    async def _control(self) -> Control | None:
        """ACK, NAK or ENQ of the host; None after a wait in which nothing but noise came."""
        try:
            async with asyncio.timeout(self._wait):
                while not isinstance(event := await self._next(None), Control):
                    pass
                return event
        except TimeoutError:
            return None

    async def _next(self, timeout: float | None) -> Event[Message] | None:
        """The next event, or None after `timeout` seconds. A text that breaks off is damaged as a whole."""
        try:
            async with asyncio.timeout(timeout):
                while not self._events:
                    try:
                        async with asyncio.timeout(_GAP if self._decoder.pending else None):
                            self._events += self._decoder.feed(await self._line.receive())
                    except TimeoutError:
                        self._events.append(self._broken_off())
                return self._events.pop(0)
        except TimeoutError:
            return None

    def _broken_off(self) -> Damaged | Noise:
        pending, self._decoder = self._decoder.pending, host_decoder()
        if pending[1:2] == bytes((STX,)):
            return Damaged(pending, "the text broke off")
        return Noise(pending, "not a whole message")

    async def _lose(self) -> None:
        try:
            while True:
                await self._line.receive()
        except ConnectionError:
            return
