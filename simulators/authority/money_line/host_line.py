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
from protocol.money_line import ResponseCode as Code
from protocol.wire import Damaged, Decoder, Event, Noise
from simulators.authority.money_line.line_limits import REFUSALS, Connections, LineLimits, Pace
from simulators.world.line import LineEnd

TOLD = 3
"""So many pieces of each connection that are no message are told in the log."""

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
    """Serves connections; `handle` answers a message, `note_damage` hears of bytes that were none.

    `refuse` answers a message of a terminal that is not the one its connection was opened for.
    """

    def __init__(
        self,
        handle: Answers,
        note_damage: Callable[[str], None],
        faults: LineFaults | None = None,
        refuse: Callable[[Message], Message | None] = lambda _: None,
        limits: LineLimits = LineLimits(),  # noqa: B008  # frozen
    ) -> None:
        self.faults = faults or LineFaults()
        self._handle = handle
        self._note_damage = note_damage
        self._refuse = refuse
        self._limits = limits
        self._connections = Connections(limits)

    async def serve(self, line: LineEnd, terminal: str | None = None) -> None:
        """Answer on one connection until it is down, or costs more than it may.

        `terminal` is the one whose certificate opened it; on a line without certificates every message says its own.
        """
        if not self._connections.admit(line, line.close):
            _log.warning("a connection was refused: there are %d", len(self._connections))
            line.close()
            return
        late: list[asyncio.Task[None]] = []
        try:
            await self._converse(line, terminal, late)
        except ConnectionError:
            return
        finally:
            self._connections.leave(line)
            for task in late:
                task.cancel()
            line.close()

    async def _converse(self, line: LineEnd, terminal: str | None, late: list[asyncio.Task[None]]) -> None:
        limits, clock, events = self._limits, asyncio.get_running_loop().time, decoder()
        pace = Pace(limits, clock)
        garbage = refusals = notes = 0
        silent_until, whole_by = clock() + limits.first, 0.0
        while garbage < limits.garbage and refusals < limits.refusals:
            began = events.pending
            found = await self._heard(line, events, silent_until, whole_by)
            if events.pending and not began:
                whole_by = clock() + limits.message
            for event in found:
                if isinstance(event, Noise | Damaged):
                    if garbage < limits.garbage and notes < limits.notes:
                        self._note_damage(event.reason)
                    if notes < TOLD:
                        _log.warning("what came was no message and is not answered: %s", event.reason)
                    garbage += len(event.raw)
                    notes += 1
                else:
                    garbage, silent_until, whole_by = 0, clock() + limits.idle, clock() + limits.message
                    await pace.take()
                    code = await self._answer(line, event, terminal, late)
                    refusals = refusals + 1 if code in REFUSALS else 0
        _log.warning("a connection was ended: %d bytes that were no message, %d refusals", garbage, refusals)

    async def _heard(
        self, line: LineEnd, events: Decoder[Message], silent_until: float, whole_by: float
    ) -> list[Event[Message]]:
        """The next events. Raises ConnectionError, also for a connection that has said nothing for too long."""
        clock = asyncio.get_running_loop().time
        until = min(clock() + self._limits.gap, whole_by) if events.pending else silent_until
        try:
            async with asyncio.timeout_at(min(until, silent_until)):
                return events.feed(await line.receive())
        except TimeoutError:
            if clock() >= silent_until:
                raise ConnectionAbortedError("no message for too long") from None
            return events.give_up()

    async def serve_tcp(self, host: str, port: int, tls: SSLContext | None = None) -> asyncio.Server:
        """Listen; every connection is served until it is down or the server is closed.

        Where `tls` asks for certificates, the common name of a terminal's certificate is its id.
        """

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.CancelledError):  # asyncio would print it when the loop ends
                await self.serve(_StreamEnd(reader, writer, self._limits.sending), _certified(writer))

        timeout = self._limits.handshake if tls is not None else None
        return await asyncio.start_server(connected, host, port, ssl=tls, ssl_handshake_timeout=timeout)

    async def _answer(
        self, line: LineEnd, message: Message, terminal: str | None, late: list[asyncio.Task[None]]
    ) -> str | None:
        """Answer a message; the code that was sent."""
        named = message.fields.get(41, "")
        name = named.rstrip(" ") if isinstance(named, str) else ""
        if terminal is not None and name != terminal:
            if (refusal := self._refuse(message)) is not None:
                await line.send(encode(refusal))
            return Code.NO_SUCH_TERMINAL
        kind = message_class(message)
        if kind is not None and _used_up(self.faults.silent_on, kind):
            return None
        try:
            answer = self._handle(message)
            reply = await answer if isawaitable(answer) else answer
        except SQLAlchemyError as error:
            # Nothing was posted. Silence is the honest answer: the terminal reverses.
            _log.error("%s was not answered: the database failed (%s)", message.mti, type(error).__name__)
            return None
        if reply is None or (kind is not None and _used_up(self.faults.lose_reply_on, kind)):
            return None
        delay = self.faults.late_reply.pop(kind, None) if kind is not None else None
        code = reply.text(39)
        if code not in REFUSALS:
            self._connections.belongs_to(line, name)
        if delay is None:
            await line.send(encode(reply))
        else:
            late.append(asyncio.ensure_future(_send_later(line, encode(reply), delay)))
        return code


def _certified(writer: asyncio.StreamWriter) -> str | None:
    """The common name of the certificate that opened a connection; None where none was asked for."""
    certificate = writer.get_extra_info("peercert")
    if not certificate:
        return None
    names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    return names[0] if names else ""


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

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float = 10.0) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience

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
            async with asyncio.timeout(self._patience):
                await self._writer.drain()
        except OSError as error:  # whoever does not take his replies is a TimeoutError, which is one too
            self._writer.transport.abort()
            raise ConnectionResetError(f"the connection broke: {error}") from error

    def close(self) -> None:
        self._writer.close()
