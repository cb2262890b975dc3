"""The half-duplex exchange engine: command, ACK, reply, ACK - with retries that never repeat a motion.

The engine knows bytes, time limits and the four control codes; what a frame means is the driver's business. A protocol
without acknowledgements (SZZT ZT598) uses the same engine with `acknowledged=False`.

The rules of the file:
- The frame of a motion leaves once, whatever is heard or not heard afterwards.
- A reply that was damaged or broken off is asked for again with NAK; the command is not.
- A reply that was heard is returned, even if the line goes down while it is acknowledged.
- After an exchange that did not run smoothly the line must be silent before the next command: a late ACK, NAK or reply
  is never taken for the answer to another command.
- Only `timeout=None` waits without limit. A device that never stops talking ends the exchange.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.link import Link
from protocol.wire import ACK, NAK, Control, ControlCode, Damaged, Decoder, Event, Noise, Received

M = TypeVar("M", bound=Received)


@dataclass(frozen=True, slots=True)
class Handshake:
    """Time limits (seconds) and habits of one protocol.

    `ack` is waited for at most `attempts` times; it is also the silence that settles a disturbed line. `gap` is the
    longest silence inside a message; `quiet` the silence after which a damaged reply is over and may be asked for
    again, at most `renewals` times, each time with at least `renewal` seconds to come. `write` limits how long a port
    may refuse to take a frame, `babble` how long silence is waited for in vain.
    """

    ack: float = 0.3
    attempts: int = 3
    gap: float = 0.25
    quiet: float = 0.03
    renewals: int = 3
    renewal: float = 2.0
    write: float = 5.0
    babble: float = 5.0
    acknowledged: bool = True
    acknowledge_reply: bool = True
    closing_eot: float | None = None


class ExchangeFailed(Exception):
    """No reply came. `may_have_run` tells whether the device can have acted on the command."""

    def __init__(self, cause: str, *, may_have_run: bool) -> None:
        super().__init__(cause)
        self.may_have_run = may_have_run


class NotAcknowledged(ExchangeFailed):
    """The device refused the frame (NAK), or no ACK was heard after the command."""


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
        self._settled = True

    async def request(
        self,
        frame: bytes,
        is_reply: Callable[[M], bool],
        *,
        timeout: float | None,
        motion: bool = False,
        attempts: int | None = None,
        aside: Callable[[Event[M]], None] = lambda _: None,
    ) -> M:
        """Send `frame` and return the reply for which `is_reply` holds.

        `timeout` is the time from the ACK to the reply, None for no limit. A frame of a `motion` leaves once: neither
        a NAK nor silence sends it again. `attempts` replaces that of the handshake; a frame that may leave once but is
        no motion gives up when no ACK comes in time. Everything heard that is not the reply goes to `aside`. Raises
        NotAcknowledged, NoReply, ConnectionError.
        """
        async with self._turn:
            await self._settle(aside)
            self._settled = False
            talk = _Talk(is_reply, timeout, motion, 1 if motion else attempts or self._handshake.attempts, aside)
            reply = await self._delivered(frame, talk)
            if reply is None:
                reply = await self._reply(talk)
            with contextlib.suppress(ConnectionError):  # the reply outweighs the line: it may tell what was paid
                await self._finish(talk)
            self._settled = talk.smooth
            return reply

    async def send(self, data: bytes) -> None:
        """Put bytes on the line outside any exchange (a cancel, a NAK that asks for the last reply again)."""
        await self._link.send(data)

    async def receive(self, timeout: float | None) -> Event[M] | None:
        """The next event on the line, or None after `timeout` seconds; never beside a running exchange."""
        return await self._next(_after(timeout))

    async def _delivered(self, frame: bytes, talk: "_Talk[M]") -> M | None:
        """Send until acknowledged. Returns the reply itself if it comes before, or instead of, the ACK."""
        if not self._handshake.acknowledged:
            await self._put(frame)
            talk.acknowledged = True
            return None
        silent = False
        for attempt in range(talk.attempts):
            talk.smooth = attempt == 0
            await self._put(frame)
            # After a motion's frame, silence may be a lost ACK: then only the reply itself can tell.
            wait = talk.timeout if talk.motion else self._handshake.ack
            event = await self._until(talk.ends_the_sending, _after(wait), talk)
            if _is_control(event, ControlCode.NAK):
                event = await self._contradiction(talk)
                if event is None:
                    continue
            match event:
                case Control():
                    talk.acknowledged = True
                    return None
                case Damaged():
                    self._events.insert(0, event)
                    return None
                case None:
                    silent = True
                case _:
                    return event  # type: ignore[return-value]  # the reply
        if silent:
            raise NotAcknowledged("no acknowledgement came", may_have_run=True)
        raise NotAcknowledged("the device refused the frame with NAK", may_have_run=False)

    async def _contradiction(self, talk: "_Talk[M]") -> Event[M] | None:
        """After the NAK to a motion: an ACK or a reply that comes nevertheless. A NAK can be line noise."""
        if not talk.motion:
            return None
        return await self._until(
            lambda event: _is_control(event, ControlCode.ACK) or talk.is_match(event), _after(self._handshake.ack), talk
        )

    async def _reply(self, talk: "_Talk[M]") -> M:
        deadline = _after(talk.timeout)
        for renewal in range(self._handshake.renewals + 1):
            event = await self._until(lambda event: isinstance(event, Damaged) or talk.is_match(event), deadline, talk)
            if event is None:
                raise talk.failure(f"no reply within {talk.timeout} s")
            if not isinstance(event, Damaged):
                return event  # type: ignore[return-value]  # the reply
            talk.smooth = False
            talk.aside(event)
            if not self._handshake.acknowledge_reply or renewal == self._handshake.renewals:
                raise talk.failure(f"the reply was damaged: {event.reason}")
            if (reply := await self._rest(talk)) is not None:
                return reply
            await self._put(NAK.raw)
            if deadline is not None:
                deadline = max(deadline, asyncio.get_running_loop().time() + self._handshake.renewal)
        raise AssertionError("the last renewal returns or raises")

    async def _rest(self, talk: "_Talk[M]") -> M | None:
        """What follows a damaged reply, until the line is quiet: for the most part debris, or the reply after all."""
        deadline = asyncio.get_running_loop().time() + self._handshake.babble
        while (event := await self._within(self._handshake.quiet)) is not None:
            if talk.is_match(event):
                return event  # type: ignore[return-value]  # the reply
            await _told(event, talk.aside)
            if asyncio.get_running_loop().time() >= deadline:
                raise talk.failure("the device never stops sending")
        return None

    async def _finish(self, talk: "_Talk[M]") -> None:
        """Acknowledge the reply; with a closing EOT, until the device frees the line or time does."""
        if not self._handshake.acknowledge_reply:
            return
        await self._put(ACK.raw)
        for _ in range(self._handshake.renewals + 1):
            if self._handshake.closing_eot is None:
                return
            event = await self._until(
                lambda event: _is_control(event, ControlCode.EOT) or talk.is_match(event),
                _after(self._handshake.closing_eot),
                talk,
            )
            if event is None or isinstance(event, Control):
                return
            talk.smooth = False  # the same reply once more: the device did not hear the ACK
            await self._put(ACK.raw)

    async def _settle(self, aside: Callable[[Event[M]], None]) -> None:
        """What was heard before a command can't be the answer to it; after a disturbance, wait for silence first."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._handshake.babble
        while (stale := await self._within(0 if self._settled else self._handshake.ack)) is not None:
            await _told(stale, aside)
            if self._handshake.acknowledge_reply and not isinstance(stale, Control | Noise | Damaged):
                await self._put(ACK.raw)  # a reply that is still offered keeps the device from hearing a command
                self._settled = False
            if loop.time() >= deadline:
                raise NotAcknowledged("the device never stops sending, so nothing was sent to it", may_have_run=False)

    async def _within(self, silence: float) -> Event[M] | None:
        """The next event, or None after a silence; bytes that are no message by then are noise and come first."""
        event = await self._next(_after(silence))
        if event is None and self._decoder.pending:
            self._events += self._decoder.give_up()
            return self._events.pop(0)
        return event

    async def _until(
        self, wanted: Callable[[Event[M]], bool], deadline: float | None, talk: "_Talk[M]"
    ) -> Event[M] | None:
        while (event := await self._next(deadline)) is not None:
            if wanted(event):
                return event
            await _told(event, talk.aside)
            if deadline is not None and deadline <= asyncio.get_running_loop().time():
                return None
        return None

    async def _next(self, deadline: float | None) -> Event[M] | None:
        """The next event, of those that have come together or from the line; None once `deadline` is over."""
        while not self._events:
            limit = deadline
            if self._decoder.pending:
                gap = asyncio.get_running_loop().time() + self._handshake.gap
                limit = gap if deadline is None else min(gap, deadline)
            if data := await self._link.receive(limit):
                self._events += self._decoder.feed(data)
            elif limit == deadline:
                return None
            else:
                self._events += _broken_off(self._decoder.give_up())
        return self._events.pop(0)

    async def _put(self, data: bytes) -> None:
        try:
            await self._link.send(data, _after(self._handshake.write))
        except TimeoutError:
            raise ConnectionError(f"the port took no bytes for {self._handshake.write} s") from None


@dataclass(slots=True)
class _Talk(Generic[M]):
    """One command and what has become of it."""

    is_reply: Callable[[M], bool]
    timeout: float | None
    motion: bool
    attempts: int
    aside: Callable[[Event[M]], None]
    acknowledged: bool = False
    smooth: bool = True

    def is_match(self, event: Event[M] | None) -> bool:
        return not isinstance(event, Control | Noise | Damaged | None) and self.is_reply(event)

    def ends_the_sending(self, event: Event[M]) -> bool:
        """ACK, NAK, the reply itself; for a motion also a damaged reply, since it is not sent again."""
        return (
            _is_control(event, ControlCode.ACK, ControlCode.NAK)
            or (self.motion and isinstance(event, Damaged))
            or self.is_match(event)
        )

    def failure(self, cause: str) -> ExchangeFailed:
        """An answer without ACK proves nothing about which command it belongs to."""
        kind = NoReply if self.acknowledged else NotAcknowledged
        return kind(cause, may_have_run=True)


def _after(seconds: float | None) -> float | None:
    return None if seconds is None else asyncio.get_running_loop().time() + seconds


async def _told(event: Event[M], aside: Callable[[Event[M]], None]) -> None:
    """Hands an event over and lets others run: a device that babbles faster than we listen may not stop the time."""
    aside(event)
    await asyncio.sleep(0)


def _is_control(event: object, *codes: ControlCode) -> bool:
    return isinstance(event, Control) and event.code in codes


def _broken_off(given_up: list[Event[M]]) -> list[Event[M]]:
    """A message whose end never came is as good a reason for a NAK as a damaged one."""
    return [Damaged(event.raw, event.reason) if isinstance(event, Noise) else event for event in given_up]
