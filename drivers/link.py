"""An async byte link to one device, over any pySerial URL."""

import asyncio
import contextlib
import errno
import os
import socket
import stat
import termios
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from drivers.rfc2217 import Rfc2217Port
from drivers.transports import DescriptorTransport, LinkDown, ThreadTransport

__all__ = ["LineSettings", "Link", "LinkDown", "Parity", "Port", "PortUnavailable", "open_link"]

CONNECT_LIMIT = 10.0
"""Seconds for a TCP connection to a device server."""

RELEASE_LIMIT = 10.0
"""Seconds that an RFC 2217 server may take to notice that its last client has left."""

RELEASE_PAUSE = 0.2
"""Seconds between attempts while it does."""

READ_SLICE = 0.1
"""Seconds after which the thread of a port without a descriptor looks whether it should end."""


class Link(Protocol):
    """One end of a byte line. Simulated lines have the same shape, so tests can hand one in.

    A `deadline` is a time of the loop's clock; None waits without limit.
    """

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return all that have come; nothing only if none came up to `deadline`.

        With a deadline that is over it never waits. Cancelling the wait loses nothing. Raises ConnectionError when the
        line is down.
        """

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Hand all bytes to the line, in order.

        Raises ConnectionError when the line is down, TimeoutError when it has not taken them all up to `deadline`.
        """

    def close(self) -> None:
        """Release the port; a waiting `receive` ends with ConnectionError."""


class Parity(StrEnum):
    """Parity bit, in pySerial's letters."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What a device's manual says about its serial line."""

    baud: int = 9600
    parity: Parity = Parity.NONE
    bytesize: int = 8
    stopbits: int = 1
    rtscts: bool = False

    def __str__(self) -> str:
        return f"{self.baud} {self.bytesize}{self.parity}{self.stopbits}{' RTS/CTS' if self.rtscts else ''}"


class PortUnavailable(LinkDown):
    """A port that can't be opened: which, why, and what helps."""

    def __init__(self, url: str, settings: LineSettings, cause: str, remedy: str) -> None:
        super().__init__(f"can't open {url} ({settings}): {cause}. {remedy}")
        self.url = url
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Port:
    """An open link; `settings` are those asked for (a pty or a socket has none of its own)."""

    url: str
    settings: LineSettings
    _transport: Link = field(repr=False)

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return what has come; nothing once `deadline` is over. Raises LinkDown."""
        return await self._transport.receive(deadline)

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Hand all bytes to the port. Raises LinkDown, TimeoutError."""
        await self._transport.send(data, deadline)

    def close(self) -> None:
        """Release the port."""
        self._transport.close()


async def open_link(url: str, settings: LineSettings) -> Port:
    """Open a device path, `socket://host:port`, or any other URL that pySerial knows. Raises PortUnavailable."""
    if url.startswith("socket://"):
        return Port(url, settings, await _connect(url, settings))
    port = _unopened(url, settings)
    if isinstance(port, Rfc2217Port):
        await _opened_remotely(port, url, settings)
        return Port(url, settings, ThreadTransport(port, url))
    if type(port) is not serial.Serial:
        await _opened(port, url, settings)
        return Port(url, settings, ThreadTransport(port, url))
    port.exclusive = True
    try:
        await _opened(port, url, settings)
    except PortUnavailable:
        if not _is_pty(port.port):
            raise
        _make_plain(port)
        await _opened(port, url, settings)
    _tell_silence_from_loss(port.fileno())
    return Port(url, settings, DescriptorTransport(port.fileno(), url, port.close))


def _unopened(url: str, settings: LineSettings) -> serial.SerialBase:
    """The port object is made first and opened in a thread: an RFC 2217 server may take seconds to answer."""
    try:
        if url.startswith("rfc2217://"):
            port = Rfc2217Port()
            port.port = url
            port.from_url(url)
        else:
            port = serial.serial_for_url(url, do_not_open=True)
        port.baudrate = settings.baud
        port.parity = settings.parity.value
        port.bytesize = settings.bytesize
        port.stopbits = settings.stopbits
        port.rtscts = settings.rtscts
        port.timeout = READ_SLICE
    except TypeError as error:  # pySerial on a URL without a port
        raise PortUnavailable(url, settings, "host or port is missing", "Write it as rfc2217://host:port.") from error
    except (ValueError, serial.SerialException) as error:
        raise PortUnavailable(url, settings, str(error), "Give a device path or a pySerial URL.") from error
    return port


async def _opened_remotely(port: Rfc2217Port, url: str, settings: LineSettings) -> None:
    """A server that hangs up may not have noticed yet that its last client has left."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RELEASE_LIMIT
    while True:
        try:
            return await _opened(port, url, settings)
        except PortUnavailable as error:
            if not isinstance(error.__cause__, ConnectionError):
                raise
            if loop.time() >= deadline:
                raise PortUnavailable(
                    url,
                    settings,
                    f"the device server hung up ({error.cause})",
                    "Another program may use this line: end it, or look into the server's configuration.",
                ) from error
        await asyncio.sleep(RELEASE_PAUSE)


async def _opened(port: serial.SerialBase, url: str, settings: LineSettings) -> None:
    try:
        await asyncio.to_thread(port.open)
    except (OSError, ValueError, termios.error) as error:
        raise PortUnavailable(url, settings, *_reason(error)) from error


def _is_pty(path: str) -> bool:
    """Linux gives the terminal ends of ptys the major numbers 136 to 143."""
    with contextlib.suppress(OSError):
        status = os.stat(path)  # noqa: PTH116  # a device number, not a path question
        return stat.S_ISCHR(status.st_mode) and 136 <= os.major(status.st_rdev) <= 143
    return False


def _make_plain(port: serial.Serial) -> None:
    """A pty has no parity, no other size and no handshake lines, and some C libraries refuse to be asked for them."""
    port.close()
    port.parity = serial.PARITY_NONE
    port.bytesize = serial.EIGHTBITS
    port.stopbits = serial.STOPBITS_ONE
    port.rtscts = False


def _tell_silence_from_loss(descriptor: int) -> None:
    """With VMIN 0, as pySerial leaves it, an empty read means both; with 1 it means that the port is gone."""
    attributes = termios.tcgetattr(descriptor)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _reason(error: Exception) -> tuple[str, str]:
    number = getattr(error, "errno", None)
    match number:
        case errno.ENOENT | errno.ENXIO | errno.ENODEV:
            found = ", ".join(sorted(port.device for port in list_ports.comports())) or "none"
            return "there is no such port", f"Check cable and power; serial ports found here: {found}."
        case errno.EACCES | errno.EPERM:
            return (
                "permission denied",
                "Add this user to the group that owns the port (often dialout), then log in again.",
            )
        case errno.EBUSY | errno.EAGAIN:
            return "another program uses it", "Stop that program (fuser shows which), or give this device another port."
        case _:
            return str(error) or type(error).__name__, "Check that the port is a serial line and knows these settings."


async def _connect(url: str, settings: LineSettings) -> DescriptorTransport:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise PortUnavailable(url, settings, "host or port is missing", "Write it as socket://host:port.")
    try:
        async with asyncio.timeout(CONNECT_LIMIT):
            connection = await _first_answering(host, port)
    except TimeoutError as error:
        raise PortUnavailable(
            url, settings, f"no answer within {CONNECT_LIMIT:.0f} s", "Check network and firewall."
        ) from error
    except OSError as error:
        remedy = "Start the simulator or device server that listens there, or correct the address."
        cause = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise PortUnavailable(url, settings, cause, remedy) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return DescriptorTransport(connection.fileno(), url, connection.close)


async def _first_answering(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("the name has no address")
    for family, kind, number, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, number)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure
