"""A dispenser on a half-duplex line that delivers straight to the customer: handshake, power and hands.

One command at a time: ACK, work, response, and the host's ACK (some models close with EOT). A response is sent three
times at most: again after NAK or any other byte that is not ACK, and after a long silence. While notes move, the device
hears nothing. There is no presenter: what is at the exit is within the customer's reach.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Generic, TypeVar

from protocol.wire import ACK, EOT, NAK, Control, Damaged, Decoder, Event, Noise, Received
from simulators.devices.note_path import NotePath, Upset
from simulators.world.custody import Note
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd

M = TypeVar("M", bound=Received)
T = TypeVar("T")

_FRAME_TIME = 0.2
_SENDS = 3


class _Ear(Generic[M]):
    """The receiving half of one line: events with a time limit, and not listening while something moves."""

    def __init__(self, line: LineEnd, decoder: Decoder[M]) -> None:
        self._line = line
        self._decoder = decoder
        self._events: list[Event[M]] = []

    async def next(self, timeout: float | None) -> Event[M] | None:
        """The next event, or None after `timeout` seconds. A frame that takes too long is noise."""
        try:
            async with asyncio.timeout(timeout):
                while not self._events:
                    try:
                        async with asyncio.timeout(_FRAME_TIME if self._decoder.pending else None):
                            self._events += self._decoder.feed(await self._line.receive())
                    except TimeoutError:
                        self._events += self._decoder.give_up()
                return self._events.pop(0)
        except TimeoutError:
            return None

    async def deaf_during(self, work: Awaitable[T]) -> T:
        """Do `work`; whatever is said meanwhile is lost, and a line that goes down stops nothing."""
        lost = asyncio.ensure_future(self._lose())
        try:
            return await work
        finally:
            lost.cancel()
            self._decoder.give_up()
            self._events.clear()

    async def _lose(self) -> None:
        try:
            while True:
                await self._line.receive()
        except ConnectionError:
            return


class NoteDispenser(ABC, Generic[M]):
    """What both families share: the handshake, the power, and the hands of customer and staff."""

    def __init__(self, path: NotePath, *, acknowledge: float, resend_after: float, closes_with_eot: bool) -> None:
        self.path = path
        self.dispense_frames = 0
        self._acknowledge = acknowledge
        self._resend_after = resend_after
        self._closes_with_eot = closes_with_eot
        self._powered = True
        self._sessions: list[asyncio.Future[None]] = []
        self._motion = asyncio.Lock()

    # The wire

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
        """Start again without clearing the path."""
        self._powered = True
        self._forget()
        self._switch()

    def _switch(self) -> None:
        for session in self._sessions:
            session.cancel()

    async def _speak(self, line: LineEnd) -> None:
        ear = _Ear(line, self._decoder())
        if self._motion.locked():
            await ear.deaf_during(self._standstill())
        event: Event[M] | None = None
        while True:
            event = event or await ear.next(None)
            if isinstance(event, Damaged):
                await line.send(NAK.raw)
            if event is None or isinstance(event, Damaged | Noise | Control):
                event = None
            else:
                event = await self._obey(line, ear, event)

    async def _standstill(self) -> None:
        """A motion that began on an earlier line ends first."""
        async with self._motion:
            pass

    async def _obey(self, line: LineEnd, ear: _Ear[M], request: M) -> Event[M] | None:
        """Carry out a command; returns the next command if it came instead of the host's ACK."""
        steps = self._steps(request)
        if not self._is_silent(request):
            await ear.deaf_during(asyncio.sleep(self._acknowledge))
            await line.send(ACK.raw)
        for step in steps:
            async with self._motion:
                reply = await ear.deaf_during(step())
            if reply and (instead := await self._deliver(line, ear, reply)) is not None:
                return instead
        return None

    async def _deliver(self, line: LineEnd, ear: _Ear[M], reply: bytes) -> Event[M] | None:
        for _ in range(_SENDS):
            await line.send(reply)
            heard = await ear.next(self._resend_after)
            if heard == ACK:
                if self._closes_with_eot:
                    await line.send(EOT.raw)
                return None
            if heard is not None and not isinstance(heard, Damaged | Noise | Control):
                return heard
        return None

    @abstractmethod
    def _decoder(self) -> Decoder[M]: ...

    @abstractmethod
    def _steps(self, request: M) -> Sequence[Callable[[], Coroutine[Any, Any, bytes]]]:
        """The work of a command, each step with the response that follows it (empty: none)."""

    def _is_silent(self, request: M) -> bool:
        """Whether the command gets no ACK."""
        return False

    @abstractmethod
    def _forget(self) -> None:
        """Lose what is only in memory."""

    # Hands

    @property
    def notes_at_exit(self) -> tuple[Note, ...]:
        """Notes within the customer's reach."""
        return self.path.notes("exit")

    def take_notes(self, number: int | None = None) -> list[Note]:
        """The customer takes notes from the exit, all by default."""
        return self.path.take("exit", "customer", number)

    def cassette_place(self, position: int) -> str:
        """The custody's name for a cassette."""
        return self.path.cassette(position)

    def remove_cassette(self, position: int) -> None:
        """Pull a cassette out; its notes stay in it."""
        self.path.insert(position, False)

    def insert_cassette(self, position: int) -> None:
        """Put a cassette back."""
        self.path.insert(position, True)

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Staff put notes into a cassette."""
        self.path.refill(position, notes)

    def remove_reject_tray(self) -> list[Note]:
        """Staff pull out the reject tray and take what is in it."""
        self.path.reject_tray_inserted = False
        return self.path.take("reject", "staff")

    def insert_reject_tray(self) -> None:
        """Put the reject tray back."""
        self.path.reject_tray_inserted = True

    def clear_jam(self) -> list[Note]:
        """Staff open the dispenser and take out what is stuck."""
        return self.path.take("throat", "staff") + self.path.take("path", "staff")

    def upset(self, upset: Upset, cassette: int, pick: int = 1) -> None:
        """Let something go wrong at the `pick`-th pick from a cassette from now on."""
        self.path.upset(upset, cassette, pick)

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def fail_pick(cassette: int = 1, pick: int = 1) -> None:
            self.upset(Upset.PICK_FAILURE, cassette, pick)

        def pick_two(cassette: int = 1, pick: int = 1) -> None:
            self.upset(Upset.DOUBLE_PICK, cassette, pick)

        def jam(cassette: int = 1, pick: int = 1, at_exit: bool = False) -> None:
            self.upset(Upset.JAM_AT_EXIT if at_exit else Upset.JAM_IN_PATH, cassette, pick)

        def clear_jam() -> None:
            self.clear_jam()

        def remove(cassette: int = 1) -> None:
            self.remove_cassette(cassette)

        def put_back() -> None:
            for position in self.path.positions:
                self.insert_cassette(position)

        return {
            "C1": Ailment(fail_pick),
            "C2": Ailment(pick_two),
            "C3": Ailment(jam, clear_jam),
            "C6": Ailment(remove, put_back),
        }

    def snapshot(self) -> dict[str, str]:
        """The dispenser in a few words."""
        cassettes = {
            f"cassette {position}": f"{self.path.left(position)} notes"
            if self.path.inserted(position)
            else "pulled out"
            for position in self.path.positions
        }
        tray = f"{len(self.path.notes('reject'))} notes" if self.path.reject_tray_inserted else "pulled out"
        return {
            "power": "on" if self._powered else "off",
            **cassettes,
            "path": str(self.path.blocked or "clear"),
            "exit": f"{len(self.notes_at_exit)} notes",
            "reject tray": tray,
            "last error": self._last_error_words(),
        }

    @abstractmethod
    def _last_error_words(self) -> str: ...


async def _ignore(line: LineEnd) -> None:
    """Without power nothing is heard."""
    while True:
        await line.receive()
