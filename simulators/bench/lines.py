"""The lines of a bench: in memory, on ptys, or on TCP ports; a device's end and what the terminal opens."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from drivers.link import LineSettings, Link, LinkDown, Parity, open_link
from simulators.world.line import PassingEnd, memory_line
from simulators.world.mailbox import Mailbox
from simulators.world.pty_line import pty_line
from simulators.world.tcp_line import tcp_line


class LinkKind(StrEnum):
    """What lies between terminal and devices."""

    MEMORY = "memory"
    PTY = "pty"
    TCP = "tcp"


class Line:
    """One device's line, which can be unplugged and laid again.

    `url` is what a terminal can open, once the line is laid (empty in memory): `name`, a symbolic link to the pty that
    stays the same, or the pty itself; a TCP port at `address`, the same one each time (0 finds a free one).
    """

    def __init__(
        self,
        kind: LinkKind,
        settings: LineSettings,
        *,
        name: Path | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.url = ""
        self.settings = settings
        self._kind = kind
        self._name = name
        self._address = address
        self._port = port
        self._link: Link | None = None
        self._end: PassingEnd | None = None
        self._ends: Mailbox[PassingEnd] = Mailbox()
        self._watchers: list[Callable[[bool], None]] = []

    @property
    def plugged(self) -> bool:
        """The line is there."""
        return self._end is not None

    def watch(self, watcher: Callable[[bool], None]) -> None:
        """Have `watcher` called with True when the line is laid, with False when it is unplugged."""
        self._watchers.append(watcher)

    async def lay(self) -> PassingEnd:
        """Lay the line; the device's end. Raises OSError when pty, name or port can't be had."""
        self.unplug()
        self._end = end = await self._lay()
        self._ends.put(end)
        self._changed()
        return end

    async def next_end(self) -> PassingEnd:
        """The device's end of this line, each time it is laid."""
        return await self._ends.take()

    def unplug(self) -> None:
        """Take the line away from both sides, as a USB adapter that is pulled out."""
        if self._end is None:
            return
        self._end.close()
        self._end = self._link = None
        self._changed()

    async def open(self) -> Link:
        """The terminal's end. Raises ConnectionError."""
        if self._kind is not LinkKind.MEMORY:
            return await open_link(self.url, self.settings)
        if self._link is None:
            raise LinkDown("the line is unplugged")
        return self._link

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher(self.plugged)

    async def _lay(self) -> PassingEnd:
        baud, bits = self.settings.baud, 10 if self.settings.parity is Parity.NONE else 11
        match self._kind:
            case LinkKind.MEMORY:
                self._link, device = memory_line(baud, bits)
                return device
            case LinkKind.PTY:
                pty = pty_line(baud, bits_per_byte=bits, link=self._name)
                self.url = pty.path if self._name is None else str(self._name)
                return pty
            case LinkKind.TCP:
                tcp = await tcp_line(self._address, self._port, baud=baud, bits_per_byte=bits)
                self.url, self._port = tcp.url, tcp.port
                return tcp
