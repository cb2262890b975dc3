"""A driver talks to a device behind Debian's ser2net, as it does behind labgrid's exported serial ports."""

import asyncio
import contextlib
import os
import shutil
import socket
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.interfaces import DeviceState, Done, Media
from drivers.link import LineSettings, Parity, Port, PortUnavailable, open_link
from drivers.rfc2217 import Rfc2217Port
from drivers.sankyo_ict3q8 import SankyoIct3q8 as Driver
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.world.pty_line import PtyEnd, pty_line
from simulators.world.scene import Scene

SER2NET = shutil.which("ser2net", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(SER2NET is None, reason="needs ser2net: apt-get install ser2net"),
    pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning"),  # inside pySerial 3.5
]

READER = LineSettings(38400, Parity.EVEN)

CONFIGURATION = """%YAML 1.1
---
connection: &reader
  accepter: telnet(rfc2217),tcp,127.0.0.1,{port}
  connector: serialdev,{path},9600n81,local
"""


@contextlib.asynccontextmanager
async def served(folder: Path, port: int) -> AsyncIterator[tuple[str, PtyEnd]]:
    """A simulated card reader on a pty, and ser2net in front of it: the URL, and the device's end."""
    end = pty_line(READER.baud, bits_per_byte=11)
    device = asyncio.ensure_future(SankyoIct3q8(scene=Scene()).serve(end))
    file = folder / "ser2net.yaml"
    file.write_text(CONFIGURATION.format(port=port, path=end.path), encoding="ascii")
    assert SER2NET is not None
    server = await asyncio.create_subprocess_exec(
        SER2NET, "-n", "-d", "-c", str(file), "-P", str(folder / "pid"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.to_thread(wait_for, port)
        yield f"rfc2217://127.0.0.1:{port}", end
    finally:
        server.terminate()
        await server.wait()
        device.cancel()
        await asyncio.gather(device, return_exceptions=True)
        end.close()


def wait_for(port: int) -> None:
    """Until something listens there."""
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 10.0):
            return


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Port]:
    link = await open_link(url, READER)
    try:
        yield link
    finally:
        link.close()


async def test_a_driver_works_over_a_device_server(tmp_path: Path, unused_tcp_port: int) -> None:
    async with served(tmp_path, unused_tcp_port) as (url, _), opened(url) as link:
        reader = Driver(link)
        assert await reader.reset() == Done(Media.NOT_PRESENT)
        assert (await reader.status()).device is DeviceState.ONLINE


async def test_the_line_behind_the_server_gets_the_speed_that_was_asked_for(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with served(tmp_path, unused_tcp_port) as (url, end), opened(url) as link:
        await Driver(link).status()
        *_, sent, received, _ = termios.tcgetattr(end._slave)
        assert (sent, received) == (termios.B38400, termios.B38400)


async def test_a_line_that_was_just_closed_can_be_opened_again(tmp_path: Path, unused_tcp_port: int) -> None:
    """The server takes a moment to notice that its client has left."""
    async with served(tmp_path, unused_tcp_port) as (url, _):
        for _ in range(3):
            async with opened(url) as link:
                assert (await Driver(link).status()).device is DeviceState.STARTING


async def test_a_line_in_use_is_said_to_be_in_use(
    tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.link.RELEASE_LIMIT", 0.0)
    async with served(tmp_path, unused_tcp_port) as (url, _), opened(url) as first:
        with pytest.raises(PortUnavailable, match="Another program may use this line"):
            await open_link(url, READER)
        assert (await Driver(first).status()).device is DeviceState.STARTING


async def test_a_server_that_hangs_up_in_silence_is_told_from_one_that_speaks_another_protocol(
    unused_tcp_port: int,
) -> None:
    """It has taken all that was sent: no write fails, there is only an end."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write_eof()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", unused_tcp_port):
        port = Rfc2217Port()
        port.port = f"rfc2217://127.0.0.1:{unused_tcp_port}?timeout=1"
        with pytest.raises(ConnectionAbortedError):
            await asyncio.to_thread(port.open)


async def test_a_handshake_is_asked_for_at_the_line(tmp_path: Path, unused_tcp_port: int) -> None:
    async with served(tmp_path, unused_tcp_port) as (url, end):
        link = await open_link(url, LineSettings(38400, rtscts=True))
        assert termios.tcgetattr(end._slave)[2] & termios.CRTSCTS
        link.close()


async def test_a_url_without_a_port_is_explained() -> None:
    with pytest.raises(PortUnavailable, match="rfc2217://host:port"):
        await open_link("rfc2217://127.0.0.1", READER)
