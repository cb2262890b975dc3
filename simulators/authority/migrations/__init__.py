"""Brings an authority's database to the tables of this program, version by version, in one transaction.

A new one has the newest tables from the start; a test holds that both ways lead to the same tables. Only the way up
from an earlier version (`climb`) needs Alembic, which is slow to load.
"""

from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from simulators.authority.tables.creation import create_tables

VERSIONS: Final = tuple(sorted(path.name[1:5] for path in Path(__file__).parent.glob("versions/v[0-9]*.py")))
"""The versions of this program's tables, the oldest first."""

_NOTED = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic notes a database's version."""

_ALEMBIC = Lock()
"""Alembic keeps what it is at in one place for the whole process."""

_POINTS_TO_NOTHING = "after the change rows would point to nothing"


class VersionError(Exception):
    """A database that this program can't bring up to date; says why, and nothing was changed."""


def newest() -> str:
    """The version of this program's tables."""
    return VERSIONS[-1]


def version(connection: Connection) -> str | None:
    """The version of a database; None for one without tables. Raises VersionError for tables without a version."""
    tables = inspect(connection).get_table_names()
    noted = connection.scalar(select(_NOTED.c.version_num)) if _NOTED.name in tables else None
    if noted is None and tables:
        raise VersionError("it has tables but no version: it is no database of an authority")
    return noted


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest version; an empty one gets its tables. Raises VersionError."""
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:  # a table may be made anew while others point to it; what points to nothing is found at the end
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with _ALEMBIC, engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(310200)"))  # another process may be at it
            try:
                _to_newest(connection)
            except IntegrityError:
                raise VersionError(_POINTS_TO_NOTHING) from None
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise VersionError(_POINTS_TO_NOTHING)
    finally:
        if sqlite:
            event.remove(engine, "connect", _without_foreign_keys)
        engine.dispose()


def _to_newest(connection: Connection) -> None:
    now = version(connection)
    if now == newest():
        return
    if now is None:
        create_tables(connection)
        _NOTED.create(connection)
        connection.execute(insert(_NOTED), {"version_num": newest()})
        return
    if now not in VERSIONS:
        raise VersionError(f"it has version {now}, and this program knows up to {newest()}: use a newer program")
    from simulators.authority.migrations.climb import climb

    climb(connection)


def _without_foreign_keys(connection: object, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]
