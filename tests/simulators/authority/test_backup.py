import random
from pathlib import Path

import pytest
from sqlalchemy import text

from simulators.authority.authority import Authority
from simulators.authority.backup import back_up, check, restore
from simulators.authority.database import Database, DatabaseError
from simulators.authority.hsm import SoftHsm
from tests import postgresql
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path | str, Path | str]:
    """Two places for databases of one kind."""
    if request.param == "sqlite":
        return tmp_path / "one.db", tmp_path / "other.db"
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.create(empty=True), server.create(empty=True)


def used(at: Path | str) -> tuple[Database, Kiosk]:
    """A database in which somebody has drawn 100 yuan."""
    database = Database(at, connections=3)
    kiosk = Kiosk(make_authority(Clock(), JIA, database=database))
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    return database, kiosk


def test_what_was_backed_up_while_it_served_is_there_again(
    places: tuple[Path | str, Path | str], tmp_path: Path
) -> None:
    one, other = places
    database, kiosk = used(one)
    taken = back_up(database.engine, tmp_path / "backup")
    kiosk.confirm(kiosk.cash(20_000), 20_000)  # after the backup: not in it

    assert restore(tmp_path / "backup", other) == taken
    restored = Database(other)
    authority = Authority(restored, SoftHsm(b"M" * 32, random.Random(2).randbytes), Clock().now)
    assert authority.balance_fen(JIA.pan) == JIA.opening_balance_fen - 10_000
    assert authority.ledger_balanced()
    with pytest.raises(Exception, match="append-only"), restored.transaction() as connection:
        connection.execute(text("DELETE FROM postings"))
    for each in (database, restored):
        each.close()


def test_a_backup_is_for_its_owner_only_and_never_replaces_another(tmp_path: Path) -> None:
    database, _ = used(tmp_path / "authority.db")
    backup = tmp_path / "backup"
    back_up(database.engine, backup)
    before = backup.read_bytes()

    assert backup.stat().st_mode & 0o077 == 0
    with pytest.raises(DatabaseError, match="give the backup a new name"):
        back_up(database.engine, backup)
    assert backup.read_bytes() == before
    database.close()


def test_a_restore_never_touches_a_database_that_is_there(
    places: tuple[Path | str, Path | str], tmp_path: Path
) -> None:
    one, other = places
    database, _ = used(one)
    back_up(database.engine, tmp_path / "backup")
    living, kiosk = used(other)
    kiosk.confirm(kiosk.cash(20_000), 20_000)

    with pytest.raises(DatabaseError, match=r"move it away|empty one"):
        restore(tmp_path / "backup", other)
    assert check(living.engine).entries == check(database.engine).entries + 1
    for each in (database, living):
        each.close()


def test_books_that_do_not_balance_are_no_backup(tmp_path: Path) -> None:
    database, _ = used(tmp_path / "authority.db")
    with database.transaction() as connection:
        columns = "entry_id, account_id, debit_fen, credit_fen"
        connection.execute(text(f"INSERT INTO postings ({columns}) SELECT {columns} FROM postings LIMIT 1"))

    with pytest.raises(DatabaseError, match="do not balance"):
        back_up(database.engine, tmp_path / "backup")
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == []
    database.close()


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)

    with pytest.raises(DatabaseError):
        restore(tmp_path / "backup", tmp_path / "authority.db")
    assert not (tmp_path / "authority.db").exists()


def test_a_damaged_backup_is_found_before_it_is_restored(tmp_path: Path) -> None:
    database, _ = used(tmp_path / "authority.db")
    back_up(database.engine, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    (tmp_path / "backup").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(DatabaseError, match="use another backup"):
        restore(tmp_path / "backup", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
    database.close()


def test_a_backup_of_one_kind_does_not_go_into_the_other(tmp_path: Path) -> None:
    database, _ = used(tmp_path / "authority.db")
    back_up(database.engine, tmp_path / "backup")
    with pytest.raises(DatabaseError, match="restore it to a file"):
        restore(tmp_path / "backup", "postgresql+psycopg://nobody@nowhere/none")

    (tmp_path / "dump").write_bytes(b"PGDMP" + bytes(100))
    with pytest.raises(DatabaseError, match="restore it to a postgresql"):
        restore(tmp_path / "dump", tmp_path / "new.db")
    database.close()
