"""`medteller-sim authority audit export|verify`: the audit chain, to be read and checked, never changed."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from simulators.authority.supervision.audit import ChainState, chain_state, check_lines, export_lines
from simulators.commands.authority_opening import DEFAULT_DATABASE, AsJson, DatabaseAt, KeysIn, misused, opened

audit = typer.Typer(help="The audit chain: who did what, in links that show what was changed.", no_args_is_help=True)

BROKEN = 1


@audit.command(
    epilog="Example: medteller-sim authority audit export audit.jsonl --database authority.db. "
    "Exit code 0: written, and the chain holds; 1: it is broken; 2: wrong use."
)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it (JSON lines); must not be there.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Write the chain to a file, and tell its head, which is best kept elsewhere."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        state = chain_state(connection)
        try:
            with file.open("x", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in export_lines(connection))
        except OSError as error:
            misused(f"{file}: {error.strerror}")
    _tell(state, as_json=as_json)


@audit.command(
    epilog="Example: medteller-sim authority audit verify --export audit.jsonl. "
    "Exit code 0: the chain holds; 1: it is broken; 2: wrong use."
)
def verify(
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    exported: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Check an export instead of a database.")
    ] = None,
    head: Annotated[str | None, typer.Option(help="The head that was told earlier; it must be in the chain.")] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole chain: does every link follow from the one before, and is an earlier head still in it?"""
    if exported is not None:
        lines = _lines(exported)
        state = check_lines(lines)
    else:
        with opened(at, keys) as authority, authority.database.transaction() as connection:
            state, lines = chain_state(connection), list(export_lines(connection))
    _tell(state, as_json=as_json, cut=head is not None and head not in set(_heads(lines)))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        misused(f"{path}: {error}")


def _heads(lines: list[str]) -> Iterator[str]:
    for line in lines:
        try:
            yield json.loads(line)["digest"]
        except (ValueError, TypeError, KeyError):
            continue


def _tell(state: ChainState, *, as_json: bool, cut: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(state) | {"cut": cut}))
    else:
        typer.echo(f"{state.links} links, {state.unlinked} acts wait for their link; head {state.head}")
        if state.broken is not None:
            typer.echo(f"broken at act {state.broken}: it was changed, or one before it is missing", err=True)
        if cut:
            typer.echo("the head that was told earlier is not in it: the chain was cut short or made anew", err=True)
    if state.broken is not None or cut:
        raise typer.Exit(BROKEN)
