"""Where the devices under test are, as `--bench` says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from drivers.registry import UnknownModel, model
from simulators.bench.file import BenchError, BenchFile, load_bench
from simulators.bench.lines import LinkKind
from simulators.hil.file import HardwareFile, load
from terminal.assembly import ROLES

KINDS: Final[Mapping[str, LinkKind]] = {"sim": LinkKind.MEMORY, "pty": LinkKind.PTY, "tcp": LinkKind.TCP}
"""What `--bench` calls a simulated bench, by what lies between driver and device."""


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """Every device is simulated."""

    link: LinkKind
    file: BenchFile
    name: str

    @property
    def virtual(self) -> bool:
        """Does time jump, instead of passing?"""
        return self.link is LinkKind.MEMORY


@dataclass(frozen=True, slots=True)
class HardwarePlace:
    """Some devices are real."""

    file: HardwareFile
    name: str

    @property
    def virtual(self) -> bool:
        """Real devices know real time only."""
        return False


Place: TypeAlias = SimulatedPlace | HardwarePlace


def find(said: str) -> Place:
    """`sim`, `pty`, `tcp`, each also with `:FILE`; or FILE, a bench file of either kind. Raises BenchError."""
    kind, colon, rest = said.partition(":")
    if kind in KINDS:
        return SimulatedPlace(KINDS[kind], load_bench(Path(rest) if colon else None), said)
    path = Path(said)
    file = load(path)
    if isinstance(file, BenchFile):
        return SimulatedPlace(LinkKind.MEMORY, file, said)
    for role, device in file.devices.items():
        try:
            entry = model(device.model, ROLES[role])
            if role in file.real:
                entry.configured(device.options)
        except UnknownModel as error:
            raise BenchError(f"{path}: devices.{role}.model: {error}") from None
        except ValueError as error:
            raise BenchError(f"{path}: devices.{role}.options: {error}") from None
    return HardwarePlace(file, file.name or path.stem)
