"""The reader's side of the Sankyo line: gaps inside frames, DLE EOT during execution, and mishaps for tests."""

import asyncio
from enum import StrEnum
from typing import TypeAlias, TypeVar

from protocol.sankyo_ict3q8 import CLEAR_LINE, STX, Message, scan
from protocol.wire import Damaged, Decoder, Noise
from simulators.world.line import LineEnd

T = TypeVar("T")
Heard: TypeAlias = Message | Noise | Damaged


class Mishap(StrEnum):
    """What can go wrong with one handshake. The command is executed unless it was not heard or refused."""

    SILENT = "the command is not heard"
    NAK = "the command is refused with NAK"
    NO_ACK = "the ACK is lost"
    LOSE_REPLY = "the reply is lost"
    DAMAGE_REPLY = "the reply is damaged once"
    GAP_IN_REPLY = "the reply stops for longer than 250 ms"


class ReaderLine:
    """What the reader hears and says on one line."""

    def __init__(self, line: LineEnd, gap: float) -> None:
        self._line = line
        self._gap = gap
        self._decoder: Decoder[Message] = Decoder(scan)
        self._events: list[Heard] = []

    async def next(self, timeout: float | None) -> Heard | None:
        """The next event, None after `timeout` seconds. A gap inside a frame makes a damaged one."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        while not self._events:
            in_frame = bool(self._decoder.pending)
            try:
                async with asyncio.timeout_at(loop.time() + self._gap if in_frame else deadline):
                    self._events += self._decoder.feed(await self._line.receive())
            except TimeoutError:
                if not in_frame:
                    return None
                self._events += self._broken_off()
        return self._events.pop(0)

    async def stopped_by_dle_eot(self, work: asyncio.Future[T], *, deaf: bool = False) -> bool:
        """Wait until `work` is done, deaf for everything but DLE EOT; True when that came first.

        A reader that is `deaf` does not hear that either.
        """
        heard = b"".join(event.raw for event in self._events) + self._decoder.pending
        self._events.clear()
        self._decoder = Decoder(scan)
        if CLEAR_LINE in heard and not deaf:
            return True
        heard = heard[-1:]
        while not work.done():
            listening = asyncio.ensure_future(self._line.receive())
            try:
                await asyncio.wait((work, listening), return_when=asyncio.FIRST_COMPLETED)
            finally:
                listening.cancel()
            if listening.done() and not listening.cancelled():
                heard += listening.result()
                if CLEAR_LINE in heard and not deaf and not work.done():
                    return True
                heard = heard[-1:]
        return False

    async def send(self, data: bytes) -> None:
        """Put bytes on the line."""
        await self._line.send(data)

    async def send_reply(self, reply: bytes, mishap: Mishap | None) -> None:
        """Put a reply on the line, as a mishap will have it."""
        match mishap:
            case Mishap.DAMAGE_REPLY:
                await self._line.send(reply[:-1] + bytes((reply[-1] ^ 0x01,)))
            case Mishap.GAP_IN_REPLY:
                await self._line.send(reply[:4])
                await asyncio.sleep(self._gap * 2)
                await self._line.send(reply[4:])
            case _:
                await self._line.send(reply)

    def _broken_off(self) -> list[Heard]:
        """A frame that stopped is forgotten as a whole."""
        pending, self._decoder = self._decoder.pending, Decoder(scan)
        if pending[0] == STX:
            return [Damaged(pending, "a gap inside a frame")]
        return [Noise(pending, "not a whole message")]
