"""The recorded host, played for a device: its messages are sent again, and what the device says is collected."""

import asyncio
from dataclasses import dataclass
from typing import Any

from drivers.link import Link
from protocol.wire import Decoder
from simulators.trace.conversation import Conversation, Exchange

LAST_WORDS = 0.5
"""Seconds in which a device may say more than was recorded, after the last exchange."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One exchange as it went now: what was heard, and the seconds from the question to the first of it."""

    exchange: Exchange
    events: tuple[Any, ...]
    latency: float | None


class PlayedHost:
    """Plays the host's side once.

    `patience`: seconds an answer may come later than twice the recorded time. `longest_pause`: of any silence before a
    question, in seconds; None for the recorded ones.
    """

    def __init__(self, recorded: Conversation, *, patience: float = 2.0, longest_pause: float | None = None) -> None:
        self._exchanges = recorded.exchanges()
        self._patience = patience
        self._longest_pause = longest_pause
        self._decoder: Decoder[Any] = recorded.dialect.wire.from_device()
        self._events: list[Any] = []
        self._first_heard: float | None = None

    async def play(self, link: Link) -> list[Answered]:
        """Send what the host said and hear what the device says. Raises ConnectionError."""
        answered: list[Answered] = []
        said_at = self._exchanges[0].requests[0].record.t if self._exchanges[0].requests else 0.0
        before: tuple[Exchange, float] | None = None
        for exchange in self._exchanges:
            asked = asyncio.get_running_loop().time()
            for number, request in enumerate(exchange.requests):
                await self._listen(link, self._pause(request.record.t - said_at))
                if number == 0 and before is not None:
                    answered.append(self._close(*before))
                said_at = request.record.t
                asked = asyncio.get_running_loop().time()
                await link.send(request.filled)
            await self._collect(link, exchange, asked)
            said_at = exchange.answers[-1].record.t if exchange.answers else said_at
            before = exchange, asked
        if before is not None:
            await self._listen(link, LAST_WORDS)
            answered.append(self._close(*before))
        return answered

    def _pause(self, recorded: float) -> float:
        return max(0.0, recorded if self._longest_pause is None else min(recorded, self._longest_pause))

    async def _collect(self, link: Link, exchange: Exchange, asked: float) -> None:
        """As many messages as were recorded, each in its time or somewhat later."""
        loop = asyncio.get_running_loop()
        first = exchange.requests or exchange.answers
        for number, answer in enumerate(exchange.answers, 1):
            due = asked + max(0.0, answer.record.t - first[-1].record.t) * 2 + self._patience
            while len(self._events) < number:
                if (left := due - loop.time()) <= 0:
                    return
                await self._listen(link, left, enough=number)

    async def _listen(self, link: Link, seconds: float, enough: int | None = None) -> None:
        """Hear what comes within `seconds`, or until `enough` messages are there."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while enough is None or len(self._events) < enough:
            try:
                async with asyncio.timeout_at(end):
                    data = await link.receive()
            except TimeoutError:
                self._events += self._decoder.give_up()
                return
            if self._first_heard is None:
                self._first_heard = loop.time()
            self._events += self._decoder.feed(data)

    def _close(self, exchange: Exchange, asked: float) -> Answered:
        latency = None if self._first_heard is None else self._first_heard - asked
        answered = Answered(exchange, tuple(self._events), latency)
        self._events, self._first_heard = [], None
        return answered
