"""A link that opens at the first byte to send, and again after the port was gone."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from drivers.link import Link
from drivers.transports import is_over


class ReopeningLink:
    """Whoever uses it sees a port that is down as ConnectionError, once; the next send opens it again."""

    def __init__(self, open_port: Callable[[], Awaitable[Link]]) -> None:
        self._open_port = open_port
        self._link: Link | None = None
        self._opened = asyncio.Event()

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes, nothing once `deadline` is over; from a port that is not open yet none come.

        Raises ConnectionError.
        """
        while self._link is None:
            if is_over(deadline):
                return b""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._opened.wait()
        link = self._link
        try:
            return await link.receive(deadline)
        except ConnectionError:
            self._lose(link)
            raise

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Send bytes, opening the port where needed. Raises ConnectionError, TimeoutError."""
        if self._link is None:
            async with asyncio.timeout_at(deadline):
                self._link = await self._open_port()
            self._opened.set()
        link = self._link
        try:
            await link.send(data, deadline)
        except ConnectionError:
            self._lose(link)
            raise

    def close(self) -> None:
        """Release the port."""
        if self._link is not None:
            self._lose(self._link)

    def _lose(self, link: Link) -> None:
        link.close()
        if self._link is link:
            self._link = None
            self._opened.clear()
