"""A PostgreSQL server for tests: in a scratch directory, on a Unix socket, gone afterwards.

It needs Debian's package `postgresql`. Its data need not survive a power cut, so it does not wait for the disk.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

MISSING = "PostgreSQL is not installed (Debian: apt-get install postgresql)"

_SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=")


@dataclass(slots=True)
class Server:
    """A running server; databases on it are made from `template`, which has the authority's tables."""

    directory: Path
    template: str | None = None
    _numbers: Iterator[int] = field(default_factory=count)
    _clean: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        """What SQLAlchemy opens."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def create(self, *, empty: bool = False) -> str:
        """The URL of a new database."""
        name = f"test_{next(self._numbers)}"
        made_from = "" if empty or self.template is None else f" TEMPLATE {self.template}"
        self.say(f"CREATE DATABASE {name}{made_from}")
        return self.url(name)

    def lend(self) -> str:
        """The URL of a database with the template's tables and no rows: one that was given back, or a new one."""
        return self._clean.pop() if self._clean else self.create()

    def give_back(self, url: str) -> None:
        """Empty a database for the next, which takes less than making one; one whose tables were changed is dropped."""
        name = url.removeprefix("postgresql+psycopg://postgres@/").partition("?")[0]
        assert self.template is not None
        if self._shape(name) != self._shape(self.template):
            self.say(f"DROP DATABASE {name} WITH (FORCE)")
            return
        with self._connected(name) as database:
            # The version of the tables stays, as the tables do.
            tables = database.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            counters = database.execute("SELECT sequencename FROM pg_sequences WHERE last_value > 0").fetchall()
            deleted = "; ".join(f"DELETE FROM {table}" for (table,) in tables)
            restarted = "".join(f"; ALTER SEQUENCE {counter} RESTART" for (counter,) in counters)
            # Without triggers and foreign keys, which would refuse.
            database.execute(f"SET session_replication_role = replica; {deleted}{restarted}".encode())
        self._clean.append(url)

    def say(self, statement: str) -> None:
        """Execute a statement that stands in no transaction."""
        with self._connected("postgres") as server:
            server.execute(statement.encode())

    def _shape(self, database: str) -> tuple[object, ...] | None:
        with self._connected(database) as asked:
            return asked.execute(
                "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_trigger),"
                "(SELECT count(*) FROM pg_attribute WHERE NOT attisdropped)"
            ).fetchone()

    def _connected(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.directory), user="postgres", dbname=database, autocommit=True)


def programs() -> Path | None:
    """Where PostgreSQL's programs are: on the PATH, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))


@contextmanager
def server(settings: Sequence[str] = _SETTINGS) -> Iterator[Server]:
    """Start a server and stop it. `settings` are lines of its configuration."""
    where = programs()
    assert where is not None, MISSING
    # A socket's path has at most 107 bytes, so the directory's own is kept short.
    with TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as scratch:
        directory = Path(scratch)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(directory, "postgres", "postgres")
        data = directory / "data"
        _run(where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in (*settings, f"unix_socket_directories={directory}"))
        _run(where / "pg_ctl", "-D", data, "-w", "-l", directory / "log", "-o", options, "start")
        try:
            yield Server(directory)
        finally:
            _run(where / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(program: Path, *arguments: str | Path) -> None:
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    # A server that is started keeps its output open, so none of it may be a pipe.
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}"
