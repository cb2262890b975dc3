"""A bench under test: its drivers on traced lines, what is loaded into it, and the person in front of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from drivers.interfaces import CardReader, CashDispenser, PinPad, ReceiptPrinter
from drivers.link import Link, open_link
from drivers.trace_file import TraceRecord
from simulators.bench import registry
from simulators.bench.file import BenchError, BenchFile, Cassette, Device, load_bench
from simulators.bench.hardware import Hardware
from simulators.bench.lines import LinkKind
from simulators.hil.customer import Customer
from simulators.hil.file import HardwareFile, LoadedCard
from simulators.hil.hands import Hands, SimulatedHands
from simulators.hil.place import HardwarePlace, Place, SimulatedPlace
from simulators.hil.tester import AskedHands, Asker
from simulators.world.cards import issue
from simulators.world.people import load_people
from terminal.assembly import ROLES, make_driver, settings_of
from terminal.config import DeviceConfig, LineConfig

SEED = 1
"""Of all chance in virtual time: the same test sees the same every time."""


class TestBench:
    """The devices of one test. Drivers are opened when they are first asked for, and closed with the bench."""

    __test__ = False  # its name is no test's

    def __init__(
        self,
        name: str,
        devices: Mapping[str, DeviceConfig],
        *,
        cassettes: Sequence[Cassette],
        master_key: bytes | None,
        customer: Customer,
        simulated: Hardware | None,
        trace: list[TraceRecord],
    ) -> None:
        self.name = name
        self.devices = devices
        self.cassettes = tuple(cassettes)
        self.customer = customer
        self.trace = trace
        self._master_key = master_key
        self._simulated = simulated
        self._drivers: dict[str, Any] = {}
        self._links: list[Link] = []

    @property
    def simulated(self) -> Hardware:
        """The simulated devices, for what only simulators can do. A bench without any skips the test."""
        if self._simulated is None:
            pytest.skip(f"bench {self.name} has no simulated devices")
        return self._simulated

    def is_simulated(self, role: str) -> bool:
        """Is this device (`card_reader`, ...) simulated?"""
        return self._simulated is not None and role in self._simulated.simulated

    @property
    def master_key(self) -> bytes:
        """The test master key in the PIN pad. A bench that does not know it skips the test."""
        if self._master_key is None:
            pytest.skip(
                f"bench {self.name} does not know its PIN pad's test key: name a file as loaded.master_key_file"
            )
        return self._master_key

    async def card_reader(self) -> CardReader:
        """Its driver; a bench without one skips the test. Raises PortUnavailable, ConfigError."""
        reader: CardReader = await self._open("card_reader")
        return reader

    async def pin_pad(self) -> PinPad:
        """Its driver; a bench without one skips the test. Raises PortUnavailable, ConfigError."""
        pad: PinPad = await self._open("pin_pad")
        return pad

    async def cash_dispenser(self) -> CashDispenser:
        """Its driver; a bench without one skips the test. Raises PortUnavailable, ConfigError."""
        dispenser: CashDispenser = await self._open("cash_dispenser")
        return dispenser

    async def receipt_printer(self) -> ReceiptPrinter:
        """Its driver; a bench without one skips the test. Raises PortUnavailable, ConfigError."""
        printer: ReceiptPrinter = await self._open("receipt_printer")
        return printer

    def close(self) -> None:
        """Release every port."""
        for link in self._links:
            link.close()
        self._links.clear()
        self._drivers.clear()

    async def _open(self, role: str) -> Any:
        if role not in self._drivers:
            if role not in self.devices:
                pytest.skip(f"bench {self.name} has no {role}; it has {', '.join(self.devices)}")
            device = self.devices[role]
            if self.is_simulated(role):
                link = await self.simulated.lines[role].open()
            else:
                link = await open_link(device.port, settings_of(role, device))
            self._links.append(link)
            self._drivers[role] = make_driver(role, device, link, self.trace.append)
        return self._drivers[role]


@asynccontextmanager
async def opened(place: Place, tester: Asker, trace: list[TraceRecord]) -> AsyncIterator[TestBench]:
    """The bench at `place`, its simulated devices running. Raises BenchError."""
    match place:
        case SimulatedPlace(link, file, name):
            hardware = Hardware(file, link=link, seed=SEED if place.virtual else None)
            bench = TestBench(
                name,
                {role: _driven(device) for role, device in hardware.configured.items()},
                cassettes=file.cash_dispenser.cassettes,
                master_key=hardware.master_key,
                customer=Customer(dict.fromkeys(ROLES, SimulatedHands(hardware)), _peoples_cards()),
                simulated=hardware,
                trace=trace,
            )
        case HardwarePlace(file=mixed, name=name):
            bench = _with_real_devices(mixed, name, tester, trace)
    running = None if bench._simulated is None else asyncio.ensure_future(bench._simulated.serve())
    try:
        if running is not None:
            await _laid(bench.simulated, running)
        yield bench
    finally:
        bench.close()
        if running is not None:
            if not running.done():
                running.cancel()
            ended = await asyncio.gather(running, return_exceptions=True)
            broken = [error for error in ended if isinstance(error, Exception)]
    if running is not None and broken:
        raise BenchError(f"a simulated device of bench {bench.name} broke down: {broken[0]!r}") from broken[0]


def _with_real_devices(file: HardwareFile, name: str, tester: Asker, trace: list[TraceRecord]) -> TestBench:
    hardware = None
    devices = dict(file.devices)
    hands: dict[str, Hands] = dict.fromkeys(file.real, AskedHands(tester))
    if file.simulated:
        hardware = Hardware(_stand_ins(file), link=LinkKind.PTY, roles=tuple(file.simulated))
        devices |= {role: _driven(hardware.configured[role]) for role in file.simulated}
        hands |= dict.fromkeys(file.simulated, SimulatedHands(hardware))
    cards = file.loaded.cards if "card_reader" in file.real else _peoples_cards()
    cassettes = file.loaded.cassettes
    if hardware is not None and "cash_dispenser" in file.simulated:
        cassettes = hardware.file.cash_dispenser.cassettes
    key = hardware.master_key if hardware is not None and "pin_pad" in file.simulated else _key_of(file)
    return TestBench(
        name,
        devices,
        cassettes=cassettes,
        master_key=key,
        customer=Customer(hands, cards),
        simulated=hardware,
        trace=trace,
    )


def _stand_ins(file: HardwareFile) -> BenchFile:
    """The default bench, with the simulated devices of `file` in their places."""
    default = load_bench()
    changed: dict[str, Any] = {}
    for role, device in file.simulated.items():
        stands: dict[str, Any] = {"model": device.model, "baud": device.line.baud, "options": device.options}
        if role == "cash_dispenser":
            stands["cassettes"] = file.loaded.cassettes or default.cash_dispenser.cassettes
        changed[role] = getattr(default, role).model_copy(update=stands)
    return default.model_copy(update=changed)


def _driven(device: Device) -> DeviceConfig:
    """How a simulated device is driven."""
    options = dict(registry.driver_options(device))
    return DeviceConfig(model=device.model, port="simulated", line=LineConfig(baud=device.baud), options=options)


def _key_of(file: HardwareFile) -> bytes | None:
    """Raises BenchError."""
    path = file.loaded.master_key_file
    if path is None:
        return None
    try:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not hexadecimal digits"
        raise BenchError(f"loaded.master_key_file {path} can't be read: {reason}") from None


def _peoples_cards() -> tuple[LoadedCard, ...]:
    """What the invented people carry."""
    cards = [(person.id, issue(person)) for person in load_people()]
    return tuple(
        LoadedCard(name=name, chip=card.chip is not None and card.chip.atr is not None, stripe=card.has_stripe)
        for name, card in cards
    )


async def _laid(hardware: Hardware, running: asyncio.Task[None]) -> None:
    """Until every line can be opened, or the bench has failed to lay them."""
    laid = asyncio.ensure_future(hardware.laid.wait())
    try:
        await asyncio.wait((laid, running), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        laid.cancel()
