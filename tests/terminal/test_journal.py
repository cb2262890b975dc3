"""The journal: durable, append-only, and honest about damage."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from terminal.journal import GENESIS, Entry, Journal, JournalBroken, JournalError, inspect

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def journal_at(path: Path, vfs: str = "") -> Journal:
    return Journal(path, lambda: NOON, vfs)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def tamper(path: Path, *statements: str) -> None:
    """What somebody with the file and any SQLite tool can do."""
    with sqlite3.connect(path) as connection:
        for trigger in ("record_is_never_changed", "record_is_never_deleted"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        for trigger, action in (("record_is_never_changed", "UPDATE"), ("record_is_never_deleted", "DELETE")):
            connection.execute(
                f"CREATE TRIGGER {trigger} BEFORE {action} ON record BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )
    connection.close()


def test_records_are_numbered_chained_and_read_back_in_order(path: Path) -> None:
    journal = journal_at(path)
    first = journal.write(Entry.STARTED, version="1.0")
    second = journal.write(Entry.DISPENSE_INTENT, "visit1", units={"unit1": 5}, amount_fen=50_000)

    assert (first.seq, first.previous) == (1, GENESIS)
    assert (second.seq, second.previous) == (2, first.hash)
    assert second.data == {"units": {"unit1": 5}, "amount_fen": 50_000}
    assert list(journal.records()) == [first, second]
    assert list(journal.records(transaction="visit1")) == [second]
    assert list(journal.records(Entry.STARTED)) == [first]
    assert list(journal.records(after=1)) == [second]
    assert list(journal.records(newest_first=True)) == [second, first]


def test_order_is_by_number_even_when_the_clock_goes_back(path: Path) -> None:
    times = iter([NOON, NOON - timedelta(days=1)])
    journal = Journal(path, lambda: next(times))
    journal.write(Entry.STARTED)
    journal.write(Entry.STOPPED)

    assert [record.kind for record in journal.records()] == ["started", "stopped"]
    assert journal.verify().ok


def test_a_reopened_journal_goes_on_where_it_was(path: Path) -> None:
    journal = journal_at(path)
    last = journal.write(Entry.STARTED)
    journal.close()

    record = journal_at(path).write(Entry.STOPPED)

    assert (record.seq, record.previous) == (2, last.hash)


def test_records_can_be_neither_changed_nor_deleted(path: Path) -> None:
    journal_at(path).write(Entry.STARTED)
    # The journal of this test is unreachable now, and closed.
    with sqlite3.connect(path) as connection:
        for statement in ("UPDATE record SET kind = 'x'", "DELETE FROM record"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "good", "problem"),
    [
        ("UPDATE record SET data = '{\"amount_fen\":1}' WHERE seq = 2", 1, "record 2 was changed"),
        ("UPDATE record SET txn = 'other' WHERE seq = 2", 1, "record 2 was changed"),
        ("DELETE FROM record WHERE seq = 2", 1, "record 2 is missing"),
        ("UPDATE record SET previous = hash WHERE seq = 3", 2, "record 3 does not follow on record 2"),
        ("DELETE FROM record WHERE seq = 1", 0, "record 1 is missing"),
    ],
)
def test_a_broken_chain_names_the_place_and_is_not_opened(path: Path, statement: str, good: int, problem: str) -> None:
    journal = journal_at(path)
    for _ in range(3):
        journal.write(Entry.DISPENSE_DONE, amount_fen=50_000)
    journal.close()
    tamper(path, statement)

    with pytest.raises(JournalBroken, match=problem) as caught:
        journal_at(path)

    assert caught.value.verification.records == good
    verification, records = inspect(path)
    assert not verification.ok
    assert len(records) in (2, 3)


def test_a_journal_has_one_writer(path: Path) -> None:
    journal = journal_at(path)

    with pytest.raises(JournalError, match="in use by another program"):
        journal_at(path)
    journal.close()


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.write_bytes(b"something else" * 100)

    with pytest.raises(JournalError, match="can't be opened"):
        journal_at(path)


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(JournalError, match="version 99"):
        journal_at(path)


def test_only_its_owner_can_read_a_journal(path: Path) -> None:
    journal = journal_at(path)
    journal.write(Entry.STARTED)

    assert [file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.name}*")] == [0o600, 0o600]
    journal.close()


def test_a_journal_in_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file or directory"):
        journal_at(tmp_path / "nowhere" / "journal.db")


@pytest.mark.parametrize("data", ["not json", "[1]"])
def test_a_record_that_can_not_be_understood_hides_no_other(path: Path, data: str) -> None:
    """What was a record's data is shown as it is found, and the chain names the record."""
    journal = journal_at(path)
    for number in range(3):
        journal.write(Entry.STARTED, number=number)
    journal.close()
    with sqlite3.connect(path) as meddler:
        meddler.execute("DROP TRIGGER record_is_never_changed")
        meddler.execute("UPDATE record SET data = ? WHERE seq = 2", (data,))
    meddler.close()

    verification, records = inspect(path)

    assert (verification.records, verification.problem) == (1, "record 2 was changed")
    assert [record.data for record in records] == [{"number": 0}, {"illegible": data}, {"number": 2}]


def test_a_journal_that_is_not_there_is_not_made_by_looking(path: Path) -> None:
    with pytest.raises(JournalError, match="can't be opened"):
        inspect(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "value",
    [
        "6217000000000000012",
        "6217 0000 0000 0000 012",
        "card 6217000000000000012.",
        "6217000000000000012=30122010001",
        "11010519491231002X",
        6217000000000000012,
        ["fine", {"inner": "6217000000000000012"}],
        b"\x12\x34",
    ],
)
def test_what_looks_like_a_card_number_is_refused_and_the_record_says_so(path: Path, value: Any) -> None:
    journal = journal_at(path)

    record = journal.write(Entry.CARD_READ, detail=value)
    journal.close()

    assert len(record.data["refused"]) == 1
    assert b"62170000" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.parametrize(
    "value", ["621700*********0012", "2026-01-05T12:00:00+08:00", "000007", 50_000, True, None, ["a", 1], {"unit1": 5}]
)
def test_ordinary_data_is_written_as_it_is(path: Path, value: Any) -> None:
    assert journal_at(path).write(Entry.CARD_READ, detail=value).data == {"detail": value}


def test_a_float_is_a_mistake_of_the_program(path: Path) -> None:
    with pytest.raises(TypeError, match="float"):
        journal_at(path).write(Entry.DISPENSE_DONE, amount=1.5)  # type: ignore[arg-type]


class FaultyDisk(apsw.VFS):
    """The real disk, whose n-th write or sync fails, once or for good; and which remembers what was synced."""

    def __init__(self, name: str) -> None:
        self.operations = 0
        self.fail_at = 0
        self.for_good = False
        self.synced: dict[str, bytes] = {}
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "FaultyFile":  # noqa: N802  # SQLite's names
        return FaultyFile(self, name, flags)

    def operation(self) -> None:
        self.operations += 1
        if self.fail_at and (self.operations == self.fail_at or (self.for_good and self.operations > self.fail_at)):
            raise apsw.IOError("the disk failed")


class FaultyFile(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.operation()
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.operation()
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.operation()
        super().xSync(flags)
        self._disk.synced[self._name] = Path(self._name).read_bytes()


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    disk = FaultyDisk("faulty")
    yield disk
    disk.unregister()


def run_until_failure(path: Path) -> int:
    """Write a few records; how many were acknowledged."""
    acknowledged = 0
    try:
        journal = journal_at(path, "faulty")
        try:
            for number in range(4):
                journal.write(Entry.DISPENSE_INTENT, f"visit{number}", amount_fen=number)
                acknowledged += 1
        finally:
            journal.close()
    except (JournalError, apsw.Error):
        pass
    return acknowledged


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_no_acknowledged_record_is_lost_wherever_the_disk_fails(
    tmp_path: Path, disk: FaultyDisk, for_good: bool
) -> None:
    run_until_failure(tmp_path / "probe.db")
    disk.for_good = for_good
    for fail_at in range(1, disk.operations + 1):
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        disk.operations, disk.fail_at = 0, fail_at

        acknowledged = run_until_failure(folder / "journal.db")

        disk.fail_at = 0
        journal = journal_at(folder / "journal.db", "faulty")
        kept = [record.data["amount_fen"] for record in journal.records()]
        journal.close()
        assert kept[:acknowledged] == list(range(acknowledged)), f"operation {fail_at}"
        assert len(kept) <= acknowledged + 1


def test_a_disk_that_fails_while_a_journal_is_opened_is_told_as_such(tmp_path: Path, disk: FaultyDisk) -> None:
    """Also where the file can't even be closed again."""
    run_until_failure(tmp_path / "probe.db")
    disk.for_good = True
    words = []
    for fail_at in range(1, disk.operations + 1):
        disk.operations, disk.fail_at = 0, fail_at
        try:
            journal_at(tmp_path / f"{fail_at}.db", "faulty").close()
        except JournalError as error:
            words.append(str(error))

    assert words
    assert all("can't be opened" in each for each in words)


def test_after_an_error_nothing_is_written_any_more(path: Path, disk: FaultyDisk) -> None:
    """An fsync that failed may succeed when it is called again, and mean nothing."""
    journal = journal_at(path, "faulty")
    journal.write(Entry.STARTED)
    disk.operations, disk.fail_at = 0, 1

    with pytest.raises(JournalError, match="can't be written"):
        journal.write(Entry.DISPENSE_INTENT)
    operations = disk.operations
    with pytest.raises(JournalError, match="can't be written"):
        journal.write(Entry.DISPENSE_INTENT)

    assert disk.operations == operations
    journal.close()


def test_whichever_operation_of_a_record_fails_the_sync_included_it_is_not_taken_for_written(
    tmp_path: Path, disk: FaultyDisk
) -> None:
    """Nor is it ever tried again; only a restart tells what is on the disk."""
    fail_at, syncs = 0, 0
    while True:
        fail_at += 1
        journal = journal_at(tmp_path / f"{fail_at}.db", "faulty")
        journal.write(Entry.STARTED)
        disk.operations, disk.fail_at = 0, fail_at
        before = dict(disk.synced)
        try:
            journal.write(Entry.DISPENSE_INTENT)
        except JournalError:
            syncs += disk.synced == before
            with pytest.raises(JournalError):
                journal.write(Entry.DISPENSE_INTENT)
            assert disk.synced == before, "nothing was synced after the failure"
        else:
            break
        finally:
            disk.fail_at = 0
            journal.close()
    assert syncs == fail_at - 1 >= 2, "a write and a sync at least"


def test_a_record_is_synced_before_write_returns(path: Path, disk: FaultyDisk) -> None:
    journal = journal_at(path, "faulty")
    journal.write(Entry.DISPENSE_INTENT, "visit-seen-on-disk")

    assert any(b"visit-seen-on-disk" in data for data in disk.synced.values())
    journal.close()
