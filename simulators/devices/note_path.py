"""The way of a note through a dispenser that delivers straight to the customer: cassette, path, exit or reject tray.

Places in custody, below the name of the dispenser: `cassette1` (the top one) and on, `path`, `throat` (stuck half out
of the exit), `exit`, `reject`. A note moves one place at a time and stays where it is when the power goes.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene


class Upset(StrEnum):
    """What can happen to one pick."""

    PICK_FAILURE = "pick failure"
    DOUBLE_PICK = "double pick"
    REJECT = "reject"
    JAM_IN_PATH = "jam in the path"
    JAM_AT_EXIT = "jam at the exit"


class Trouble(StrEnum):
    """Why a run ended early."""

    EMPTY = "cassette empty"
    PICK_FAILURE = "pick failure"
    JAM_IN_PATH = "jam in the path"
    JAM_AT_EXIT = "jam at the exit"
    TOO_MANY_REJECTS = "too many rejects"
    TOO_MANY_NOTES = "too many notes"


_JAMS = {Upset.JAM_IN_PATH: (Trouble.JAM_IN_PATH, "path"), Upset.JAM_AT_EXIT: (Trouble.JAM_AT_EXIT, "throat")}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast notes move (seconds): about 3.5 notes a second, and a long try before a pick counts as failed."""

    pick: float = 0.14
    transport: float = 0.14
    failed_pick: float = 2.0
    purge: float = 1.5


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
    """Cassettes 1 to `cassettes`, the path, the exit and the reject tray of one dispenser."""

    def __init__(self, *, scene: Scene, custody: Custody[Note], name: str, cassettes: int, pace: Pace) -> None:
        self._scene = scene
        self._custody = custody
        self._name = name
        self._pace = pace
        self._inserted = dict.fromkeys(range(1, cassettes + 1), True)
        self._upsets: list[tuple[Upset, int, int]] = []
        self._origin: dict[Note, int] = {}
        self.reject_tray_inserted = True

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

    def left(self, position: int) -> int:
        """Notes in a cassette."""
        return self._custody.number(self.cassette(position))

    def notes(self, part: str) -> tuple[Note, ...]:
        """Notes at a part, longest there first."""
        return self._custody.at(self.place(part))

    @property
    def blocked(self) -> Trouble | None:
        """Notes of an earlier run that stand in the way."""
        if self.notes("throat"):
            return Trouble.JAM_AT_EXIT
        return Trouble.JAM_IN_PATH if self.notes("path") else None

    @property
    def can_purge(self) -> bool:
        """Whether notes on the path have a tray to go to."""
        return self.reject_tray_inserted or not self.notes("path")

    # Motions

    async def dispense(
        self, asked: Mapping[int, int], *, to_reject: bool = False, reject_limit: int = 99, limit: int | None = None
    ) -> Run:
        """Bring `asked` notes per cassette, in that order, to the exit (or all to the reject tray).

        After `limit` notes, rejects included, nothing more is picked.
        """
        run = Run({position: CassetteRun() for position in asked})
        for position, number in asked.items():
            counts = run.cassettes[position]
            while (counts.rejected if to_reject else counts.exited) < number:
                if limit is not None and self._exits(run) + self._rejects(run) >= limit:
                    run.trouble = Trouble.TOO_MANY_NOTES
                else:
                    run.trouble = await self._one(position, counts, to_reject=to_reject)
                if run.trouble is None and not to_reject and self._rejects(run) > reject_limit:
                    run.trouble = Trouble.TOO_MANY_REJECTS
                if run.trouble is not None:
                    run.at = position
                    return run
        return run

    async def purge(self) -> Run:
        """Clear the path into the reject tray; what stands in the exit is pushed out to the customer."""
        await asyncio.sleep(self._pace.purge)
        run = Run({position: CassetteRun() for position in self.positions})
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
        picked = () if upset is Upset.PICK_FAILURE else self._pick(position, 2 if upset is Upset.DOUBLE_PICK else 1)
        if not picked:
            await asyncio.sleep(self._pace.failed_pick)
            return Trouble.PICK_FAILURE if self.left(position) and self.inserted(position) else Trouble.EMPTY
        await asyncio.sleep(self._pace.pick)
        for note in picked:
            self._origin[note] = position
            self._move(note, "path")
        counts.checked += len(picked)
        await asyncio.sleep(self._pace.transport)
        if upset in _JAMS:
            trouble, part = _JAMS[upset]
            for note in picked:
                self._move(note, part)
            return trouble
        rejected = to_reject or upset is not None
        for note in picked:
            self._move(note, "reject" if rejected else "exit")
            del self._origin[note]
        if rejected:
            counts.rejected += len(picked)
        else:
            counts.exited += len(picked)
        return None

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

    def _move(self, note: Note, part: str) -> None:
        self._custody.move(note, self.place(part))
        self._scene.changed()

    # Hands

    def upset(self, upset: Upset, cassette: int, pick: int = 1) -> None:
        """Let it happen at the `pick`-th pick from that cassette from now on; at different picks, please."""
        self._upsets.append((upset, cassette, pick))

    def take(self, part: str, to: str, number: int | None = None) -> list[Note]:
        """Take notes out of a part of the dispenser, the topmost first; all of them by default."""
        notes = list(reversed(self.notes(part)))[:number]
        for note in notes:
            self._custody.move(note, to)
            self._origin.pop(note, None)
        if notes:
            self._scene.changed()
        return notes

    def insert(self, position: int, inserted: bool) -> None:
        """Put a cassette in its place, or pull it out with all that is in it."""
        self._inserted[position] = inserted
        self._scene.changed()

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Lay notes, wherever they are, behind those in a cassette."""
        for note in notes:
            self._custody.move(note, self.cassette(position))
        self._scene.changed()
