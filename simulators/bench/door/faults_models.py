"""What goes in and out of the rooms of the faults: one model for each request and reply, with an example."""

from pydantic import BaseModel, Field, JsonValue

from simulators.bench.door.models import example
from simulators.world.fault_options import Option
from simulators.world.faults import Where

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


class FaultOption(BaseModel):
    """An option of a fault: its value when it is not given, or that it must be given; and what it may be, in words."""

    model_config = example(default=1, required=False, allowed="one of 1, 2, 3, 4")

    default: bool | int | float | str | None
    required: bool
    allowed: str


class FaultShown(BaseModel):
    """One fault of the catalogue; `devices` are those here that can suffer it, with their options."""

    model_config = example(**_PICK_FAILURE)

    id: str
    where: Where
    words: str
    devices: dict[str, dict[str, FaultOption]]


class Catalogue(BaseModel):
    """All faults; one that no device here can suffer has no devices."""

    model_config = example(faults=[_PICK_FAILURE])

    faults: tuple[FaultShown, ...]


class When(BaseModel):
    """When it strikes: now, or at one of these, counted from now. `times`: how often; 0, without end, goes with chance.

    `at`: seconds. `command`: with the n-th command of the host. `byte`: with the n-th byte. `chance`: at every command,
    with this probability; the bench's seed decides.
    """

    model_config = example(command=2)

    at: float | None = None
    command: int | None = None
    byte: int | None = None
    chance: float | None = None
    times: int = 1


class ArmFault(BaseModel):
    """A fault to arm; `device` may be left out where only one can suffer it."""

    model_config = example(fault="C1", device="cash_dispenser", trigger={"command": 2}, options={"cassette": 1})

    fault: str
    device: str | None = None
    trigger: When = When()
    options: dict[str, Option] = Field(default_factory=dict)


class ArmedShown(BaseModel):
    """A fault that was armed.

    `fired`: when it struck, in seconds of this bench; `active`: it can strike again; `impossible`: why it could not
    happen when its time came.
    """

    model_config = example(**_ARMED)

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

    model_config = example(armed=[_ARMED])

    armed: tuple[ArmedShown, ...]
