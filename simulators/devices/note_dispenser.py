"""A dispenser on a half-duplex line that delivers straight to the customer: handshake, power and hands.

One command at a time: ACK, work, response, and the host's ACK (some models close with EOT). A response is sent three
times at most: again after NAK or any other byte that is not ACK, and after a long silence. While notes move, the device
hears nothing. There is no presenter: what is at the exit is within the customer's reach.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from protocol.wire import ACK, EOT, NAK, Control, Damaged, Decoder, Event, Noise, Received
from simulators.devices.mains import Mains
from simulators.devices.note_ailments import note_ailments
from simulators.devices.note_faults import Defect, Upset
from simulators.devices.note_path import NotePath
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
        self._overdue: float | None = None

    async def next(self, timeout: float | None) -> Event[M] | None:
        """The next event, or None after `timeout` seconds. A frame that takes too long is noise."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(timeout):
                while not self._events:
                    if not self._decoder.pending:
                        self._overdue = None
                    elif self._overdue is None:
                        self._overdue = clock() + _FRAME_TIME
                    try:
                        async with asyncio.timeout_at(self._overdue):
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
            self._overdue = None
            self._events.clear()

    async def _lose(self) -> None:
        try:
            while True:
                await self._line.receive()
        except ConnectionError:
            return


class NoteDispenser(Mains, Generic[M]):
    """What both families share: the handshake, the power, and the hands of customer and staff."""

    defects: ClassVar[Collection[Defect]]
    """What can break in this model."""

    def __init__(self, path: NotePath, *, acknowledge: float, resend_after: float, closes_with_eot: bool) -> None:
        super().__init__()
        self.path = path
        self.dispense_frames = 0
        self._acknowledge = acknowledge
        self._resend_after = resend_after
        self._closes_with_eot = closes_with_eot
        self._motion = asyncio.Lock()

    # The wire

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

    def put_back(self, notes: Iterable[Note]) -> None:
        """The customer lays notes into the exit again."""
        self.path.lay("exit", notes)

    def remove_cassette(self, position: int) -> None:
        """Pull a cassette out; its notes stay in it."""
        self.path.insert(position, False)

    def insert_cassette(self, position: int) -> None:
        """Put a cassette back."""
        self.path.insert(position, True)

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Staff put notes into a cassette."""
        self.path.refill(position, notes)

    def empty_cassette(self, position: int) -> list[Note]:
        """Staff take all notes out of a cassette."""
        return self.path.take(f"cassette{position}", "staff")

    def remove_reject_tray(self) -> list[Note]:
        """Staff pull out the reject tray and take what is in it."""
        self.path.reject_tray_inserted = False
        self.path.tray_stuffed = False
        return self.path.take("reject", "staff")

    def insert_reject_tray(self) -> None:
        """Put the reject tray back."""
        self.path.reject_tray_inserted = True

    def clear_jam(self) -> list[Note]:
        """Staff open the dispenser and take out what is stuck."""
        self.path.mend(Defect.WEDGED)
        return self.path.take("throat", "staff") + self.path.take("path", "staff")

    def swap_cassettes(self, one: int, other: int) -> None:
        """Staff put two cassettes into each other's places."""
        self.path.swap(one, other, cassettes=True)

    def mix_up_notes(self, one: int, other: int) -> None:
        """Staff filled two cassettes with each other's notes: the cassettes are right, what is in them is not."""
        self.path.swap(one, other, cassettes=False)

    def fill_reject_tray(self) -> None:
        """Not one more note fits into the reject tray until it is emptied."""
        self.path.tray_stuffed = True

    def open_safe(self) -> None:
        """The safe door opens: its switch takes the current from the motors, notes stop where they are."""
        self.break_(Defect.SAFE_OPEN)

    def close_safe(self) -> None:
        """The safe door is shut again."""
        self.mend(Defect.SAFE_OPEN)

    def break_(self, defect: Defect) -> None:
        """Something breaks. Raises ValueError when this model has no such part."""
        if defect not in self.defects:
            raise ValueError(f"this dispenser can't have: {defect}; it can have: {', '.join(self.defects)}")
        self.path.break_(defect)

    def mend(self, defect: Defect) -> None:
        """It is whole again."""
        self.path.mend(defect)

    def upset(self, upset: Upset, cassette: int, pick: int = 1) -> None:
        """Let something go wrong at the `pick`-th pick from a cassette from now on."""
        self.path.upset(upset, cassette, pick)

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""
        return note_ailments(self)

    def snapshot(self) -> dict[str, str]:
        """The dispenser in a few words."""
        cassettes = {
            f"cassette {position}": f"{self.path.left(position)} notes"
            if self.path.inserted(position)
            else "pulled out"
            for position in self.path.positions
        }
        tray = f"{len(self.path.notes('reject'))} notes" if self.path.reject_tray_inserted else "pulled out"
        broken = {"broken": ", ".join(self.path.defects)} if self.path.defects else {}
        return {
            "power": "on" if self._powered else "off",
            **cassettes,
            "path": str(self.path.blocked or "clear"),
            "exit": f"{len(self.notes_at_exit)} notes",
            "reject tray": tray,
            "last error": self._last_error_words(),
            **broken,
        }

    @abstractmethod
    def _last_error_words(self) -> str: ...
