"""The TCP connection to the host: TLS 1.2 or later with a pinned certificate authority, or plain for a bench."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field

from drivers.link import LinkDown
from terminal.config import HostConfig, TlsConfig

_CHUNK = 4096

_CERTIFICATE_HINT = (
    "; so does a host that does not accept host.tls.certificate: is it there, of this terminal, "
    "signed by the host's authority, and not expired?"
)
"""TLS 1.3 tells a client after its handshake that the server does not want it, and asyncio tells nobody."""


@dataclass(frozen=True, slots=True)
class HostLink:
    """A `drivers.link.Link` over a TCP or TLS stream."""

    name: str
    _reader: asyncio.StreamReader = field(repr=False)
    _writer: asyncio.StreamWriter = field(repr=False)
    _hint: str = field(default="", repr=False)

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes; nothing once `deadline` is over. Raises LinkDown."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                return await self._read()
        return b""

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Hand all bytes to the connection. Raises LinkDown, TimeoutError."""
        async with asyncio.timeout_at(deadline):
            await self._write(data)

    def close(self) -> None:
        """Close it; a waiting `receive` ends."""
        with suppress(OSError, RuntimeError):
            self._writer.close()

    async def _read(self) -> bytes:
        try:
            data = await self._reader.read(_CHUNK)
        except OSError as error:
            raise LinkDown(f"{self.name}: {error}{self._hint}") from error
        if not data:
            raise LinkDown(f"{self.name}: the host closed the connection{self._hint}")
        return data

    async def _write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise LinkDown(f"{self.name}: the connection is closed")
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise LinkDown(f"{self.name}: {error}") from error


async def open_host_link(host: HostConfig) -> HostLink:
    """Connect to the host of a kiosk.toml. Raises LinkDown with what helps; never falls back from TLS to plain."""
    name, port = host.address
    try:
        context = tls_context(host.tls) if host.tls else None
        server_name = (host.tls.server_name or name) if host.tls else None
        reader, writer = await asyncio.open_connection(name, port, ssl=context, server_hostname=server_name)
    except ssl.SSLCertVerificationError as error:
        raise LinkDown(f"{host.url}: the host's certificate is refused: {error.verify_message}") from error
    except OSError as error:
        raise LinkDown(f"{host.url}: {error}") from error
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return HostLink(host.url, reader, writer, _CERTIFICATE_HINT if host.tls else "")


def tls_context(tls: TlsConfig) -> ssl.SSLContext:
    """Only the configured authority is believed. Raises LinkDown for files that can't be used."""
    try:
        context = ssl.create_default_context(cafile=str(tls.ca))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:
        raise LinkDown(f"TLS: {tls.ca} or the certificate of this kiosk can't be used: {error}") from error
    return context
