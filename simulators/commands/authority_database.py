"""`medteller-sim authority database`: check, back up and restore what an authority knows."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from simulators.authority import backup as backups
from simulators.authority.backup import Contents
from simulators.authority.database import DatabaseError

FAILED = 2
"""Exit code: it can't be done; what is there is untouched."""

At = Annotated[
    str, typer.Option("--database", metavar="FILE|URL", help="A file, or postgresql+psycopg://user@host/database.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line on standard output.")]

database = typer.Typer(help="Check, back up and restore an authority's database.", no_args_is_help=True)


@database.command(epilog="Example: medteller-sim authority database check --database authority.db")
def check(at: At, as_json: AsJson = False) -> None:
    """Do the books balance, and does the audit chain hold?"""
    try:
        with backups.opened(_there(at)) as engine:
            _tell(backups.check(engine), "the books balance and the audit chain holds", as_json=as_json)
    except DatabaseError as error:
        _fail(error)


@database.command(epilog="Example: medteller-sim authority database backup monday.backup --database authority.db")
def backup(to: Annotated[Path, typer.Argument(metavar="FILE")], at: At, as_json: AsJson = False) -> None:
    """Write a checked backup while the authority goes on. The security module's master key is not in it."""
    try:
        with backups.opened(_there(at)) as engine:
            _tell(backups.back_up(engine, to), f"backed up to {to}", as_json=as_json)
    except DatabaseError as error:
        _fail(error)


@database.command(epilog="Example: medteller-sim authority database restore monday.backup --database new.db")
def restore(backup_: Annotated[Path, typer.Argument(metavar="FILE")], at: At, as_json: AsJson = False) -> None:
    """Put a backup where no database is yet; an existing one is not touched."""
    try:
        _tell(backups.restore(backup_, at), f"restored {backup_}", as_json=as_json)
    except DatabaseError as error:
        _fail(error)


def _there(at: str) -> str:
    """SQLite would make a file that is missing. Raises DatabaseError."""
    if "://" not in at and not Path(at).is_file():
        raise DatabaseError(f"{at} is not there")
    return at


def _tell(contents: Contents, what: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(contents)))
    else:
        typer.echo(f"{what}: {contents.persons} persons, {contents.entries} entries")


def _fail(error: DatabaseError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(FAILED)
