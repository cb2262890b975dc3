"""What goes in and out of the rooms at the PIN pad: one model for each request and reply, with an example."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from simulators.bench.door.models import example
from simulators.bench.hands import KEYS
from simulators.devices.szzt_zt598_options import BatteryState


class Keys(BaseModel):
    """Keys to press, one after the other. `pin_of` types the PIN a person has in mind, before `keys`."""

    model_config = example(pin_of="jia", keys=["enter"], gap=0.2)

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

    model_config = example(pressed=7, state={"keypad": "PIN", "PIN": "******"})

    pressed: int
    state: dict[str, str]


class Mounted(BaseModel):
    """The pad in the kiosk, or taken out, which its removal switch notices."""

    model_config = example(mounted=False)

    mounted: bool


class BatteryIs(BaseModel):
    """The battery that keeps the keys: an empty one loses them at the next power cut."""

    model_config = example(state="low")

    state: BatteryState
