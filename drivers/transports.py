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
        self._arrived = b""
        self._listens_in: asyncio.AbstractEventLoop | None = None
        self._reader: asyncio.Future[bool] | None = None
        self._writers: list[asyncio.Future[bool]] = []

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return what has come; nothing once `deadline` is over. Raises LinkDown."""
        while not (data := self._read()):
            if is_over(deadline):
                return b""
            self._listen()
            self._reader = asyncio.get_running_loop().create_future()
            if not await rung(self._reader, deadline):
                return self._read()
        return data

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Write all bytes, waiting where the port is full. Raises LinkDown, TimeoutError."""
        while data := data[self._write(data) :]:
            if not await self._writable(deadline):
                raise TimeoutError(f"{self._name}: {len(data)} bytes were not taken")

    def close(self) -> None:
        """Release the port and end every wait."""
        if self._closed:
            return
        self._closed = True
        for waiter in (self._reader, *self._writers):
            ring(waiter)
        with contextlib.suppress(RuntimeError):  # a loop that has ended: nothing is registered with it any more
            self._listen_no_more()
            asyncio.get_running_loop().remove_writer(self._descriptor)
        self._release()

    def _read(self) -> bytes:
        """What has come; nothing, too, is an answer."""
        self._check_open()
        if self._arrived:
            data, self._arrived = self._arrived, b""
            return data
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return b""
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

    def _listen(self) -> None:
        """Stay registered from one wait to the next: to register costs more than to read."""
        loop = asyncio.get_running_loop()
        if self._listens_in is not loop:
            loop.add_reader(self._descriptor, self._readable)
            self._listens_in = loop

    def _readable(self) -> None:
        """Read for the one who waits. While nobody does, or nothing can be read, the loop is not to ask again."""
        waiting = self._reader is not None and not self._reader.done()
        if waiting:
            with contextlib.suppress(LinkDown):  # who waits hears of it when he reads
                self._arrived = self._read()
            ring(self._reader)
        if not (waiting and self._arrived):
            self._listen_no_more()

    def _listen_no_more(self) -> None:
        if self._listens_in is not None:
            self._listens_in.remove_reader(self._descriptor)
            self._listens_in = None

    def _may_write(self) -> None:
        for waiter in self._writers:
            ring(waiter)

    async def _writable(self, deadline: float | None) -> bool:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        self._writers.append(waiter)
        loop.add_writer(self._descriptor, self._may_write)
        try:
            return await rung(waiter, deadline)
        finally:
            self._writers.remove(waiter)
            if not self._closed and not self._writers:
                loop.remove_writer(self._descriptor)

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
        self._waiter: asyncio.Future[bool] | None = None
        self._sending = asyncio.Lock()
        self._closing = False
        self._taken = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"reader of {name}", daemon=True)
        self._thread.start()

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return all that have come; nothing once `deadline` is over. Raises LinkDown."""
        while not (data := self._take()):
            if self._failure is not None:
                raise LinkDown(f"{self._name}: {self._failure}")
            if is_over(deadline):
                return b""
            self._waiter = self._loop.create_future()
            if not await rung(self._waiter, deadline):
                return self._take()
        return data

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Write all bytes, in order. Raises LinkDown, TimeoutError."""
        async with asyncio.timeout_at(deadline), self._sending:
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
                    with self._taken:
                        self._arrived += data
                        self._tell(self._wake)
                        self._taken.wait_for(lambda: len(self._arrived) <= BACKLOG or self._closing)
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

    def _tell(self, what: Callable[..., None], *about: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(what, *about)

    def _take(self) -> bytes:
        with self._taken:
            data, self._arrived = self._arrived, b""
            self._taken.notify()
        return data

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._wake()

    def _wake(self) -> None:
        ring(self._waiter)


def is_over(deadline: float | None) -> bool:
    """Whether the loop's clock has reached `deadline`; None is never reached."""
    return deadline is not None and deadline <= asyncio.get_running_loop().time()


async def rung(bell: asyncio.Future[bool], deadline: float | None) -> bool:
    """Wait until somebody rings, or until `deadline`: whether it was rung.

    Much cheaper than `asyncio.timeout`, which cancels the task; here nobody is cancelled.
    """
    if deadline is None:
        return await bell
    timer = bell.get_loop().call_at(deadline, _stop, bell)
    try:
        return await bell
    finally:
        timer.cancel()


def ring(bell: asyncio.Future[bool] | None) -> None:
    """End the wait for it; once is enough, and there may be none."""
    if bell is not None and not bell.done():
        bell.set_result(True)


def _stop(bell: asyncio.Future[bool]) -> None:
    if not bell.done():
        bell.set_result(False)
