"""Exchanges on the symmetric line of the Fujitsu F53 and F56: who has a text to send asks with ENQ first.

    host ENQ -> ACK -> host text -> ACK ... work ... device ENQ -> ACK -> device text -> ACK

There are no sequence numbers and no command that repeats the last response. So the rules of the file are:
- The text of a motion leaves once. Until the ACK to its ENQ nothing has left, and only that is tried again.
- A response counts when the device offered it (ENQ) after our text left. What is heard before is acknowledged, so that
  the device is free, and handed to `aside`: a late answer never answers a later command.
- After an exchange that did not run smoothly the line must be silent for one timer before the next one.
- No wait is without limit, and a device that never stops talking ends the exchange.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from drivers.exchange import ExchangeFailed, NoReply, NotAcknowledged
from drivers.link import Link
from protocol.fujitsu_f56 import device_decoder, encode
from protocol.fujitsu_f56_frame import ACK, ENQ, NAK, TEXT_START
from protocol.fujitsu_f56_messages import Message, Reply, Request
from protocol.wire import Control, Damaged, Event, Noise


@dataclass(frozen=True, slots=True)
class LineTimers:
    """Time limits in seconds. `wait` is that of both sides; `slack` is how much longer we wait than the device does.

    `gap` is the longest silence inside a text, `quiet` the silence after which a damaged text is over. `write` limits
    how long a port may refuse to take bytes, `babble` how long silence is waited for in vain.
    """

    wait: float = 5.0
    slack: float = 0.5
    attempts: int = 3
    gap: float = 0.5
    quiet: float = 0.1
    write: float = 5.0
    babble: float = 20.0


class NothingSent(ExchangeFailed):
    """The device did not let us send, or the line was down: the command never left."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause, may_have_run=False)


class F56Line:
    """Commands to one dispenser, one at a time; every failure is an ExchangeFailed."""

    def __init__(self, link: Link, timers: LineTimers) -> None:
        self._link = link
        self._timers = timers
        self._decoder = device_decoder()
        self._events: list[Event[Message]] = []
        self._turn = asyncio.Lock()
        self._settled = True

    async def request(
        self,
        command: Request,
        is_reply: Callable[[Reply], bool],
        *,
        timeout: float,
        motion: bool = False,
        aside: Callable[[Event[Message]], None] = lambda _: None,
    ) -> Reply:
        """Send `command` and return the response for which `is_reply` holds, at most `timeout` seconds after its ACK.

        Raises NothingSent, NotAcknowledged (`may_have_run` False: a NAK, and after that of a motion nothing), NoReply.
        """
        async with self._turn:
            talk = _Talk(aside)
            await self._opened(talk)
            try:
                refused = await self._sent(encode(command), talk, motion=motion)
                reply = await self._response(is_reply, timeout, talk)
            except ConnectionError as down:
                self._forget()
                raise NoReply(f"the line went down: {down}", may_have_run=True) from down
            if reply is not None:
                self._settled = talk.smooth
                return reply
            if not talk.acknowledged and refused and not talk.disturbed:
                raise NotAcknowledged("the device refused the text with NAK", may_have_run=False)
            kind = NoReply if talk.acknowledged else NotAcknowledged
            raise kind(f"no response within {timeout} s", may_have_run=True)

    async def tell(self, command: Request) -> None:
        """Send a command that has no response. Raises NothingSent, NotAcknowledged, NoReply."""
        async with self._turn:
            talk = _Talk(lambda _: None)
            await self._opened(talk)
            try:
                await self._sent(encode(command), talk, motion=False)
            except ConnectionError as down:
                self._forget()
                raise NoReply(f"the line went down: {down}", may_have_run=True) from down

    # The steps

    async def _opened(self, talk: "_Talk") -> None:
        """Settle the line and get the device's ACK to our ENQ. Raises NothingSent."""
        try:
            await self._settle(talk)
            self._settled = False
            for attempt in range(self._timers.attempts):
                talk.smooth = talk.smooth and attempt == 0
                await self._put(ENQ.raw)
                event = await self._until(lambda event: not isinstance(event, Noise), self._timers.wait, talk)
                if event == ACK:
                    if not talk.smooth:
                        await self._rest(talk)  # an ACK to an earlier ENQ may follow, and is none to our text
                    return
                if event is not None and not isinstance(event, Control):
                    # A response whose ACK was lost, sent again: taken now, or the device hears no ENQ.
                    await self._stale(event, talk)
                # After an ENQ of the device ours is sent again: the host wins.
                talk.smooth = False
                talk.disturbed = talk.disturbed or event == ENQ
        except ConnectionError as down:
            self._forget()
            raise NothingSent(f"the line is down: {down}") from down
        raise NothingSent("the device does not answer ENQ")

    async def _sent(self, text: bytes, talk: "_Talk", *, motion: bool) -> bool:
        """Send until acknowledged, a motion once; True when the device said NAK at last.

        Raises NotAcknowledged for what is no motion.
        """
        refused = False
        for attempt in range(1 if motion else self._timers.attempts):
            talk.smooth = talk.smooth and attempt == 0
            await self._put(text)
            event = await self._until(lambda event: isinstance(event, Control), self._timers.wait, talk)
            refused = event == NAK
            if event == ENQ:  # our ACK got lost, and the response is ready
                self._events.insert(0, ENQ)
            if event in (ACK, ENQ):
                talk.acknowledged = True
                return False
            talk.smooth = False
        if motion:
            return refused
        raise NotAcknowledged(
            "the device refused the text with NAK" if refused else "no acknowledgement came", may_have_run=not refused
        )

    async def _response(self, is_reply: Callable[[Reply], bool], timeout: float, talk: "_Talk") -> Reply | None:
        """Wait for the device's ENQ and take its text, until the response is there."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (left := deadline - loop.time()) > 0:
            if await self._until(lambda event: event == ENQ, left, talk) is None:
                return None
            talk.disturbed = True  # who has a response took the command, whatever its NAK said
            text = await self._offered(talk)
            if text is not None and not isinstance(text, Control) and is_reply(text):  # type: ignore[arg-type]
                return text  # type: ignore[return-value]
            talk.smooth = False
            if text is not None:
                talk.tell(text)
        return None

    async def _offered(self, talk: "_Talk") -> Message | None:
        """The text that follows an ENQ of the device, acknowledged; None when none comes that can be read."""
        timers = self._timers
        await self._put(ACK.raw)
        for _ in range(timers.attempts):
            # A text that was lost whole is sent again after the device's own wait.
            event = await self._until(
                lambda event: event == ENQ or not isinstance(event, Control | Noise),
                timers.wait * timers.attempts + timers.slack,
                talk,
            )
            match event:
                case None:
                    return None
                case Control():
                    talk.smooth = False
                    await self._put(ACK.raw)
                case Damaged():
                    talk.smooth = False
                    talk.tell(event)
                    await self._rest(talk)
                    await self._put(NAK.raw)
                case _:
                    with suppress(ConnectionError):  # what was heard outweighs the line: it may tell what was paid
                        await self._put(ACK.raw)
                    return event  # type: ignore[return-value]
        return None

    async def _settle(self, talk: "_Talk") -> None:
        """What was heard before a command can't be the answer to it; after a disturbance, wait for silence first."""
        deadline = asyncio.get_running_loop().time() + self._timers.babble
        while asyncio.get_running_loop().time() < deadline:
            event = await self._within(0.0 if self._settled else self._timers.wait + self._timers.slack)
            if event is None:
                return
            self._settled = False
            if event == ENQ:
                late = await self._offered(talk)
                if late is not None:
                    talk.tell(late)
            else:
                await self._stale(event, talk)
        raise NothingSent("the device never stops sending, so nothing was sent to it")

    async def _stale(self, event: Event[Message], talk: "_Talk") -> None:
        talk.tell(event)
        await asyncio.sleep(0)
        if not isinstance(event, Control | Noise | Damaged):
            await self._put(ACK.raw)

    async def _rest(self, talk: "_Talk") -> None:
        """Let debris pass until the line is quiet."""
        deadline = asyncio.get_running_loop().time() + self._timers.babble
        while (event := await self._within(self._timers.quiet)) is not None:
            talk.tell(event)
            await asyncio.sleep(0)
            if asyncio.get_running_loop().time() >= deadline:
                raise ConnectionError("the device never stops sending")

    # Events

    async def _within(self, silence: float) -> Event[Message] | None:
        """The next event, or None after a silence; a text that has begun by then is waited for."""
        event = await self._next(_after(silence))
        return await self._next() if event is None and self._decoder.pending else event

    async def _until(
        self, wanted: Callable[[Event[Message]], bool], timeout: float, talk: "_Talk"
    ) -> Event[Message] | None:
        deadline = _after(timeout)
        while (event := await self._next(deadline)) is not None:
            if wanted(event):
                return event
            talk.tell(event)
            await asyncio.sleep(0)  # a device that babbles faster than we listen may not stop the time
            if deadline <= asyncio.get_running_loop().time():
                return None
        return None

    async def _next(self, deadline: float = inf) -> Event[Message] | None:
        """The next event, of those that have come together or from the line; None once `deadline` is over."""
        while not self._events:
            limit = min(deadline, _after(self._timers.gap)) if self._decoder.pending else deadline
            if data := await self._link.receive(None if limit == inf else limit):
                self._events += self._decoder.feed(data)
            elif limit == deadline:
                return None
            else:
                self._events.append(self._broken_off())
        return self._events.pop(0)

    def _broken_off(self) -> Event[Message]:
        """A text that stopped is forgotten as a whole: control pairs may stand in its data."""
        pending, self._decoder = self._decoder.pending, device_decoder()
        if pending.startswith(TEXT_START):
            return Damaged(pending, "the text broke off")
        return Noise(pending, "not a whole message")

    def _forget(self) -> None:
        """Nothing heard on a line that went down counts on the next one."""
        self._decoder = device_decoder()
        self._events.clear()
        self._settled = False

    async def _put(self, data: bytes) -> None:
        try:
            await self._link.send(data, _after(self._timers.write))
        except TimeoutError:
            raise ConnectionError(f"the port took no bytes for {self._timers.write} s") from None


@dataclass(slots=True)
class _Talk:
    """One command and what has become of it; `disturbed`: something was heard that is not of this exchange."""

    aside: Callable[[Event[Message]], None]
    acknowledged: bool = False
    smooth: bool = True
    disturbed: bool = False

    def tell(self, event: Event[Message]) -> None:
        self.disturbed = True
        self.aside(event)


def _after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
