"""Bench files: one kiosk with everything around it, as data.

A device is another one by changing its `model`; `options` are those of the simulated device, and the terminal's driver
is told of those that it has too.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from drivers.interfaces import KeyAlgorithm, MacAlgorithm
from simulators.world.fault_options import Option
from terminal.config import DENOMINATIONS, Baud, TimeLimits


class BenchError(Exception):
    """A bench file that can't be used; one line for each thing that is wrong."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Device(_Table):
    """One device: a model of the registry, the speed of its line, its TCP port where it has one, and its options."""

    model: str
    baud: Baud | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    options: dict[str, Option | dict[str, Option]] = Field(default_factory=dict)


def _is_a_note(denomination: int) -> int:
    if denomination not in DENOMINATIONS:
        raise ValueError(f"no such note; notes are of {', '.join(map(str, DENOMINATIONS))} yuan")
    return denomination


class Cassette(_Table):
    """What is in a cassette, from the top; `physical` where the truth differs from what the terminal was told."""

    denomination: Annotated[int, AfterValidator(_is_a_note), Field(json_schema_extra={"enum": list(DENOMINATIONS)})]
    notes: Annotated[int, Field(ge=0, le=10_000)]
    physical: Annotated[int, Field(ge=0, le=10_000)] | None = None

    @property
    def really(self) -> int:
        """Notes that are physically in it."""
        return self.notes if self.physical is None else self.physical


class Dispenser(Device):
    """A dispenser with its cassettes."""

    cassettes: Annotated[tuple[Cassette, ...], Field(min_length=1, max_length=4)]


class Place(_Table):
    """Where the kiosk stands, who it is to the host, and how both make field 64; with SM4 keys in the SM4 way of it."""

    terminal: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{8}$")] = "44030001"
    merchant: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{15}$")] = "440300000000001"
    region: Annotated[str, Field(pattern=r"^\d{6}$")] = "440300"
    mac: Literal[MacAlgorithm.X9_19, MacAlgorithm.UNIONPAY_ECB] = MacAlgorithm.X9_19
    keys: KeyAlgorithm = KeyAlgorithm.TDES
    day_end: Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")] | None = None


class Fault(_Table):
    """A fault of the catalogue that is armed when the bench starts; when it strikes: see `Trigger`."""

    id: str
    device: str | None = None
    at: float | None = None
    command: int | None = None
    byte: int | None = None
    chance: float | None = None
    times: int = 1
    options: dict[str, Option] = Field(default_factory=dict)


class BenchFile(_Table):
    """One bench."""

    kiosk: Place = Place()
    card_reader: Device
    pin_pad: Device
    cash_dispenser: Dispenser
    receipt_printer: Device
    time_limits: TimeLimits = TimeLimits()
    faults: tuple[Fault, ...] = ()


def load_bench(path: Path | None = None) -> BenchFile:
    """Read a bench file; without a path, the one that comes with the simulators. Raises BenchError."""
    source = path if path is not None else files("simulators.bench").joinpath("default.toml")
    try:
        return BenchFile.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise BenchError(
            f"{source}: {error.strerror}; give a bench file, or leave it out for the default one"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BenchError(f"{source}: not TOML: {error}") from None
    except ValidationError as error:
        lines = [
            f"{source}: {'.'.join(map(str, found['loc']))}: {found['msg']}"
            for found in error.errors(include_url=False, include_input=False)
        ]
        raise BenchError("\n".join(lines)) from None
