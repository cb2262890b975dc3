"""Rooms of the control door for any device: how it is, mains, line; and where everything is."""

from fastapi import APIRouter

from simulators.bench.door.cash_dispenser_models import NoteShown
from simulators.bench.door.devices_models import Custody, Devices, DeviceState, Place, Plug, Power
from simulators.bench.door.models import REFUSALS
from simulators.bench.hands import Hands


def routes(hands: Hands) -> APIRouter:
    """Devices, power, lines, custody."""
    router = APIRouter(tags=["bench"], responses=REFUSALS)

    @router.get("/devices", summary="Look at all devices")
    async def look_at_all() -> Devices:
        return Devices(devices={role: _shown(hands, role) for role in hands.hardware.simulated})

    @router.get("/devices/{device}", summary="Look at a device")
    async def look(device: str) -> DeviceState:
        return _shown(hands, device)

    @router.put("/devices/{device}/power", summary="Cut the power of a device, or give it back")
    async def power(device: str, body: Power) -> DeviceState:
        hands.power(device, on=body.on)
        return _shown(hands, device)

    @router.put("/power", summary="Cut the power of all devices at once, or give it back")
    async def power_all(body: Power) -> Devices:
        for role in hands.hardware.simulated:
            hands.power(role, on=body.on)
        return await look_at_all()

    @router.put("/devices/{device}/line", summary="Unplug the line of a device, or plug it in again")
    async def plug(device: str, body: Plug) -> DeviceState:
        await hands.plug(device, plugged=body.plugged)
        return _shown(hands, device)

    @router.get("/custody", summary="Where every note and card truly is, and whether all are conserved")
    async def custody() -> Custody:
        found = hands.inventory()
        places = {
            place: Place(
                total=sum(note.denomination for note in notes),
                notes=tuple(NoteShown(denomination=note.denomination, serial=note.serial) for note in notes),
            )
            for place, notes in found.notes.items()
        }
        return Custody(
            conserved=not found.problem,
            problem=found.problem,
            made=found.made,
            total=sum(place.total for place in places.values()),
            places=places,
            cards=dict(found.cards),
        )

    return router


def _shown(hands: Hands, role: str) -> DeviceState:
    powered, hardware = hands.powered(role), hands.hardware
    line = hardware.lines[role]
    return DeviceState(
        model=hardware.configured[role].model,
        url=line.url,
        line=str(line.settings),
        powered=powered,
        plugged=line.plugged,
        state=dict(hardware.simulated[role].snapshot()),
    )
