"""A link that survives its port."""

import asyncio

import pytest

from drivers.reopening import ReopeningLink
from simulators.world.line import MemoryEnd, memory_line


class Ports:
    """Opens a new line at every call, unless told that the port is gone."""

    def __init__(self) -> None:
        self.devices: list[MemoryEnd] = []
        self.gone = False

    async def open(self) -> MemoryEnd:
        if self.gone:
            raise ConnectionError("no such port")
        ours, device = memory_line()
        self.devices.append(device)
        return ours


async def test_the_port_opens_at_the_first_byte_to_send() -> None:
    ports = Ports()
    link = ReopeningLink(ports.open)
    assert ports.devices == []

    await link.send(b"hello")

    assert await ports.devices[0].receive() == b"hello"


async def test_whoever_waits_before_the_port_is_open_hears_what_comes_after() -> None:
    ports = Ports()
    link = ReopeningLink(ports.open)
    waiting = asyncio.ensure_future(link.receive())
    await asyncio.sleep(1)

    await link.send(b"?")
    await ports.devices[0].send(b"!")

    assert await waiting == b"!"


async def test_no_wait_and_no_opening_outlasts_its_deadline() -> None:
    async def never() -> MemoryEnd:
        await asyncio.Event().wait()
        raise AssertionError

    link = ReopeningLink(never)
    assert await link.receive(1.0) == b""
    with pytest.raises(TimeoutError):
        await link.send(b"?", 3.0)
    assert asyncio.get_running_loop().time() == pytest.approx(3.0)


async def test_a_line_that_goes_down_is_told_once_and_the_next_send_opens_it_again() -> None:
    ports = Ports()
    link = ReopeningLink(ports.open)
    await link.send(b"1")
    waiting = asyncio.ensure_future(link.receive())
    await asyncio.sleep(1)
    ports.devices[0].close()
    with pytest.raises(ConnectionError):
        await waiting

    listening = asyncio.ensure_future(link.receive())
    await link.send(b"2")
    assert await ports.devices[1].receive() == b"2"
    await ports.devices[1].send(b"3")
    assert await listening == b"3"


async def test_a_port_that_is_gone_is_a_connection_error_until_it_is_back() -> None:
    ports = Ports()
    link = ReopeningLink(ports.open)
    ports.gone = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await link.send(b"1")

    ports.gone = False
    await link.send(b"1")
    assert await ports.devices[0].receive() == b"1"


async def test_closing_releases_the_port_and_may_be_repeated() -> None:
    ports = Ports()
    link = ReopeningLink(ports.open)
    await link.send(b"1")
    assert await ports.devices[0].receive() == b"1"
    link.close()
    link.close()

    with pytest.raises(ConnectionError):
        await ports.devices[0].receive()
