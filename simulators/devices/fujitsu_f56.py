"""Fujitsu F53 and F56 bill dispensers: what each command does.

What nobody has published is a choice of this project: the status tells with its error code what stands in the way of a
count; `cancel` is not answered; retrieve and shutter are an extension that answers E0 (undefined) unless switched on.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from protocol.fujitsu_f56 import encode
from protocol.fujitsu_f56_codes import CASSETTES, CassetteCode, Code, of_cassette, words
from protocol.fujitsu_f56_messages import (
    MAX_NOTES,
    NO_BILL,
    NOTES_AT_EXIT,
    SENSORS,
    Area,
    BadRequest,
    Bill,
    CancelRequest,
    Command,
    Common,
    CountReply,
    CountRequest,
    InitialiseReply,
    InitialiseRequest,
    LogClearRequest,
    Message,
    Moved,
    PlainReply,
    RetrieveReply,
    RetrieveRequest,
    ShutterRequest,
    StatusRequest,
    TransportRequest,
    cassette_register,
    check_shutter_bit,
    sensor_register,
)
from protocol.wire import Control
from simulators.devices.fujitsu_f56_hands import DispenserHands
from simulators.devices.fujitsu_f56_line import Delivery, DispenserLine
from simulators.devices.fujitsu_f56_mechanics import (
    EXIT_BLOCKED,
    GOOD,
    Ended,
    Mechanics,
    Pace,
    Stuck,
    Tally,
    Upset,
    Wanted,
)
from simulators.devices.mains import Mains
from simulators.world.custody import Custody, Note
from simulators.world.line import LineEnd
from simulators.world.scene import Scene

__all__ = ["FujitsuF56", "FujitsuF56Options", "Model", "Pace", "Stuck", "Upset"]


class Model(StrEnum):
    """The F53 counts straight to the outlet; the F56 counts into a pool and presents it."""

    F53 = "F53"
    F56 = "F56"


@dataclass(frozen=True, slots=True)
class FujitsuF56Options:
    """One unit. `pool`, `reject_box` and `capture_box` are how many notes fit; `wait` (seconds) is the link's timer.

    `extensions`: it knows RETRIEVE and SHUTTER. `counts_retrieved`: RETRIEVE tells how many. `keeps_owed`: a response
    that the host did not take because it spoke first is offered again after the next one. `shutter_closed_bit`: where
    in the sensor register the shutter's sensor stands; on real units nobody knows.
    """

    name: str = "dispenser"
    model: Model = Model.F56
    cassettes: int = CASSETTES
    pool: int = 50
    shutter: bool = True
    shutter_closed_bit: int | None = None
    extensions: bool = False
    counts_retrieved: bool = True
    reject_box: int = 200
    capture_box: int = 200
    keeps_owed: bool = False
    wait: float = 5.0
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        if not 1 <= self.cassettes <= CASSETTES:
            raise ValueError(f"an {self.model} has 1 to {CASSETTES} cassettes, not {self.cassettes}")
        if self.shutter_closed_bit is not None:
            check_shutter_bit(self.shutter_closed_bit)


_FRONT = 1
_LEVEL = 4


class FujitsuF56(Mains, DispenserHands):
    """An F53 or F56: knows after power-on neither its notes nor its last command; remembers only a count cut short."""

    def __init__(
        self, *, scene: Scene, custody: Custody[Note], options: FujitsuF56Options = FujitsuF56Options()
    ) -> None:
        super().__init__()
        self.mechanics = Mechanics(
            scene=scene,
            custody=custody,
            name=options.name,
            cassettes=options.cassettes,
            pool=options.pool if options.model is Model.F56 else 0,
            shutter=options.shutter,
            reject_box=options.reject_box,
            capture_box=options.capture_box,
            pace=options.pace,
        )
        self.retrieves = options.extensions
        self.count_texts = 0
        self._options = options
        self._motion = asyncio.Lock()
        self._counting = False
        self._forget()

    def _forget(self) -> None:
        self._bills: tuple[Bill, ...] = ()
        self._cut_short, self._counting = self._counting, False
        self._owed: list[bytes] = []
        self._last = GOOD

    # The wire

    async def _speak(self, line: LineEnd) -> None:
        ear = DispenserLine(line, self._options.wait)
        if self._motion.locked():
            await ear.deaf_during(self._standstill())
        while True:
            request = await ear.command()
            async with self._motion:
                reply = await ear.deaf_during(self._answer(request))
            if reply is not None:
                self._owed.insert(0, encode(reply))
            while self._owed:
                if await ear.respond(self._owed[0]) is Delivery.HOST_WINS:
                    if not self._options.keeps_owed:
                        self._owed.clear()
                    break
                del self._owed[0]

    async def _standstill(self) -> None:
        """A motion that began on an earlier line ends first."""
        async with self._motion:
            pass

    async def _answer(self, request: Message) -> Message | None:
        match request:
            case StatusRequest():
                standing = self._standing() or GOOD
                return PlainReply(Command.STATUS, standing is GOOD, self._common(standing))
            case CancelRequest():
                self._owed.clear()
                return None
            case InitialiseRequest(bills):
                return await self._initialise(bills)
            case CountRequest():
                return await self._count(request)
            case TransportRequest(way_out):
                return self._plain(Command.TRANSPORT, await self._transport(way_out))
            case LogClearRequest():
                return self._plain(Command.LOG_CLEAR, GOOD)
            case RetrieveRequest(area) if self._options.extensions:
                ended = await self._retrieve(area)
                notes = ended.notes if self._options.counts_retrieved else None
                return RetrieveReply(self._is_good(ended), notes, self._common(ended))
            case ShutterRequest(to_open) if self._options.extensions and self.mechanics.has_shutter:
                return self._plain(Command.SHUTTER, await self.mechanics.move_shutter(to_open=to_open))
            case RetrieveRequest():
                return self._plain(Command.RETRIEVE, Ended(Code.UNDEFINED_COMMAND))
            case ShutterRequest():
                return self._plain(Command.SHUTTER, Ended(Code.UNDEFINED_COMMAND))
            case BadRequest(_, error):
                return self._plain(request.command, Ended(error))
            case Control() | PlainReply() | InitialiseReply() | CountReply() | RetrieveReply():
                raise AssertionError(f"not a command: {request}")

    async def _initialise(self, bills: tuple[Bill, ...]) -> Message:
        ended = await self.mechanics.initialise()
        if self._is_good(ended):
            self._cut_short = False
            if any(bill != NO_BILL for bill in bills):
                self._bills = bills
        return InitialiseReply(self._is_good(ended), (_LEVEL,) * (len(SENSORS) + 1), self._common(ended))

    async def _count(self, request: CountRequest) -> Message:
        self.count_texts += 1
        wanted = {
            position: Wanted(notes, rejects, retries)
            for position, (notes, rejects, retries) in enumerate(
                zip(request.notes, request.rejects, request.retries, strict=True), 1
            )
            if notes
        }
        ended = self._refusal(wanted)
        if ended is None:
            self._counting = True
            ended = await self.mechanics.count(wanted)
            if ended is GOOD and request.transport and self.mechanics.pool:
                ended = await self.mechanics.transport()
            self._counting = False
        moved = tuple(
            Moved(tally.dispensed, min(tally.rejected, MAX_NOTES))
            for position in range(1, CASSETTES + 1)
            for tally in (wanted[position].tally if position in wanted else Tally(),)
        )
        command = Command.COUNT_AND_TRANSPORT if request.transport else Command.COUNT
        return CountReply(command, self._is_good(ended), moved, self._common(ended))

    def _refusal(self, wanted: Mapping[int, Wanted]) -> Ended | None:
        """What is wrong with a count before anything moves."""
        mechanics = self.mechanics
        number = sum(want.notes for want in wanted.values())
        if (ended := self._uninitialised()) is not None:
            return ended
        if not wanted or (mechanics.pool and number > mechanics.pool):
            return Ended(Code.PARAMETER)
        if mechanics.blocked is not None:
            return mechanics.blocked
        if mechanics.notes("pool"):
            return Ended(Code.COUNT_SEQUENCE)
        for position in wanted:
            if not mechanics.inserted(position):
                return Ended(of_cassette(position, CassetteCode.ABSENT))
            if self._bills[position - 1] == NO_BILL:
                return Ended(Code.NO_INFORMATION_FOR_CASSETTE)
        return mechanics.full(mechanics.reject_box)

    async def _transport(self, way_out: int) -> Ended:
        mechanics = self.mechanics
        if (ended := self._uninitialised()) is not None:
            return ended
        if not mechanics.pool:
            return Ended(Code.CANNOT_EXECUTE)
        if way_out != _FRONT:
            return Ended(Code.PARAMETER)
        if not mechanics.notes("pool"):
            return Ended(Code.NOTHING_IN_POOL)
        if (blocked := mechanics.blocked) is not None and blocked.error != Code.SHUTTER_FOUND_OPEN:
            return blocked
        return await mechanics.transport()

    async def _retrieve(self, area: Area) -> Ended:
        mechanics = self.mechanics
        if (ended := self._uninitialised()) is not None:
            return ended
        if area is Area.CAPTURE_BOX:
            if not mechanics.notes("exit"):
                return Ended(Code.NOTHING_AT_EXIT)
            return mechanics.full(mechanics.capture_box) or await mechanics.retrieve()
        if not mechanics.notes("pool"):
            return Ended(Code.NOTHING_IN_POOL)
        return mechanics.full(mechanics.reject_box) or await mechanics.reject()

    def _uninitialised(self) -> Ended | None:
        if self._cut_short:
            return Ended(Code.POWER_OFF_DURING_COUNT)
        return None if self._bills else Ended(Code.NOT_INITIALISED)

    def _standing(self) -> Ended | None:
        """What would refuse a count now, notes at the exit apart: the sensor register tells those."""
        mechanics = self.mechanics
        if (ended := self._uninitialised()) is not None:
            return ended
        if mechanics.notes("throat"):
            return EXIT_BLOCKED
        if mechanics.blocked is not None and not mechanics.outlet_covered:
            return mechanics.blocked
        return mechanics.full(mechanics.reject_box)

    def _plain(self, command: int, ended: Ended) -> Message:
        return PlainReply(command, self._is_good(ended), self._common(ended))

    def _is_good(self, ended: Ended) -> bool:
        return ended.error == Code.GOOD

    def _common(self, ended: Ended) -> Common:
        self._last = ended
        return Common(
            ended.error,
            ended.additional,
            sensors=sensor_register(self._seen_bits()),
            cassettes=cassette_register(self.mechanics.magnet(position) for position in range(1, CASSETTES + 1)),
        )

    def _seen_bits(self) -> Iterator[int]:
        if self.mechanics.outlet_covered:
            yield NOTES_AT_EXIT
        closed = self.mechanics.has_shutter and not self.mechanics.shutter_open
        if closed and self._options.shutter_closed_bit is not None:
            yield self._options.shutter_closed_bit

    def snapshot(self) -> dict[str, str]:
        """The dispenser in a few words."""
        return {
            "power": "on" if self._powered else "off",
            **self._seen(),
            "last error": words(self._last.error, self._last.additional),
        }
