"""Rooms of the control door for faults: the catalogue, and what is armed."""

import inspect
from dataclasses import asdict

from fastapi import APIRouter

from simulators.bench.door.faults_models import (
    ArmedFaults,
    ArmedShown,
    ArmFault,
    Catalogue,
    FaultOption,
    FaultShown,
    When,
)
from simulators.bench.door.models import REFUSALS
from simulators.bench.events import Kind
from simulators.bench.faults import Armed
from simulators.bench.hands import Hands, NotThere
from simulators.world.fault_options import Range
from simulators.world.faults import CATALOGUE, NOT_MODELLED, Trigger


def routes(hands: Hands) -> APIRouter:
    """Catalogue, arming, disarming."""
    router = APIRouter(prefix="/faults", tags=["faults"], responses=REFUSALS)
    injector, log = hands.hardware.injector, hands.log

    @router.get("", summary="The fault catalogue, and which device here can suffer what")
    async def catalogue() -> Catalogue:
        return Catalogue(
            faults=tuple(
                FaultShown(
                    id=each.fault,
                    where=each.where,
                    words=each.words,
                    devices={
                        device: {
                            name: _option(default, ailment.ranges[name]) for name, default in ailment.options.items()
                        }
                        for device, ailment in each.devices.items()
                    },
                )
                for each in injector.possible()
            )
        )

    @router.post("", summary="Arm a fault: now, at a time, with a command or byte, or by chance", status_code=201)
    async def arm(body: ArmFault) -> ArmedShown:
        if body.fault not in CATALOGUE and body.fault not in NOT_MODELLED:
            raise NotThere(f"no fault {body.fault!r}; GET /faults lists those there are")
        armed = injector.arm(
            body.fault, body.device, trigger=Trigger(**body.trigger.model_dump()), options=body.options
        )
        if not armed.fired:
            words = f"fault {armed.fault} is armed: {CATALOGUE[armed.fault][1]}"
            log.note(Kind.FAULT_ARMED, armed.device, words, {"number": armed.number, "fault": armed.fault})
        return _shown(armed)

    @router.get("/armed", summary="Every fault that was armed, and when it struck")
    async def armed_ones() -> ArmedFaults:
        return ArmedFaults(armed=tuple(map(_shown, injector.armed)))

    @router.delete("/armed/{number}", summary="Disarm a fault, and mend what it broke where that can be mended")
    async def disarm(number: int) -> ArmedShown:
        if not 1 <= number <= len(injector.armed):
            raise NotThere(f"no armed fault has number {number}; GET /faults/armed lists them")
        armed = injector.disarm(number)
        words = f"fault {armed.fault} is disarmed"
        log.note(Kind.FAULT_DISARMED, armed.device, words, {"number": armed.number, "fault": armed.fault})
        return _shown(armed)

    return router


def _option(default: object, allowed: Range) -> FaultOption:
    if default is inspect.Parameter.empty:
        return FaultOption(default=None, required=True, allowed=str(allowed))
    plain = default if isinstance(default, bool | int | float | str) or default is None else str(default)
    return FaultOption(default=plain, required=False, allowed=str(allowed))


def _shown(armed: Armed) -> ArmedShown:
    return ArmedShown(
        number=armed.number,
        fault=armed.fault,
        device=armed.device,
        trigger=When(**asdict(armed.trigger)),
        options=dict(armed.options),
        fired=tuple(armed.fired),
        active=armed.active,
        impossible=armed.impossible,
    )
