import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Coroutine, Iterator

import pytest

from drivers.transports import BACKLOG, CHUNK, DescriptorTransport, LinkDown, ThreadTransport

pytestmark = pytest.mark.real_time


@contextlib.contextmanager
def pair() -> Iterator[tuple[DescriptorTransport, socket.socket]]:
    """A transport over one end of a socket pair, and the other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    transport = DescriptorTransport(ours.fileno(), "port", ours.close)
    try:
        yield transport, theirs
    finally:
        transport.close()
        theirs.close()


async def test_bytes_that_wait_in_the_kernel_are_returned_at_once() -> None:
    with pair() as (transport, theirs):
        theirs.sendall(b"stale")
        async with asyncio.timeout(0):
            assert await transport.receive() == b"stale"


async def test_bytes_that_come_later_are_waited_for() -> None:
    with pair() as (transport, theirs):
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        theirs.sendall(b"late")
        assert await waiting == b"late"


async def test_a_wait_ends_at_its_deadline_with_nothing() -> None:
    with pair() as (transport, theirs):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 0.02
        assert await transport.receive(deadline) == b""
        assert loop.time() >= deadline
        theirs.sendall(b"after that")
        assert await transport.receive(loop.time() + 10.0) == b"after that"


async def test_a_deadline_that_is_over_returns_what_is_there_and_never_waits() -> None:
    with pair() as (transport, theirs):
        over = asyncio.get_running_loop().time()
        assert _without_waiting(transport.receive(over)) == b""
        theirs.sendall(b"stale")
        assert _without_waiting(transport.receive(over)) == b"stale"


def _without_waiting(coroutine: Coroutine[object, None, bytes]) -> bytes:
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    assert isinstance(ended.value.value, bytes)
    return ended.value.value


async def test_what_nobody_waits_for_stays_in_the_kernel_and_the_loop_at_rest() -> None:
    """A device that babbles while its driver is busy fills no memory and takes no time."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    transport = DescriptorTransport(ours.fileno(), "port", ours.close)
    waiting = asyncio.create_task(transport.receive())
    await asyncio.sleep(0)
    theirs.sendall(b"heard")
    assert await waiting == b"heard"
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        await _flood(theirs)
    assert not asyncio.get_running_loop().remove_reader(ours)  # it is not registered any more
    assert await transport.receive() == bytes(CHUNK)
    transport.close()
    theirs.close()


async def _flood(theirs: socket.socket) -> None:
    for _ in range(1000):
        theirs.sendall(bytes(65536))
        await asyncio.sleep(0)


async def test_bytes_a_port_does_not_take_in_time_are_told() -> None:
    with pair() as (transport, _), pytest.raises(TimeoutError, match="bytes were not taken"):
        await transport.send(bytes(3_000_000), asyncio.get_running_loop().time() + 0.02)


async def test_a_link_can_be_used_in_one_loop_after_another() -> None:
    def listen(transport: DescriptorTransport, theirs: socket.socket, word: bytes) -> None:
        async def main() -> None:
            waiting = asyncio.create_task(transport.receive())
            await asyncio.sleep(0)
            theirs.sendall(word)
            assert await waiting == word

        asyncio.run(main())

    with pair() as (transport, theirs):
        await asyncio.to_thread(listen, transport, theirs, b"one")
        await asyncio.to_thread(listen, transport, theirs, b"two")


async def test_cancelling_a_wait_loses_nothing() -> None:
    with pair() as (transport, theirs):
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        waiting.cancel()
        theirs.sendall(b"kept")
        await asyncio.gather(waiting, return_exceptions=True)
        assert await transport.receive() == b"kept"


async def test_a_port_that_takes_little_at_a_time_gets_everything_in_order() -> None:
    data = os.urandom(3_000_000)
    with pair() as (transport, theirs):
        sending = asyncio.create_task(transport.send(data))
        received = b"".join([await asyncio.to_thread(theirs.recv, 65536)])
        while len(received) < len(data):
            received += await asyncio.to_thread(theirs.recv, 65536)
        await sending
        assert received == data


async def test_the_other_side_closing_is_told() -> None:
    with pair() as (transport, theirs):
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        theirs.close()
        with pytest.raises(LinkDown, match="port: closed by the other side or unplugged"):
            await waiting
        with pytest.raises(LinkDown):
            await transport.send(b"x")


async def test_closing_ends_a_wait() -> None:
    with pair() as (transport, _):
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        transport.close()
        transport.close()
        with pytest.raises(LinkDown, match="the link was closed"):
            await waiting


async def test_a_pty_that_loses_its_other_end_looks_unplugged() -> None:
    master, slave = os.openpty()
    os.set_blocking(slave, False)
    transport = DescriptorTransport(slave, "/dev/ttyUSB0", lambda: os.close(slave))
    os.close(master)
    with pytest.raises(LinkDown, match="/dev/ttyUSB0"):
        await transport.receive()
    transport.close()


class BlockingPort:
    """A port in the manner of pySerial, without a descriptor."""

    def __init__(self) -> None:
        self._there = threading.Condition()
        self._bytes = b""
        self._given = 0
        self.written = b""
        self.closed = threading.Event()
        self.broken = False

    def bring(self, data: bytes) -> None:
        with self._there:
            self._bytes += data
            self._there.notify_all()

    @property
    def in_waiting(self) -> int:
        return len(self._bytes)

    def read(self, size: int) -> bytes:
        with self._there:
            self._there.wait_for(lambda: self._bytes or self.broken, 0.01)
            if self.broken:
                raise OSError("device reports readiness to read but returned no data")
            data, self._bytes = self._bytes[:size], self._bytes[size:]
            self._given += len(data)
            self._there.notify_all()
            return data

    def has_given(self, size: int, within: float) -> bool:
        with self._there:
            return self._there.wait_for(lambda: self._given >= size, within)

    def write(self, data: bytes) -> None:
        if self.broken:
            raise OSError("write failed")
        self.written += data

    def close(self) -> None:
        self.closed.set()


@contextlib.contextmanager
def threaded() -> Iterator[tuple[ThreadTransport, BlockingPort]]:
    port = BlockingPort()
    transport = ThreadTransport(port, "loop://")
    try:
        yield transport, port
    finally:
        transport.close()
        assert port.closed.wait(10.0)


async def test_a_thread_brings_bytes() -> None:
    with threaded() as (transport, port):
        port.bring(b"hello")
        received = b""
        while len(received) < 5:
            received += await transport.receive()
        assert received == b"hello"


async def test_bytes_that_the_thread_has_read_are_there_at_once() -> None:
    with threaded() as (transport, port):
        port.bring(b"stale")
        assert await asyncio.to_thread(port.has_given, 5, 10.0)
        received = b""
        while not received:  # the thread may hold them in its hand still
            received = _without_waiting(transport.receive(0.0))
        assert received == b"stale"


async def test_a_wait_for_a_thread_ends_at_its_deadline_with_nothing() -> None:
    with threaded() as (transport, port):
        loop = asyncio.get_running_loop()
        assert await transport.receive(loop.time() + 0.02) == b""
        port.bring(b"later")
        assert await transport.receive(loop.time() + 10.0)


async def test_a_thread_takes_bytes_in_order() -> None:
    with threaded() as (transport, port):
        await asyncio.gather(*(transport.send(bytes([number])) for number in range(20)))
        assert port.written == bytes(range(20))


async def test_a_port_that_breaks_in_its_thread_is_down() -> None:
    with threaded() as (transport, port):
        port.broken = True
        with pytest.raises(LinkDown, match="returned no data"):
            await transport.receive()
        with pytest.raises(LinkDown):
            await transport.send(b"x")


async def test_a_babbling_port_can_not_fill_the_memory() -> None:
    with threaded() as (transport, port):
        port.bring(bytes(4 * BACKLOG))
        assert await asyncio.to_thread(port.has_given, BACKLOG, 10.0)
        assert not await asyncio.to_thread(port.has_given, 2 * BACKLOG, 0.2)
        received = 0
        while received < 4 * BACKLOG:
            received += len(await transport.receive())


async def test_closing_ends_a_wait_and_releases_the_port() -> None:
    with threaded() as (transport, port):
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        transport.close()
        with pytest.raises(LinkDown, match="closed"):
            await waiting
        assert await asyncio.to_thread(port.closed.wait, 10.0)
