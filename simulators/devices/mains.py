"""A device on the mains that speaks on one line after another: power off stops everything where it is."""

import asyncio
from abc import ABC, abstractmethod

from simulators.world.line import LineEnd


class Mains(ABC):
    """Runs `_speak` on each line it is given, as long as there is power."""

    def __init__(self) -> None:
        self._powered = True
        self._sessions: list[asyncio.Future[None]] = []

    async def serve(self, line: LineEnd) -> None:
        """Speak on `line` until cancelled or until it is down; what is physically there stays for the next line."""
        while True:
            session = asyncio.ensure_future(self._speak(line) if self._powered else _ignore(line))
            self._sessions.append(session)
            try:
                await asyncio.wait({session})
            finally:
                self._sessions.remove(session)
                session.cancel()
            if not session.cancelled():
                return None if isinstance(session.exception(), ConnectionError) else session.result()

    def power_off(self) -> None:
        """Everything stops where it is; what was only in memory is lost."""
        self._powered = False
        self._switch()

    def power_on(self) -> None:
        """Start again; nothing moves by itself."""
        self._powered = True
        self._forget()
        self._switch()

    def reset_itself(self) -> None:
        """A short dip of the mains: the device starts again, and whatever it was doing has stopped."""
        self.power_off()
        self.power_on()

    def _switch(self) -> None:
        for session in self._sessions:
            session.cancel()

    @abstractmethod
    async def _speak(self, line: LineEnd) -> None:
        """Until cancelled; raises ConnectionError when the line is down."""

    @abstractmethod
    def _forget(self) -> None:
        """Lose what is only in memory."""


async def _ignore(line: LineEnd) -> None:
    """Without power nothing is heard."""
    while True:
        await line.receive()
