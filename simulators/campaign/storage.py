"""What goes wrong with the disk under a journal: faults E of the catalogue, on a `Disk`."""

import asyncio
import random
from collections.abc import Callable, Mapping

import apsw

from simulators.campaign.disk import Disk
from simulators.world.fault_options import Seconds
from simulators.world.faults import Ailment
from simulators.world.virtual_time import VirtualTimeLoop


class Storage:
    """The faults of one disk. Each waits for its operation and is counted by `fired` when it happens."""

    def __init__(self, disk: Disk, chance: random.Random, fired: Callable[[str], None]) -> None:
        self._disk = disk
        self._chance = chance
        self._fired = fired
        self._waiting: list[Callable[[str], bool]] = []
        self._lasting: list[Callable[[str], None]] = []
        self._image: dict[str, bytes] | None = None
        self._newer_comes_back = False
        disk.before_operation.append(self._operation)
        disk.damaged.append(lambda damage: fired({"torn": "E4", "reordered": "E6"}[damage]))

    def heal(self) -> None:
        """The disk works; what it lost stays lost."""
        self._waiting.clear()
        self._lasting.clear()

    def before_start(self) -> None:
        """A program is about to open its files."""
        if self._image is None:
            return
        self._fired("E8")
        newer = self._disk.image() if self._newer_comes_back else None
        self._disk.restore(self._image)
        self._image, self._newer_comes_back = newer, False

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong, by the fault's id."""

        def fail(fault: str, kinds: tuple[str, ...], error: Callable[[], Exception], *, lasting: bool) -> None:
            def strike(kind: str) -> bool:
                if kind not in kinds:
                    return False
                self._fired(fault)
                if lasting:
                    self._lasting.append(refuse)
                raise error()

            def refuse(kind: str) -> None:
                if kind in kinds:
                    raise error()

            self._waiting.append(strike)

        def full() -> None:
            fail("E1", ("write",), lambda: apsw.FullError("the disk is full"), lasting=True)

        def write_error() -> None:
            fail("E2", ("write",), lambda: apsw.IOError("write failed"), lasting=False)

        def read_only() -> None:
            fail("E10", ("write", "truncate", "delete"), lambda: apsw.ReadOnlyError("read-only"), lasting=True)

        def no_files() -> None:
            fail("E11", ("open",), lambda: apsw.CantOpenError("too many open files"), lasting=False)

        def sync_error() -> None:
            def strike(kind: str) -> bool:
                if kind != "sync":
                    return False
                self._fired("E3")
                self._disk.forget_unsynced()
                raise apsw.IOError("sync failed")

            self._waiting.append(strike)

        def slow_sync(seconds: float = 5.0) -> None:
            def strike(kind: str) -> bool:
                loop = asyncio.get_running_loop()
                if kind != "sync" or not isinstance(loop, VirtualTimeLoop):
                    return False
                self._fired("E12")
                loop.jump(seconds)
                return True

            self._waiting.append(strike)

        def lose_write() -> None:
            self._disk.lose_next_write = True
            self._fired("E5")

        def misdirect() -> None:
            self._disk.misdirect_next_write = True
            self._fired("E7")

        def roll_back(newer_comes_back: bool = False) -> None:
            """What is on the disk now is what will be found at the next start, and perhaps what is newer at the one
            after it: two mirrored disks that are out of step.
            """
            self._image, self._newer_comes_back = self._disk.image(), newer_comes_back

        def rot() -> None:
            if self._disk.flip_bit(self._chance):
                self._fired("E9")

        return {
            "E1": Ailment(full),
            "E2": Ailment(write_error),
            "E3": Ailment(sync_error),
            "E5": Ailment(lose_write),
            "E7": Ailment(misdirect),
            "E8": Ailment(roll_back),
            "E9": Ailment(rot),
            "E10": Ailment(read_only),
            "E11": Ailment(no_files),
            "E12": Ailment(slow_sync, limits={"seconds": Seconds(60, 8)}),
        }

    def _operation(self, _: Disk, kind: str) -> None:
        for refuse in self._lasting:
            refuse(kind)
        for strike in tuple(self._waiting):
            self._waiting.remove(strike)
            if not strike(kind):
                self._waiting.append(strike)
