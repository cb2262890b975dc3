"""What one connection may cost, and how many there may be: who talks much, slowly or nonsense stops nobody else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from protocol.money_line import ResponseCode as Code

REFUSALS = (Code.NO_SUCH_TERMINAL, Code.INVALID_MERCHANT, Code.MAC_ERROR, Code.FORMAT_ERROR)
"""Answers to whoever does not show that he is a terminal of ours."""


@dataclass(frozen=True, slots=True)
class LineLimits:
    """Times are seconds. The largest message is that of the frame (`protocol.money_line_frame.LONGEST`).

    `connections` in all, `of_terminal` for each terminal (a further one ends the oldest: a kiosk that lost its line
    must always come in). A connection ends without a message for `first` after it began, or for `idle` later; when a
    reply is not taken within `sending`; after `garbage` bytes without a message; after `refusals` answers in a row
    that say 97, 03, A0 or 30. A message has `message` to arrive in, and may pause for `gap`. More than `rate` messages
    a second wait, once `burst` are used up. Of each connection `notes` incidents about bytes are kept.
    """

    connections: int = 1024
    of_terminal: int = 8
    first: float = 60.0
    idle: float = 3600.0
    sending: float = 10.0
    handshake: float = 10.0
    message: float = 30.0
    gap: float = 5.0
    garbage: int = 8192
    refusals: int = 64
    rate: float = 200.0
    burst: int = 400
    notes: int = 1000


class Pace:
    """How fast one connection is served: `burst` messages at once, then `rate` a second. `clock` gives seconds."""

    def __init__(self, limits: LineLimits, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = limits.rate, limits.burst, clock
        self._left, self._at = float(limits.burst), clock()

    async def take(self) -> None:
        """Wait until the next message may be served."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1
        if self._left < 0:
            await asyncio.sleep(-self._left / self._rate)


class Connections:
    """Who is connected. `end` of a connection is called when it must make room."""

    def __init__(self, limits: LineLimits) -> None:
        self._limits = limits
        self._open: dict[object, Callable[[], None]] = {}
        self._of: dict[str, list[object]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: object, end: Callable[[], None]) -> bool:
        """Let a connection in; False when there are too many."""
        if len(self._open) >= self._limits.connections:
            return False
        self._open[connection] = end
        return True

    def belongs_to(self, connection: object, terminal: str) -> None:
        """A message has shown whose it is; the oldest of this terminal ends when it has too many."""
        mine = self._of.setdefault(terminal, [])
        if connection not in mine:
            mine.append(connection)
        if len(mine) > self._limits.of_terminal:
            oldest = mine.pop(0)
            if (end := self._open.get(oldest)) is not None:
                end()

    def leave(self, connection: object) -> None:
        """It is down."""
        self._open.pop(connection, None)
        for terminal in [terminal for terminal, mine in self._of.items() if connection in mine]:
            self._of[terminal].remove(connection)
            if not self._of[terminal]:
                del self._of[terminal]
