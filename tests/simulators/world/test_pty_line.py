import asyncio
import contextlib
import os
import select
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.world.pty_line import PtyEnd, pty_line

pytestmark = pytest.mark.real_time


@contextlib.contextmanager
def client(path: str) -> Iterator[int]:
    """A program that opens the pty as a serial port."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def read(descriptor: int, size: int) -> bytes:
    """Read exactly `size` bytes, in a thread."""
    data = b""
    while len(data) < size:
        data += await asyncio.to_thread(os.read, descriptor, size - len(data))
    return data


@contextlib.contextmanager
def device(baud: int | None = None, link: Path | None = None) -> Iterator[PtyEnd]:
    end = pty_line(baud, link=link)
    try:
        yield end
    finally:
        end.close()


async def heard(end: PtyEnd, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await end.receive()
    return data


async def test_bytes_go_both_ways_unchanged() -> None:
    every_byte = bytes(range(256))
    with device() as end, client(end.path) as port:
        os.write(port, every_byte)
        assert await heard(end, 256) == every_byte
        await end.send(every_byte)
        assert await read(port, 256) == every_byte


async def test_clients_come_and_go() -> None:
    with device() as end:
        for number in range(3):
            with client(end.path) as port:
                os.write(port, bytes([number]))
                assert await end.receive() == bytes([number])
                await end.send(b"ok")
                assert await read(port, 2) == b"ok"


async def test_a_client_that_leaves_does_not_end_the_device() -> None:
    with device() as end:
        waiting = asyncio.create_task(end.receive())
        with client(end.path):
            pass
        with client(end.path) as port:
            os.write(port, b"again")
            assert await waiting == b"again"


async def test_sending_to_nobody_never_blocks_and_never_fails() -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    with device() as end:
        for _ in range(100):
            await end.send(bytes(1024))
        with client(end.path) as port:
            os.write(port, b"here")
            assert await end.receive() == b"here"
    assert failures == []


async def test_what_is_sent_while_nobody_is_there_or_left_unread_is_lost() -> None:
    """The next client does not find an answer that was meant for the one before."""
    with device() as end:
        await end.send(b"to nobody")
        await asyncio.sleep(0)
        with client(end.path) as port:
            os.write(port, b"?")
            assert await end.receive() == b"?"
            await end.send(b"unread")
            await asyncio.to_thread(select.select, [port], [], [])
        with client(end.path) as port:
            os.write(port, b"!")
            assert await end.receive() == b"!"
            await end.send(b"new")
            assert await read(port, 3) == b"new"


async def test_bytes_leave_at_the_speed_of_the_line() -> None:
    """At 9600 baud 96 bytes take a tenth of a second."""
    with device(9600) as end, client(end.path) as port:
        began = asyncio.get_running_loop().time()
        await end.send(bytes(96))
        await read(port, 96)
        assert asyncio.get_running_loop().time() - began >= 0.1


async def test_a_name_points_at_the_pty_as_long_as_it_is_there(tmp_path: Path) -> None:
    name = tmp_path / "card-reader"
    name.symlink_to("left-over")
    with device(link=name) as end:
        assert name.readlink() == Path(end.path)
        with client(str(name)) as port:
            os.write(port, b"x")
            assert await end.receive() == b"x"
    assert not name.is_symlink()


async def test_a_file_is_never_replaced_by_a_name(tmp_path: Path) -> None:
    name = tmp_path / "precious"
    name.write_text("keep me")
    with pytest.raises(FileExistsError):
        pty_line(link=name)
    assert name.read_text() == "keep me"


async def test_a_closed_line_is_down() -> None:
    with device() as end:
        waiting = asyncio.create_task(end.receive())
        await asyncio.sleep(0)
    with pytest.raises(ConnectionError):
        await waiting
    with pytest.raises(ConnectionError):
        await end.send(b"x")


async def test_the_line_does_not_echo() -> None:
    with device() as end, client(end.path) as port:
        await end.send(b"hello\r\n")
        assert await read(port, 7) == b"hello\r\n"
        os.write(port, b"answer")
        assert await end.receive() == b"answer"
        assert termios.tcgetattr(port)[3] & termios.ECHO == 0
