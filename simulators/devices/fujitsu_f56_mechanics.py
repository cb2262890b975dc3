"""The way of a note through an F53 or F56: cassette, path, pool, exit behind its shutter; reject box and capture box.

Places in custody, below the name of the dispenser: `cassette1` (the top one) and on, `path`, `pool`, `throat` (stuck in
the exit), `exit`, `reject`, `capture`. A note moves one place at a time and stays where it is when the power goes.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from protocol.fujitsu_f56_codes import CassetteCode, Code, of_cassette
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene


class Upset(StrEnum):
    """What can happen to one pick; a jam at the exit happens when the notes are brought there."""

    PICK_FAILURE = "pick failure"
    DOUBLE_PICK = "double pick"
    REJECT = "reject"
    JAM_AT_FEED = "jam at the feed"
    JAM_IN_PATH = "jam in the path"
    MISCOUNT = "note that a sensor misses"
    JAM_AT_EXIT = "jam at the exit"


class Stuck(StrEnum):
    """What a shutter can be stuck at."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things move (seconds): a count of ten notes takes some eight."""

    start: float = 4.0
    pick: float = 0.2
    travel: float = 0.2
    failed_pick: float = 1.0
    transport: float = 2.0
    shutter: float = 0.5
    retrieve: float = 0.3
    initialise: float = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a motion ended, as the device tells it; `notes` is what a retrieve counted."""

    error: int = Code.GOOD
    additional: int = 0
    notes: int | None = None


GOOD = Ended()
_THROUGH_EXIT = 0x01
_FEED_TO_DFSS = 0x10
EXIT_BLOCKED = Ended(Code.EJECTION_JAM, 0x80)
"""Something stands in the ejection section before a motion begins."""


@dataclass(slots=True)
class Tally:
    """Notes of one cassette in one count."""

    dispensed: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Box:
    """The reject box or the capture box."""

    place: str
    capacity: int
    inserted: bool = True


@dataclass(slots=True)
class Wanted:
    """A count of one cassette."""

    notes: int
    rejects: int
    retries: int
    tally: Tally = field(default_factory=Tally)


class Mechanics:
    """Cassettes 1 to `cassettes` and everything behind them; `pool` notes fit the pool, 0 where there is none."""

    def __init__(
        self,
        *,
        scene: Scene,
        custody: Custody[Note],
        name: str,
        cassettes: int,
        pool: int,
        shutter: bool,
        reject_box: int,
        capture_box: int,
        pace: Pace,
    ) -> None:
        self._scene = scene
        self._custody = custody
        self._name = name
        self._pace = pace
        self._magnets = {position: position for position in range(1, cassettes + 1)}
        self._inserted = dict.fromkeys(self._magnets, True)
        self._upsets: list[tuple[Upset, int, int]] = []
        self._held_back = 0
        self._uncounted = 0
        self.pool = pool
        self.has_shutter = shutter
        self.shutter_open = not shutter
        self.shutter_stuck: Stuck | None = None
        self.outlet_stuck: bool | None = None
        self.reject_box = Box("reject", reject_box)
        self.capture_box = Box("capture", capture_box)

    def place(self, part: str) -> str:
        """The custody's name for a part, such as "exit"."""
        return f"{self._name}/{part}"

    def cassette(self, position: int) -> str:
        """The custody's name for a cassette."""
        return self.place(f"cassette{position}")

    # What sensors see

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions that a cassette can have."""
        return tuple(self._inserted)

    def inserted(self, position: int) -> bool:
        """Whether the cassette is in its place."""
        return self._inserted.get(position, False)

    def magnet(self, position: int) -> int | None:
        """The magnet code of the cassette in this place: the place it belongs to; None when there is none."""
        return self._magnets[position] if self.inserted(position) else None

    def notes(self, part: str) -> tuple[Note, ...]:
        """Notes at a part, longest there first."""
        return self._custody.at(self.place(part))

    @property
    def outlet_covered(self) -> bool:
        """What the sensor of the outlet says."""
        return self.outlet_stuck if self.outlet_stuck is not None else bool(self.notes("exit") or self.notes("throat"))

    @property
    def in_reach(self) -> tuple[Note, ...]:
        """Notes that a person can take."""
        return self.notes("exit") if self.shutter_open else ()

    @property
    def blocked(self) -> Ended | None:
        """What stands in the way of every motion."""
        if self.notes("path"):
            return Ended(Code.MEDIUM_REMAINS)
        if self.outlet_covered:
            return EXIT_BLOCKED
        if self.has_shutter and self.shutter_open:
            return Ended(Code.SHUTTER_FOUND_OPEN)
        return None

    def full(self, box: Box) -> Ended | None:
        """Why a box can take nothing."""
        absent, full = (
            (Code.REJECT_BOX_NOT_SET, Code.REJECT_BOX_FULL)
            if box is self.reject_box
            else (Code.CAPTURE_BOX_ABSENT, Code.CAPTURE_BOX_FULL)
        )
        if not box.inserted:
            return Ended(absent)
        return Ended(full) if len(self.notes(box.place)) >= box.capacity else None

    # Motions

    async def initialise(self) -> Ended:
        """Clear path and pool into the reject box."""
        if self.outlet_covered:
            return EXIT_BLOCKED
        await asyncio.sleep(self._pace.initialise)
        if (shut := await self._shut()) is not GOOD:
            return shut
        for note in (*self.notes("path"), *self.notes("pool")):
            if (full := self.full(self.reject_box)) is not None:
                return full
            self._move(note, "reject")
        return GOOD

    async def count(self, wanted: Mapping[int, Wanted]) -> Ended:
        """Bring notes into the pool, or without one to the outlet, cassette by cassette from the top."""
        await asyncio.sleep(self._pace.start)
        if not self.pool and (opened := await self._opened()) is not GOOD:
            return opened
        for position, want in wanted.items():
            retries = want.retries
            while want.tally.dispensed < want.notes:
                ended = await self._one(position, want.tally)
                if ended.error == of_cassette(position, CassetteCode.PICK) and retries:
                    retries -= 1
                elif ended is not GOOD:
                    return ended
                elif want.tally.rejected > want.rejects:
                    return Ended(Code.THICKNESS)
        return GOOD

    async def transport(self) -> Ended:
        """Bring the pool's notes to the front exit."""
        if (opened := await self._opened()) is not GOOD:
            return opened
        await asyncio.sleep(self._pace.transport / 2)
        self._bundle("pool", "throat")
        await asyncio.sleep(self._pace.transport / 2)
        if self._struck(Upset.JAM_AT_EXIT):
            return Ended(Code.EJECTION_JAM, _THROUGH_EXIT)
        self._bundle("throat", "exit")
        return GOOD

    async def retrieve(self) -> Ended:
        """Take the notes at the exit back into the capture box, one by one; somebody may hold on to some."""
        there = len(self.notes("exit"))
        counted = captured = 0
        while (full := self.full(self.capture_box)) is None and len(self.notes("exit")) > self._held_back:
            await asyncio.sleep(self._pace.retrieve)
            if len(left := self.notes("exit")) > self._held_back:
                self._move(left[0], "capture")
                captured += 1
                counted += captured > self._uncounted
        self._held_back = self._uncounted = 0
        if full is not None and self.notes("exit"):
            return Ended(full.error, notes=counted)
        if self.notes("exit"):
            self.take("exit", "customer")
        shut = await self._shut()
        if captured < there:
            return Ended(Code.PULLED_OUT_AT_FRONT, notes=counted)
        return Ended(shut.error, notes=counted)

    async def reject(self) -> Ended:
        """Bring the pool's notes into the reject box."""
        await asyncio.sleep(self._pace.transport)
        there = len(self.notes("pool"))
        missed, self._uncounted = self._uncounted, 0
        for moved, note in enumerate(self.notes("pool")):
            if (full := self.full(self.reject_box)) is not None:
                return Ended(full.error, notes=max(0, moved - missed))
            self._move(note, "reject")
        return Ended(notes=max(0, there - missed))

    async def move_shutter(self, *, to_open: bool) -> Ended:
        """Open or close the shutter."""
        return await self._opened() if to_open else await self._shut()

    async def _one(self, position: int, tally: Tally) -> Ended:
        """Pick once and bring what was picked to its end."""
        upset = self._next_upset(position)
        number = 2 if upset is Upset.DOUBLE_PICK else 1
        picked = self._custody.at(self.cassette(position))[:number] if self.inserted(position) else ()
        if upset is Upset.PICK_FAILURE or not picked:
            await asyncio.sleep(self._pace.failed_pick)
            code = CassetteCode.PICK if picked else CassetteCode.EMPTY
            return Ended(of_cassette(position, code if self.inserted(position) else CassetteCode.ABSENT))
        await asyncio.sleep(self._pace.pick)
        for note in picked:
            self._move(note, "path")
        await asyncio.sleep(self._pace.travel)
        target = "pool" if self.pool else "exit"
        match upset:
            case Upset.JAM_AT_FEED:
                return Ended(Code.JAM, position)
            case Upset.JAM_IN_PATH:
                return Ended(Code.JAM, _FEED_TO_DFSS + position)
            case Upset.JAM_AT_EXIT:
                self._move(picked[0], "throat")
                return Ended(Code.EJECTION_JAM, _THROUGH_EXIT)
            case Upset.MISCOUNT:
                self._move(picked[0], target)
                return Ended(Code.COUNT_MISMATCH)
            case Upset.DOUBLE_PICK | Upset.REJECT:
                if (full := self.full(self.reject_box)) is not None:
                    return full  # the note stays on the path
                for note in picked:
                    self._move(note, "reject")
                tally.rejected += len(picked)
            case _:
                self._move(picked[0], target)
                tally.dispensed += 1
        return GOOD

    async def _opened(self) -> Ended:
        if not self.has_shutter or self.shutter_open:
            return GOOD
        await asyncio.sleep(self._pace.shutter)
        if self.shutter_stuck is not None:
            return Ended(Code.SHUTTER_OPEN_FAILED)
        self.shutter_open = True
        self._scene.changed()
        return GOOD

    async def _shut(self) -> Ended:
        if not self.has_shutter or not self.shutter_open:
            return GOOD
        await asyncio.sleep(self._pace.shutter)
        if self.shutter_stuck is not None:
            return Ended(Code.SHUTTER_CLOSE_FAILED)
        self.shutter_open = False
        self._scene.changed()
        return GOOD

    def _bundle(self, source: str, to: str) -> None:
        for note in self.notes(source):
            self._move(note, to)

    def _move(self, note: Note, part: str) -> None:
        self._custody.move(note, self.place(part))
        self._scene.changed()

    def _next_upset(self, position: int) -> Upset | None:
        due = None
        waiting: list[tuple[Upset, int, int]] = []
        for upset, cassette, picks in self._upsets:
            if self.pool and upset is Upset.JAM_AT_EXIT:
                waiting.append((upset, cassette, picks))
            elif cassette == position and picks == 1 and due is None:
                due = upset
            else:
                waiting.append((upset, cassette, picks - (cassette == position)))
        self._upsets = waiting
        return due

    def _struck(self, wanted: Upset) -> bool:
        """Whether an upset of this kind was waiting; it strikes once."""
        found = next((entry for entry in self._upsets if entry[0] is wanted), None)
        if found is not None:
            self._upsets.remove(found)
        return found is not None

    # Hands

    def forget_upsets(self) -> None:
        """What was to happen to later picks does not happen."""
        self._upsets.clear()

    def upset(self, upset: Upset, cassette: int, pick: int) -> None:
        """Let it happen at the `pick`-th pick from that cassette from now on."""
        self._upsets.append((upset, cassette, pick))

    def hold_back(self, number: int) -> None:
        """Somebody holds on to so many notes at the exit while the device retrieves the others."""
        self._held_back = number

    def count_short(self, number: int) -> None:
        """The next retrieve does not see the first `number` notes."""
        self._uncounted = number

    def stick_shutter(self, at: Stuck | None) -> None:
        """The shutter does not move any more; None frees it."""
        self.shutter_stuck = at
        if self.has_shutter and at is not None:
            self.shutter_open = at is Stuck.OPEN
        elif self.has_shutter and not self.notes("exit"):
            self.shutter_open = False
        self._scene.changed()

    def take(self, part: str, to: str, number: int | None = None) -> list[Note]:
        """Take notes out of a part, the topmost first; all by default. An empty exit is shut by its shutter."""
        notes = list(reversed(self.notes(part)))[:number]
        for note in notes:
            self._custody.move(note, to)
        if part == "exit" and self.has_shutter and not self.notes("exit") and self.shutter_stuck is None:
            self.shutter_open = False
        if notes:
            self._scene.changed()
        return notes

    def lay(self, part: str, notes: Iterable[Note]) -> None:
        """Lay notes, wherever they are, on those at a part."""
        for note in notes:
            self._custody.move(note, self.place(part))
        self._scene.changed()

    def insert(self, position: int, inserted: bool) -> None:
        """Put a cassette in its place, or pull it out with all that is in it."""
        self._inserted[position] = inserted
        self._scene.changed()

    def swap(self, one: int, other: int, *, cassettes: bool) -> None:
        """The notes of two places change them: with their `cassettes`, or laid into the wrong one at replenishment."""
        ones, others = self.notes(f"cassette{one}"), self.notes(f"cassette{other}")
        self.lay(f"cassette{one}", others)
        self.lay(f"cassette{other}", ones)
        if cassettes:
            magnets, inserted = self._magnets, self._inserted
            magnets[one], magnets[other] = magnets[other], magnets[one]
            inserted[one], inserted[other] = inserted[other], inserted[one]
            self._scene.changed()
