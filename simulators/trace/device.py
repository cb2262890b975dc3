"""A recorded device, played for a driver: what the host says is matched, what the device said comes back in its time.

The rules of the file:
- The device's next messages are sent as long after the host's message before them as in the recording, `pace` times.
- Where nothing was recorded nothing is said: a time-out of the recording is a time-out again.
- Bytes that were not written down match anything; so does the check code of a message that has such bytes.
- Strict: the host says what it said, in that order, and waits for what it waited for. Tolerant: it may speak early, ask
  again what it asked shortly before (the answer comes again), and leave out what it asked then.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from simulators.trace.conversation import Conversation, Fit, Said
from simulators.trace.difference import differences, in_words, read
from simulators.world.line import LineEnd

ASKED_AGAIN = 6
"""How many messages of the host back a tolerant device looks for a question that comes again."""

REST = 0.1
"""Seconds in which the rest of a message that does not match is waited for, to tell it whole."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the host left the recording: the line of the file, what was expected there, what came; in words."""

    line: int
    t: float
    expected: str
    got: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """How it went: messages of the recording that were played, of how many; `divergence` None when all matched."""

    played: int
    messages: int
    divergence: Divergence | None = None
    repeated: int = 0
    left_out: int = 0
    beyond: bool = False

    @property
    def ok(self) -> bool:
        """Everything matched."""
        return self.divergence is None and self.played + self.left_out >= self.messages


class PlayedDevice:
    """Plays a conversation once. `patience`: seconds (after the recorded silence) in which a host must speak."""

    def __init__(
        self, recorded: Conversation, *, pace: float = 1.0, tolerant: bool = False, patience: float | None = None
    ) -> None:
        self._said = recorded.said
        self._wire = recorded.dialect.wire
        self._pace = pace
        self._tolerant = tolerant
        self._patience = patience
        self._at = 0
        self._furthest = 0
        self._heard = b""
        self._ever_heard = False
        self._free_at = 0.0
        self._repeated = self._left_out = 0
        self._divergence: Divergence | None = None
        self._beyond = False

    @property
    def report(self) -> Played:
        """How it went so far."""
        return Played(
            self._furthest - self._left_out,
            len(self._said),
            self._divergence,
            self._repeated,
            self._left_out,
            self._beyond,
        )

    async def serve(self, line: LineEnd) -> None:
        """Play until the end of the recording, or until the host leaves it. Raises ConnectionError."""
        self._free_at = asyncio.get_running_loop().time()
        while self._divergence is None and self._at < len(self._said):
            now = self._said[self._at]
            if now.from_host:
                await self._hear(now, line)
            else:
                await self._speak(now, line)

    async def listen_on(self, line: LineEnd, seconds: float) -> None:
        """After the end: does the host go on?"""
        self._beyond = bool(self._heard) or await self._receive(line, seconds)

    async def _speak(self, now: Said, line: LineEnd) -> None:
        before = self._said[self._at - 1].record.t if self._at else now.record.t
        due = self._free_at + max(0.0, now.record.t - before) * self._pace
        loop = asyncio.get_running_loop()
        while (left := due - loop.time()) > 0:
            if not await self._receive(line, left):
                break
        if self._heard and not self._tolerant:
            got = await self._whole(line)
            self._leave(now, f"the device has yet to say {now.record.note or now.record.hex}", got)
            return
        await line.send(now.filled)
        self._free_at = max(due, loop.time()) if self._pace else loop.time()
        self._step(self._at + 1)

    async def _hear(self, now: Said, line: LineEnd) -> None:
        fit = now.fit(self._heard)
        if self._heard and fit is Fit.NO and self._tolerant:
            fit, found = self._elsewhere()
            if fit is Fit.WHOLE:
                if found < self._at:
                    self._repeated += 1
                else:
                    self._left_out += found - self._at
                self._at, now = found, self._said[found]
        if fit is Fit.WHOLE:
            self._heard = self._heard[len(now.filled) :]
            self._free_at = asyncio.get_running_loop().time()
            self._step(self._at + 1)
        elif fit is Fit.NO:
            got = await self._whole(line)
            self._leave(now, now.record.note, got)
        elif not await self._receive(line, self._limit(now)):
            self._leave(now, now.record.note, [], silence=True)

    def _elsewhere(self) -> tuple[Fit, int]:
        """Where else in the recording the host says what was heard: shortly before, or later."""
        waiting = False
        for index in self._candidates():
            match self._said[index].fit(self._heard):
                case Fit.WHOLE:
                    return Fit.WHOLE, index
                case Fit.PART:
                    waiting = True
        return (Fit.PART if waiting else Fit.NO), self._at

    def _candidates(self) -> Iterator[int]:
        before = [index for index in range(self._at) if self._said[index].from_host]
        yield from reversed(before[-ASKED_AGAIN:])
        yield from (index for index in range(self._at + 1, len(self._said)) if self._said[index].from_host)

    def _limit(self, now: Said) -> float | None:
        """How long the host may take; before its first byte, as long as it likes."""
        if self._patience is None or not self._ever_heard:
            return None
        before = self._said[self._at - 1].record.t if self._at else now.record.t
        return self._patience + max(0.0, now.record.t - before)

    def _step(self, to: int) -> None:
        self._at = to
        self._furthest = max(self._furthest, to)

    async def _receive(self, line: LineEnd, timeout: float | None) -> bool:
        try:
            async with asyncio.timeout(timeout):
                self._heard += await line.receive()
        except TimeoutError:
            return False
        self._ever_heard = True
        return True

    async def _whole(self, line: LineEnd) -> list[object]:
        """What was heard, once the line is silent for a moment, as messages."""
        while await self._receive(line, REST):
            pass
        return read(self._wire.from_host(), self._heard)

    def _leave(self, now: Said, expected: str, got: list[object], *, silence: bool = False) -> None:
        told = "; then ".join(in_words(self._wire, event) for event in got[:3])
        unlike: list[str] = []
        if got and now.from_host and not now.hidden:
            for event in read(self._wire.from_host(), now.filled)[:1]:
                unlike = differences(self._wire, event, got[0], ("recorded", "now"))
        shown = f"{expected} ({now.record.hex})" if now.from_host else expected
        nothing = "nothing: the host is silent" if silence else "nothing"
        self._divergence = Divergence(now.number, now.record.t, shown, told or nothing, tuple(unlike))
