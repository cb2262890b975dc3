"""The money line's wire side: bytes from terminals to messages and back, and what scenarios let go wrong on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from ssl import SSLContext
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from protocol.money_line import Message, MoneyMessage, decoder, encode, message_class
from protocol.wire import Damaged, Noise
from simulators.world.line import LineEnd

GAP = 5.0
"""Seconds after which the beginning of a message that does not go on is noise."""

PATIENCE = 8192
"""So many bytes with no message in them end a connection: their every piece costs time and a durable record."""

_CHUNK = 4096
"""Bytes read at once, two messages: what is no message is looked at byte by byte while every other line waits."""

_log = logging.getLogger(__name__)

MessageKind: TypeAlias = type[MoneyMessage]

Answers: TypeAlias = Callable[[Message], Message | Awaitable[Message | None] | None]
"""Answers a message, at once or when it is settled together with others."""


@dataclass(slots=True)
class LineFaults:
    """What goes wrong with the next messages, by the kind of request. Entries are used up and disappear.

    `silent_on`: so many requests are swallowed. `lose_reply_on`: so many are carried out and their reply is lost.
    `late_reply`: the next reply leaves after so many seconds.
    """

    silent_on: dict[MessageKind, int] = field(default_factory=dict)
    lose_reply_on: dict[MessageKind, int] = field(default_factory=dict)
    late_reply: dict[MessageKind, float] = field(default_factory=dict)


class HostLine:
    """Serves connections; `handle` answers a message, `note_damage` hears of bytes that were none."""

    def __init__(self, handle: Answers, note_damage: Callable[[str], None], faults: LineFaults | None = None) -> None:
        self.faults = faults or LineFaults()
        self._handle = handle
        self._note_damage = note_damage

    async def serve(self, line: LineEnd) -> None:
        """Answer on one connection until it is down."""
        events = decoder()
        late: list[asyncio.Task[None]] = []
        damaged = 0
        try:
            while damaged < PATIENCE:
                try:
                    async with asyncio.timeout(GAP if events.pending else None):
                        data = await line.receive()
                    found = events.feed(data)
                except TimeoutError:
                    found = events.give_up()
                for event in found:
                    if isinstance(event, Noise | Damaged):
                        if damaged < PATIENCE:
                            self._note_damage(event.reason)
                        damaged += len(event.raw)
                    else:
                        damaged = 0
                        await self._answer(line, event, late)
        except ConnectionError:
            return
        finally:
            for task in late:
                task.cancel()
            line.close()

    async def serve_tcp(self, host: str, port: int, tls: SSLContext | None = None) -> asyncio.Server:
        """Listen; every connection is served until it is down or the server is closed."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.CancelledError):  # asyncio would print it when the loop ends
                await self.serve(_StreamEnd(reader, writer))

        return await asyncio.start_server(connected, host, port, ssl=tls)

    async def _answer(self, line: LineEnd, message: Message, late: list[asyncio.Task[None]]) -> None:
        kind = message_class(message)
        if kind is not None and _used_up(self.faults.silent_on, kind):
            return
        try:
            answer = self._handle(message)
            reply = await answer if isawaitable(answer) else answer
        except SQLAlchemyError as error:
            # Nothing was posted. Silence is the honest answer: the terminal reverses.
            _log.error("%s was not answered: the database failed (%s)", message.mti, type(error).__name__)
            return
        if reply is None or (kind is not None and _used_up(self.faults.lose_reply_on, kind)):
            return
        delay = self.faults.late_reply.pop(kind, None) if kind is not None else None
        if delay is None:
            await line.send(encode(reply))
        else:
            late.append(asyncio.ensure_future(_send_later(line, encode(reply), delay)))


def _used_up(times: dict[MessageKind, int], kind: MessageKind) -> bool:
    """Does the fault strike now? Counts down."""
    left = times.get(kind, 0)
    if left <= 1:
        times.pop(kind, None)
    else:
        times[kind] = left - 1
    return left > 0


async def _send_later(line: LineEnd, data: bytes, delay: float) -> None:
    await asyncio.sleep(delay)
    try:
        await line.send(data)
    except ConnectionError:
        return  # nobody waits for it any more


class _StreamEnd:
    """A TCP connection in the shape of a line's end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes:
        try:
            data = await self._reader.read(_CHUNK)
        except OSError as error:  # a TimeoutError too, which here is the network's and never ends
            raise ConnectionResetError(f"the connection broke: {error}") from error
        if not data:
            raise ConnectionResetError("the terminal closed the connection")
        return data

    async def send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise ConnectionResetError(f"the connection broke: {error}") from error

    def close(self) -> None:
        self._writer.close()
