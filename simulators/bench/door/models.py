"""What goes in and out of several rooms of the control door; each device has its own beside its routes."""

from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from simulators.bench.events import EXAMPLE as EVENT
from simulators.bench.events import Event


def example(**values: JsonValue) -> ConfigDict:
    """The settings of a model: its example, frozen, and nothing that it does not name."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [dict(values)]})


class Problem(BaseModel):
    """Why something was not done; nothing happened then."""

    model_config = example(problem="no card at the gate")

    problem: str
    details: tuple[str, ...] = ()


class Welcome(BaseModel):
    """What this door leads to."""

    model_config = example(name="medteller control door", devices=["card_reader", "pin_pad"], docs="/docs")

    name: str
    devices: tuple[str, ...]
    docs: str


class Opened(BaseModel):
    """A door or cover."""

    model_config = example(open=True)

    open: bool


class Events(BaseModel):
    """Events, oldest first. Ask for more since `last`; `lost` came before and is kept no more."""

    model_config = example(events=[EVENT], last=17, lost=0)

    events: tuple[Event, ...]
    last: int
    lost: int


REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing."},
    409: {"model": Problem, "description": "The world says no; nothing happened."},
    422: {"model": Problem, "description": "The request can't be understood; `details` say where."},
}
