"""Sankyo ICT3Q8: one command at a time on the line, and DLE EOT to stop what runs too long.

The rules of the file:
- The frame of a motion leaves once. When its reply stays away, DLE EOT makes the reader neutral, so that it can be
  asked where the card is: that is the caller's next question.
- DLE EOT also follows any other command that was not answered: what the reader might still say is then never said, and
  can't be taken for the answer to a later command.
- A line that was just opened begins with DLE EOT: the reader may still be executing what was begun before.
- A command that waits for a person gives way to any other command, and to nobody but its own check after a while.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from drivers.exchange import Exchange, ExchangeFailed
from drivers.interfaces import DeviceError
from drivers.link import Link
from drivers.sankyo_ict3q8_errors import device_error, not_answered
from drivers.sankyo_ict3q8_options import SankyoIct3q8Options
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """A command that waits for a person was stopped; `cause` is empty when nothing was wrong with it."""

    cause: str = ""


Answer: TypeAlias = Reply | Lost


class SankyoLine:
    """Commands to one reader."""

    def __init__(self, link: Link, options: SankyoIct3q8Options) -> None:
        self._exchange: Exchange[Message] = Exchange(link, Decoder(scan), options.handshake)
        self._options = options
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._free_at = 0.0
        self._opened = False

    async def ask(self, command: Command) -> Reply:
        """A command that can be sent again without harm. Raises DeviceError when it is not answered."""
        async with self._my_turn():
            try:
                return await self._request(command, self._options.reply_timeout)
            except ExchangeFailed as error:
                with suppress(ConnectionError):
                    await to_the_end(self._clear_line())
                raise not_answered(command.mnemonic, str(error)) from error
            except ConnectionError as error:
                raise not_answered(command.mnemonic, str(error)) from error

    async def do(self, command: Command) -> PositiveReply:
        """As `ask`; a negative reply raises DeviceError too."""
        return self.positive(await self.ask(command))

    async def once(self, command: Command, timeout: float) -> Answer:
        """A command that must not be sent twice; runs to its end even if the caller is cancelled."""
        return await to_the_end(self._once(command, timeout))

    async def waiting(self, command: Command, timeout: float) -> Reply | Stopped:
        """A command that waits for a person, at most `timeout`; sent once. Cancelling stops it on the reader too.

        Stopped as well when another command wants the line, or when the reader does not take it. Raises DeviceError
        when the line is down.
        """
        async with self._my_turn():
            work = asyncio.ensure_future(self._request(command, None, attempts=1))
            wanted = asyncio.ensure_future(self._wanted.wait())
            try:
                await asyncio.wait((work, wanted), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    return work.result()
            except ExchangeFailed as failure:
                await self._stop(work)
                return Stopped(f"{command.mnemonic}: {failure}")
            except ConnectionError as error:
                raise not_answered(command.mnemonic, str(error)) from error
            except BaseException:
                await to_the_end(self._stop(work))
                raise
            finally:
                wanted.cancel()
            await to_the_end(self._stop(work))
            return Stopped()

    def positive(self, reply: Reply) -> PositiveReply:
        """The reply, if it is a good one. Raises DeviceError."""
        if isinstance(reply, NegativeReply):
            raise self.error(reply)
        return reply

    def error(self, reply: NegativeReply) -> DeviceError:
        """What a negative reply says, in this dialect."""
        return device_error(reply, self._options.dialect)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        self._waiting += 1
        self._wanted.set()
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._wanted.clear()
        try:
            yield
        finally:
            self._turn.release()

    async def _once(self, command: Command, timeout: float) -> Answer:
        async with self._my_turn():
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

    async def _request(
        self, command: Command, timeout: float | None, *, motion: bool = False, attempts: int | None = None
    ) -> Reply:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._free_at - loop.time()))
        try:
            if not self._opened:
                await self._clear_line()
                self._opened = True
            reply = await self._exchange.request(
                encode(command),
                lambda message: answers(command, message),
                timeout=timeout,
                motion=motion,
                attempts=attempts,
            )
        except ConnectionError:
            self._opened = False
            raise
        finally:
            self._free_at = loop.time() + BETWEEN_COMMANDS
        assert isinstance(reply, PositiveReply | NegativeReply), "answers() accepts nothing else"
        return reply

    async def _stop(self, work: asyncio.Future[Reply]) -> None:
        """No longer listen for the reply, and stop the reader."""
        work.cancel()
        with suppress(asyncio.CancelledError, ExchangeFailed, ConnectionError):
            await work
        with suppress(ConnectionError):
            await self._clear_line()

    async def _clear_line(self) -> None:
        """Stop what the reader does. Without an answer the next command will show what is the matter."""
        for _ in range(CANCEL_ATTEMPTS):
            await self._exchange.send(CLEAR_LINE)
            with suppress(TimeoutError):
                async with asyncio.timeout(CANCEL_ANSWER):
                    while not isinstance(await self._exchange.receive(None), ClearLine):
                        pass
                    return


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
