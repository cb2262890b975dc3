"""The lines of a bench: in memory, on ptys, or on TCP ports; a device's end and what the terminal opens."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from drivers.link import LineSettings, Link, Parity, open_link
from simulators.world.line import LineEnd, memory_line
from simulators.world.pty_line import pty_line
from simulators.world.tcp_line import tcp_line


class LinkKind(StrEnum):
    """What lies between terminal and devices."""

    MEMORY = "memory"
    PTY = "pty"
    TCP = "tcp"


class Line:
    """One device's line. `url` is what a terminal can open, once the line is laid (empty in memory)."""

    def __init__(self, kind: LinkKind, settings: LineSettings) -> None:
        self.url = ""
        self._kind = kind
        self._settings = settings
        self._link: Link | None = None

    async def lay(self) -> LineEnd:
        """Lay the line; the device's end."""
        baud, bits = self._settings.baud, 10 if self._settings.parity is Parity.NONE else 11
        match self._kind:
            case LinkKind.MEMORY:
                self._link, device = memory_line(baud, bits)
                return device
            case LinkKind.PTY:
                pty = pty_line(baud, bits_per_byte=bits)
                self.url = pty.path
                return pty
            case LinkKind.TCP:
                tcp = await tcp_line(baud=baud, bits_per_byte=bits)
                self.url = tcp.url
                return tcp

    async def open(self) -> Link:
        """The terminal's end."""
        if self._link is not None:
            return self._link
        return await open_link(self.url, self._settings)


Connect = Callable[[], Awaitable[Link]]
