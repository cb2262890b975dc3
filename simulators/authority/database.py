"""Opens the authority's database: one writer at a time, durable when a transaction returns."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from simulators.authority.tables import metadata


class Database:
    """An SQLite database with the authority's tables; `path` None lives in memory, for simulations.

    Whoever wants to hear every statement listens to `engine`.
    """

    def __init__(self, path: Path | None = None) -> None:
        # Parameters hold sealed identities and wrapped keys: they stay out of exceptions and logs.
        if path is None:
            self.engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
        else:
            self.engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        with self.engine.begin() as connection:
            metadata.create_all(connection)
        if path is not None:
            self.engine.dispose()  # the next connection does not keep the statements that made the tables

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything done on the connection is kept, durably, when the block ends; nothing when it raises."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000", "cache_size = -256")
"""The cache is KiB: a host of a few kiosks needs no more, and a fleet of hosts in one process has many."""


def _prepare(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # the begin event below says BEGIN, the sqlite3 module must not
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once, so that balance and limits can't change between check and hold."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
