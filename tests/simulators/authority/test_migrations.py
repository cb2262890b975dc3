import random
import re
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from simulators.authority import migrations
from simulators.authority.authority import Authority
from simulators.authority.backup import opened
from simulators.authority.database import Database, DatabaseError, open_engine
from simulators.authority.hsm import SoftHsm
from simulators.authority.supervision.audit import chain_state
from simulators.authority.tables.creation import create_tables
from tests import migration, postgresql
from tests.simulators.authority import filled
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk


def sqlite_tables(engine: Engine) -> dict[str, list[str]]:
    """Everything in the database by its name: the parts of its definition, in order of the alphabet."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {
        name: sorted(part.strip(" ,()") for part in re.sub(r"[ \t]+", " ", sql.replace('"', "")).split("\n"))
        for name, sql in found
        if name != "alembic_version"
    }


def postgresql_tables(engine: Engine) -> list[str]:
    """Every line of PostgreSQL's own description of a database, in order of the alphabet."""
    host = str(engine.url.query["host"])
    programs = postgresql.programs()
    assert programs is not None
    asked = [str(programs / "pg_dump"), "-h", host, "-U", "postgres", "--schema-only", "-T", "alembic_version"]
    told = subprocess.run([*asked, str(engine.url.database)], check=True, capture_output=True, text=True).stdout
    lines = (re.sub(r"CONSTRAINT \w+ CHECK", "CHECK", line.strip(" ,")) for line in told.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("\\", "--")))


def both(at: Callable[[], Path | str]) -> tuple[Engine, Engine]:
    """A database that came up from the first version, and a new one."""
    upgraded, made = open_engine(at()), open_engine(at())
    with upgraded.begin() as connection:
        migration.through_all_versions(connection)
    migrations.upgrade(made)
    return upgraded, made


def test_all_versions_together_make_the_tables_of_the_program_on_sqlite(tmp_path: Path) -> None:
    names = iter(("upgraded.db", "made.db"))
    upgraded, made = both(lambda: tmp_path / next(names))

    assert sqlite_tables(upgraded) == sqlite_tables(made)
    for engine in (upgraded, made):
        engine.dispose()


def test_all_versions_together_make_the_tables_of_the_program_on_postgresql(
    postgresql_server: postgresql.Server,
) -> None:
    upgraded, made = both(lambda: postgresql_server.create(empty=True))

    assert postgresql_tables(upgraded) == postgresql_tables(made)
    for engine in (upgraded, made):
        engine.dispose()


def test_a_database_is_brought_up_once(tmp_path: Path) -> None:
    for _ in range(2):
        Database(tmp_path / "authority.db").close()

    with opened(tmp_path / "authority.db") as engine, engine.connect() as connection:
        assert migrations.version(connection) == migrations.newest()


def test_many_databases_are_brought_up_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened_ = list(pool.map(Database, (tmp_path / f"{number}.db" for number in range(4))))

    for each in opened_:
        each.close()
    assert len(opened_) == 4


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new database can be."""
    if request.param == "sqlite":
        return tmp_path / "authority.db"
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.create(empty=True)


@pytest.mark.parametrize("filled_at", sorted(filled.HOME.glob("*.json")), ids=lambda path: str(path.stem))
def test_what_was_done_under_an_earlier_version_is_all_there_and_goes_on(filled_at: Path, place: Path | str) -> None:
    old = open_engine(place)
    filled.make_tables(old, filled_at.stem)
    before = filled.read(filled_at)
    filled.pour(old, before)
    old.dispose()

    database = Database(place, connections=2)
    after = filled.rows_of(database.engine)
    for table, rows in before.items():
        assert [{name: row[name] for name in was} for row, was in zip(after[table], rows, strict=True)] == rows, table
    with database.transaction() as connection:
        state = chain_state(connection)
        assert (state.broken, state.links) == (None, len(before["audit_links"]))
        with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
            connection.execute(text("UPDATE decisions SET code = '00'"))

    clock = Clock()
    clock.pass_(days=1)
    authority = Authority(database, SoftHsm(b"M" * 32, random.Random(2).randbytes), clock.now)
    kiosk = Kiosk(authority, admitted=True)
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(40_000), 40_000)
    assert authority.account_debit_fen(JIA.pan) == 50_000 + 20_000 + 40_000
    assert authority.ledger_balanced()
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(text("UPDATE draws SET application_id = 4711"))
    database.close()


def test_rows_that_point_to_nothing_keep_a_database_at_its_version(place: Path | str) -> None:
    old = open_engine(place)
    filled.make_tables(old, "0001")
    filled.pour(old, filled.read(filled.HOME / "0001.json"))
    with old.begin() as connection:
        connection.execute(text("UPDATE draws SET application_id = 4711"))

    with pytest.raises(DatabaseError, match="would point to nothing"):
        Database(place)
    with old.connect() as connection:
        assert migrations.version(connection) == "0001"
    old.dispose()


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "authority.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()

    with pytest.raises(DatabaseError, match=r"version 9999.*use a newer program"):
        Database(path)


def test_tables_of_something_else_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE orders (id INTEGER)")

    with pytest.raises(DatabaseError, match="no database of an authority"):
        Database(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("orders",)]


def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(connection: Connection) -> None:
        create_tables(connection)
        raise migrations.VersionError("in the middle")

    monkeypatch.setattr(migrations, "create_tables", breaks)
    with pytest.raises(DatabaseError, match="in the middle"):
        Database(tmp_path / "authority.db")

    with closing(sqlite3.connect(tmp_path / "authority.db")) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_the_next_version_is_written_with_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changed since the newest, so there is nothing to do in it."""
    home = tmp_path / "migrations"
    (home / "versions").mkdir(parents=True)
    for source in migration.HOME.rglob("*.[pm]*"):
        if "__pycache__" not in source.parts:
            (home / source.relative_to(migration.HOME)).write_bytes(source.read_bytes())
    monkeypatch.setattr(migration, "HOME", home)

    written = migration.write("Nothing has changed").read_text(encoding="utf-8")
    assert f'revision = "{int(migrations.newest()) + 1:04d}"' in written.replace("'", '"')
    assert [line for line in written.partition("def upgrade")[2].splitlines() if "op." in line] == []


def test_the_versions_are_those_of_alembic_and_a_new_database_notes_its_version_as_alembic_does(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'climbed.db'}")
    with engine.begin() as connection:
        scripts = ScriptDirectory.from_config(migration.through_all_versions(connection))
    Database(tmp_path / "made.db").close()

    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == migrations.VERSIONS
    assert _noted(tmp_path / "climbed.db") == _noted(tmp_path / "made.db")
    engine.dispose()


def _noted(path: Path) -> tuple[list[str], list[tuple[str]]]:
    with closing(sqlite3.connect(path)) as file:
        (definition,) = file.execute("SELECT sql FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        return definition.split(), file.execute("SELECT version_num FROM alembic_version").fetchall()


def test_memory_needs_no_version() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert migrations.version(connection) is None
