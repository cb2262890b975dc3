"""Early warning of the uninterruptible power supply: what is moving ends, and nothing else begins to move.

A motion cut in half is the worst place for notes and cards to be. After the warning every motion is refused before its
intent is written, and the kiosk waits, closed, for the cut or for the power to come back; either way the next start
settles what is open.
"""

import asyncio

from terminal.faults import Fault
from terminal.states import Event


class Power:
    """Is the mains there, or only the battery?"""

    def __init__(self) -> None:
        self._back: asyncio.Event | None = None

    @property
    def failing(self) -> bool:
        """The warning has come, and the power is not back."""
        return self._back is not None

    def fails(self) -> None:
        """The battery says that it carries the kiosk, not for long."""
        self._back = self._back or asyncio.Event()

    def returns(self) -> None:
        """The mains are back."""
        if self._back is not None:
            self._back.set()
            self._back = None

    def check(self) -> None:
        """Call before each motion, and before its intent is written. Raises Fault while the power is failing."""
        if self.failing:
            raise Fault(Event.POWER_WARNING, "nothing is moved while the power is failing")

    async def back(self) -> None:
        """Wait until the power is not failing."""
        if self._back is not None:
            await self._back.wait()
