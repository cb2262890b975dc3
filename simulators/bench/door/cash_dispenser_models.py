"""What goes in and out of the rooms at the cash dispenser: one model for each request and reply, with an example."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from simulators.bench.door.models import example
from terminal.config import DENOMINATIONS


class NoteShown(BaseModel):
    """One banknote; yuan."""

    model_config = example(denomination=100, serial="C1-10000007")

    denomination: int
    serial: str


class Notes(BaseModel):
    """Some notes, and their value in yuan."""

    model_config = example(notes=[{"denomination": 100, "serial": "C1-10000007"}], total=100)

    notes: tuple[NoteShown, ...]
    total: int


class SomeNotes(BaseModel):
    """How many; all by default."""

    model_config = example(number=3)

    number: Annotated[int, Field(ge=1)] | None = None


class CassetteShown(BaseModel):
    """What is physically in a cassette: denomination in yuan -> notes."""

    model_config = example(position=1, notes={"100": 200})

    position: int
    notes: dict[int, int]


class Cassettes(BaseModel):
    """All cassettes, from the top."""

    model_config = example(cassettes=[{"position": 1, "notes": {"100": 200}}])

    cassettes: tuple[CassetteShown, ...]


class Inserted(BaseModel):
    """In its place, or pulled out with all that is in it."""

    model_config = example(inserted=False)

    inserted: bool


class Refill(BaseModel):
    """New notes that staff lay behind those in a cassette; nobody checks whether they belong there."""

    model_config = example(denomination=50, notes=100)

    denomination: Annotated[int, Field(json_schema_extra={"enum": list(DENOMINATIONS)})]
    notes: Annotated[int, Field(ge=1, le=10_000)]

    @field_validator("denomination")
    @classmethod
    def _is_a_note(cls, denomination: int) -> int:
        if denomination not in DENOMINATIONS:
            raise ValueError(f"no such note; notes are of {', '.join(map(str, DENOMINATIONS))} yuan")
        return denomination
