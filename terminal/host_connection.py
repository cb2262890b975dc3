"""One conversation at a time with the host: connect, send a frame, wait for the one message that answers it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from drivers.link import Link
from protocol.money_line import Message, decoder
from protocol.wire import Damaged, Event, Noise


class NotSent(ConnectionError):
    """The host can't be reached; not a byte has left."""


class NoReply(ConnectionError):
    """The frame has left, or part of it, and no answer came."""


class HostConnection:
    """A connection that is opened when needed and given up when it fails or stays silent `patience` times in a row.

    One that was not used for `idle` is renewed: a network or a host may have forgotten it without a word.

    `overheard` hears every message, or piece of one, that answered nothing, with the reason. Times are seconds.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Link]],
        overheard: Callable[[Event[Message], str], None],
        *,
        connect_timeout: float,
        reply_timeout: float,
        patience: int,
        idle: float = 600.0,
    ) -> None:
        self._connect = connect
        self._overheard = overheard
        self._connect_timeout = connect_timeout
        self._reply_timeout = reply_timeout
        self._patience = patience
        self._idle = idle
        self._used = 0.0
        self._link: Link | None = None
        self._decoder = decoder()
        self._events: list[Event[Message]] = []
        self._silences = 0

    async def open(self) -> None:
        """Have a connection. Raises NotSent."""
        now = asyncio.get_running_loop().time()
        if self._link is not None and now - self._used > self._idle:
            self.close()
        self._used = now
        if self._link is not None:
            return
        try:
            async with asyncio.timeout(self._connect_timeout):
                self._link = await self._connect()
        except TimeoutError:
            raise NotSent(f"no connection to the host within {self._connect_timeout} s") from None
        except OSError as error:
            raise NotSent(f"no connection to the host: {error}") from error
        self._decoder, self._events, self._silences = decoder(), [], 0

    async def converse(self, frame: bytes, objection: Callable[[Message], str]) -> Message:
        """Send a frame on the open connection; the first message to which there is no `objection`. Raises NoReply."""
        assert self._link is not None, "open() comes first"
        try:
            await self._link.send(frame)
            async with asyncio.timeout(self._reply_timeout):
                answer = await self._answer(self._link, objection)
        except TimeoutError:
            self._silences += 1
            if self._silences >= self._patience:
                self.close()
            raise NoReply(f"no answer within {self._reply_timeout} s") from None
        except OSError as error:
            self.close()
            raise NoReply(f"the connection broke: {error}") from error
        self._silences = 0
        return answer

    def close(self) -> None:
        """Give the connection up; the next `open` makes a new one."""
        if self._link is not None:
            with suppress(OSError):
                self._link.close()
            self._link = None

    async def _answer(self, link: Link, objection: Callable[[Message], str]) -> Message:
        while True:
            while self._events:
                event = self._events.pop(0)
                match event:
                    case Noise(_, reason) | Damaged(_, reason):
                        self._overheard(event, reason)
                    case Message():
                        if not (reason := objection(event)):
                            return event
                        self._overheard(event, reason)
            self._events += self._decoder.feed(await link.receive())
