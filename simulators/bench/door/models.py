"""What goes in and out of the control door: one model for each request and reply, with an example."""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, field_validator, model_validator

from simulators.bench.events import EXAMPLE as EVENT
from simulators.bench.events import Event
from simulators.bench.hands import KEYS
from simulators.devices.szzt_zt598_options import BatteryState
from simulators.world.fault_options import Option
from simulators.world.faults import Where
from simulators.world.people import Plastic
from terminal.config import DENOMINATIONS


def _example(**values: JsonValue) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [dict(values)]})


_PICK_FAILURE: dict[str, JsonValue] = {
    "id": "C1",
    "where": "device",
    "words": "pick failure",
    "devices": {"cash_dispenser": {"cassette": {"default": 1, "required": False, "allowed": "one of 1, 2"}}},
}

_ARMED: dict[str, JsonValue] = {
    "number": 1,
    "fault": "C1",
    "device": "cash_dispenser",
    "trigger": {"command": 2},
    "options": {"cassette": 1},
    "fired": [12.5],
    "active": False,
}


class Problem(BaseModel):
    """Why something was not done; nothing happened then."""

    model_config = _example(problem="no card at the gate")

    problem: str
    details: tuple[str, ...] = ()


class Welcome(BaseModel):
    """What this door leads to."""

    model_config = _example(name="medteller control door", devices=["card_reader", "pin_pad"], docs="/docs")

    name: str
    devices: tuple[str, ...]
    docs: str


# --- Devices


_DISPENSER: dict[str, JsonValue] = {
    "model": "puloon-lcdm-4000",
    "url": "bench/cash_dispenser",
    "line": "9600 8N1",
    "powered": True,
    "plugged": True,
    "state": {"cassette 1": "200 notes", "path": "clear", "exit": "0 notes"},
}


class DeviceState(BaseModel):
    """One device: where it can be opened, mains, line, and how it is in words."""

    model_config = _example(**_DISPENSER)

    model: str
    url: str
    line: str
    powered: bool
    plugged: bool
    state: dict[str, str]


class Devices(BaseModel):
    """All devices by name."""

    model_config = _example(devices={"cash_dispenser": _DISPENSER})

    devices: dict[str, DeviceState]


class Power(BaseModel):
    """Mains."""

    model_config = _example(on=False)

    on: bool


class Plug(BaseModel):
    """The line: the USB adapter in or out."""

    model_config = _example(plugged=False)

    plugged: bool


# --- Cards


_JIA: dict[str, JsonValue] = {
    "id": "jia",
    "name": "测试甲",
    "note": "an ordinary insured person",
    "card": "ordinary",
    "region": "371000",
}


class PersonShown(BaseModel):
    """Somebody with a card. The PIN is in their head."""

    model_config = _example(**_JIA)

    id: str
    name: str
    note: str
    card: Plastic
    region: str


class People(BaseModel):
    """Who can come to the bench."""

    model_config = _example(people=[_JIA])

    people: tuple[PersonShown, ...]


class CardPlace(BaseModel):
    """Where a card is: `hand`, or `card_reader/` with `slot` (on its way in), `gate`, `inside`, ..."""

    model_config = _example(card="jia", where="card_reader/slot")

    card: str
    where: str


class Cards(BaseModel):
    """Where all cards are."""

    model_config = _example(cards={"jia": "card_reader/gate", "yi": "hand"})

    cards: dict[str, str]


class InsertCard(BaseModel):
    """Which card, and how."""

    model_config = _example(card="jia", wrong_way=False)

    card: str = Field(description="A person of the bench, or a card that was added.")
    wrong_way: bool = Field(default=False, description="Chip and stripe on the wrong side.")


Track: TypeAlias = Annotated[int, Field(ge=1, le=3)]


class NewCard(BaseModel):
    """A card that somebody brings: a person's, made in another way, or a stripe and an ATR as data."""

    model_config = _example(card="worn", tracks={"2": "6217000000000000012=34012201234567890"}, bad_tracks=[2])

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

    model_config = _example(card="yi")

    card: str


class Held(BaseModel):
    """A hand on the card at the slot."""

    model_config = _example(held=True)

    held: bool


class TakenCards(BaseModel):
    """The cards that staff took."""

    model_config = _example(cards=["jia"])

    cards: tuple[str, ...]


# --- PIN pad


class Keys(BaseModel):
    """Keys to press, one after the other. `pin_of` types the PIN a person has in mind, before `keys`."""

    model_config = _example(pin_of="jia", keys=["enter"], gap=0.2)

    keys: tuple[Annotated[str, Field(json_schema_extra={"enum": list(KEYS)})], ...] = Field(default=(), max_length=200)
    pin_of: str | None = None
    gap: Annotated[float, Field(ge=0, le=60, description="Seconds between two keys.")] = 0.0

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [position for position, key in enumerate(keys) if key not in KEYS]:
            raise ValueError(f"no such key at position {wrong[0]}; keys are {', '.join(KEYS)}")
        return keys


class KeysPressed(BaseModel):
    """How many keys were pressed. What the pad made of them, the host hears and `state` shows."""

    model_config = _example(pressed=7, state={"keypad": "PIN", "PIN": "******"})

    pressed: int
    state: dict[str, str]


class Mounted(BaseModel):
    """The pad in the kiosk, or taken out, which its removal switch notices."""

    model_config = _example(mounted=False)

    mounted: bool


class BatteryIs(BaseModel):
    """The battery that keeps the keys: an empty one loses them at the next power cut."""

    model_config = _example(state="low")

    state: BatteryState


# --- Notes


class NoteShown(BaseModel):
    """One banknote; yuan."""

    model_config = _example(denomination=100, serial="C1-10000007")

    denomination: int
    serial: str


class Notes(BaseModel):
    """Some notes, and their value in yuan."""

    model_config = _example(notes=[{"denomination": 100, "serial": "C1-10000007"}], total=100)

    notes: tuple[NoteShown, ...]
    total: int


class SomeNotes(BaseModel):
    """How many; all by default."""

    model_config = _example(number=3)

    number: Annotated[int, Field(ge=1)] | None = None


class CassetteShown(BaseModel):
    """What is physically in a cassette: denomination in yuan -> notes."""

    model_config = _example(position=1, notes={"100": 200})

    position: int
    notes: dict[int, int]


class Cassettes(BaseModel):
    """All cassettes, from the top."""

    model_config = _example(cassettes=[{"position": 1, "notes": {"100": 200}}])

    cassettes: tuple[CassetteShown, ...]


class Inserted(BaseModel):
    """In its place, or pulled out with all that is in it."""

    model_config = _example(inserted=False)

    inserted: bool


class Refill(BaseModel):
    """New notes that staff lay behind those in a cassette; nobody checks whether they belong there."""

    model_config = _example(denomination=50, notes=100)

    denomination: Annotated[int, Field(json_schema_extra={"enum": list(DENOMINATIONS)})]
    notes: Annotated[int, Field(ge=1, le=10_000)]

    @field_validator("denomination")
    @classmethod
    def _is_a_note(cls, denomination: int) -> int:
        if denomination not in DENOMINATIONS:
            raise ValueError(f"no such note; notes are of {', '.join(map(str, DENOMINATIONS))} yuan")
        return denomination


class Opened(BaseModel):
    """A door or cover."""

    model_config = _example(open=True)

    open: bool


# --- Paper


class ReceiptShown(BaseModel):
    """A receipt as a person reads it. `number` counts the receipts that were torn off here, from 1."""

    model_config = _example(number=1, text="        RECEIPT\n500.00 yuan", qr=["https://example.org"], cut="partial")

    number: int
    text: str
    qr: tuple[str, ...]
    cut: str


class Slot(BaseModel):
    """Does a receipt hang from the printer's slot?"""

    model_config = _example(receipt=True)

    receipt: bool


class Paper(BaseModel):
    """A roll with so many lines; 0: none."""

    model_config = _example(lines=150)

    lines: Annotated[int, Field(ge=0, le=1_000_000)]


class Jam(BaseModel):
    """When the paper jams."""

    model_config = _example(after_lines=3)

    after_lines: Annotated[int, Field(ge=0, le=10_000)] = 0


class PrinterState(BaseModel):
    """How the printer is, in words."""

    model_config = _example(state={"cover": "open", "paper": "150 lines, near end"})

    state: dict[str, str]


# --- Everything


class Place(BaseModel):
    """The notes at one place; `total` is yuan."""

    model_config = _example(total=100, notes=[{"denomination": 100, "serial": "C1-10000007"}])

    total: int
    notes: tuple[NoteShown, ...]


class Custody(BaseModel):
    """Where every note and card truly is. `conserved`: each is in exactly one place, and none came or went.

    `made` counts the notes that were ever put into this world; `total` is their value in yuan.
    """

    model_config = _example(
        conserved=True,
        problem="",
        made=400,
        total=30000,
        places={
            "dispenser/exit": {"total": 100, "notes": [{"denomination": 100, "serial": "C1-10000007"}]},
            "customer": {"total": 0, "notes": []},
        },
        cards={"jia": "card_reader/gate"},
    )

    conserved: bool
    problem: str
    made: int
    total: int
    places: dict[str, Place]
    cards: dict[str, str]


class FaultOption(BaseModel):
    """An option of a fault: its value when it is not given, or that it must be given; and what it may be, in words."""

    model_config = _example(default=1, required=False, allowed="one of 1, 2, 3, 4")

    default: bool | int | float | str | None
    required: bool
    allowed: str


class FaultShown(BaseModel):
    """One fault of the catalogue; `devices` are those here that can suffer it, with their options."""

    model_config = _example(**_PICK_FAILURE)

    id: str
    where: Where
    words: str
    devices: dict[str, dict[str, FaultOption]]


class Catalogue(BaseModel):
    """All faults; one that no device here can suffer has no devices."""

    model_config = _example(faults=[_PICK_FAILURE])

    faults: tuple[FaultShown, ...]


class When(BaseModel):
    """When it strikes: now, or at one of these, counted from now. `times`: how often; 0, without end, goes with chance.

    `at`: seconds. `command`: with the n-th command of the host. `byte`: with the n-th byte. `chance`: at every command,
    with this probability; the bench's seed decides.
    """

    model_config = _example(command=2)

    at: float | None = None
    command: int | None = None
    byte: int | None = None
    chance: float | None = None
    times: int = 1


class ArmFault(BaseModel):
    """A fault to arm; `device` may be left out where only one can suffer it."""

    model_config = _example(fault="C1", device="cash_dispenser", trigger={"command": 2}, options={"cassette": 1})

    fault: str
    device: str | None = None
    trigger: When = When()
    options: dict[str, Option] = Field(default_factory=dict)


class ArmedShown(BaseModel):
    """A fault that was armed.

    `fired`: when it struck, in seconds of this bench; `active`: it can strike again; `impossible`: why it could not
    happen when its time came.
    """

    model_config = _example(**_ARMED)

    number: int
    fault: str
    device: str
    trigger: When
    options: dict[str, Option]
    fired: tuple[float, ...]
    active: bool
    impossible: str = ""


class ArmedFaults(BaseModel):
    """Every fault that was ever armed on this bench, in order."""

    model_config = _example(armed=[_ARMED])

    armed: tuple[ArmedShown, ...]


class Events(BaseModel):
    """Events, oldest first. Ask for more since `last`; `lost` came before and is kept no more."""

    model_config = _example(events=[EVENT], last=17, lost=0)

    events: tuple[Event, ...]
    last: int
    lost: int


REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing."},
    409: {"model": Problem, "description": "The world says no; nothing happened."},
    422: {"model": Problem, "description": "The request can't be understood; `details` say where."},
}
