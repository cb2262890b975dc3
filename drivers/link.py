"""An async byte link to one device, over any pySerial URL."""

from typing import Protocol


class LinkDown(ConnectionError):
    """The port is gone: unplugged, closed by the other side, or never there."""


class Link(Protocol):
    """One end of a byte line. Simulated lines have the same shape, so tests can hand one in."""

    async def receive(self) -> bytes:
        """Wait for bytes and return all that have come (at least one).

        Cancelling the wait loses nothing. Raises ConnectionError when the line is down.
        """

    async def send(self, data: bytes) -> None:
        """Hand all bytes to the line, in order. Raises ConnectionError when the line is down."""

    def close(self) -> None:
        """Release the port; a waiting `receive` ends with ConnectionError."""
