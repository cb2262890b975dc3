"""The simulated device of a bench that stands for a recorded one, and the recorded host in front of it."""

import asyncio

from drivers.registry import MODELS
from simulators.bench.file import BenchError, BenchFile, Dispenser
from simulators.bench.hardware import Hardware
from simulators.trace.conversation import Conversation, TraceUnusable
from simulators.trace.host import Answered, PlayedHost
from terminal.assembly import ROLES


def role_of(model: str) -> str:
    """The port of a kiosk at which a model is. Raises TraceUnusable."""
    if model not in MODELS:
        raise TraceUnusable(f"{model} is no device, so no bench has one; choose another port with --port")
    return next(role for role, kind in ROLES.items() if kind is MODELS[model].kind)


def with_model(file: BenchFile, role: str, model: str) -> BenchFile:
    """The bench with another model at `role`, without options of the one before."""
    device = getattr(file, role)
    if device.model == model:
        return file
    other = device.model_copy(update={"model": model, "options": {}})
    if model == "puloon-lcdm-2000" and isinstance(other, Dispenser):
        other = other.model_copy(update={"cassettes": other.cassettes[:2]})
    return file.model_copy(update={role: other})


async def asked_of_bench(recorded: Conversation, file: BenchFile, *, seed: int, patience: float) -> list[Answered]:
    """The recorded host asks the bench's device; in virtual time. Nobody stands at the bench. Raises BenchError."""
    role = role_of(recorded.model)
    if (found := getattr(file, role).model) != recorded.model:
        raise BenchError(f"{role}.model: the recording is of a {recorded.model}, the bench has a {found}")
    hardware = Hardware(file, seed=seed, roles=(role,))
    serving = asyncio.ensure_future(hardware.serve())
    try:
        laid = asyncio.ensure_future(hardware.laid.wait())
        await asyncio.wait((laid, serving), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        return await PlayedHost(recorded, patience=patience).play(await hardware.lines[role].open())
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
