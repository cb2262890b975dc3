"""What a person standing at the kiosk can notice, and waiting for it to change."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Scene:
    """Devices and screen call `changed`; people wait until something they look for is there.

    Waiters wake in the order in which they began to wait, so that a run from one seed is the same every time.
    """

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have `watcher` called at every change."""
        self._watchers.append(watcher)

    def changed(self) -> None:
        """Something visible is different now."""
        for watcher in self._watchers:
            watcher()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, look: Callable[[], T | None]) -> T:
        """Wait until `look` returns something other than None or False, and return that."""
        while (seen := look()) is None or seen is False:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        return seen
