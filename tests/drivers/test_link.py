import asyncio
import contextlib
import errno
import os
import socket
import termios
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from serial.rfc2217 import PortManager

from drivers.link import LineSettings, Link, LinkDown, Parity, Port, PortUnavailable, open_link
from simulators.world.line import LineEnd
from simulators.world.pty_line import PtyEnd, pty_line
from simulators.world.tcp_line import TcpEnd, tcp_line

pytestmark = pytest.mark.real_time

READER = LineSettings(38400, Parity.EVEN, 8, 1, rtscts=True)


@contextlib.contextmanager
def pty() -> Iterator[PtyEnd]:
    end = pty_line()
    try:
        yield end
    finally:
        end.close()


@contextlib.asynccontextmanager
async def tcp() -> AsyncIterator[TcpEnd]:
    end = await tcp_line()
    try:
        yield end
    finally:
        end.close()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def opened(url: str, settings: LineSettings | None = None) -> AsyncIterator[Port]:
    link = await open_link(url, settings or LineSettings())
    try:
        yield link
    finally:
        link.close()


async def greet(link: Link, end: LineEnd) -> None:
    """Both sides say something and hear it."""
    await link.send(b"ask")
    assert await end.receive() == b"ask"
    await end.send(b"answer")
    data = b""
    while len(data) < 6:
        data += await link.receive()
    assert data == b"answer"


async def test_a_pty_is_opened_even_if_it_has_no_parity_and_no_handshake() -> None:
    with pty() as end:
        async with opened(end.path, READER) as link:
            await greet(link, end)
            assert link.settings == READER


async def test_a_pty_that_refuses_parity_is_opened_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some C libraries answer EINVAL when a pty is asked for what it does not have."""
    configure = serial.Serial._reconfigure_port

    def strict(port: serial.Serial, force_update: bool = False) -> None:
        if port.parity != serial.PARITY_NONE or port.rtscts:
            raise termios.error(errno.EINVAL, "Invalid argument")
        configure(port, force_update)

    monkeypatch.setattr(serial.Serial, "_reconfigure_port", strict)
    with pty() as end:
        async with opened(end.path, READER) as link:
            await greet(link, end)
            assert link.settings == READER


async def test_every_byte_passes_a_pty_unchanged() -> None:
    with pty() as end:
        async with opened(end.path) as link:
            await link.send(bytes(range(256)))
            heard = b""
            while len(heard) < 256:
                heard += await end.receive()
            assert heard == bytes(range(256))


async def test_a_terminal_may_close_and_open_again() -> None:
    with pty() as end:
        for _ in range(3):
            async with opened(end.path) as link:
                await greet(link, end)


async def test_a_device_that_goes_away_is_noticed() -> None:
    with pty() as end:
        async with opened(end.path) as link:
            waiting = asyncio.create_task(link.receive())
            await asyncio.sleep(0)
            end.close()
            with pytest.raises(LinkDown, match=end.path):
                await waiting


async def test_two_programs_can_not_share_a_port() -> None:
    with pty() as end:
        async with opened(end.path):
            with pytest.raises(PortUnavailable, match="another program uses it"):
                await open_link(end.path, LineSettings())
        async with opened(end.path) as link:
            await greet(link, end)


async def test_a_device_server_is_reached_over_tcp() -> None:
    async with tcp() as end, opened(end.url, READER) as link:
        await greet(link, end)
        assert link.settings == READER
        assert link.url == end.url


async def test_a_device_server_that_closes_is_noticed() -> None:
    async with tcp() as end, opened(end.url) as link:
        await greet(link, end)
        end.close()
        with pytest.raises(LinkDown):
            await link.receive()


async def test_other_urls_of_pyserial_work_too() -> None:
    async with opened("loop://") as link:
        await link.send(b"echo")
        data = b""
        while len(data) < 4:
            data += await link.receive()
        assert data == b"echo"


class SerialServer(threading.Thread):
    """A device server that speaks RFC 2217; its serial line is a loop, and it takes one client."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"
        self.line = serial.serial_for_url("loop://", timeout=0)

    def run(self) -> None:
        client, _ = self._listener.accept()
        with self._listener, client:
            outgoing = SimpleNamespace(write=client.sendall)
            manager = PortManager(self.line, outgoing)
            while data := client.recv(1024):
                self.line.write(b"".join(manager.filter(data)))
                client.sendall(b"".join(manager.escape(self.line.read(1024))))


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # inside pySerial 3.5
async def test_a_device_server_learns_the_settings_of_the_line() -> None:
    server = SerialServer()
    server.start()
    async with opened(server.url, LineSettings(38400, Parity.EVEN)) as link:
        await link.send(b"echo\xff")
        data = b""
        while len(data) < 5:
            data += await link.receive()
        assert data == b"echo\xff"
    await asyncio.to_thread(server.join, 10.0)
    assert (server.line.baudrate, server.line.parity) == (38400, serial.PARITY_EVEN)


async def test_a_missing_port_is_named_with_what_helps(tmp_path: Path) -> None:
    path = str(tmp_path / "ttyUSB9")
    with pytest.raises(PortUnavailable) as caught:
        await open_link(path, READER)
    assert f"can't open {path} (38400 8E1 RTS/CTS): there is no such port" in str(caught.value)
    assert "Check cable and power" in caught.value.remedy


async def test_a_file_is_no_port(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(PortUnavailable, match=r"notes\.txt"):
        await open_link(str(path), LineSettings())


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may open everything: as root, go on as somebody who may not."""
    user = os.geteuid()
    if user != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


async def test_a_forbidden_port_says_which_group_is_missing() -> None:
    with pty() as end:
        await asyncio.to_thread(Path(end.path).chmod, 0)
        with ordinary_user(), pytest.raises(PortUnavailable, match="dialout"):
            await open_link(end.path, LineSettings())


async def test_nobody_listening_is_told_apart() -> None:
    with contextlib.closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"socket://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(PortUnavailable, match="refused") as caught:
            await open_link(url, LineSettings())
        assert "simulator or device server" in caught.value.remedy


@pytest.mark.parametrize("url", ["socket://", "socket://localhost", "socket://:5000", "socket://host:port"])
async def test_an_incomplete_address_is_explained(url: str) -> None:
    with pytest.raises(PortUnavailable, match="socket://host:port"):
        await open_link(url, LineSettings())


async def test_an_unknown_kind_of_url_is_explained() -> None:
    with pytest.raises(PortUnavailable, match="pySerial URL"):
        await open_link("carrier-pigeon://roof", LineSettings())


def test_settings_read_as_in_a_manual() -> None:
    assert str(LineSettings()) == "9600 8N1"
    assert str(READER) == "38400 8E1 RTS/CTS"
