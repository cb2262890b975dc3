"""A stopped kiosk as its operators see it from a command line: who they are, what is open, and what is told."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from terminal import counting, recovery
from terminal.config import ConfigError, KioskConfig, load_config
from terminal.journal import Journal, JournalError
from terminal.operators import Credentials, OperatorError, Operators

DEFAULT_CONFIG = Path("kiosk.toml")

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The kiosk's configuration.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
ByOption = Annotated[list[str] | None, typer.Option("--by", help="An operator; give it twice.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """A stopped kiosk as its operators see it."""

    config: KioskConfig
    journal: Journal
    operators: Operators

    @property
    def remains(self) -> recovery.Remains:
        """What the journal knows."""
        return recovery.fold(self.journal.records())

    def two(self, act: str, by: Sequence[str] | None) -> tuple[str, str]:
        """Ask two operators for their passwords. Raises OperatorError."""
        return self.operators.authorise(act, claims(by))


@contextmanager
def at_desk(file: Path) -> Iterator[Desk]:
    """A stopped kiosk; known failures become one message and exit code 1."""
    try:
        config = load_config(file)
        journal = Journal(config.journal, lambda: datetime.now().astimezone(), create=False)
        try:
            yield Desk(config, journal, Operators(config.operators, journal, os.urandom))
        finally:
            journal.close()
    except (ConfigError, JournalError, OperatorError, counting.CountRefused, LookupError, OSError) as error:
        fail(str(error))


def claims(by: Sequence[str] | None) -> tuple[Credentials, ...]:
    """The operators of `--by` with the passwords they type."""
    if by is None or len(by) != 2:
        raise OperatorError("two different operators are needed: name each with --by")
    return tuple(Credentials(name, _typed(f"Password of {name}")) for name in by)


def new_password(name: str) -> str:
    """Typed, and at a terminal twice. Raises OperatorError."""
    first = _typed(f"New password of {name}")
    if sys.stdin.isatty() and first != _typed("Once more"):
        raise OperatorError("the two are not the same; nothing was changed")
    return first


def _typed(prompt: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(prompt, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def tell(data: Mapping[str, Any], line: str, *, as_json: bool) -> None:
    """One line for people, or one object for programs."""
    typer.echo(json.dumps(data, ensure_ascii=False) if as_json else line)


def fail(message: str) -> NoReturn:
    """Say why, and end with exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
