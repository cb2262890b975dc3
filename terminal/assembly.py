"""One kiosk put together from its configuration: drivers on their links, the money line, the journal."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time
from typing import Any, Final

from drivers.link import LineSettings, Link
from drivers.registry import Kind, UnknownModel, model
from drivers.trace import Sink, TracedLink
from drivers.trace_file import HOST_MODEL, TracedPort
from protocol.money_line import MONEY_LINE
from terminal import recovery
from terminal.acquaintance import Acquaintance
from terminal.cash_units import CashUnit, CashUnits
from terminal.config import ConfigError, DeviceConfig, KioskConfig
from terminal.equipment import Equipment, Notices
from terminal.journal import Journal
from terminal.money_line import MoneyLine, MoneyLineSettings
from terminal.service_line import ServiceLine
from terminal.vault import Vault

ROLES: Final[Mapping[str, Kind]] = {
    "card_reader": Kind.CARD_READER,
    "pin_pad": Kind.PIN_PAD,
    "cash_dispenser": Kind.CASH_DISPENSER,
    "receipt_printer": Kind.RECEIPT_PRINTER,
}
"""The devices of a kiosk as kiosk.toml names them, and what each must be."""

HOST: Final = "host"
"""The host's name in a wire trace."""


def settings_of(role: str, device: DeviceConfig) -> LineSettings:
    """How the line of a device is to be set: the driver's settings with those of the configuration in their place."""
    try:
        return device.line.over(model(device.model, ROLES[role]).line)
    except UnknownModel as error:
        raise ConfigError(f"devices.{role}.model: {error}") from None


def traced_ports(config: KioskConfig) -> dict[str, TracedPort]:
    """What the header of a wire trace says of this kiosk's ports. Raises ConfigError."""
    devices = {role: getattr(config.devices, role) for role in ROLES}
    ports = {role: TracedPort(device.model, str(settings_of(role, device))) for role, device in devices.items()}
    return {**ports, HOST: TracedPort(HOST_MODEL)}


def check_devices(config: KioskConfig) -> None:
    """Is there a driver for each model, and does it know the options and the cassettes? Reads no secret, opens no port.

    Raises ConfigError with a line for each device that is wrong.
    """
    wrong: list[str] = []
    for role, kind in ROLES.items():
        device: DeviceConfig = getattr(config.devices, role)
        try:
            options = model(device.model, kind).configured(device.options)
            if kind is Kind.CASH_DISPENSER:
                wrong += _cassettes_that_are_not_there(config, device.model, options)
            if kind is Kind.PIN_PAD:
                wrong += _keys_of_another_algorithm(config, options)
        except UnknownModel as error:
            wrong.append(f"devices.{role}.model: {error}")
        except ValueError as error:
            wrong.append(f"devices.{role}.options: {error}")
    if wrong:
        raise ConfigError("\n".join(wrong))


def _keys_of_another_algorithm(config: KioskConfig, options: Any) -> list[str]:
    """A complaint where the host's keys and the pad's are of two algorithms."""
    algorithm, wanted = getattr(options, "algorithm", config.host.keys), config.host.keys
    if algorithm == wanted:
        return []
    return [f'devices.pin_pad.options.algorithm: {algorithm}, but host.keys is {wanted}; write algorithm = "{wanted}"']


def _cassettes_that_are_not_there(config: KioskConfig, name: str, options: Any) -> list[str]:
    """One complaint for each cassette that the dispenser does not have, where its options tell how many there are."""
    if (number := getattr(options, "cassettes", None)) is None:
        return []
    there = [f"unit{position}" for position in range(1, number + 1)]
    return [
        f"cassettes.{at}.unit: {cassette.unit} is none of this {name}; it has {', '.join(there)}"
        for at, cassette in enumerate(config.cassettes)
        if cassette.unit not in there
    ]


def assemble(
    config: KioskConfig,
    links: Mapping[str, Link],
    call_host: Callable[[], Awaitable[Link]],
    *,
    journal: Journal,
    vault: Vault,
    now: Callable[[], datetime],
    entropy: Callable[[int], bytes],
    trace: Sink,
    service: ServiceLine | None = None,
) -> Equipment:
    """A kiosk on these links (one for each role); every link is traced. Raises ConfigError, JournalError."""
    devices = {role: make_driver(role, getattr(config.devices, role), links[role], trace) for role in ROLES}

    async def call_traced() -> Link:
        return TracedLink(await call_host(), HOST, MONEY_LINE, trace)

    limits = config.time_limits
    money = MoneyLine(
        call_traced,
        devices["pin_pad"],
        journal,
        vault,
        MoneyLineSettings(
            terminal=config.host.terminal,
            merchant=config.host.merchant,
            keys=config.host.keys,
            day_end=None if config.day_end is None else time.fromisoformat(config.day_end),
            echo_after=config.host.echo_after or None,
            mac_algorithm=config.host.mac,
            connect_timeout=limits.host_connect,
            reply_timeout=limits.host_reply,
            first_pause=limits.advice_first_pause,
            longest_pause=limits.advice_longest_pause,
        ),
        now,
        entropy,
    )
    recovery.load_cassettes(
        journal,
        recovery.fold(journal.records()),
        {cassette.unit: CashUnit(cassette.denomination_fen, cassette.count) for cassette in config.cassettes},
    )
    return Equipment(
        reader=devices["card_reader"],
        pad=devices["pin_pad"],
        dispenser=devices["cash_dispenser"],
        printer=devices["receipt_printer"],
        money=money,
        journal=journal,
        notices=Notices(
            terminal_id=config.host.terminal,
            hotline=config.hotline,
            hours=config.hours,
            notice_version=config.notice_version,
            language=config.language,
            region=config.service.region if config.service else "",
            regions=config.service.regions if config.service else (),
            hospitals=config.service.hospitals if config.service else (),
        ),
        limits=limits,
        now=money.now,
        entropy=entropy,
        cash=CashUnits({}),
        acquaintance=Acquaintance(journal, vault.index),
        service=service,
        amount_step_fen=config.amount_step * 100,
        unattended_slips=config.unattended_slips,
    )


def make_driver(role: str, device: DeviceConfig, link: Link, trace: Sink) -> Any:
    """The driver of one role on a traced link; `drivers.registry` vouches for its interface. Raises ConfigError."""
    try:
        entry = model(device.model, ROLES[role])
        secrets = {name: bytes.fromhex(secret.get_secret_value()) for name, secret in device.secrets().items()}
        options = entry.configured({**device.options, **secrets})
    except (UnknownModel, ValueError) as error:
        raise ConfigError(f"devices.{role}: {error}") from None
    return entry.driver(TracedLink(link, role, entry.wire, trace), options)
