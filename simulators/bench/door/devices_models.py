"""What goes in and out of the rooms of all devices: one model for each request and reply, with an example."""

from pydantic import BaseModel, JsonValue

from simulators.bench.door.cash_dispenser_models import NoteShown
from simulators.bench.door.models import example

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

    model_config = example(**_DISPENSER)

    model: str
    url: str
    line: str
    powered: bool
    plugged: bool
    state: dict[str, str]


class Devices(BaseModel):
    """All devices by name."""

    model_config = example(devices={"cash_dispenser": _DISPENSER})

    devices: dict[str, DeviceState]


class Power(BaseModel):
    """Mains."""

    model_config = example(on=False)

    on: bool


class Plug(BaseModel):
    """The line: the USB adapter in or out."""

    model_config = example(plugged=False)

    plugged: bool


class Place(BaseModel):
    """The notes at one place; `total` is yuan."""

    model_config = example(total=100, notes=[{"denomination": 100, "serial": "C1-10000007"}])

    total: int
    notes: tuple[NoteShown, ...]


class Custody(BaseModel):
    """Where every note and card truly is. `conserved`: each is in exactly one place, and none came or went.

    `made` counts the notes that were ever put into this world; `total` is their value in yuan.
    """

    model_config = example(
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
