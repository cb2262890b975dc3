"""The invented people of the simulators, read from people.toml."""

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path


class Plastic(StrEnum):
    """What kind of card a person carries."""

    ORDINARY = "ordinary"
    SILENT = "silent"
    MUTE_CHIP = "mute_chip"
    TRACK_ONLY = "track_only"
    BANK_ONLY = "bank_only"
    SOCIAL_ONLY = "social_only"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist, with a card. `expiry` is YYMM, the balance in fen."""

    id: str
    name: str
    id_number: str
    card_number: str
    region: str
    pan: str = field(repr=False)
    pan_sequence: str
    expiry: str
    pin: str = field(repr=False)
    opening_balance_fen: int
    card: Plastic = Plastic.ORDINARY
    known_to_host: bool = True
    note: str = ""


def load_people(path: Path | None = None) -> tuple[Person, ...]:
    """The people of a file, in its order; without `path` those that come with the simulators."""
    return _ours() if path is None else _read(path)


@cache
def _ours() -> tuple[Person, ...]:
    """Read once, and shared by all kiosks of a process."""
    return _read(Path(__file__).with_name("people.toml"))


def _read(path: Path) -> tuple[Person, ...]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["person"]
    return tuple(Person(**{**row, "card": Plastic(row.get("card", Plastic.ORDINARY))}) for row in rows)


def person(identifier: str) -> Person:
    """The one called `identifier`. Raises KeyError with the names there are."""
    people = load_people()
    for found in people:
        if found.id == identifier:
            return found
    raise KeyError(f"no person {identifier!r}; there are {', '.join(each.id for each in people)}")
