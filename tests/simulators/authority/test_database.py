from pathlib import Path

import pytest
from sqlalchemy import func, select

from simulators.authority.database import Database, DatabaseError
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.supervision import incidents
from tests.simulators.authority.kiosk import Clock


def note(database: Database) -> None:
    with database.transaction() as connection:
        note_incident(connection, Clock().now(), "test", "a row")


def count(database: Database) -> int:
    with database.transaction() as connection:
        return int(connection.scalar(select(func.count()).select_from(incidents)) or 0)


def test_in_memory_is_the_database_that_the_test_names(request: pytest.FixtureRequest) -> None:
    assert Database().engine.dialect.name in request.node.name


@pytest.mark.parametrize(
    "at", ["mysql://somebody:secret@host/db", "postgresql://host/db", "oracle+nothing://x", "/nowhere/at/all.db"]
)
def test_what_is_no_database_is_refused_with_a_way_out(at: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        Database(at)

    assert "secret" not in str(refused.value)
    assert "file" in str(refused.value) or "is it there" in str(refused.value)


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    database = Database(tmp_path / "authority.db")
    note(database)
    database.close()
    reopened = Database(tmp_path / "authority.db")

    assert count(reopened) == 1
    reopened.close()


def note_and_fail(database: Database) -> None:
    with database.transaction() as connection:
        note_incident(connection, Clock().now(), "test", "a row")
        raise ValueError("in the middle")


def test_a_transaction_that_fails_leaves_nothing() -> None:
    database = Database()
    with pytest.raises(ValueError, match="in the middle"):
        note_and_fail(database)

    assert count(database) == 0


def test_a_commit_waits_for_the_disk_and_rows_must_belong_together(tmp_path: Path) -> None:
    database = Database(tmp_path / "authority.db")
    with database.transaction() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert settings == ["wal", 2, 1]
    database.close()


def test_two_processes_see_the_same_books(tmp_path: Path) -> None:
    one, other = Database(tmp_path / "authority.db"), Database(tmp_path / "authority.db")
    note(one)
    note(other)

    assert count(one) == count(other) == 2
    one.close()
    other.close()
