"""Sankyo ICT3Q8: one command at a time on the line, and DLE EOT to stop what runs too long.

The frame of a motion leaves once. When its reply stays away, DLE EOT makes the reader neutral, so that it can be asked
where the card is: that is the caller's next question.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from drivers.exchange import Exchange, ExchangeFailed, Handshake
from drivers.link import Link
from drivers.sankyo_ict3q8_errors import device_error, not_answered
from protocol.sankyo_ict3q8 import (
    CLEAR_LINE,
    ClearLine,
    Command,
    Message,
    NegativeReply,
    PositiveReply,
    Reply,
    answers,
    encode,
    scan,
)
from protocol.wire import Decoder

T = TypeVar("T")

CANCEL_ANSWER = 0.3
CANCEL_ATTEMPTS = 3
BETWEEN_COMMANDS = 0.005


@dataclass(frozen=True, slots=True)
class Lost:
    """No reply came to a motion; `refused`: the reader certainly did not take the command."""

    cause: str
    refused: bool


Answer: TypeAlias = Reply | Lost


class SankyoLine:
    """Commands to one reader."""

    def __init__(self, link: Link, handshake: Handshake, reply_timeout: float) -> None:
        self._exchange: Exchange[Message] = Exchange(link, Decoder(scan), handshake)
        self._reply_timeout = reply_timeout
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    async def ask(self, command: Command) -> Reply:
        """A command that can be sent again without harm. Raises DeviceError when it is not answered."""
        async with self._turn:
            return await self._told(command, self._reply_timeout, motion=False)

    async def do(self, command: Command) -> PositiveReply:
        """As `ask`; a negative reply raises DeviceError too."""
        return positive(await self.ask(command))

    async def once(self, command: Command, timeout: float) -> Answer:
        """A command that must not be sent twice; runs to its end even if the caller is cancelled."""
        return await to_the_end(self._once(command, timeout))

    async def interruptible(self, command: Command, timeout: float) -> Reply:
        """A command that waits for a person: cancelling the caller stops it on the reader. Raises DeviceError."""
        async with self._turn:
            try:
                return await self._told(command, timeout, motion=True)
            except BaseException:
                with suppress(ConnectionError):
                    await to_the_end(self._clear_line())
                raise

    async def _once(self, command: Command, timeout: float) -> Answer:
        async with self._turn:
            try:
                return await self._request(command, timeout, motion=True)
            except ExchangeFailed as failure:
                if not failure.may_have_run:
                    return Lost(f"{command.mnemonic}: {failure}", refused=True)
                with suppress(ConnectionError):
                    await self._clear_line()
                return Lost(f"{command.mnemonic}: {failure}", refused=False)
            except ConnectionError as error:
                return Lost(f"{command.mnemonic}: {error}", refused=False)

    async def _told(self, command: Command, timeout: float, *, motion: bool) -> Reply:
        try:
            return await self._request(command, timeout, motion=motion)
        except (ExchangeFailed, ConnectionError) as error:
            raise not_answered(command.mnemonic, str(error)) from error

    async def _request(self, command: Command, timeout: float, *, motion: bool) -> Reply:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._free_at - loop.time()))
        try:
            reply = await self._exchange.request(
                encode(command), lambda message: answers(command, message), timeout=timeout, motion=motion
            )
        finally:
            self._free_at = loop.time() + BETWEEN_COMMANDS
        assert isinstance(reply, PositiveReply | NegativeReply), "answers() accepts nothing else"
        return reply

    async def _clear_line(self) -> None:
        """Stop what the reader does. Without an answer the next command will show what is the matter."""
        for _ in range(CANCEL_ATTEMPTS):
            await self._exchange.send(CLEAR_LINE)
            with suppress(TimeoutError):
                async with asyncio.timeout(CANCEL_ANSWER):
                    while not isinstance(await self._exchange.receive(None), ClearLine):
                        pass
                    return


def positive(reply: Reply) -> PositiveReply:
    """The reply, if it is a good one. Raises DeviceError."""
    if isinstance(reply, NegativeReply):
        raise device_error(reply)
    return reply


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Finish `work` even when the caller is cancelled meanwhile; the cancellation comes through afterwards."""
    task = asyncio.get_running_loop().create_task(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation
    return task.result()
