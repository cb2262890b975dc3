"""Which simulated device stands for which model: one line a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeVar, get_type_hints

from pydantic import ValidationError

from drivers.registry import MODELS, adapter
from protocol.szzt_zt598_tables import Tag
from simulators.bench.file import BenchError, Device, Dispenser
from simulators.bench.simulated import SimulatedDispenser, SimulatedPad, SimulatedPrinter, SimulatedReader
from simulators.devices.escpos import EscPosOptions, EscPosPrinter
from simulators.devices.fujitsu_f56 import FujitsuF56, FujitsuF56Options
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
from simulators.world.scene import Scene

D = TypeVar("D", bound=Device)
S = TypeVar("S")

MASTER_SLOT = 0x20
"""Where the simulated commissioning puts the terminal master key."""

SM4_MASTER_SLOT = 0x01
"""Where it puts that for SM4 keys."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What simulated devices share."""

    scene: Scene
    custody: Custody[Note]
    entropy: Callable[[int], bytes]
    master_key: bytes
    sm4_master_key: bytes = b""


def card_reader(device: Device, shared: Shared) -> SimulatedReader:
    """The card reader of a bench."""
    return _made("card_reader", CARD_READERS, device, shared)


def pin_pad(device: Device, shared: Shared) -> SimulatedPad:
    """The PIN pad of a bench, commissioned with the terminal master key."""
    return _made("pin_pad", PIN_PADS, device, shared)


def cash_dispenser(device: Dispenser, shared: Shared) -> SimulatedDispenser:
    """The dispenser of a bench, with the notes that are physically in its cassettes."""
    dispenser = _made("cash_dispenser", CASH_DISPENSERS, device, shared)
    for position, cassette in enumerate(device.cassettes, 1):
        notes = new_notes(cassette.denomination, cassette.really, f"C{position}-")
        shared.custody.put(dispenser.cassette_place(position), notes)
    return dispenser


def receipt_printer(device: Device, shared: Shared) -> SimulatedPrinter:
    """The printer of a bench."""
    return _made("receipt_printer", RECEIPT_PRINTERS, device, shared)


def _sankyo_ict3q8(device: Device, shared: Shared) -> SankyoIct3q8:
    return SankyoIct3q8(scene=shared.scene, options=_options(SankyoIct3q8Options, device))


def _szzt_zt598(device: Device, shared: Shared) -> SzztZt598:
    return SzztZt598(
        scene=shared.scene,
        entropy=shared.entropy,
        keys={MASTER_SLOT: (shared.master_key, Tag.TMK)},
        sm4_keys={SM4_MASTER_SLOT: shared.sm4_master_key} if shared.sm4_master_key else {},
        uid=b"\x88" * 16,
        options=_options(SzztZt598Options, device),
    )


def _puloon_lcdm_4000(device: Dispenser, shared: Shared) -> PuloonLcdm4000:
    options = _options(PuloonLcdm4000Options, device, cassettes=len(device.cassettes), **_watched(device))
    return PuloonLcdm4000(scene=shared.scene, custody=shared.custody, options=options)


def _puloon_lcdm_2000(device: Dispenser, shared: Shared) -> PuloonLcdm2000:
    if len(device.cassettes) > 2:
        raise BenchError("cash_dispenser.cassettes: an LCDM-2000 has an upper and a lower cassette, no more")
    options = _options(PuloonLcdm2000Options, device, **_watched(device))
    return PuloonLcdm2000(scene=shared.scene, custody=shared.custody, options=options)


def _fujitsu_f56(device: Dispenser, shared: Shared) -> FujitsuF56:
    options = _options(FujitsuF56Options, device, cassettes=len(device.cassettes))
    return FujitsuF56(scene=shared.scene, custody=shared.custody, options=options)


def _watched(device: Dispenser) -> dict[str, bool]:
    """The terminal's driver watches the EXIT sensor unless it is told otherwise."""
    return {} if "exit_sensor_sees_notes" in device.options else {"exit_sensor_sees_notes": True}


def _escpos(device: Device, shared: Shared) -> EscPosPrinter:
    return EscPosPrinter(scene=shared.scene, options=_options(EscPosOptions, device))


CARD_READERS: Final[Mapping[str, Callable[[Device, Shared], SimulatedReader]]] = {"sankyo-ict3q8": _sankyo_ict3q8}
PIN_PADS: Final[Mapping[str, Callable[[Device, Shared], SimulatedPad]]] = {"szzt-zt598": _szzt_zt598}
CASH_DISPENSERS: Final[Mapping[str, Callable[[Dispenser, Shared], SimulatedDispenser]]] = {
    "puloon-lcdm-4000": _puloon_lcdm_4000,
    "puloon-lcdm-2000": _puloon_lcdm_2000,
    "fujitsu-f56": _fujitsu_f56,
}
RECEIPT_PRINTERS: Final[Mapping[str, Callable[[Device, Shared], SimulatedPrinter]]] = {"escpos": _escpos}


IMMUNE: Final[Mapping[str, Mapping[str, str]]] = {
    "fujitsu-f56": {"C28": "which sensor of an F53 or F56 shows an open safe, if one does, is not publicly known"}
}
"""Faults that a model of their kind can't be made to suffer, and why."""


def driver_options(device: Device) -> dict[str, object]:
    """What the terminal's driver has to be told about this device: its options that the driver has under the same name.

    A driver that counts cassettes is told how many there are.
    """
    if device.model not in MODELS:
        return {}
    known = {field.name for field in fields(MODELS[device.model].options)} - _SET_BY_DRIVER
    told: dict[str, object] = {name: value for name, value in device.options.items() if name in known}
    if isinstance(device, Dispenser) and "cassettes" in known:
        told["cassettes"] = len(device.cassettes)
    return told


_SET_BY_DRIVER: Final = frozenset({"key_hold"})
"""What a device does by itself until its driver sets it: no fact that the driver must know."""


def _made(role: str, models: Mapping[str, Callable[[D, Shared], S]], device: D, shared: Shared) -> S:
    if device.model not in models:
        raise BenchError(f"{role}.model: no simulated {device.model} here; there is {', '.join(models)}")
    return models[device.model](device, shared)


def _options(kind: type[Any], device: Device, **more: object) -> Any:
    _known(kind, device.options, f"options of {device.model}")
    try:
        return adapter(kind).validate_python({**device.options, **more})
    except ValidationError as error:
        lines = [": ".join(filter(None, (".".join(map(str, found["loc"])), found["msg"]))) for found in error.errors()]
        raise BenchError(f"options of {device.model}: {'; '.join(lines)}") from None


def _known(kind: type[Any], options: Mapping[str, object], where: str) -> None:
    """Raises BenchError for an option that is none, also in a table of options."""
    types = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    if unknown := [name for name in options if name not in known]:
        raise BenchError(f"{where}: no {', '.join(unknown)}; known here: {', '.join(known)}")
    for name, value in options.items():
        if isinstance(value, Mapping) and is_dataclass(types[name]):
            _known(types[name], value, f"{where}: {name}")
