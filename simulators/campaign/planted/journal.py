"""Planted bugs of the journal and of what a start reads from it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from simulators.campaign.planted.bug import Patch, Planted, changed
from terminal import journal, recovery
from terminal.journal import Journal, JournalError, Record

WHERE: Final = "terminal/journal.py"


def _synchronous(value: str) -> Callable[[], Patch]:
    def make(before: Any) -> Any:
        def opened(path: str, vfs: str, *, create: bool) -> Any:
            connection = before(path, vfs, create=create)
            connection.pragma("synchronous", value)
            return connection

        return opened

    return lambda: changed(journal, "_open", make)


def _intents_unsynced() -> Patch:
    def make(before: Any) -> Any:
        def write(self: Any, kind: str, transaction: str | None = None, **data: Any) -> Record:
            if not str(kind).endswith("_intent"):
                return before(self, kind, transaction, **data)  # type: ignore[no-any-return]
            self._connection.pragma("synchronous", "OFF")
            try:
                return before(self, kind, transaction, **data)  # type: ignore[no-any-return]
            finally:
                self._connection.pragma("synchronous", "FULL")

        return write

    return changed(Journal, "write", make)


def _error_ignored() -> Patch:
    """What could not be written is taken for written."""

    def make(before: Any) -> Any:
        def write(self: Any, kind: str, transaction: str | None = None, **data: Any) -> Record:
            try:
                return before(self, kind, transaction, **data)  # type: ignore[no-any-return]
            except JournalError:
                self._failure = ""
                at = self._now().isoformat()
                return Record(self._seq + 1, at, str(kind), transaction, data, self._hash, f"lost {kind} {at}")

        return write

    return changed(Journal, "write", make)


def _number_used_up() -> Patch:
    def make(before: Any) -> Any:
        def write(self: Any, kind: str, transaction: str | None = None, **data: Any) -> Record:
            try:
                return before(self, kind, transaction, **data)  # type: ignore[no-any-return]
            except JournalError:
                self._failure = ""
                self._seq += 1
                return before(self, kind, transaction, **data)  # type: ignore[no-any-return]

        return write

    return changed(Journal, "write", make)


def _committed_in_pairs() -> Patch:
    """What was acknowledged is on the disk when the next record is."""

    def make(before: Any) -> Any:
        def write(self: Any, kind: str, transaction: str | None = None, **data: Any) -> Record:
            second = self._connection.in_transaction
            if not second:
                self._connection.execute("BEGIN")
            record: Record = before(self, kind, transaction, **data)
            if second:
                self._connection.execute("COMMIT")
            return record

        return write

    return changed(Journal, "write", make)


def _ordered_by_time() -> Patch:
    def make(before: Any) -> Any:
        def records(self: Any, *kinds: Any, newest_first: bool = False, **which: Any) -> Any:
            found = before(self, *kinds, **which)
            return iter(sorted(found, key=lambda record: datetime.fromisoformat(record.time), reverse=newest_first))

        return records

    return changed(Journal, "records", make)


def _begun_anew() -> Patch:
    def make(before: Any) -> Any:
        def init(self: Any, path: Any, *rest: Any, **more: Any) -> None:
            try:
                before(self, path, *rest, **more)
            except JournalError:
                before(self, f"{path}.new", *rest, **more)

        return init

    return changed(Journal, "__init__", make)


BUGS: Final = (
    Planted("M1", "the record of an intent is not synced before the motion", WHERE, _intents_unsynced, (6,)),
    Planted("M3", "the journal's synchronous is NORMAL", WHERE, _synchronous("NORMAL"), (6, 12)),
    Planted("M4", "the journal's synchronous is OFF", WHERE, _synchronous("OFF"), (6, 12)),
    Planted("M5", "an error of a write or sync is ignored", WHERE, _error_ignored, (6, 12)),
    Planted("M6", "a record is committed together with the next one", WHERE, _committed_in_pairs, (6, 12)),
    Planted(
        "M7",
        "a start reads only the newest 30 records",
        "terminal/recovery.py",
        lambda: changed(recovery, "fold", lambda before: lambda records: before(list(records)[-30:])),
        (3, 9, 15),
    ),
    Planted("M8", "a failed write uses up a number and breaks the chain", WHERE, _number_used_up, (12, 15)),
    Planted("M38", "records are read in the order of the wall clock", WHERE, _ordered_by_time, (3, 4, 9, 12)),
    Planted("M44", "a journal that can't be opened is replaced by a new one", WHERE, _begun_anew, (12,)),
)
"""Of the journal."""
