"""A simulated device on a real pty: any program that opens serial ports can talk to it."""

import asyncio
import contextlib
import os
import termios
import tty
from pathlib import Path

from simulators.world.line import BITS_PER_BYTE, PIECE, Inbox, Outbox
from simulators.world.pty_clients import PtyClients

CHUNK = 4096
"""Most bytes of one read."""


class PtyEnd(Inbox):
    """The device's end of a pty; a client opens `path`.

    Like a serial line it outlives its clients: one may open, crash and come back. Bytes sent while nobody has it open
    are lost, and so are those that the last client left unread, as at a real port; so is what does not fit any more.
    """

    def __init__(self, baud: int | None, bits_per_byte: int, link: Path | None) -> None:
        super().__init__()
        self._outbox = Outbox(self._leave, baud, bits_per_byte, PIECE)
        self._loop = asyncio.get_running_loop()
        # The device holds the client's side open too: without that, the pty ends when a client closes it.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._link = link
        if link is not None:
            _point(link, self.path)
        self._loop.add_reader(self._master, self._read)
        self._clients: PtyClients | None = None
        with contextlib.suppress(OSError):  # without a watch, bytes wait in the pty for the next client
            self._clients = PtyClients(self.path)
            self._loop.add_reader(self._clients.descriptor, self._look)

    async def send(self, data: bytes) -> None:
        """Queue bytes; they leave at the line's pace."""
        if self._down:
            raise ConnectionResetError("the line is down")
        self._outbox.put(data)

    def close(self) -> None:
        """Take the device off: the pty is gone for every client."""
        if self._down:
            return
        self._loop.remove_reader(self._master)
        if self._clients is not None:
            self._loop.remove_reader(self._clients.descriptor)
            self._clients.close()
        self.hang_up()
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.arrive(os.read(self._master, CHUNK))

    def _look(self) -> bool:
        """Is anybody there? What the last one left unread is thrown away."""
        if self._clients is None:
            return True
        if self._clients.look():
            termios.tcflush(self._slave, termios.TCIFLUSH)
        return self._clients.number > 0

    def _leave(self, data: bytes) -> None:
        if not self._down and self._look():
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, data)


def pty_line(baud: int | None = None, *, bits_per_byte: int = BITS_PER_BYTE, link: Path | None = None) -> PtyEnd:
    """A pty for one device; `link` names a symbolic link to be kept at it. Needs a running loop in real time."""
    return PtyEnd(baud, bits_per_byte, link)


def _point(link: Path, target: str) -> None:
    """Replaces an old link, never a file that is none."""
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)
