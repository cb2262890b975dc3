"""Which simulated device stands for which model: one line a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from protocol.szzt_zt598_tables import Tag
from simulators.bench.file import BenchError, Device, Dispenser
from simulators.devices.escpos import EscPosOptions, EscPosPrinter
from simulators.devices.puloon_lcdm import (
    PuloonLcdm2000,
    PuloonLcdm2000Options,
    PuloonLcdm4000,
    PuloonLcdm4000Options,
)
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options
from simulators.devices.szzt_zt598 import SzztZt598, SzztZt598Options
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.line import LineEnd
from simulators.world.scene import Scene

MASTER_SLOT = 0x20
"""Where the simulated commissioning puts the terminal master key."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What simulated devices share."""

    scene: Scene
    custody: Custody[Note]
    entropy: Callable[[int], bytes]
    master_key: bytes


class Simulated(Protocol):
    """What every simulated device can do."""

    async def serve(self, line: LineEnd) -> None:
        """Speak on a line."""

    def snapshot(self) -> Mapping[str, str]:
        """A few words for the workbench."""

    def power_off(self) -> None:
        """Mains fail."""

    def power_on(self) -> None:
        """Mains return."""


def card_reader(device: Device, shared: Shared) -> SankyoIct3q8:
    """The card reader of a bench."""
    _check("card_reader", device, ("sankyo-ict3q8",))
    return SankyoIct3q8(scene=shared.scene, options=_options(SankyoIct3q8Options, device))


def pin_pad(device: Device, shared: Shared) -> SzztZt598:
    """The PIN pad of a bench, commissioned with the terminal master key."""
    _check("pin_pad", device, ("szzt-zt598",))
    return SzztZt598(
        scene=shared.scene,
        entropy=shared.entropy,
        keys={MASTER_SLOT: (shared.master_key, Tag.TMK)},
        uid=b"\x88" * 16,
        options=_options(SzztZt598Options, device),
    )


def cash_dispenser(device: Dispenser, shared: Shared) -> PuloonLcdm4000 | PuloonLcdm2000:
    """The dispenser of a bench, with the notes that are physically in its cassettes."""
    _check("cash_dispenser", device, ("puloon-lcdm-4000", "puloon-lcdm-2000"))
    dispenser: PuloonLcdm4000 | PuloonLcdm2000
    # The terminal's driver watches the EXIT sensor unless it is told otherwise.
    watched = {} if "exit_sensor_sees_notes" in device.options else {"exit_sensor_sees_notes": True}
    if device.model == "puloon-lcdm-4000":
        options = _options(PuloonLcdm4000Options, device, cassettes=len(device.cassettes), **watched)
        dispenser = PuloonLcdm4000(scene=shared.scene, custody=shared.custody, options=options)
    else:
        if len(device.cassettes) > 2:
            raise BenchError("cash_dispenser.cassettes: an LCDM-2000 has an upper and a lower cassette, no more")
        options_2000 = _options(PuloonLcdm2000Options, device, **watched)
        dispenser = PuloonLcdm2000(scene=shared.scene, custody=shared.custody, options=options_2000)
    for position, cassette in enumerate(device.cassettes, 1):
        notes = new_notes(cassette.denomination, cassette.really, f"C{position}-")
        shared.custody.put(dispenser.path.cassette(position), notes)
    return dispenser


def receipt_printer(device: Device, shared: Shared) -> EscPosPrinter:
    """The printer of a bench."""
    _check("receipt_printer", device, ("escpos",))
    return EscPosPrinter(scene=shared.scene, options=_options(EscPosOptions, device))


def driver_options(device: Device) -> dict[str, int]:
    """What the terminal's driver has to be told about this device."""
    if isinstance(device, Dispenser) and device.model == "puloon-lcdm-4000":
        return {"cassettes": len(device.cassettes)}
    return {}


def _check(role: str, device: Device, models: tuple[str, ...]) -> None:
    if device.model not in models:
        raise BenchError(f"{role}.model: no simulated {device.model} here; there is {', '.join(models)}")


def _options(kind: type[Any], device: Device, **more: object) -> Any:
    known = [field.name for field in fields(kind)]
    if unknown := [name for name in device.options if name not in known]:
        raise BenchError(f"options of {device.model}: no {', '.join(unknown)}; known here: {', '.join(known)}")
    try:
        return TypeAdapter(kind).validate_python({**device.options, **more})
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        raise BenchError(f"options of {device.model}: {'; '.join(lines)}") from None
