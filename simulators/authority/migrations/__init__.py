"""Brings an authority's database to the tables of this program, version by version, in one transaction.

A new one has the newest tables from the start; a test holds that both ways lead to the same tables.
"""

from functools import cache
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import IntegrityError

from simulators.authority.tables.creation import create_tables

_ALEMBIC = Lock()
"""Alembic keeps what it is at in one place for the whole process."""

_POINTS_TO_NOTHING = "after the change rows would point to nothing"


class VersionError(Exception):
    """A database that this program can't bring up to date; says why, and nothing was changed."""


def newest() -> str:
    """The version of this program's tables."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def version(connection: Connection) -> str | None:
    """The version of a database; None for one without tables. Raises VersionError for tables without a version."""
    noted = MigrationContext.configure(connection).get_current_revision()
    if noted is None and inspect(connection).get_table_names():
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
        MigrationContext.configure(connection).stamp(_scripts(), newest())
        return
    if now not in {script.revision for script in _scripts().walk_revisions()}:
        raise VersionError(f"it has version {now}, and this program knows up to {newest()}: use a newer program")
    command.upgrade(_config(connection), "head")


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _without_foreign_keys(connection: object, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
