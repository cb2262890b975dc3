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

    def url(self, database: str) -> str:
        """What SQLAlchemy opens."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def create(self, *, empty: bool = False) -> str:
        """The URL of a new database."""
        name = f"test_{next(self._numbers)}"
        made_from = "" if empty or self.template is None else f" TEMPLATE {self.template}"
        self.say(f"CREATE DATABASE {name}{made_from}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Have a database of `create` gone, whoever is still connected."""
        name = url.removeprefix("postgresql+psycopg://postgres@/").partition("?")[0]
        self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def say(self, statement: str) -> None:
        """Execute a statement that stands in no transaction."""
        with psycopg.connect(host=str(self.directory), user="postgres", dbname="postgres", autocommit=True) as server:
            server.execute(statement.encode())


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
