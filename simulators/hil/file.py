"""Bench files of test benches: real devices on their ports, and what is loaded into them.

The tables of devices are those of kiosk.toml. A device whose port is "simulated" is simulated, on a pty.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.bench.file import BenchError, BenchFile, Cassette, load_bench
from terminal.assembly import ROLES
from terminal.config import DeviceConfig, Seconds

SIMULATED: Final = "simulated"
"""The port of a device that this bench does not have."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LoadedCard(_Table):
    """A test card that lies at the bench: what the tester calls it, and what is on it."""

    name: Annotated[str, Field(min_length=1)]
    chip: bool = True
    stripe: bool = True


class Loaded(_Table):
    """What a bench has been given. `master_key_file` holds a test key of the PIN pad in hexadecimal digits."""

    cards: tuple[LoadedCard, ...] = ()
    cassettes: tuple[Cassette, ...] = ()
    master_key_file: Path | None = None


class PersonConfig(_Table):
    """The person at the bench: how long (seconds) an answer may take."""

    time_limit: Seconds = 120.0


class HardwareFile(_Table):
    """One bench with at least one real device."""

    name: str = ""
    devices: Annotated[dict[str, DeviceConfig], Field(min_length=1)]
    loaded: Loaded = Loaded()
    tester: PersonConfig = PersonConfig()

    @property
    def real(self) -> Mapping[str, DeviceConfig]:
        """The devices that are there."""
        return {role: device for role, device in self.devices.items() if device.port != SIMULATED}

    @property
    def simulated(self) -> Mapping[str, DeviceConfig]:
        """The devices that are simulated; their options are those of the simulator."""
        return {role: device for role, device in self.devices.items() if device.port == SIMULATED}


def load(path: Path) -> BenchFile | HardwareFile:
    """Read a bench file of either kind. Raises BenchError with a line for each thing that is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}; --bench takes sim, pty, tcp or a bench file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BenchError(f"{path}: not TOML: {error}") from None
    if "devices" not in tables:
        return load_bench(path)
    try:
        file = HardwareFile.model_validate(tables)
    except ValidationError as error:
        raise BenchError("\n".join(_complaint(path, dict(found)) for found in error.errors())) from None
    if wrong := [f"{path}: {line}" for line in _wrong(file)]:
        raise BenchError("\n".join(wrong))
    return _with_paths_from(file, path.parent)


def _wrong(file: HardwareFile) -> list[str]:
    """What only shows when the tables are seen together."""
    lines = [
        f"devices.{role}: no such device; there is {', '.join(ROLES)}" for role in file.devices if role not in ROLES
    ]
    ports = [device.port for device in file.real.values()]
    lines += [
        f"devices: two devices share the port {port}" for port in sorted({p for p in ports if ports.count(p) > 1})
    ]
    if not ports:
        lines.append("devices: every port is simulated; use --bench=pty instead")
    names = [card.name for card in file.loaded.cards]
    lines += [f"loaded.cards: two cards are called {name}" for name in sorted({n for n in names if names.count(n) > 1})]
    return lines


def _complaint(path: Path, found: dict[str, Any]) -> str:
    key = ".".join(map(str, found["loc"])) or "the file"
    if found["type"] == "extra_forbidden":
        return f"{path}: {key} is unknown here; docs/hil.md shows what there is"
    return f"{path}: {key}: {str(found['msg']).removeprefix('Value error, ')}"


def _with_paths_from(file: HardwareFile, folder: Path) -> HardwareFile:
    """Relative paths are relative to the file."""
    devices = {
        role: device.model_copy(
            update={"secret_files": {name: folder / path for name, path in device.secret_files.items()}}
        )
        for role, device in file.devices.items()
    }
    key = file.loaded.master_key_file
    loaded = file.loaded.model_copy(update={"master_key_file": None if key is None else folder / key})
    return file.model_copy(update={"devices": devices, "loaded": loaded})
