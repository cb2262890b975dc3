"""A disk in memory under SQLite, as it is when the power goes: what was not synced is lost, torn or kept, at random.

An apsw VFS, so the very code that ships writes on it. Every write, truncation and sync is an operation with a number;
what can go wrong with a disk happens at such a number. Directories are not modelled: a file that was made stays made.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import apsw

SECTOR: Final = 512
"""Bytes that a disk writes whole or not at all."""

LOST, TORN = 0.4, 0.7
"""Of the changes that were not synced, four in ten are lost at a power cut, three torn, and three kept."""

_names = count(1)


class PowerGone(apsw.IOError):
    """Nobody is there to hear it: the operation, and all after it, never happened."""


@dataclass(slots=True)
class _Content:
    """A file: what the program reads, what is surely on the medium, and the changes in between."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes (offset, data) and truncations (size, None) since the last sync."""

    def synced(self) -> None:
        """All of it is on the medium."""
        for offset, data in self.pending:
            _apply(self.safe, offset, data)
        self.pending.clear()


class Disk(apsw.VFS):
    """One disk; `name` is what to give SQLite as its VFS. Close it when no connection uses it any more."""

    def __init__(self) -> None:
        self.name = f"disk{next(_names)}"
        self.operations = 0
        self.gone = False
        self.lose_next_write = self.misdirect_next_write = False
        self.damaged: list[Callable[[str], None]] = []
        """Called with "torn" or "reordered" for a change that a power cut spoiled."""
        self.before_operation: list[Callable[[Disk, str], None]] = []
        """Called with the disk and the operation (open, write, truncate, delete, sync); may raise its failure."""
        self._files: dict[str, _Content] = {}
        super().__init__(self.name, "")

    @property
    def all_synced(self) -> bool:
        """Nothing that was written would be lost by a power cut now."""
        return not any(content.pending for content in self._files.values())

    def power_cut(self) -> None:
        """Nothing reaches the disk from here until `power_on`."""
        self.gone = True

    def power_on(self, chance: random.Random) -> None:
        """After a cut: of each change that was not synced, in order, 40 % are lost, 30 % torn, 30 % there."""
        self.gone = False
        for name in sorted(self._files):
            content = self._files[name]
            lost = False
            for offset, data in content.pending:
                fate = chance.random()
                if fate >= TORN and lost:
                    self._tell("reordered")
                if LOST <= fate < TORN:
                    self._tell("torn")
                lost = lost or fate < TORN
                _apply(content.safe, offset, data, _survives(chance, fate))
            content.pending.clear()
            content.now = bytearray(content.safe)

    def program_died(self) -> None:
        """After a cut that was none of the power: the operating system still has what was written, and keeps it."""
        self.gone = False
        for content in self._files.values():
            content.synced()

    def forget_unsynced(self) -> None:
        """A sync failed: what it should have written is marked clean, though it never reaches the medium."""
        for content in self._files.values():
            content.pending.clear()

    def image(self) -> dict[str, bytes]:
        """A copy of all that is surely on the disk."""
        return {name: bytes(content.safe) for name, content in self._files.items()}

    def restore(self, image: dict[str, bytes]) -> None:
        """Somebody puts an older copy back."""
        self._files = {name: _Content(bytearray(data), bytearray(data)) for name, data in image.items()}

    def _tell(self, damage: str) -> None:
        for hear in self.damaged:
            hear(damage)

    def flip_bit(self, chance: random.Random) -> bool:
        """Bit rot somewhere in the files; False when they are all empty."""
        filled = [content for _, content in sorted(self._files.items()) if content.now]
        if not filled:
            return False
        content = chance.choice(filled)
        place, bit = chance.randrange(len(content.now)), 1 << chance.randrange(8)
        content.synced()
        content.now[place] ^= bit
        content.safe[place] ^= bit
        return True

    def put_away(self, path: str) -> None:
        """Somebody takes a database and its companion files off the disk."""
        self._files = {name: content for name, content in self._files.items() if not name.startswith(path)}

    @contextmanager
    def operation(self, kind: str) -> Iterator[None]:
        """Around each operation."""
        if self.gone:
            raise PowerGone
        self.operations += 1
        for hear in tuple(self.before_operation):
            hear(self, kind)
        if self.gone:
            raise PowerGone
        yield

    # What SQLite calls

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # type: ignore[override]  # noqa: N802
        """Open a file of this disk."""
        with self.operation("open"):
            flags[1] = flags[0]
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or f"passing{next(_names)}"
        return _File(self, self._files.setdefault(path, _Content()))

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        """Is there such a file?"""
        return pathname in self._files

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Remove a file."""
        with self.operation("delete"):
            self._files.pop(filename, None)

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        """Every name is a whole path here."""
        return name


class _File:
    """One open file, by the names that SQLite calls."""

    def __init__(self, disk: Disk, content: _Content) -> None:
        self._disk = disk
        self._content = content

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._content.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        disk, content = self._disk, self._content
        with disk.operation("write"):
            if disk.misdirect_next_write:
                disk.misdirect_next_write, offset = False, max(0, offset - SECTOR * 8)
            _apply(content.now, offset, data)
            if disk.lose_next_write:
                disk.lose_next_write = False  # read back from the drive's cache until the power goes
            else:
                content.pending.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        with self._disk.operation("truncate"):
            _apply(self._content.now, size, None)
            self._content.pending.append((size, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        with self._disk.operation("sync"):
            self._content.synced()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._content.now)

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE  # as SQLite takes it of any disk


def _survives(chance: random.Random, fate: float) -> Callable[[int], bool]:
    """Which sectors of one change reach the medium."""
    if fate < LOST:
        return lambda _: False
    if fate < TORN:
        return lambda _: chance.random() < 0.5
    return lambda _: True


def _apply(medium: bytearray, offset: int, data: bytes | None, survives: Callable[[int], bool] | None = None) -> None:
    if data is None:
        if survives is None or survives(0):
            del medium[offset:]
        return
    if survives is None:
        medium.extend(bytes(max(0, offset - len(medium))))
        medium[offset : offset + len(data)] = data
        return
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        if survives(start):
            medium.extend(bytes(max(0, offset + end - len(medium))))
            medium[offset + start : offset + end] = data[start:end]
        start = end
