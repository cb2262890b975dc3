"""The way of a note through a dispenser that delivers straight to the customer: cassette, path, exit or reject tray.

Places in custody, below the name of the dispenser: `cassette1` (the top one) and on, `path`, `throat` (stuck half out
of the exit), `exit`, `reject`. A note moves one place at a time and stays where it is when the power goes.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simulators.devices.note_faults import (
    DELIVERED,
    DOUBLES,
    FATES,
    REJECTED,
    STOPS_MOTORS,
    Defect,
    Fate,
    Point,
    Trouble,
    Upset,
)
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene

_JAMS = {
    Point.CHECK: Trouble.JAM_AT_CHECK,
    Point.DIVERTER: Trouble.JAM_IN_PATH,
    Point.REJECT: Trouble.JAM_TO_REJECT,
    Point.EJECT: Trouble.JAM_AT_EJECT,
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast notes move (seconds): about 3.5 notes a second, and a long try before a pick counts as failed.

    `worn` is what a worn belt adds to each note; a run ends after `run`.
    """

    pick: float = 0.14
    transport: float = 0.14
    failed_pick: float = 2.0
    purge: float = 1.5
    worn: float = 5.0
    run: float = 50.0


@dataclass(slots=True)
class CassetteRun:
    """Notes of one cassette in one run, as the sensors count them."""

    checked: int = 0
    exited: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Run:
    """One run over the cassettes; `trouble` and the cassette at which it came, when it ended early."""

    cassettes: dict[int, CassetteRun] = field(default_factory=dict)
    trouble: Trouble | None = None
    at: int = 0


class NotePath:
    """Cassettes 1 to `cassettes`, the path, the exit and the reject tray (`tray` notes fit) of one dispenser."""

    def __init__(
        self,
        *,
        scene: Scene,
        custody: Custody[Note],
        name: str,
        cassettes: int,
        pace: Pace = Pace(),
        tray: int = 10_000,
    ) -> None:
        self._scene = scene
        self._custody = custody
        self._name = name
        self._pace = pace
        self._tray = tray
        self._code = {position: position for position in range(1, cassettes + 1)}
        self._inserted = dict.fromkeys(self._code, True)
        self._upsets: list[tuple[Upset, int, int]] = []
        self._origin: dict[Note, int] = {}
        self._point: dict[Note, Point] = {}
        self._defects: set[Defect] = set()
        self.reject_tray_inserted = True
        self.tray_stuffed = False
        self._exit_touched = False

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
        """Whether a cassette is in this place."""
        return self._inserted.get(position, False)

    def code(self, position: int) -> int:
        """The number that is coded on the cassette in this place: the place it belongs to; 0 when there is none."""
        return self._code[position] if self.inserted(position) else 0

    def left(self, position: int) -> int:
        """Notes in a cassette."""
        return self._custody.number(self.cassette(position))

    def notes(self, part: str) -> tuple[Note, ...]:
        """Notes at a part, longest there first."""
        return self._custody.at(self.place(part))

    def standing(self, point: Point, position: int | None = None) -> bool:
        """Whether a note stands at a point of the path; the check sensors are those of cassette `position`."""
        return any(
            self._point.get(note, Point.DIVERTER) is point
            and (position is None or self._origin.get(note, 1) == position)
            for note in self.notes("path")
        )

    def has(self, *defects: Defect) -> bool:
        """Whether one of these is broken."""
        return not self._defects.isdisjoint(defects)

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What is broken, in the order of the table."""
        return tuple(defect for defect in Defect if defect in self._defects)

    @property
    def exit_covered(self) -> bool:
        """Whether the EXIT sensor, where it sees waiting notes, sees some."""
        return bool(self.notes("exit")) or (self._exit_touched and self.has(Defect.EXIT_SENSOR_STICKS))

    @property
    def blocked(self) -> Trouble | None:
        """Notes of an earlier run that stand in the way."""
        if self.notes("throat"):
            return Trouble.JAM_AT_EXIT
        return next((_JAMS[self._point.get(note, Point.DIVERTER)] for note in self.notes("path")), None)

    @property
    def blocked_at(self) -> int:
        """The cassette from which the first note on the path came; 0 when none stands there."""
        return next((self._origin.get(note, 1) for note in self.notes("path")), 0)

    @property
    def tray_full(self) -> bool:
        """Whether no further note fits into the reject tray."""
        return self.tray_stuffed or self._custody.number(self.place("reject")) >= self._tray

    @property
    def can_purge(self) -> bool:
        """Whether motors run, and notes on the path can move and have a tray to go to."""
        if self.has(*STOPS_MOTORS):
            return False
        if self.has(Defect.WEDGED) and self.blocked:
            return False
        return not self.notes("path") or (self.reject_tray_inserted and not self.tray_full)

    # Motions

    async def dispense(
        self, asked: Mapping[int, int], *, to_reject: bool = False, reject_limit: int = 99, limit: int | None = None
    ) -> Run:
        """Bring `asked` notes per cassette, in that order, to the exit (or all to the reject tray).

        After `limit` notes, rejects included, nothing more is picked.
        """
        run = Run({position: CassetteRun() for position in asked})
        clock = asyncio.get_running_loop().time
        end = clock() + self._pace.run
        for position, number in asked.items():
            counts = run.cassettes[position]
            while (counts.rejected if to_reject else counts.exited) < number:
                if limit is not None and self._exits(run) + self._rejects(run) >= limit:
                    run.trouble = Trouble.TOO_MANY_NOTES
                elif clock() > end:
                    run.trouble = Trouble.TOO_LONG
                else:
                    run.trouble = await self._one(position, counts, to_reject=to_reject)
                if run.trouble is Trouble.COUNT_AT_EJECT and counts.exited > number:
                    run.trouble = Trouble.EXCESS
                done = to_reject and counts.rejected >= number
                if run.trouble is None and not done and self._too_many_rejects(run, reject_limit, to_reject=to_reject):
                    run.trouble = Trouble.TOO_MANY_REJECTS
                if run.trouble is not None:
                    run.at = self.blocked_at or position if run.trouble is Trouble.STRAY_NOTE else position
                    return run
        return run

    async def purge(self) -> Run:
        """Clear the path into the reject tray; what stands in the exit is pushed out to the customer."""
        await asyncio.sleep(self._pace.purge)
        run = Run({position: CassetteRun() for position in self.positions})
        if not self.can_purge:
            return run
        for note in self.notes("throat"):
            self._move(note, "exit")
            run.cassettes[self._origin.pop(note, 1)].exited += 1
        for note in self.notes("path"):
            self._move(note, "reject")
            run.cassettes[self._origin.pop(note, 1)].rejected += 1
        return run

    async def _one(self, position: int, counts: CassetteRun, *, to_reject: bool) -> Trouble | None:
        """Pick once and bring what was picked to its end."""
        upset = self._next_upset(position)
        source = self._other(position) if upset is Upset.STRAY_NOTE else position
        if upset is Upset.STRAY_NOTE and source == position:
            upset = None
        fate = self._fate(upset, source, to_reject=to_reject)
        picked = () if upset is Upset.PICK_FAILURE else self._pick(source, fate.picked)
        if not picked:
            await asyncio.sleep(self._pace.failed_pick)
            return Trouble.PICK_FAILURE if self.left(position) and self.inserted(position) else Trouble.EMPTY
        await asyncio.sleep(self._pace.pick + self._pace.worn * self.has(Defect.WORN_BELT))
        if self.has(*STOPS_MOTORS):
            return Trouble.MOTOR_STOPPED
        for note in picked:
            self._origin[note] = source
            self._move(note, "path", Point.CHECK)
        counts.checked += len(picked) if fate.checked is None else fate.checked
        await asyncio.sleep(self._pace.transport)
        if self.has(*STOPS_MOTORS):
            return Trouble.MOTOR_STOPPED
        for note in picked:
            self._move(note, fate.part, fate.point)
            if fate.part in ("exit", "reject"):
                self._origin.pop(note)
        counts.exited += fate.exited
        counts.rejected += fate.rejected
        return fate.trouble

    def _fate(self, upset: Upset | None, source: int, *, to_reject: bool) -> Fate:
        """What becomes of the next pick from `source`."""
        if upset in DOUBLES and self.left(source) < 2:
            upset = None
        if upset is not None and upset in FATES:
            return FATES[upset]
        if to_reject:
            return REJECTED
        if self.has(Defect.EXIT_SENSOR_BLIND):
            return FATES[Upset.MISSED_AT_EXIT]
        if self.has(Defect.EXIT_SENSOR_COVERED):
            return Fate("exit", exited=1, trouble=Trouble.STAYS_IN_EXIT)
        return DELIVERED

    def _other(self, position: int) -> int:
        """Another cassette that has notes; the same one when there is none."""
        others = (other for other in self.positions if other != position and self._pick(other, 1))
        return next(others, position)

    def _pick(self, position: int, number: int) -> tuple[Note, ...]:
        return self._custody.at(self.cassette(position))[:number] if self.inserted(position) else ()

    def _next_upset(self, position: int) -> Upset | None:
        due = None
        waiting = []
        for upset, cassette, picks in self._upsets:
            if cassette == position and picks == 1 and due is None:
                due = upset
            else:
                waiting.append((upset, cassette, picks - (cassette == position)))
        self._upsets = waiting
        return due

    def _exits(self, run: Run) -> int:
        return sum(counts.exited for counts in run.cassettes.values())

    def _rejects(self, run: Run) -> int:
        return sum(counts.rejected for counts in run.cassettes.values())

    def _too_many_rejects(self, run: Run, limit: int, *, to_reject: bool) -> bool:
        rejects = self._rejects(run)
        return (rejects > 0 and self.tray_full) or (not to_reject and rejects > limit)

    def _move(self, note: Note, part: str, point: Point | None = None) -> None:
        self._exit_touched = self._exit_touched or part == "exit"
        self._custody.move(note, self.place(part))
        self._point.pop(note, None)
        if point is not None:
            self._point[note] = point
        self._scene.changed()

    # Hands

    def forget_upsets(self) -> None:
        """What was to happen to later picks does not happen."""
        self._upsets.clear()

    def upset(self, upset: Upset, cassette: int, pick: int = 1) -> None:
        """Let it happen at the `pick`-th pick from that cassette from now on; at different picks, please."""
        self._upsets.append((upset, cassette, pick))

    def break_(self, defect: Defect) -> None:
        """Something breaks, at once."""
        self._defects.add(defect)
        self._scene.changed()

    def mend(self, defect: Defect) -> None:
        """It is whole again."""
        self._defects.discard(defect)
        self._exit_touched = bool(self.notes("exit"))
        self._scene.changed()

    def take(self, part: str, to: str, number: int | None = None) -> list[Note]:
        """Take notes out of a part of the dispenser, the topmost first; all of them by default."""
        notes = list(reversed(self.notes(part)))[:number]
        for note in notes:
            self._custody.move(note, to)
            self._origin.pop(note, None)
            self._point.pop(note, None)
        if notes:
            self._scene.changed()
        return notes

    def insert(self, position: int, inserted: bool) -> None:
        """Put a cassette in its place, or pull it out with all that is in it."""
        self._inserted[position] = inserted
        self._scene.changed()

    def swap(self, one: int, other: int, *, cassettes: bool) -> None:
        """The notes of two places change them: with their `cassettes`, or laid into the wrong one at replenishment."""
        ones, others = self._custody.at(self.cassette(one)), self._custody.at(self.cassette(other))
        self.refill(other, ones)
        self.refill(one, others)
        if cassettes:
            self._code[one], self._code[other] = self._code[other], self._code[one]
            self._inserted[one], self._inserted[other] = self._inserted[other], self._inserted[one]
        self._scene.changed()

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Lay notes, wherever they are, behind those in a cassette."""
        self.lay(f"cassette{position}", notes)

    def lay(self, part: str, notes: Iterable[Note]) -> None:
        """Lay notes, wherever they are, on those at a part."""
        for note in notes:
            self._custody.move(note, self.place(part))
        self._scene.changed()
