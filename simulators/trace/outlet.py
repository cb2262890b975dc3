"""Where another program finds a played device or a tap: a pty or a TCP port, and what that program is to open."""

from enum import StrEnum
from pathlib import Path

from simulators.world.pty_line import PtyEnd, pty_line
from simulators.world.tcp_line import TcpEnd, tcp_line


class Listen(StrEnum):
    """What is offered."""

    PTY = "pty"
    TCP = "tcp"


async def offer(listen: Listen, link: Path | None, tcp_port: int) -> tuple[PtyEnd | TcpEnd, str]:
    """Our end, and what the other program opens: the symbolic link or path of the pty, or a URL. Raises OSError."""
    if listen is Listen.TCP:
        tcp = await tcp_line(port=tcp_port)
        return tcp, tcp.url
    pty = pty_line(link=link)
    return pty, str(link or pty.path)
