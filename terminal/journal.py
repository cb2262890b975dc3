"""The electronic journal: append-only, hash-chained, durable when `write` returns.

An SQLite file through apsw in WAL mode with synchronous=FULL: a commit is one fsynced append. The connection has the
file to itself. Each record carries the hash of the one before; the chain finds a changed, lost or inserted record and
names the place. It can't find a missing tail, nor the whole file replaced by an older copy: the host keeps number and
hash of the last record that it was told, and a sign-on compares.

After any error the journal is closed for good: what an fsync that failed has left on the disk, nobody knows. The kiosk
goes out of service, and a restart reads what is really there.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

import apsw

from terminal.redaction import Json, cleaned

GENESIS: Final = "0" * 64
"""What the first record carries as the hash of the one before it."""

_APPLICATION_ID = 0x6D656474
_VERSION = 1

_SCHEMA = f"""
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    txn TEXT,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX record_txn ON record (txn) WHERE txn IS NOT NULL;
CREATE INDEX record_kind ON record (kind);
CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER record_is_never_deleted BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'append only'); END;
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_VERSION};
"""

_PAGES = 4
_STATEMENTS = 1
"""What a journal needs in memory, of pages and of statements; a fleet in one process has many journals."""

_COLUMNS = "seq, time, kind, txn, data, previous, hash"


class Entry(StrEnum):
    """Every kind of record. An `*_intent` is durable before the motion it names begins."""

    # the kiosk
    STARTED = "started"  # the program runs; how the last run ended
    STOPPED = "stopped"  # in good order
    IN_SERVICE = "in_service"
    OUT_OF_SERVICE = "out_of_service"  # why
    POWER_FAILING = "power_failing"  # the battery warns: nothing moves from now on
    POWER_RESTORED = "power_restored"
    DEVICE_STATUS = "device_status"  # a device changed what it reports
    COUNTS_SET = "counts_set"  # notes loaded into or counted in a cassette
    # the person
    VISIT_BEGUN = "visit_begun"
    VISIT_ENDED = "visit_ended"  # how
    CARD_READ = "card_read"  # masked numbers only
    CARD_REJECTED = "card_rejected"
    ISSUER_REFUSED = "issuer_refused"  # the card does not take the host's answer for its issuer's
    NOTICE_ACKNOWLEDGED = "notice_acknowledged"  # which version of the notice
    PIN_ENTERED = "pin_entered"  # that it was, nothing of it
    QUOTED = "quoted"
    AMOUNT_CHOSEN = "amount_chosen"
    CONFIRMED = "confirmed"  # by the customer
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    # the card
    CARD_EJECT_INTENT = "card_eject_intent"
    CARD_TAKEN = "card_taken"
    CARD_LEFT = "card_left"
    CAPTURE_INTENT = "capture_intent"
    CARD_CAPTURED = "card_captured"
    CAPTURE_FAILED = "capture_failed"
    CARD_NOT_FOUND = "card_not_found"  # the reader is empty at a start: taken, or kept, while nobody looked
    # the notes
    DISPENSE_INTENT = "dispense_intent"
    DISPENSE_DONE = "dispense_done"  # counts by cassette
    DISPENSE_REFUSED = "dispense_refused"  # certainly nothing moved
    DISPENSE_UNKNOWN = "dispense_unknown"
    STACK_INTENT = "stack_intent"  # the dispenser has a stacker; the same four again
    STACK_DONE = "stack_done"
    STACK_REFUSED = "stack_refused"
    STACK_UNKNOWN = "stack_unknown"
    PRESENT_INTENT = "present_intent"
    PRESENT_DONE = "present_done"
    PRESENT_REFUSED = "present_refused"
    PRESENT_UNKNOWN = "present_unknown"
    CASH_TAKEN = "cash_taken"
    CASH_LEFT = "cash_left"
    RETRACT_INTENT = "retract_intent"
    RETRACT_DONE = "retract_done"
    RETRACT_REFUSED = "retract_refused"
    RETRACT_UNKNOWN = "retract_unknown"
    REJECT_INTENT = "reject_intent"  # stacked notes into the reject bin
    REJECT_DONE = "reject_done"  # how many were counted
    REJECT_REFUSED = "reject_refused"
    REJECT_UNKNOWN = "reject_unknown"
    NOTES_JUDGED = "notes_judged"  # what the dispenser said when it was asked, and what follows
    RETRACT_EMPTIED = "retract_emptied"  # a person has taken out what was retracted
    DISPENSER_RESET_INTENT = "dispenser_reset_intent"
    DISPENSER_RESET_DONE = "dispenser_reset_done"  # or refused, and nothing moved
    SUSPENSE_OPENED = "suspense_opened"  # a person has to count; with the evidence
    SUSPENSE_CLOSED = "suspense_closed"  # a person has counted; who, and the case that takes what is left
    # the host
    SIGNED_ON = "signed_on"
    SIGN_ON_FAILED = "sign_on_failed"
    CLOCK_STEPPED = "clock_stepped"  # by the host's answer our wall clock was put forward (or back: less than none)
    JOURNAL_SET_BACK = "journal_set_back"  # the host has heard of records that are not here
    TRACE_NUMBERS_RESERVED = "trace_numbers_reserved"  # up to which; echoes use them without a record each
    HOST_REQUEST = "host_request"
    HOST_REPLY = "host_reply"
    HOST_NO_ANSWER = "host_no_answer"
    HOST_REPLY_DROPPED = "host_reply_dropped"  # late, damaged, or not for us
    ADVICE_STORED = "advice_stored"
    ADVICE_ANSWERED = "advice_answered"
    ADVICE_HANDED_OVER = "advice_handed_over"  # people settle it; under which case
    DAY_END_ORDERED = "day_end_ordered"  # by an operator
    SETTLEMENT_BEGUN = "settlement_begun"  # the totals that the host is told
    BATCH_CLOSED = "batch_closed"  # how the settlement ended
    SERVICE_REQUEST = "service_request"  # something that is to be done once: its message id
    SERVICE_ANSWER = "service_answer"  # how a request on the service line ended
    # operators
    OPERATOR_ACCEPTED = "operator_accepted"  # for what
    OPERATOR_REFUSED = "operator_refused"
    OPERATORS_CHANGED = "operators_changed"  # who was added, removed or unlocked, and by whom
    OPERATOR_SLIP_PRINTED = "operator_slip_printed"
    # paper
    RECEIPT_PRINTED = "receipt_printed"
    RECEIPT_FAILED = "receipt_failed"
    RECEIPT_COPIED = "receipt_copied"  # printed once more for the same person, marked as a copy
    SLIP_PRINTED = "slip_printed"  # what a page offered to print


class JournalError(Exception):
    """The journal can't be written or opened: out of service."""


class JournalBroken(JournalError):
    """The hash chain is broken; `verification` names the place."""

    def __init__(self, path: str, verification: "Verification") -> None:
        super().__init__(
            f"journal {path}: {verification.problem}; keep the file as evidence, "
            "settle with the host, and start with a new journal"
        )
        self.verification = verification


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `time` is ISO 8601, `transaction` groups the records of one visit or exchange."""

    seq: int
    time: str
    kind: str
    transaction: str | None
    data: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain holds: `records` good ones from the first on, and what is wrong with the next."""

    records: int
    problem: str = ""

    @property
    def ok(self) -> bool:
        """The whole chain holds."""
        return not self.problem


class Journal:
    """One journal file, opened for writing.

    `now` gives the time of a record; order is by number, never by time. `vfs` names an apsw VFS. Without `create` the
    file must be there. Raises JournalBroken, JournalError.
    """

    def __init__(self, path: Path | str, now: Callable[[], datetime], vfs: str = "", *, create: bool = True) -> None:
        self._path = str(path)
        self._now = now
        self._failure = ""
        self._connection = _open(self._path, vfs, create=create)
        try:
            if not (verification := _verify(self._connection)).ok:
                raise JournalBroken(self._path, verification)
            last = next(_rows(self._connection, "ORDER BY seq DESC LIMIT 1"), None)
        except apsw.Error as error:
            _close(self._connection)
            raise JournalError(f"journal {path} can't be opened: {error}") from error
        except BaseException:
            _close(self._connection)
            raise
        self._seq, self._hash = (last[0], last[6]) if last else (0, GENESIS)

    def write(self, kind: Entry, transaction: str | None = None, **data: Json) -> Record:
        """Append a record; it is on the disk when this returns.

        A value that looks secret is refused: the record says so in its place, and names it under `refused`. Raises
        JournalError when the record can't be written, now and ever after.
        """
        if self._failure:
            raise JournalError(self._failure)
        clean = {key: cleaned(value, key) for key, value in data.items()}
        refused: list[Json] = [path for _, paths in clean.values() for path in paths]
        text = _canonical({key: value for key, (value, _) in clean.items()} | ({"refused": refused} if refused else {}))
        seq, time = self._seq + 1, self._now().isoformat()
        digest = _digest(seq, time, kind, transaction, text, self._hash)
        row = (seq, time, str(kind), transaction, text, self._hash, digest)
        try:
            self._connection.execute(f"INSERT INTO record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        except (apsw.Error, OSError) as error:
            self._failure = f"journal {self._path} can't be written: {error}"
            raise JournalError(self._failure) from error
        self._seq, self._hash = seq, digest
        return _record(row)

    def records(
        self, *kinds: Entry, transaction: str | None = None, after: int = 0, newest_first: bool = False
    ) -> Iterator[Record]:
        """Records in order, all or those of some kinds, of one transaction, or with a number above `after`."""
        where, values = ["seq > ?"], [after]
        if kinds:
            where.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += [str(kind) for kind in kinds]  # type: ignore[misc]
        if transaction is not None:
            where.append("txn = ?")
            values.append(transaction)  # type: ignore[arg-type]
        order = "DESC" if newest_first else "ASC"
        for row in _rows(self._connection, f"WHERE {' AND '.join(where)} ORDER BY seq {order}", tuple(values)):
            yield _record(row)

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last record."""
        return self._seq, self._hash

    def hash_of(self, seq: int) -> str | None:
        """The hash of a record; None where there is no such record."""
        found = next(self.records(after=seq - 1), None)
        return found.hash if found is not None and found.seq == seq else None

    def verify(self) -> Verification:
        """Walk the whole chain."""
        return _verify(self._connection)

    def close(self) -> None:
        """Give the file back. A disk that fails now takes nothing: what is acknowledged is in the write-ahead log."""
        _close(self._connection)


def inspect(path: Path | str) -> tuple[Verification, list[Record]]:
    """Chain and records of a journal that nobody has open, broken or not. Raises JournalError."""
    connection = _open(str(path), "", create=False)
    try:
        return _verify(connection), list(_legible(connection))
    finally:
        connection.close()


def _legible(connection: apsw.Connection) -> Iterator[Record]:
    """Records as far as the file can be read; what is no longer a record's data stands under `illegible`."""
    with suppress(apsw.Error):  # the verification says where that was
        for seq, time, kind, transaction, data, previous, digest in _rows(connection, "ORDER BY seq"):
            yield Record(seq, time, kind, transaction, _data(data), previous, digest)


def _data(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"illegible": text}


_Row: TypeAlias = tuple[int, str, str, str | None, str, str, str]


def _open(path: str, vfs: str, *, create: bool) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    try:
        if create and not vfs:
            # SQLite gives its companion files the mode of the main one.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        connection = apsw.Connection(path, flags=flags, vfs=vfs or None, statementcachesize=_STATEMENTS)
    except OSError as error:
        raise JournalError(f"journal {path} can't be opened: {error.strerror}") from error
    except apsw.Error as error:
        raise JournalError(f"journal {path} can't be opened: {error}") from error
    try:
        # EXCLUSIVE comes before WAL: then no shared memory is needed, and no second program can write.
        connection.pragma("locking_mode", "EXCLUSIVE")
        if (mode := connection.pragma("journal_mode", "WAL")) != "wal":
            raise JournalError(f"journal {path} can't be written ahead: its file system allows only mode {mode}")
        connection.pragma("synchronous", "FULL")
        connection.pragma("cache_size", _PAGES)
        connection.pragma("shrink_memory")  # the room for many pages that it was opened with
        version = connection.pragma("user_version")
        if version == 0 and create:
            with connection:
                connection.execute(_SCHEMA)
        elif version != _VERSION:
            raise JournalError(f"journal {path} has version {version}; this program reads version {_VERSION}")
    except apsw.BusyError as error:
        _close(connection)
        raise JournalError(f"journal {path} is in use by another program; stop the kiosk first") from error
    except apsw.Error as error:
        _close(connection)
        raise JournalError(f"journal {path} can't be opened: {error}") from error
    except JournalError:
        _close(connection)
        raise
    return connection


def _close(connection: apsw.Connection) -> None:
    """Without a word about a disk that fails now: whoever closes has heard of it, or needs nothing from it."""
    with suppress(apsw.Error, OSError):
        connection.close()


def _rows(connection: apsw.Connection, clause: str, values: tuple[Any, ...] = ()) -> Iterator[_Row]:
    yield from connection.execute(f"SELECT {_COLUMNS} FROM record {clause}", values)  # noqa: S608  # our own clauses


def _verify(connection: apsw.Connection) -> Verification:
    previous, good = GENESIS, 0
    try:
        for row in _rows(connection, "ORDER BY seq"):
            seq, time, kind, transaction, data, said_previous, said_hash = row
            if seq != good + 1:
                return Verification(good, f"record {good + 1} is missing, the next one is {seq}")
            if said_previous != previous:
                return Verification(good, f"record {seq} does not follow on record {good}")
            if said_hash != _digest(seq, time, kind, transaction, data, previous):
                return Verification(good, f"record {seq} was changed")
            previous, good = said_hash, seq
    except apsw.Error as error:
        return Verification(good, f"after record {good} the file can't be read: {error}")
    return Verification(good)


def _digest(seq: int, time: str, kind: str, transaction: str | None, data: str, previous: str) -> str:
    return hashlib.sha256(_canonical([seq, time, kind, transaction, data, previous]).encode()).hexdigest()


def _canonical(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _record(row: _Row) -> Record:
    seq, time, kind, transaction, data, previous, digest = row
    return Record(seq, time, kind, transaction, json.loads(data), previous, digest)
