"""SQLite on a disk whose power goes at every operation: what the journal and the ledger keep, under which settings.

The journal is the terminal's own code with the very library that it ships on. The ledger's statements are those that an
authority has executed, recorded and executed again with its settings: the library of the standard module `sqlite3`,
on which the authority runs, can't be put on such a disk, so for the ledger a pass speaks for the settings only.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from unittest import mock

import apsw
from sqlalchemy import Engine, event

from simulators.authority.database import PRAGMAS
from simulators.bench.hardware import START
from simulators.campaign.disk import Disk
from simulators.campaign.run import Run
from simulators.campaign.tape import Tape, Visit
from terminal.journal import Entry, Journal, JournalError

SEEDS: Final = 4
"""Ways of tearing for each operation."""

RECORDS: Final = 12
"""What is written to the journal."""

DAY: Final = Tape(seed=1, visits=tuple(Visit(person=person, amount=100 * (person + 1)) for person in range(4)))
"""The withdrawals whose statements are the ledger's."""

_FILE: Final = "/file.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """How SQLite is told to write. `safe`: nothing acknowledged may be lost; else the disk must show that it is."""

    journal_mode: str
    synchronous: str
    safe: bool = False

    def __str__(self) -> str:
        return f"{self.journal_mode}/{self.synchronous}"


SHIPPED: Final = Settings("WAL", "FULL", safe=True)

OTHERS: Final = (
    Settings("DELETE", "FULL", safe=True),
    Settings("WAL", "NORMAL"),
    Settings("WAL", "OFF"),
    Settings("DELETE", "OFF"),
    Settings("MEMORY", "FULL"),
)
"""What is not shipped: one that would be as safe, and weaker ones, by which the disk shows that it can tell."""


@dataclass(slots=True)
class Verdict:
    """What became of one database under one setting: operations of the disk, runs, and what was wrong, by kind."""

    database: str
    settings: Settings
    operations: int = 0
    runs: int = 0
    violations: Counter[str] = field(default_factory=Counter)

    @property
    def expected(self) -> bool:
        """Safe settings lose nothing, weak ones are found out."""
        return bool(self.violations) is not self.settings.safe


Work: TypeAlias = Callable[[Disk, Settings], Iterator[None]]
"""Uses a database on the disk; comes back after each thing that is acknowledged."""

Look: TypeAlias = Callable[[Disk, int], str]
"""After so many acknowledged things and a cut: what is wrong, or nothing."""


def journal(settings: Settings, seeds: int = SEEDS) -> Verdict:
    """The terminal's journal, cut at every operation."""
    return _cut_everywhere(Verdict("journal", settings), _write_journal, _look_at_journal, seeds)


def ledger(settings: Settings, seeds: int = SEEDS, stream: "Sequence[Transaction] | None" = None) -> Verdict:
    """The authority's statements, cut at every operation."""
    kept = record(DAY) if stream is None else stream
    states: list[str] = []

    def work(disk: Disk, settings: Settings) -> Iterator[None]:
        return _execute(disk, settings, kept)

    def look(disk: Disk, acknowledged: int) -> str:
        return _look_at_ledger(disk, states[acknowledged : acknowledged + 2])

    disk = Disk()
    try:
        states.append(_state_on(disk))
        states += [_state(connection) for connection in _executing(disk, SHIPPED, kept)]
    finally:
        disk.unregister()
    return _cut_everywhere(Verdict("ledger", settings), work, look, seeds)


def _cut_everywhere(verdict: Verdict, work: Work, look: Look, seeds: int) -> Verdict:
    verdict.operations = _whole(work, verdict.settings)
    for operation in range(1, verdict.operations + 1):
        for seed in range(seeds):
            disk = Disk()
            try:
                acknowledged = _until_cut(disk, operation, work, verdict.settings)
                disk.power_on(random.Random(f"{operation}/{seed}"))  # noqa: S311  # repeatable on purpose
                verdict.runs += 1
                if wrong := look(disk, acknowledged):
                    verdict.violations[wrong] += 1
            finally:
                disk.power_cut()
                disk.unregister()
    return verdict


def _whole(work: Work, settings: Settings) -> int:
    disk = Disk()
    try:
        for _ in work(disk, settings):
            pass
        return disk.operations
    finally:
        disk.unregister()


def _until_cut(disk: Disk, operation: int, work: Work, settings: Settings) -> int:
    acknowledged = 0

    def cut(disk: Disk, _: str) -> None:
        if disk.operations == operation:
            disk.power_cut()

    disk.before_operation.append(cut)
    with suppress(JournalError, apsw.Error):
        for _ in work(disk, settings):
            acknowledged += not disk.gone
    disk.before_operation.remove(cut)
    return acknowledged


# The journal


def _write_journal(disk: Disk, settings: Settings) -> Iterator[None]:
    with nullcontext() if settings == SHIPPED else _weakened(settings):
        opened = Journal(_FILE, _now, disk.name)
    try:
        for number in range(RECORDS):
            opened.write(Entry.DISPENSE_INTENT, f"visit{number}", amount_fen=number)
            yield
    finally:
        opened.close()


def _look_at_journal(disk: Disk, acknowledged: int) -> str:
    try:
        opened = Journal(_FILE, _now, disk.name)
    except JournalError:
        return "corrupt"
    try:
        amounts = [record.data["amount_fen"] for record in opened.records()]
    finally:
        opened.close()
    if len(amounts) < acknowledged:
        return "lost"
    return "" if amounts == list(range(len(amounts))) and len(amounts) <= acknowledged + 1 else "inconsistent"


@contextmanager
def _weakened(settings: Settings) -> Iterator[None]:
    """Whoever opens a database in here gets these settings, whatever it asks for."""
    forced = {"journal_mode": settings.journal_mode, "synchronous": settings.synchronous}

    class Connection(apsw.Connection):
        def pragma(self, name: str, *value: Any, **how: Any) -> Any:
            answer = super().pragma(name, *((forced[name],) if name in forced else value), **how)
            return "wal" if name == "journal_mode" else answer

    with mock.patch.object(apsw, "Connection", Connection):
        yield


def _now() -> datetime:
    return START


# The ledger

Statement: TypeAlias = tuple[str, Sequence[Any]]
Transaction: TypeAlias = Sequence[Statement]


def record(tape: Tape) -> list[Transaction]:
    """What the authority of a run executes, transaction by transaction; those that only read are left out."""
    kept: list[Transaction] = []
    now: list[Statement] = []

    def execute(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            now.extend((statement, tuple(each)) for each in (parameters if many else (parameters,)))

    def commit(_: Any) -> None:
        if any(not statement.lstrip().startswith("SELECT") for statement, _ in now):
            kept.append(tuple(now))
        now.clear()

    heard = (("before_cursor_execute", execute), ("commit", commit), ("rollback", lambda _: now.clear()))
    for name, hear in heard:
        event.listen(Engine, name, hear)
    try:
        Run(tape).play()
    finally:
        for name, hear in heard:
            event.remove(Engine, name, hear)
    return kept


def _execute(disk: Disk, settings: Settings, transactions: Sequence[Transaction]) -> Iterator[None]:
    for _ in _executing(disk, settings, transactions):
        yield


def _executing(disk: Disk, settings: Settings, transactions: Sequence[Transaction]) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(_FILE, vfs=disk.name)
    try:
        # The disk has no shared memory, so WAL needs a connection that has the file to itself.
        for pragma in ("locking_mode = EXCLUSIVE", *PRAGMAS, *_pragmas(settings)):
            list(connection.execute(f"PRAGMA {pragma}"))
        for transaction in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for statement, parameters in transaction:
                list(connection.execute(statement, parameters))
            connection.execute("COMMIT")
            yield connection
    finally:
        connection.close()


def _pragmas(settings: Settings) -> Sequence[str]:
    if settings == SHIPPED:
        return ()
    return (f"journal_mode = {settings.journal_mode}", f"synchronous = {settings.synchronous}")


def _look_at_ledger(disk: Disk, allowed: Sequence[str]) -> str:
    try:
        connection = apsw.Connection(_FILE, vfs=disk.name)
        try:
            list(connection.execute("PRAGMA locking_mode = EXCLUSIVE"))
            if [row[0] for row in connection.execute("PRAGMA integrity_check")] != ["ok"]:
                return "corrupt"
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if "postings" in tables:
                ((left,),) = connection.execute("SELECT coalesce(sum(debit_fen) - sum(credit_fen), 0) FROM postings")
                if left:
                    return "unbalanced"
            state = _state(connection)
        finally:
            connection.close()
    except apsw.Error:
        return "corrupt"
    return "" if state in allowed else "lost"


def _state_on(disk: Disk) -> str:
    connection = apsw.Connection(_FILE, vfs=disk.name)
    try:
        return _state(connection)
    finally:
        connection.close()


def _state(connection: apsw.Connection) -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    for name, statement in list(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name")):
        digest.update(f"{statement}\n".encode())
        if statement is not None and statement.lstrip().upper().startswith("CREATE TABLE"):
            digest.update(repr(list(connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid'))).encode())  # noqa: S608
    return digest.hexdigest()


DATABASES: Final[Mapping[str, Callable[[Settings], Verdict]]] = {"journal": journal, "ledger": ledger}
