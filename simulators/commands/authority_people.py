"""`medteller-sim authority people` and `credit`: enrol fictitious people, and post what their accounts receive."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import IntegrityError

from simulators.authority.business_time import business_time
from simulators.authority.people.register import find_person
from simulators.authority.people.register import load_people as enrol_people
from simulators.commands.authority_opening import (
    DEFAULT_DATABASE,
    AsJson,
    DatabaseAt,
    KeysIn,
    Opened,
    misused,
    now,
    opened,
)
from simulators.world.people import Person, load_people

OURS = "ours"
"""Instead of a file: the people that come with the simulators."""

people = typer.Typer(help="The insured people that an authority knows.", no_args_is_help=True)


@people.command(epilog="Example: medteller-sim authority people load people.toml --database authority.db")
def load(
    file: Annotated[str, typer.Argument(metavar="FILE|ours", help="People (TOML); `ours`: those of the simulators.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Enrol the people of a file with their cards and opening balances; who is known already stays as he is."""
    with opened(at, keys) as authority:
        enrolled = enrol_new(authority, people_of(file))
    typer.echo(json.dumps({"enrolled": enrolled}) if as_json else f"{enrolled} people enrolled")


def people_of(file: str) -> tuple[Person, ...]:
    """The people of a file that the host is to know; ends the command when it can't be read."""
    try:
        found = load_people(None if file == OURS else Path(file))
    except OSError as error:
        misused(f"{file}: {error.strerror}; give a file with [[person]] tables, or `{OURS}`")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        misused(f"{file} is no TOML: {error}")
    except (TypeError, KeyError, ValueError) as error:
        misused(f"{file}: a [[person]] table has a key too many or too few, or a wrong value: {error}")
    return tuple(person for person in found if person.known_to_host)


def enrol_new(authority: Opened, people: Iterable[Person]) -> int:
    """Enrol those who are not known yet, all or none; how many."""
    at = business_time(now())
    try:
        with authority.database.transaction() as connection:
            new = [each for each in people if find_person(connection, authority.hsm, each.id_number) is None]
            enrol_people(connection, authority.hsm, new, at)
    except IntegrityError:
        misused("somebody in the file has a card number that is another person's; nobody was enrolled")
    return len(new)
