"""`medteller doctor`: asks every port of a kiosk how it is, and says what to do. Moves nothing, pays nothing.

Only status questions are sent. A device that stays silent is asked at the other speeds and parities that its model is
known to have, and then as each other model of this kiosk: a cable in the wrong socket answers as its neighbour.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from drivers.interfaces import (
    CardReaderStatus,
    DeviceError,
    DeviceState,
    DispenserStatus,
    EncryptionState,
    Identity,
    Media,
    PaperSupply,
    PinPadStatus,
    PositionStatus,
    PrinterStatus,
    Replenishment,
    UnitStatus,
)
from drivers.link import LineSettings, Link, Parity, PortUnavailable
from drivers.registry import MODELS, Model
from drivers.trace_file import Sender, TraceRecord
from terminal.assembly import ROLES, make_driver, settings_of
from terminal.config import ConfigError, DeviceConfig, KioskConfig, LineConfig

OpenPort: TypeAlias = Callable[[str, LineSettings], Awaitable[Link]]
Status: TypeAlias = CardReaderStatus | PinPadStatus | DispenserStatus | PrinterStatus

PATIENCE: Final = 15.0
"""Seconds for the answer of a device as it is configured."""

GLANCE: Final = 2.5
"""Seconds for an answer at another speed, or as another model."""

USUAL_LINES: Final = tuple(
    LineSettings(speed, parity)
    for speed in (9600, 19200, 38400, 57600, 115200)
    for parity in (Parity.NONE, Parity.EVEN, Parity.ODD)
)
"""Tried with a model that says nothing of other settings."""

SILENT: Final = (DeviceState.OFFLINE, DeviceState.POWER_OFF, DeviceState.NO_DEVICE)

REMEDIES: Final = {
    DeviceState.HARDWARE_ERROR: "Look at the device; if it stays so after a restart, have it repaired.",
    DeviceState.USER_ERROR: "Look at the device: a cover or a tray may be open.",
    DeviceState.FRAUD_ATTEMPT: "Take the kiosk out of service and call security.",
    DeviceState.DEVICE_BUSY: "Wait, and ask again.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one port, or the host, is like. `problem` is empty where all is well; `remedy` then is too."""

    role: str
    model: str
    port: str
    line: str
    state: str = ""
    detail: str = ""
    problem: str = ""
    remedy: str = ""


async def examine(
    config: KioskConfig, open_port: OpenPort, tell: Callable[[str], None] = lambda _: None
) -> tuple[Finding, ...]:
    """Every device in turn, then the host. `tell` hears what is being done."""
    findings = []
    for role in ROLES:
        tell(f"{role}: asking {getattr(config.devices, role).port}")
        findings.append(await _device(config, role, open_port, tell))
    tell(f"host: connecting to {config.host.url}")
    findings.append(await _host(config))
    return tuple(findings)


async def _device(config: KioskConfig, role: str, open_port: OpenPort, tell: Callable[[str], None]) -> Finding:
    device: DeviceConfig = getattr(config.devices, role)
    line = settings_of(role, device)
    found = Finding(role, device.model, device.port, str(line))
    heard: list[TraceRecord] = []
    identities: list[str] = []
    try:
        status = await _asked(role, device, line, open_port, PATIENCE, heard, identities)
    except ConfigError as error:
        return replace(found, problem=str(error), remedy="Correct kiosk.toml or the file it names.")
    except PortUnavailable as error:
        return replace(found, problem=f"the port does not open: {error.cause}", remedy=error.remedy)
    if status is None or status.device in SILENT:
        problem, remedy = await _why_silent(config, role, line, open_port, heard, tell)
        return replace(found, state=DeviceState.OFFLINE, problem=problem, remedy=remedy)
    problem, remedy = _complaint(status)
    detail = "; ".join((_words(status), *identities))
    return replace(found, state=status.device, detail=detail, problem=problem, remedy=remedy)


async def _asked(
    role: str,
    device: DeviceConfig,
    line: LineSettings,
    open_port: OpenPort,
    limit: float,
    heard: list[TraceRecord],
    identities: list[str] | None = None,
) -> Status | None:
    """Its status, or None when nothing came that can be understood. Raises PortUnavailable, ConfigError.

    What it says it is goes into `identities`.
    """
    link = await open_port(device.port, line)
    try:
        driver: Any = make_driver(role, device, link, heard.append)
        async with asyncio.timeout(limit):
            status: Status = await driver.status()
            if identities is not None and _answers(status) and isinstance(driver, Identity):
                with suppress(DeviceError):
                    identities.append(await driver.identify())
            return status
    except (TimeoutError, DeviceError):
        return None
    except PortUnavailable:
        raise
    except ConnectionError:
        return None
    finally:
        link.close()


async def _why_silent(
    config: KioskConfig,
    role: str,
    line: LineSettings,
    open_port: OpenPort,
    heard: list[TraceRecord],
    tell: Callable[[str], None],
) -> tuple[str, str]:
    """Problem and remedy of a device that gives no sensible answer."""
    device: DeviceConfig = getattr(config.devices, role)
    noise = sum(record.direction is Sender.DEVICE for record in heard)
    try:
        if not device.port.startswith("socket://"):
            for other in _other_lines(MODELS[device.model], line):
                tell(f"{role}: silent; trying {other}")
                if _answers(await _asked(role, device, other, open_port, GLANCE, [])):
                    wanted = _written(other, MODELS[device.model].line)
                    return f"it answers at {other}, not at {line}", f"Write {wanted} under devices.{role}."
        for neighbour, name in _other_models(config, role):
            tell(f"{role}: silent; asking as {name}")
            stranger = DeviceConfig(model=name, port=device.port, line=LineConfig())
            if _answers(await _asked(neighbour, stranger, MODELS[name].line, open_port, GLANCE, [])):
                where = "" if neighbour == role else f", the {neighbour} of this kiosk: cables may be swapped"
                return f"a {name} answers here{where}", f"Put the cables right, or correct the port of devices.{role}."
    except PortUnavailable as error:
        return f"the port opened once, then no more: {error.cause}", error.remedy
    except ConfigError as error:
        return str(error), "Correct kiosk.toml or the file it names."
    if noise:
        return (
            f"{noise} pieces came that are no answer: line noise, or settings other than {line}",
            "Check cable, shield and ground, and the device's own line settings.",
        )
    return "it does not answer", "Check the device's power and cable, and that this is its port."


def _answers(status: Status | None) -> bool:
    return status is not None and status.device not in SILENT


def _other_lines(model: Model, line: LineSettings) -> list[LineSettings]:
    """What the model is known to have, the speed of `line` first: a wrong parity is the most frequent mistake."""
    known = dict.fromkeys((model.line, *(model.other_lines or USUAL_LINES)))
    return sorted((other for other in known if other != line), key=lambda other: other.baud != line.baud)


def _written(line: LineSettings, default: LineSettings) -> str:
    """As kiosk.toml says it."""
    words = [f"baud = {line.baud}", f'parity = "{line.parity}"']
    if line.rtscts != default.rtscts:
        words.append(f"rtscts = {str(line.rtscts).lower()}")
    return f"line = {{ {', '.join(words)} }}"


def _other_models(config: KioskConfig, role: str) -> Iterator[tuple[str, str]]:
    """The neighbours in this kiosk, then the other models of the same kind."""
    for neighbour in ROLES:
        if neighbour != role:
            yield neighbour, getattr(config.devices, neighbour).model
    for name, entry in MODELS.items():
        if entry.kind is ROLES[role] and name != getattr(config.devices, role).model:
            yield role, name


def _complaint(status: Status) -> tuple[str, str]:
    """What a person has to do about a device that answers; empty when nothing."""
    if status.device in REMEDIES:
        return status.detail or str(status.device), REMEDIES[status.device]
    match status:
        case PrinterStatus(paper=PaperSupply.OUT | PaperSupply.JAMMED as paper):
            return f"paper {paper}", "Put in a new roll, or remove the jammed paper."
        case PinPadStatus(encryption_state=EncryptionState.NOT_INITIALIZED):
            return "it has no master key", "Have the key custodians load the terminal master key."
        case CardReaderStatus(media=Media.PRESENT | Media.ENTERING | Media.JAMMED as media):
            return f"a card is there ({media})", "The kiosk gives it back when it starts; a jammed one needs a person."
        case DispenserStatus():
            missing = [name for name, unit in status.units.items() if unit.status is not UnitStatus.OK]
            if missing:
                return f"{', '.join(missing)}: not in place or not usable", "Push the cassettes in, in their places."
            empty = [name for name, unit in status.units.items() if unit.replenishment is Replenishment.EMPTY]
            if empty:
                return f"{', '.join(empty)}: empty", "Refill them."
            if PositionStatus.NOT_EMPTY in (status.position, status.transport, status.stacker):
                return "notes lie in the path or at the exit", "Count them: docs/operation.md, suspense."
    return "", ""


def _words(status: Status) -> str:
    match status:
        case CardReaderStatus():
            words = f"card {status.media}"
        case PinPadStatus():
            words = f"keys {status.encryption_state}"
        case DispenserStatus():
            units = ", ".join(f"{name} {unit.status}/{unit.replenishment}" for name, unit in status.units.items())
            words = f"{status.dispenser}; {units}"
        case PrinterStatus():
            words = f"paper {status.paper}"
    return f"{words}; {status.detail}" if status.detail else words


async def _host(config: KioskConfig) -> Finding:
    """A TCP connection, made and closed: no sign-on."""
    found = Finding("host", "", config.host.url, "")
    try:
        async with asyncio.timeout(config.time_limits.host_connect):
            _, writer = await asyncio.open_connection(*config.host.address)
    except TimeoutError:
        return replace(found, problem="no connection in time", remedy="Check network and firewall.")
    except OSError as error:
        return replace(found, problem=f"no connection: {error}", remedy="Check host.url, network and firewall.")
    writer.close()
    return replace(found, state="reachable", detail="a TCP connection was made; nothing was sent")
