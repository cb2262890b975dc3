"""A serial line between a terminal and a simulated device: in memory, on a pty, or on TCP."""

import asyncio
from typing import Protocol


class LineEnd(Protocol):
    """One end of a line, as a device sees it. The terminal's links have the same shape."""

    async def receive(self) -> bytes:
        """Wait for bytes and return all that have come; ConnectionError when the line is down."""

    async def send(self, data: bytes) -> None:
        """Put bytes on the line, in order; ConnectionError when it is down."""

    def close(self) -> None:
        """Take this end off the line."""


class MemoryEnd:
    """One end of a line in memory; make a pair with `memory_line`."""

    def __init__(self, seconds_per_byte: float) -> None:
        self._seconds_per_byte = seconds_per_byte
        self._peer: MemoryEnd | None = None
        self._arrived = b""
        self._down = False
        self._waiter: asyncio.Future[None] | None = None
        self._free_at = 0.0

    async def receive(self) -> bytes:
        """Wait for bytes and return all that have come."""
        while not self._arrived:
            if self._down:
                raise ConnectionResetError("the line is down")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data, self._arrived = self._arrived, b""
        return data

    async def send(self, data: bytes) -> None:
        """Queue bytes; they arrive together once the last one has had its time on the line."""
        if self._down or self._peer is None:
            raise ConnectionResetError("the line is down")
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + len(data) * self._seconds_per_byte
        loop.call_at(self._free_at, self._peer.arrive, data)

    def close(self) -> None:
        """Both ends are down from now on; bytes that have arrived can still be read."""
        for end in (self, self._peer):
            if end is not None:
                end._down = True
                end._wake()

    def join(self, peer: "MemoryEnd") -> None:
        """Lay the line from this end to `peer`."""
        self._peer = peer

    def arrive(self, data: bytes) -> None:
        """Bytes reach this end."""
        self._arrived += data
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def memory_line(baud: int | None = None, bits_per_byte: int = 10) -> tuple[MemoryEnd, MemoryEnd]:
    """A line in memory: (terminal's end, device's end). `baud` None delivers at once."""
    seconds_per_byte = bits_per_byte / baud if baud else 0.0
    terminal, device = MemoryEnd(seconds_per_byte), MemoryEnd(seconds_per_byte)
    terminal.join(device)
    device.join(terminal)
    return terminal, device
