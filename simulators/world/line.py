"""A serial line between a terminal and a simulated device, in memory; `pty_line` and `tcp_line` lead outside."""

import asyncio
from collections.abc import Callable
from typing import Protocol

BITS_PER_BYTE = 10
"""Start bit, eight data bits, stop bit; a parity bit makes eleven."""

PIECE = 0.005
"""Seconds of line time in one piece on a pty or TCP port: a client sees messages come in fragments."""


class LineEnd(Protocol):
    """One end of a line, as a device sees it. The terminal's links have the same shape."""

    async def receive(self) -> bytes:
        """Wait for bytes and return all that have come; ConnectionError when the line is down."""

    async def send(self, data: bytes) -> None:
        """Put bytes on the line, in order; ConnectionError when it is down."""

    def close(self) -> None:
        """Take this end off the line."""


class PassingEnd(LineEnd, Protocol):
    """An end that need not keep what arrives."""

    def pass_on(self, heard: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        """Call `heard` with what arrives, instead of keeping it for `receive`, and `lost` when the line is down."""


class Inbox:
    """Bytes that have arrived at one end and wait to be read, by one reader."""

    def __init__(self) -> None:
        self._arrived = b""
        self._down = False
        self._waiter: asyncio.Future[bool] | None = None
        self._heard: Callable[[bytes], None] | None = None
        self._lost: Callable[[], None] | None = None

    @property
    def down(self) -> bool:
        """The line was closed; what has arrived can still be read."""
        return self._down

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return all that have come; cancelling the wait loses nothing.

        With a `deadline` (a time of the loop's clock) nothing is returned once it is over.
        """
        loop = asyncio.get_running_loop()
        in_time = deadline is None or deadline > loop.time()
        while not self._arrived:
            if self._down:
                raise ConnectionResetError("the line is down")
            if not in_time:
                return b""
            assert self._waiter is None or self._waiter.done(), "two readers at one end of a line"
            self._waiter = loop.create_future()
            timer = None if deadline is None else loop.call_at(deadline, self._wake, False)
            try:
                in_time = await self._waiter
            finally:
                if timer is not None:
                    timer.cancel()
        data, self._arrived = self._arrived, b""
        return data

    def pass_on(self, heard: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        """Keep nothing for a reader: `heard` gets what has arrived and what arrives, `lost` that the line is down."""
        self._heard, self._lost = heard, lost
        if self._arrived:
            data, self._arrived = self._arrived, b""
            heard(data)
        if self._down:
            lost()

    def arrive(self, data: bytes) -> None:
        """Bytes reach this end."""
        if self._heard is not None:
            self._heard(data)
            return
        self._arrived += data
        self._wake(True)

    def hang_up(self) -> None:
        """The line is down from now on."""
        self._down = True
        if self._lost is not None:
            self._lost()
        self._wake(True)

    def _wake(self, in_time: bool) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(in_time)


class Outbox:
    """Bytes on their way out: in order, one after the other, each taking its time on the line.

    Without `baud` they leave at once. `piece` (seconds of line time) cuts what is sent into pieces that leave as they
    are through; None keeps the bytes of one `put` together, and they leave once the last is through.
    """

    def __init__(
        self,
        leave: Callable[[bytes], None],
        baud: int | None,
        bits_per_byte: int = BITS_PER_BYTE,
        piece: float | None = None,
    ) -> None:
        self._leave = leave
        self._seconds_per_byte = bits_per_byte / baud if baud else 0.0
        self._step = max(1, round(piece / self._seconds_per_byte)) if piece and baud else 0
        self._free_at = 0.0
        self._queue: list[bytes] = []

    def put(self, data: bytes) -> None:
        """Let `data` follow what is already on its way."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(data), self._step or len(data) or 1):
            piece = data[start : start + self._step] if self._step else data
            self._free_at = max(self._free_at, loop.time()) + len(piece) * self._seconds_per_byte
            # Timers of the same instant fire in no particular order, so a timer only says "the next piece".
            self._queue.append(piece)
            loop.call_at(self._free_at, self._next)

    def _next(self) -> None:
        self._leave(self._queue.pop(0))


class MemoryEnd(Inbox):
    """One end of a line in memory; make a pair with `memory_line`."""

    def __init__(self, baud: int | None, bits_per_byte: int) -> None:
        super().__init__()
        self._outbox = Outbox(self._deliver, baud, bits_per_byte)
        self._peer: MemoryEnd | None = None

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Queue bytes, at once; they arrive together once the last one has had its time on the line."""
        if self._down or self._peer is None:
            raise ConnectionResetError("the line is down")
        self._outbox.put(data)

    def close(self) -> None:
        """Both ends are down from now on; bytes that have arrived can still be read."""
        for end in (self, self._peer):
            if end is not None:
                end.hang_up()

    def join(self, peer: "MemoryEnd") -> None:
        """Lay the line from this end to `peer`."""
        self._peer = peer

    def _deliver(self, data: bytes) -> None:
        if self._peer is not None and not self._peer.down:
            self._peer.arrive(data)


def memory_line(baud: int | None = None, bits_per_byte: int = BITS_PER_BYTE) -> tuple[MemoryEnd, MemoryEnd]:
    """A line in memory: (terminal's end, device's end). `baud` None delivers at once."""
    terminal, device = MemoryEnd(baud, bits_per_byte), MemoryEnd(baud, bits_per_byte)
    terminal.join(device)
    device.join(terminal)
    return terminal, device
