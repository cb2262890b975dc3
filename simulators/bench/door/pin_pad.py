"""Rooms of the control door at the PIN pad: keys, case and battery."""

from fastapi import APIRouter

from simulators.bench.door.models import REFUSALS
from simulators.bench.door.pin_pad_models import BatteryIs, Keys, KeysPressed, Mounted
from simulators.bench.hands import Hands


def routes(hands: Hands) -> APIRouter:
    """Keys, tampering, removal, battery."""
    router = APIRouter(prefix="/pin_pad", tags=["PIN pad"], responses=REFUSALS)

    @router.post("/keys", summary="Press keys, one after the other")
    async def press(body: Keys) -> KeysPressed:
        digits = () if body.pin_of is None else hands.pin_of(body.pin_of)
        await hands.type_keys([*digits, *body.keys], body.gap)
        return _state(hands, len(digits) + len(body.keys))

    @router.post("/tamper", summary="Drill into the case: its keys are erased at once")
    async def tamper() -> KeysPressed:
        hands.tamper_with_pad()
        return _state(hands)

    @router.put("/mounted", summary="Take the pad out of the kiosk, or put it back")
    async def mount(body: Mounted) -> KeysPressed:
        hands.mount_pad(mounted=body.mounted)
        return _state(hands)

    @router.put("/battery", summary="Have the battery that keeps the keys run low or empty, or replace it")
    async def battery(body: BatteryIs) -> KeysPressed:
        hands.battery_of_pad(body.state)
        return _state(hands)

    return router


def _state(hands: Hands, pressed: int = 0) -> KeysPressed:
    return KeysPressed(pressed=pressed, state=dict(hands.hardware.pad.snapshot()))
