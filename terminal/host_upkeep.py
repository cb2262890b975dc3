"""What keeps the money line fit for the next customer: keys renewed, advices delivered, batches settled, echoes.

Keys change here and in `sign_on` only, while no PIN block waits to be used: one made under the keys before would be a
wrong PIN at the host.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from drivers.interfaces import PinPad
from terminal.advices import AdviceQueue
from terminal.backoff import Backoff
from terminal.day_end import DayEnd
from terminal.host_answers import NoAnswer
from terminal.host_exchange import HostExchange
from terminal.log import log
from terminal.network_management import echo
from terminal.sign_on import SignOnFailed, sign_on

_LONGEST_LOOK: Final = 600.0
"""Seconds between two looks at the wall clock."""


class HostUpkeep:
    """Brings the line into order, and says whether it is. `entropy`: the kiosk's chance."""

    def __init__(
        self,
        exchange: HostExchange,
        advices: AdviceQueue,
        day_end: DayEnd,
        pad: PinPad,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._exchange = exchange
        self._advices = advices
        self._day_end = day_end
        self._pad = pad
        self._settings = exchange.settings
        self._backoff = partial(Backoff, self._settings.first_pause, self._settings.longest_pause, entropy)

    async def not_ready(self) -> NoAnswer | None:
        """Advices go first; without keys or the host's time, or with an advice still open, nothing new is asked."""
        if not await self._advices.deliver():
            return NoAnswer("earlier messages wait to be delivered", sent=False)
        if not self._exchange.signed_on:
            return NoAnswer("not signed on", sent=False)
        if self._day_end.is_open:
            return NoAnswer("the batch is being settled", sent=False)
        if not await self._know_the_time():
            return NoAnswer("the host's time is not known", sent=False)
        return None

    async def deliver(self) -> bool:
        """Sign on where needed, send every open advice once, in order, and settle the batch when that is due.

        True when a new request may be made: keys are there, no advice is left open, no batch is being settled. For
        moments when no PIN block waits to be used, because signing on changes the keys.
        """
        async with self._exchange.turn:
            await self._have_keys()
            delivered = await self._advices.deliver()
            if not delivered or not self._exchange.signed_on:
                return False
            settled = await self._day_end.proceed()
            await self._have_keys()
            return settled and self._exchange.signed_on

    async def tend(self, stop: asyncio.Event) -> bool:
        """While nobody is here: renew keys before they expire, settle the batch, ask a silent host for an echo.

        True once `stop` is set; what has begun then comes to its end, so that no customer's PIN meets other keys.
        False as soon as the host gives no keys or no echo: nobody can be served.
        """
        backoff = self._backoff()
        while not stop.is_set():
            try:
                async with asyncio.timeout(self._until_due()):
                    await stop.wait()
            except TimeoutError:
                if not self._due():
                    if (self._echo_left() <= 0 or self._exchange.clock.is_doubtful) and not await self._echoed(stop):
                        return False
                    continue
                await self.deliver()
                if not (self._exchange.signed_on or stop.is_set()):
                    return False
                if not self._due():
                    backoff.reset()
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(backoff.pause()):
                        await stop.wait()
        return True

    async def keep_delivering(self) -> None:
        """Deliver with growing pauses until a new request may be made; see `deliver`."""
        backoff = self._backoff()
        while True:
            if await self.deliver():
                return
            await asyncio.sleep(backoff.pause())

    def _due(self) -> bool:
        return not self._exchange.signed_on or self._keys_left() <= 0 or self._day_end.due or self._day_end.is_open

    def _until_due(self) -> float:
        """Seconds; the wall clock, which says when the day ends, is looked at again and again because it may jump."""
        if self._due():
            return 0.0
        day_end = self._day_end.seconds_until_due()
        left = max(0.0, min(self._keys_left(), self._echo_left()))
        return left if day_end is None else min(left, day_end, _LONGEST_LOOK)

    def _keys_left(self) -> float:
        return self._exchange.keys_since + self._settings.key_lifetime - asyncio.get_running_loop().time()

    def _echo_left(self) -> float:
        after = self._settings.echo_after
        return math.inf if after is None else self._exchange.heard_at + after - asyncio.get_running_loop().time()

    async def _echoed(self, stop: asyncio.Event) -> bool:
        """Asked twice, because one message can get lost; a customer who comes meanwhile is not kept waiting for it."""
        for _ in range(2):
            async with self._exchange.turn:
                if await echo(self._exchange) or stop.is_set():
                    return True
        log.warning("the host does not answer an echo")
        return False

    async def _know_the_time(self) -> bool:
        """An echo tells it without changing keys, so that a PIN block that waits stays good."""
        clock = self._exchange.clock
        return not clock.is_doubtful or (await echo(self._exchange) and not clock.is_doubtful)

    async def _have_keys(self) -> None:
        if self._exchange.signed_on and self._keys_left() > 0:
            return
        try:
            await sign_on(self._exchange, self._pad)
        except SignOnFailed as error:
            log.warning("sign-on failed", cause=str(error))
