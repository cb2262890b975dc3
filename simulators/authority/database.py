"""Opens the authority's database: durable when a transaction returns, on SQLite and on PostgreSQL.

SQLite has one writer at a time, so balance and limits can't change between check and hold. PostgreSQL has many: there
`lock_person` keeps what belongs to one person in one hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool

from simulators.authority import migrations
from simulators.authority.supervision.audit import link_noted
from simulators.authority.tables.creation import create_tables

POSTGRESQL: Final = "postgresql+psycopg"
"""The beginning of a PostgreSQL database's URL."""


class DatabaseError(Exception):
    """A database that can't be used; says which and what to do. The message holds no password."""


class Database:
    """The authority's tables in a database: a file of SQLite, a `postgresql+psycopg://` URL, or (None) memory.

    `connections` is how many threads may use it at once. Whoever wants to hear every statement listens to `engine`.
    Raises DatabaseError.
    """

    def __init__(self, at: Path | str | None = None, *, connections: int = 1) -> None:
        self.engine = open_engine(at, connections)
        try:
            if at is None:
                with self.engine.begin() as connection:
                    create_tables(connection)
            else:
                migrations.upgrade(self.engine)
        except migrations.VersionError as error:
            raise DatabaseError(f"{_named(self.engine.url)} stays as it is: {error}") from None
        except OperationalError as error:
            raise DatabaseError(
                f"{_named(self.engine.url)} can't be opened ({str(error.orig).strip()}); is it there, may this user "
                "write to it, and is its server running?"
            ) from None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything done on the connection is kept, durably, when the block ends; nothing when it raises."""
        with self.engine.begin() as connection:
            yield connection
            link_noted(connection)

    def close(self) -> None:
        """Let go of the file or server."""
        self.engine.dispose()


def open_engine(at: Path | str | None, connections: int = 1) -> Engine:
    """An engine without tables. Raises DatabaseError."""
    # Parameters hold sealed identities and wrapped keys: they stay out of exceptions and logs.
    if at is None:
        return _sqlite(create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True))
    if isinstance(at, Path) or "://" not in at:
        return _sqlite(create_engine(f"sqlite:///{at}", hide_parameters=True))
    try:
        url = make_url(at)
        if url.drivername == "sqlite":
            return _sqlite(create_engine(url, hide_parameters=True))
        if url.drivername != POSTGRESQL:
            raise DatabaseError(f"{_named(url)}: give a file, or {POSTGRESQL}://user@host/database")
        return create_engine(url, hide_parameters=True, pool_size=connections, max_overflow=0, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError):
        raise DatabaseError(f"this is no database URL; give a file, or {POSTGRESQL}://user@host/database") from None
    except ModuleNotFoundError:
        raise DatabaseError("PostgreSQL needs the extra: pip install medteller[sim,postgresql]") from None


PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000", "cache_size = -256")
"""The cache is KiB: a host of a few kiosks needs no more, and a fleet of hosts in one process has many."""


def _sqlite(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # the begin event below says BEGIN, the sqlite3 module must not
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once, so that balance and limits can't change between check and hold."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _named(url: URL) -> str:
    return url.render_as_string(hide_password=True)
