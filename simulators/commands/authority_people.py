"""`medteller-sim authority people` and `credit`: enrol fictitious people, and post what their accounts receive."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from simulators.authority.actors import SYSTEM
from simulators.authority.business_time import business_time
from simulators.authority.people.codes import received
from simulators.authority.people.loading import OUR_FILES, check_new, enter_people
from simulators.authority.people.people_file import PeopleFileError, PersonEntry, read_people
from simulators.authority.people.register import find_person
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
    """Enrol the people of a file (docs/people.md) with cards, credits and records; who is known stays as he is."""
    with opened(at, keys) as authority:
        enrolled = enrol_new(authority, people_of(file))
    typer.echo(json.dumps({"enrolled": enrolled}) if as_json else f"{enrolled} people enrolled")


@people.command(epilog="Example: medteller-sim authority people phone 310101198001010018 --database authority.db")
def phone(
    id_number: Annotated[str, typer.Argument(metavar="ID-NUMBER", help="Whose phone.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Show what the simulated phone of a person received: codes, for example."""
    with opened(at, keys) as authority:
        with authority.database.transaction() as connection:
            person_id = find_person(connection, authority.hsm, id_number)
            got = () if person_id is None else received(connection, authority.hsm, person_id)
        if person_id is None:
            misused("nobody with that ID number is known")
    for message in got:
        shown = {"at": message.at.isoformat(), "kind": message.kind, **message.gaps}
        typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else "  ".join(map(str, shown.values())))


def people_of(file: str) -> tuple[PersonEntry, ...]:
    """The people of a file, or those that come with the simulators; ends the command when they can't be read."""
    files = OUR_FILES if file == OURS else (Path(file),)
    today = business_time(now()).date()
    try:
        return tuple(person for path in files for person in read_people(path, today))
    except PeopleFileError as error:
        misused(str(error))


def enrol_new(authority: Opened, people: Iterable[PersonEntry]) -> int:
    """Enrol those who are not known yet, all or none; how many."""
    at = business_time(now())
    try:
        with authority.database.transaction() as connection:
            new = [each for each in people if find_person(connection, authority.hsm, each.id_number) is None]
            check_new(connection, authority.hsm, new)
            enter_people(connection, authority.hsm, SYSTEM, at, new)
    except PeopleFileError as error:
        misused(f"nobody was enrolled: {error}")
    return len(new)
