"""What goes in and out of the rooms at the card reader: one model for each request and reply, with an example."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field, JsonValue, SecretStr, field_validator, model_validator

from simulators.bench.door.models import example
from simulators.world.people import Plastic

_JIA: dict[str, JsonValue] = {
    "id": "jia",
    "name": "测试甲",
    "note": "an ordinary insured person",
    "card": "ordinary",
    "region": "371000",
}


class PersonShown(BaseModel):
    """Somebody with a card. The PIN is in their head."""

    model_config = example(**_JIA)

    id: str
    name: str
    note: str
    card: Plastic
    region: str


class People(BaseModel):
    """Who can come to the bench."""

    model_config = example(people=[_JIA])

    people: tuple[PersonShown, ...]


class CardPlace(BaseModel):
    """Where a card is: `hand`, or `card_reader/` with `slot` (on its way in), `gate`, `inside`, ..."""

    model_config = example(card="jia", where="card_reader/slot")

    card: str
    where: str


class Cards(BaseModel):
    """Where all cards are."""

    model_config = example(cards={"jia": "card_reader/gate", "yi": "hand"})

    cards: dict[str, str]


class InsertCard(BaseModel):
    """Which card, and how."""

    model_config = example(card="jia", wrong_way=False)

    card: str = Field(description="A person of the bench, or a card that was added.")
    wrong_way: bool = Field(default=False, description="Chip and stripe on the wrong side.")


Track: TypeAlias = Annotated[int, Field(ge=1, le=3)]


class NewCard(BaseModel):
    """A card that somebody brings: a person's, made in another way, or a stripe and an ATR as data."""

    model_config = example(card="worn", tracks={"2": "6217000000000000012=34012201234567890"}, bad_tracks=[2])

    card: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="Its name from now on.")]
    person: str | None = Field(default=None, description="Whose card it is; then `plastic` may say what kind.")
    plastic: Plastic | None = None
    tracks: dict[Track, SecretStr] = Field(default_factory=dict, description="By number, without sentinels.")
    bad_tracks: tuple[Track, ...] = Field(default=(), description="Tracks that are there but can't be read.")
    atr: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){2,33}$")] | None = Field(
        default=None, description="In hex; the chip answers a reset with it and knows no application."
    )
    length_mm: Annotated[float, Field(gt=0, le=200)] = 85.6

    @field_validator("tracks")
    @classmethod
    def _are_tracks(cls, tracks: dict[Track, SecretStr]) -> dict[Track, SecretStr]:
        """Characters 20 to 5F of the ISO 7811 alphabets, at most 107."""
        for number, track in tracks.items():
            text = track.get_secret_value()
            if not 1 <= len(text) <= 107 or not all(0x20 <= ord(character) <= 0x5F for character in text):
                raise ValueError(f"track {number}: 1 to 107 characters of 20 to 5F (digits, capitals, = and such)")
        return tracks

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "NewCard":
        if self.person is None and self.plastic is not None:
            raise ValueError("plastic needs a person")
        if self.person is not None and (self.tracks or self.atr):
            raise ValueError("give a person, or tracks and atr, not both")
        return self


class PushCard(BaseModel):
    """A card to force in while another one is inside."""

    model_config = example(card="yi")

    card: str


class Held(BaseModel):
    """A hand on the card at the slot."""

    model_config = example(held=True)

    held: bool


class TakenCards(BaseModel):
    """The cards that staff took."""

    model_config = example(cards=["jia"])

    cards: tuple[str, ...]
