"""Backup of an authority's database while it serves, and restore into an empty place.

A backup is good when the books in it balance and the audit chain holds: both are looked at before the file gets its
name, and again before anything is restored. Sealed data can be read only with the security module's master key, which
is no part of a backup: keep it elsewhere.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from simulators.authority.database import DatabaseError, open_engine
from simulators.authority.ledger.ledger import ledger_balanced
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.ledger import entries
from simulators.authority.tables.people import persons

_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_PG_DUMP_MAGIC: Final = b"PGDMP"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database, to be compared with what one expects."""

    persons: int
    entries: int


def check(engine: Engine) -> Contents:
    """Look at the books. Raises DatabaseError when they don't balance, or the audit chain is broken."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("entries"):
                raise DatabaseError("this is no database of an authority: it has no ledger")
            if connection.dialect.name == "sqlite":
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                if found != "ok":
                    raise DatabaseError(f"the file is damaged ({found}); use another backup")
            return _contents(connection)
    except SQLAlchemyError as error:
        raise DatabaseError(f"the database can't be read ({type(error).__name__}); use another backup") from None


def back_up(engine: Engine, to: Path) -> Contents:
    """Write a checked backup while others go on working. Raises DatabaseError; a file that exists is not touched."""
    if to.exists():
        raise DatabaseError(f"{to} exists; give the backup a new name")
    with _new_file(to) as unfinished:
        if engine.dialect.name == "sqlite":
            assert engine.url.database is not None
            with closing(sqlite3.connect(engine.url.database)) as source, closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy, pages=1024)
            contents = _checked(unfinished)
        else:
            _run("pg_dump", engine.url, "--format=custom", f"--file={unfinished}")
            contents = check(engine)
    return contents


def restore(backup: Path, at: Path | str) -> Contents:
    """Put a backup where no database is yet. Raises DatabaseError; an existing database is not touched."""
    try:
        with backup.open("rb") as file:
            magic = file.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise DatabaseError(f"{backup} can't be read: {error.strerror}") from None
    if magic == _SQLITE_MAGIC:
        return _restore_file(backup, at)
    if magic.startswith(_PG_DUMP_MAGIC):
        return _restore_dump(backup, at)
    raise DatabaseError(f"{backup} is no backup of an authority")


def _restore_file(backup: Path, at: Path | str) -> Contents:
    if not isinstance(at, Path) and "://" in at:
        raise DatabaseError("this is a backup of SQLite: restore it to a file")
    target = Path(at)
    if target.exists():
        raise DatabaseError(f"{target} exists; move it away, or restore to another file")
    contents = _checked(backup)
    with _new_file(target) as unfinished:
        shutil.copyfile(backup, unfinished)
    return contents


def _restore_dump(backup: Path, at: Path | str) -> Contents:
    with opened(at) as engine:
        if engine.dialect.name == "sqlite":
            raise DatabaseError("this is a backup of PostgreSQL: restore it to a postgresql+psycopg:// URL")
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise DatabaseError("the database has tables already; restore to an empty one (createdb)")
        _run("pg_restore", engine.url, "--single-transaction", "--no-owner", str(backup))
        return check(engine)


def _contents(connection: Connection) -> Contents:
    if not ledger_balanced(connection):
        raise DatabaseError("the books in it do not balance; use another backup")
    if (broken := first_broken(connection)) is not None:
        raise DatabaseError(f"the audit chain in it is broken at event {broken}; use another backup")
    rows = [connection.scalar(select(func.count()).select_from(table)) for table in (persons, entries)]
    return Contents(*(int(number or 0) for number in rows))


def _checked(file: Path) -> Contents:
    try:
        with opened(file) as engine:
            return check(engine)
    finally:
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)


@contextmanager
def opened(at: Path | str) -> Iterator[Engine]:
    """An engine that lets go of its database at the end."""
    engine = open_engine(at)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _new_file(name: Path) -> Iterator[Path]:
    """A file for its owner only, which gets its name when it is whole and on the disk."""
    unfinished = name.with_name(f".{name.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        os.link(unfinished, name)  # unlike a renaming, this never replaces a file that has come up meanwhile
        folder = os.open(name.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise DatabaseError(f"{name} can't be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _run(program: str, url: URL, *arguments: str) -> None:
    """PostgreSQL's own program; the password goes by the environment, not by the command line."""
    found = shutil.which(program)
    if found is None:
        raise DatabaseError(f"{program} is not installed (Debian: postgresql-client)")
    host = url.query.get("host", url.host)
    settings = {"PGHOST": host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    environment = os.environ | {name: str(value) for name, value in settings.items() if value}
    done = subprocess.run(  # noqa: S603  # its arguments are ours and the operator's
        [found, f"--dbname={url.database}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DatabaseError(f"{program} failed: {done.stderr.strip().splitlines()[-1:]}")
