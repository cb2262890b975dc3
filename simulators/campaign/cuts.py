"""Every place of a run at which it can be cut, each with a number, and the cut itself.

| place                | counts                                             | what happens before the n-th             |
|----------------------|----------------------------------------------------|------------------------------------------|
| step                 | how often a task of the terminal goes on           | the power goes, or the program dies      |
| disk                 | operations on the journal's disk                   | likewise; what was not synced is torn    |
| to ROLE, from ROLE   | bytes on a device's line                           | likewise                                 |
| ledger               | statements and commits of the host, and their ends | the host dies: nothing uncommitted stays |
| request, reply       | bytes between terminal and host                    | the connection is reset                  |
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection, event

from simulators.campaign.disk import Disk
from simulators.campaign.host import HostDied
from simulators.campaign.life import Life
from simulators.campaign.network import REPLY, REQUEST
from simulators.campaign.rig import Rig
from simulators.campaign.tape import Cut
from simulators.world.faulty_line import Direction

STEP, DISK, LEDGER = "step", "disk", "ledger"

BACK_AFTER: Final = 3.0
"""Seconds until the power is back."""


class Decision(Protocol):
    """Who decides where to cut: a tape, or whoever tries all places."""

    def at(self, place: str, first: int, count: int) -> tuple[int, Cut] | None:
        """Before `count` things in a row of which the first has the number `first`: how many of them still happen."""


class Planned:
    """A cut that is known, and those that follow on it."""

    def __init__(self, cut: Cut) -> None:
        self._next: Cut | None = cut

    def at(self, place: str, first: int, count: int) -> tuple[int, Cut] | None:
        """See `Decision`."""
        cut = self._next
        if cut is None or cut.place != place or not first <= cut.number < first + count:
            return None
        self._next = cut.then
        return cut.number - first, cut


def watch(rig: Rig, decision: Decision) -> None:
    """Ask `decision` at every place of this rig, and cut where it says so. Before the first start."""
    _Watch(rig, decision)


class _Watch:
    def __init__(self, rig: Rig, decision: Decision) -> None:
        self._rig = rig
        self._decision = decision
        self._reached: dict[str, int] = {}
        self._cuts = 0
        rig.born.append(self._live)
        rig.disk.before_operation.append(self._operation)
        for role in rig.simulated:
            self._listen(role)
        event.listen(rig.books, "before_cursor_execute", self._statement)
        event.listen(rig.books, "commit", self._commit)
        rig.network.before_message.append(self._message)

    def _at(self, place: str, count: int = 1) -> tuple[int, Cut] | None:
        first = self._reached.get(place, 0) + 1
        self._reached[place] = first + count - 1
        return self._decision.at(place, first, count)

    def _cut(self, fault: str, cut: Cut) -> None:
        self._rig.tear_with(cut.tearing)
        self._cuts += 1
        self._rig.cut("A9" if self._cuts > 1 else fault if cut.power else "A14", BACK_AFTER, power=cut.power)

    def _live(self, life: Life) -> None:
        def step() -> None:
            if found := self._at(STEP):
                self._cut("A1", found[1])

        life.before_step = step

    def _operation(self, disk: Disk, kind: str) -> None:
        if found := self._at(DISK):
            self._cut("A4" if kind == "sync" else "A3", found[1])

    def _listen(self, role: str) -> None:
        faults = self._rig.line_faults(role)

        def passing(direction: Direction, count: int) -> None:
            place = f"{'to' if direction is Direction.TO_DEVICE else 'from'} {role}"
            if found := self._at(place, count):
                offset, cut = found
                faults.at_byte(direction, offset + 1, lambda: self._cut("A2", cut))

        faults.before_bytes.append(passing)

    def _statement(self, *_: Any) -> None:
        if self._rig.host.answering and self._at(LEDGER):
            self._host_dies("A6")

    def _commit(self, connection: Connection) -> None:
        if not self._rig.host.answering:
            return
        if self._at(LEDGER):
            self._host_dies("A6")
        if self._at(LEDGER):
            connection.connection.commit()
            self._host_dies("A7")

    def _host_dies(self, fault: str) -> None:
        self._rig.count(fault)
        raise HostDied

    def _message(self, way: str, count: int) -> None:
        if found := self._at(way, count):
            self._rig.network.break_off(way, found[0])


def ways(place: str, tearings: int) -> Sequence[Callable[[int], Cut]]:
    """Each way to cut at a place, for a number of it."""
    if place in (LEDGER, REQUEST, REPLY):
        return (lambda number: Cut(place=place, number=number),)
    if place == DISK:
        return tuple(_torn(tearing) for tearing in range(tearings))
    return (
        lambda number: Cut(place=place, number=number),
        lambda number: Cut(place=place, number=number, power=False),
    )


def _torn(tearing: int) -> Callable[[int], Cut]:
    return lambda number: Cut(place=DISK, number=number, tearing=tearing)
