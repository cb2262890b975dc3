"""What the commands of an authority have in common: where its database and its keys are, and opening both."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from simulators.authority.authority import Authority
from simulators.authority.certificates import CertificateError
from simulators.authority.database import Database, DatabaseError
from simulators.authority.hsm import MacMethod, SoftHsm
from simulators.authority.key_folder import KeyFault, KeyFolder, read_key
from simulators.authority.policy.policy_book import PolicyBook, policies_with
from simulators.authority.policy.policy_file import PolicyError
from simulators.authority.supervision.risk.rules import RiskBook, RiskRulesError, our_risk_rules

MISUSED = 2
"""Exit code: it can't be done as it was asked; nothing changed."""

DatabaseAt = Annotated[
    str, typer.Option("--database", metavar="FILE|URL", help="A file, or postgresql+psycopg://user@host/database.")
]
KeysIn = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        metavar="DIR",
        help="Where the master key and the certificates are, made at the first use; DATABASE.keys without it.",
    ),
]
PoliciesIn = Annotated[
    Path | None, typer.Option("--policies", metavar="DIR", help="Policy files (*.toml), which come before our own.")
]
RiskIn = Annotated[Path | None, typer.Option("--risk", metavar="FILE", help="Risk rules (*.toml) instead of our own.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line on standard output, and nothing else.")]

PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line; asked for at the keyboard without it."),
]

DEFAULT_DATABASE = "authority.db"


@dataclass(frozen=True, slots=True)
class Opened:
    """An authority with what it is made of."""

    authority: Authority
    database: Database
    hsm: SoftHsm
    policies: PolicyBook
    keys: KeyFolder


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


@contextmanager
def opened(
    at: str,
    keys: Path | None,
    policies: Path | None = None,
    issuer_key: Path | None = None,
    risk: Path | None = None,
    mac: MacMethod = MacMethod.X9_19,
) -> Iterator[Opened]:
    """Open an authority; whatever is wrong with files, database or keys ends the command with a message."""
    try:
        folder = KeyFolder(keys_folder(at, keys))
        hsm = SoftHsm(folder.master_key(), os.urandom, mac)
        book = policies_with(policies)
        issuer = None if issuer_key is None else read_key(issuer_key, 16)
        risk_book = our_risk_rules() if risk is None else RiskBook.load(risk)
        database = Database(Path(at) if "://" not in at else at)
    except (DatabaseError, KeyFault, PolicyError, RiskRulesError, CertificateError, OSError) as error:
        misused(str(error))
    try:
        authority = Authority(database, hsm, now, book, issuer_key=issuer, risk=risk_book)
        yield Opened(authority, database, hsm, authority.policies, folder)
    except (KeyFault, CertificateError, DatabaseError) as error:
        misused(str(error))
    except SQLAlchemyError as error:
        misused(f"the database failed ({type(error).__name__}); nothing was changed")
    finally:
        database.close()


def keys_folder(at: str, keys: Path | None) -> Path:
    """Beside a database that is a file. Raises KeyFault."""
    if keys is not None:
        return keys
    if "://" in at:
        raise KeyFault("the database is on a server: say with --keys in which folder the keys are")
    return Path(f"{at}.keys")


def password_from(file: Path | None, *, confirm: bool = False) -> str:
    """The first line of a file, or what is typed unseen; `confirm` has it typed twice."""
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True))
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        misused(f"{file}: the password can't be read ({type(error).__name__})")


def misused(message: str) -> NoReturn:
    """End the command."""
    typer.echo(f"medteller-sim authority: {message}", err=True)
    raise typer.Exit(MISUSED)
