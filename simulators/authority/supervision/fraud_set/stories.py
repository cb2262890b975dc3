"""Stories for the risk rules, and their file: what some people do at some terminals, and whether it is fraud.

The file is JSON: `terminals` and `people` by name, and `stories` with their events in any order; `docs/risk.md` tells
each key.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from simulators.authority.tables.people import PersonState

Name = Annotated[str, Field(min_length=1, max_length=64)]
Region = Annotated[str, Field(pattern=r"^\d{6}$")]


class StoriesError(ValueError):
    """A file of stories that can't be used; says which, which key and what is wrong."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CardCondition(StrEnum):
    """What kind of card somebody has."""

    GOOD = "good"
    LOST = "lost"  # reported lost before the first story
    UNKNOWN = "unknown"  # no card that the authority issued


class Kiosk(_Model):
    """A terminal. Equal texts in `provider` mean the same merchant; without one it is the region's usual one."""

    region: Region
    provider: str | None = None


class Somebody(_Model):
    """A person. Equal texts in `phone` or `payee` mean the same phone number, or the same account to be paid to."""

    region: Region
    balance_fen: Annotated[StrictInt, Field(ge=0)] = 1_000_000
    phone: str | None = None
    payee: str | None = None
    card: CardCondition = CardCondition.GOOD


class Draw(_Model):
    """A visit: the terminal asks for a quote, then for `fen`, or for `percent` of what the quote allows."""

    do: Literal["draw"] = "draw"
    at: AwareDatetime
    person: Name
    terminal: Name
    fen: Annotated[StrictInt, Field(gt=0)] | None = None
    percent: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    pin: Literal["right", "wrong"] = "right"

    @model_validator(mode="after")
    def _one_of_both(self) -> "Draw":
        if (self.fen is None) == (self.percent is None):
            raise ValueError("give either fen or percent")
        return self


class Credit(_Model):
    """The authority credits an account."""

    do: Literal["credit"]
    at: AwareDatetime
    person: Name
    fen: Annotated[StrictInt, Field(gt=0)]


class Invoice(_Model):
    """A good invoice is handed in for every payout of the person so far; with `number` one of that number for all.

    A number that was handed in before, by whomever, is refused.
    """

    do: Literal["invoice"]
    at: AwareDatetime
    person: Name
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")] | None = None


class Change(_Model):
    """Another phone or account to pay to from now on, another card, or another state of the account."""

    do: Literal["change"]
    at: AwareDatetime
    person: Name
    phone: str | None = None
    payee: str | None = None
    card: Literal["lost", "replaced"] | None = None
    account: PersonState | None = None

    @model_validator(mode="after")
    def _something(self) -> "Change":
        if self.phone is self.payee is self.card is self.account is None:
            raise ValueError("give phone, payee, card or account")
        return self


Event = Draw | Credit | Invoice | Change


class Story(_Model):
    """What belongs together. `kind` and `disguise` are names for the table of results."""

    name: Name
    fraud: bool
    kind: str = "given"
    disguise: str = ""
    events: tuple[Annotated[Event, Field(discriminator="do")], ...] = Field(min_length=1)

    @property
    def begins(self) -> datetime:
        """Its first event."""
        return min(event.at for event in self.events)


class Stories(_Model):
    """A whole set."""

    terminals: Mapping[Name, Kiosk]
    people: Mapping[Name, Somebody]
    stories: tuple[Story, ...]

    @field_validator("terminals", mode="before")
    @classmethod
    def _region_alone(cls, given: object) -> object:
        """A terminal may be told by its region."""
        if not isinstance(given, Mapping):
            return given
        return {name: {"region": each} if isinstance(each, str) else each for name, each in given.items()}

    @model_validator(mode="after")
    def _names_are_known(self) -> "Stories":
        for name, count in Counter(story.name for story in self.stories).items():
            if count > 1:
                raise ValueError(f"{count} stories are called {name}")
        for story in self.stories:
            for event in story.events:
                if event.person not in self.people:
                    raise ValueError(f"story {story.name}: no person is called {event.person}")
                if isinstance(event, Draw) and event.terminal not in self.terminals:
                    raise ValueError(f"story {story.name}: no terminal is called {event.terminal}")
        return self

    def joined(self, other: "Stories") -> "Stories":
        """Both, side by side; names must differ. Raises StoriesError."""
        for mine, theirs in ((self.people, other.people), ({s.name: s for s in self.stories}, _named(other))):
            if both := set(mine) & set(theirs):
                raise StoriesError(f"twice the same name: {', '.join(sorted(both)[:5])}")
        return Stories(
            terminals={**self.terminals, **other.terminals},
            people={**self.people, **other.people},
            stories=self.stories + other.stories,
        )


def _named(stories: Stories) -> dict[str, Story]:
    return {story.name: story for story in stories.stories}


def load_stories(path: Path) -> Stories:
    """One file. Raises StoriesError."""
    try:
        return Stories.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StoriesError(f"{path}: {error.strerror}; is it there, and may it be read?") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
            for problem in error.errors()[:10]
        )
        raise StoriesError(f"{path}: {problems}") from error
