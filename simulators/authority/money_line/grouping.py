"""Answers what has come in together with one commit: the disk is waited for once, and no reply leaves before."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from protocol.money_line import Message

Outcome: TypeAlias = Message | Exception | None

LARGEST = 64
"""Messages in one commit: more would keep the first of them waiting."""


class Grouped:
    """`handle_all` answers several messages with one commit, and `handle` one that the database threw out there.

    On PostgreSQL two processes can wait for each other's persons, or write the same row at once.
    """

    def __init__(
        self,
        handle_all: Callable[[Sequence[Message]], Sequence[Outcome]],
        handle: Callable[[Message], Message | None],
    ) -> None:
        self._handle_all = handle_all
        self._handle = handle
        self._waiting: list[tuple[Message, asyncio.Future[Message | None]]] = []

    async def answer(self, message: Message) -> Message | None:
        """The answer, once it is durable. Raises what answering it raised."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Message | None] = loop.create_future()
        self._waiting.append((message, answered))
        if len(self._waiting) == 1:
            loop.call_soon(self._settle)  # after every connection that has something to say now
        return await answered

    def _settle(self) -> None:
        group, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._settle)
        outcomes: Sequence[Outcome]
        try:
            outcomes = self._handle_all([message for message, _ in group])
        except Exception as error:  # nothing of the group is in the books
            outcomes = [error] * len(group)
        for (message, answered), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, SQLAlchemyError):
                outcome = self._alone(message)
            if answered.cancelled():
                continue
            if isinstance(outcome, Exception):
                answered.set_exception(outcome)
            else:
                answered.set_result(outcome)

    def _alone(self, message: Message) -> Outcome:
        try:
            return self._handle(message)
        except Exception as error:
            return error
