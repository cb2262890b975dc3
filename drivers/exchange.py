"""The half-duplex exchange engine: command, ACK, reply, ACK - with retries that never repeat a motion.

The engine knows bytes, time limits and the four control codes; what a frame means is the driver's business. A protocol
without acknowledgements (SZZT ZT598) uses the same engine with `acknowledged=False`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.link import Link
from protocol.wire import ACK, NAK, Control, ControlCode, Damaged, Decoder, Event, Noise, Received

M = TypeVar("M", bound=Received)


@dataclass(frozen=True, slots=True)
class Handshake:
    """Time limits (seconds) and habits of one protocol.

    `ack` is waited for at most `attempts` times; `gap` is the longest silence inside a message; `quiet` the silence
    after which a damaged reply is over and may be asked for again, at most `renewals` times.
    """

    ack: float = 0.3
    attempts: int = 3
    gap: float = 0.25
    quiet: float = 0.03
    renewals: int = 3
    acknowledged: bool = True
    acknowledge_reply: bool = True
    closing_eot: float | None = None


class ExchangeFailed(Exception):
    """No reply came. `may_have_run` tells whether the device can have acted on the command."""

    def __init__(self, cause: str, *, may_have_run: bool) -> None:
        super().__init__(cause)
        self.may_have_run = may_have_run


class NotAcknowledged(ExchangeFailed):
    """The device refused the frame (NAK), or nothing was heard after the command."""


class NoReply(ExchangeFailed):
    """The device took the command, and its reply was lost, late or damaged."""


class Exchange(Generic[M]):
    """Commands and replies on one link, one at a time."""

    def __init__(self, link: Link, decoder: Decoder[M], handshake: Handshake) -> None:
        self._link = link
        self._decoder = decoder
        self._handshake = handshake
        self._events: list[Event[M]] = []
        self._turn = asyncio.Lock()

    async def request(
        self,
        frame: bytes,
        is_reply: Callable[[M], bool],
        *,
        timeout: float | None,
        motion: bool = False,
        aside: Callable[[Event[M]], None] = lambda _: None,
    ) -> M:
        """Send `frame` and return the reply for which `is_reply` holds.

        `timeout` is the time from the ACK to the reply, None for no limit. A frame of a `motion` leaves once: neither
        a NAK nor silence sends it again. Everything heard that is not the reply goes to `aside`. Raises
        NotAcknowledged, NoReply, ConnectionError.
        """
        async with self._turn:
            await self._drop_stale(aside)
            reply = await self._delivered(frame, is_reply, timeout, motion, aside)
            if reply is None:
                reply = await self._reply(is_reply, timeout, aside)
            if self._handshake.acknowledge_reply:
                await self._link.send(ACK.raw)
            if self._handshake.closing_eot is not None:
                await self._closing_eot(self._handshake.closing_eot, aside)
            return reply

    async def send(self, data: bytes) -> None:
        """Put bytes on the line outside any exchange (a cancel, a NAK that asks for the last reply again)."""
        await self._link.send(data)

    async def receive(self, timeout: float | None) -> Event[M] | None:
        """The next event on the line, or None after `timeout` seconds; for what comes outside an exchange."""
        try:
            async with asyncio.timeout(timeout):
                return await self._next()
        except TimeoutError:
            return None

    async def _delivered(
        self,
        frame: bytes,
        is_reply: Callable[[M], bool],
        timeout: float | None,
        motion: bool,
        aside: Callable[[Event[M]], None],
    ) -> M | None:
        """Send until acknowledged. Returns the reply itself if it comes before, or instead of, the ACK."""
        if not self._handshake.acknowledged:
            await self._link.send(frame)
            return None
        refused = 0
        for _ in range(1 if motion else self._handshake.attempts):
            await self._link.send(frame)
            # After a motion's frame, silence may be a lost ACK: then only the reply itself can tell.
            event = await self._until(
                lambda event: _is_control(event, ControlCode.ACK, ControlCode.NAK) or _is_match(event, is_reply),
                self._handshake.ack if not motion else timeout,
                aside,
            )
            match event:
                case Control(ControlCode.ACK):
                    return None
                case Control(ControlCode.NAK):
                    refused += 1
                case None:
                    pass
                case _:
                    return event  # type: ignore[return-value]  # _is_match
        if refused:
            raise NotAcknowledged(f"the device refused the frame with NAK {refused} times", may_have_run=False)
        raise NotAcknowledged("no acknowledgement came", may_have_run=True)

    async def _reply(
        self, is_reply: Callable[[M], bool], timeout: float | None, aside: Callable[[Event[M]], None]
    ) -> M:
        renewals = 0
        while True:
            event = await self._until(
                lambda event: isinstance(event, Damaged) or _is_match(event, is_reply), timeout, aside
            )
            if event is None:
                raise NoReply(f"no reply within {timeout} s", may_have_run=True)
            if not isinstance(event, Damaged):
                return event  # type: ignore[return-value]  # _is_match
            aside(event)
            if not self._handshake.acknowledge_reply or renewals == self._handshake.renewals:
                raise NoReply(f"the reply was damaged: {event.reason}", may_have_run=True)
            renewals += 1
            while (leftover := await self.receive(self._handshake.quiet)) is not None:
                if _is_match(leftover, is_reply):
                    return leftover  # type: ignore[return-value]
                aside(leftover)
            await self._link.send(NAK.raw)

    async def _closing_eot(self, timeout: float, aside: Callable[[Event[M]], None]) -> None:
        """The device frees the line with EOT; when it is lost, time frees it."""
        await self._until(lambda event: _is_control(event, ControlCode.EOT), timeout, aside)

    async def _until(
        self, wanted: Callable[[Event[M]], bool], timeout: float | None, aside: Callable[[Event[M]], None]
    ) -> Event[M] | None:
        try:
            async with asyncio.timeout(timeout):
                while not wanted(event := await self._next()):
                    aside(event)
                return event
        except TimeoutError:
            return None

    async def _next(self) -> Event[M]:
        while not self._events:
            try:
                async with asyncio.timeout(self._handshake.gap if self._decoder.pending else None):
                    data = await self._link.receive()
            except TimeoutError:
                self._events += self._decoder.give_up()
            else:
                self._events += self._decoder.feed(data)
        return self._events.pop(0)

    async def _drop_stale(self, aside: Callable[[Event[M]], None]) -> None:
        """What was heard before a command can't be the answer to it."""
        while (stale := await self.receive(0)) is not None:
            aside(stale)
        for left in self._decoder.give_up():
            aside(left)


def _is_control(event: object, *codes: ControlCode) -> bool:
    return isinstance(event, Control) and event.code in codes


def _is_match(event: object, is_reply: Callable[[M], bool]) -> bool:
    return not isinstance(event, Control | Noise | Damaged) and is_reply(event)  # type: ignore[arg-type]
