"""A simulated device behind a TCP port, as behind a serial device server."""

import asyncio

from simulators.world.line import BITS_PER_BYTE, PIECE, Inbox, Outbox

BACKLOG = 65536
"""Bytes a client may leave unread; what comes after them is lost."""


class TcpEnd(Inbox):
    """The device's end of a TCP port; a client connects to `url`.

    It serves one client at a time (a second one is turned away) and outlives them. Bytes sent while nobody is connected
    are lost, as on a serial line. Make it with `tcp_line`.
    """

    def __init__(self, baud: int | None, bits_per_byte: int) -> None:
        super().__init__()
        self._outbox = Outbox(self._leave, baud, bits_per_byte, PIECE)
        self._server: asyncio.Server | None = None
        self._client: asyncio.Transport | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self.host = ""
        self.port = 0

    @property
    def url(self) -> str:
        """What a terminal opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"socket://{host}:{self.port}"

    async def deserted(self) -> None:
        """Wait until no client is there: the next one will be taken."""
        await self._empty.wait()

    async def listen(self, host: str, port: int) -> None:
        """Take clients from now on; port 0 finds a free one."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Client(self), host, port)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    async def send(self, data: bytes) -> None:
        """Queue bytes; they leave at the line's pace."""
        if self._down:
            raise ConnectionResetError("the line is down")
        self._outbox.put(data)

    def close(self) -> None:
        """Take the device off: clients are cut off and none is taken any more."""
        self.hang_up()
        if self._server is not None:
            self._server.close()
        if self._client is not None:
            self._client.abort()

    def welcome(self, client: asyncio.Transport) -> bool:
        """A client called; False turns it away."""
        if self._down or self._client is not None:
            return False
        self._client = client
        self._empty.clear()
        return True

    def left(self, client: asyncio.Transport) -> None:
        """A client is gone."""
        if self._client is client:
            self._client = None
            self._empty.set()

    def _leave(self, data: bytes) -> None:
        if self._client is not None and self._client.get_write_buffer_size() < BACKLOG:
            self._client.write(data)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, end: TcpEnd) -> None:
        self._end = end
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._end.welcome(transport):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._end.arrive(data)

    def connection_lost(self, _: Exception | None) -> None:
        if self._transport is not None:
            self._end.left(self._transport)


async def tcp_line(
    host: str = "127.0.0.1", port: int = 0, *, baud: int | None = None, bits_per_byte: int = BITS_PER_BYTE
) -> TcpEnd:
    """A TCP port for one device. Needs a loop in real time."""
    end = TcpEnd(baud, bits_per_byte)
    await end.listen(host, port)
    return end
