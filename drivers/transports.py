"""How bytes get through an open port: over its file descriptor, or over a thread where there is none."""

import asyncio
import contextlib
import errno
import os
import threading
from collections.abc import Callable
from typing import Protocol

CHUNK = 4096
"""Most bytes of one read."""

BACKLOG = 65536
"""Bytes that wait unread before the thread of a port stops reading: a babbling device can't fill the memory."""


class LinkDown(ConnectionError):
    """The port is gone: unplugged, closed by the other side, or never there."""


class DescriptorTransport:
    """Bytes over a non-blocking file descriptor: a serial port, a pty or a socket.

    It reads only when asked, so unread bytes stay in the kernel, which bounds them.
    """

    def __init__(self, descriptor: int, name: str, release: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._name = name
        self._release = release
        self._closed = False
        self._waiters: list[asyncio.Future[None]] = []

    async def receive(self) -> bytes:
        """Wait for bytes and return what has come. Raises LinkDown."""
        loop = asyncio.get_running_loop()
        while (data := self._read()) is None:
            await self._ready(loop.add_reader, loop.remove_reader)
        return data

    async def send(self, data: bytes) -> None:
        """Write all bytes, waiting where the port is full. Raises LinkDown."""
        loop = asyncio.get_running_loop()
        while data:
            if written := self._write(data):
                data = data[written:]
            else:
                await self._ready(loop.add_writer, loop.remove_writer)

    def close(self) -> None:
        """Release the port and end every wait."""
        if self._closed:
            return
        self._closed = True
        for waiter in self._waiters:
            _wake(waiter)
        with contextlib.suppress(RuntimeError):  # no loop runs any more: nothing is registered with it either
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._descriptor)
            loop.remove_writer(self._descriptor)
        self._release()

    def _read(self) -> bytes | None:
        self._check_open()
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._down(error) from error
        if not data:
            raise LinkDown(f"{self._name}: closed by the other side or unplugged")
        return data

    def _write(self, data: bytes) -> int:
        self._check_open()
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._down(error) from error

    async def _ready(self, add: Callable[[int, Callable[[], None]], None], remove: Callable[[int], bool]) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        add(self._descriptor, lambda: _wake(waiter))
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)
            if not self._closed:
                remove(self._descriptor)

    def _check_open(self) -> None:
        if self._closed:
            raise LinkDown(f"{self._name}: the link was closed")

    def _down(self, error: OSError) -> LinkDown:
        """EIO is how a USB adapter that was pulled out, or a pty without its other end, shows."""
        gone = "unplugged, or the other end was closed" if error.errno in (errno.EIO, errno.ENXIO) else error.strerror
        return LinkDown(f"{self._name}: {gone}")


class BlockingPort(Protocol):
    """A pySerial port without a descriptor, with a short read time-out."""

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty after the time-out."""

    def write(self, data: bytes) -> object:
        """Send all bytes."""

    def close(self) -> None:
        """Release it."""


class ThreadTransport:
    """Bytes over a thread that reads a blocking port."""

    def __init__(self, port: BlockingPort, name: str) -> None:
        self._port = port
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._arrived = b""
        self._failure: str | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._sending = asyncio.Lock()
        self._closing = False
        self._untaken = 0
        self._taken = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"reader of {name}", daemon=True)
        self._thread.start()

    async def receive(self) -> bytes:
        """Wait for bytes and return all that have come. Raises LinkDown."""
        while not self._arrived:
            if self._failure is not None:
                raise LinkDown(f"{self._name}: {self._failure}")
            self._waiter = self._loop.create_future()
            await self._waiter
        data, self._arrived = self._arrived, b""
        with self._taken:
            self._untaken -= len(data)
            self._taken.notify()
        return data

    async def send(self, data: bytes) -> None:
        """Write all bytes, in order. Raises LinkDown."""
        async with self._sending:
            if self._failure is not None:
                raise LinkDown(f"{self._name}: {self._failure}")
            try:
                await asyncio.to_thread(self._port.write, data)
            except OSError as error:
                raise LinkDown(f"{self._name}: {error}") from error

    def close(self) -> None:
        """End every wait; the thread releases the port when its read returns."""
        with self._taken:
            self._closing = True
            self._taken.notify()
        self._fail("the link was closed")

    def _run(self) -> None:
        failure = ""
        try:
            while not self._closing:
                if data := self._port.read(min(max(1, self._port.in_waiting), CHUNK)):
                    self._tell(self._arrive, data)
                    with self._taken:
                        self._untaken += len(data)
                        self._taken.wait_for(lambda: self._untaken <= BACKLOG or self._closing)
        except (
            OSError,
            ValueError,
            TypeError,
            AttributeError,
        ) as error:  # what pySerial raises on a port that went away
            failure = str(error) or type(error).__name__
        finally:
            self._port.close()
        self._tell(self._fail, failure or "the link was closed")

    def _tell(self, what: Callable[[bytes], None] | Callable[[str], None], about: bytes | str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(what, about)  # type: ignore[arg-type]

    def _arrive(self, data: bytes) -> None:
        self._arrived += data
        self._wake()

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None:
            _wake(self._waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
