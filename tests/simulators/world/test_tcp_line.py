import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulators.world.tcp_line import TcpEnd, tcp_line

pytestmark = pytest.mark.real_time


@asynccontextmanager
async def device(baud: int | None = None) -> AsyncIterator[TcpEnd]:
    end = await tcp_line(baud=baud)
    try:
        yield end
    finally:
        end.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def client(end: TcpEnd) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(end.host, end.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def test_bytes_go_both_ways() -> None:
    async with device() as end, client(end) as (reader, writer):
        writer.write(b"ask")
        assert await end.receive() == b"ask"
        await end.send(b"answer")
        assert await reader.readexactly(6) == b"answer"


async def test_the_url_is_what_a_terminal_opens() -> None:
    async with device() as end:
        assert end.url == f"socket://127.0.0.1:{end.port}"
        assert end.port > 0


async def test_clients_may_crash_and_come_back() -> None:
    async with device() as end:
        for number in range(3):
            async with client(end) as (reader, writer):
                writer.write(bytes([number]))
                assert await end.receive() == bytes([number])
                await end.send(b"ok")
                assert await reader.readexactly(2) == b"ok"
            await end.deserted()


async def test_a_second_client_is_turned_away_and_the_first_stays() -> None:
    async with device() as end, client(end) as (reader, writer):
        writer.write(b"first")
        assert await end.receive() == b"first"
        async with client(end) as (second, _):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await second.readexactly(1)
        await end.send(b"still here")
        assert await reader.readexactly(10) == b"still here"


async def test_what_is_sent_to_nobody_is_lost() -> None:
    async with device() as end:
        await end.send(b"lost")
        await asyncio.sleep(0)
        async with client(end) as (reader, writer):
            writer.write(b"x")
            await end.receive()
            await end.send(b"heard")
            assert await reader.readexactly(5) == b"heard"


async def test_bytes_leave_at_the_speed_of_the_line() -> None:
    """At 9600 baud 96 bytes take a tenth of a second."""
    async with device(9600) as end, client(end) as (reader, writer):
        writer.write(b"x")
        await end.receive()
        began = asyncio.get_running_loop().time()
        await end.send(bytes(96))
        await reader.readexactly(96)
        assert asyncio.get_running_loop().time() - began >= 0.1


async def test_a_closed_line_is_down_for_both_sides() -> None:
    async with device() as end, client(end) as (reader, writer):
        writer.write(b"x")
        await end.receive()
        end.close()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        with pytest.raises(ConnectionError):
            await end.receive()
        with pytest.raises(ConnectionError):
            await end.send(b"x")
