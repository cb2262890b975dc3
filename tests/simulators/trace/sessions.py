"""One session for each device: what a driver is asked to do, and what a person does at the device meanwhile.

A session is recorded once with a simulated device and played many times; in a recording, what came of the person's
doings is there already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drivers.interfaces import Align, DeviceError, MoveTarget, PrintQr, PrintText
from drivers.link import Link
from drivers.registry import MODELS
from drivers.trace import TracedLink
from drivers.trace_file import TracedPort, TraceHeader, TraceRecord
from protocol.wire import Explanation, WireFormat
from simulators.bench.file import BenchFile, load_bench
from simulators.bench.hardware import Hardware
from simulators.world.cards import issue
from simulators.world.line import LineEnd, memory_line
from simulators.world.people import person
from terminal.assembly import ROLES

PORT = "port"


@dataclass(frozen=True, slots=True)
class Session:
    """What is asked of a driver, returning all it said; who is there; options of driver and simulated device."""

    model: str
    script: Callable[[Any], Awaitable[list[object]]]
    somebody: Callable[[Hardware], Awaitable[None]]
    driver: Mapping[str, object] = field(default_factory=dict)
    device: Mapping[str, object] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The port of a kiosk at which such a device is."""
        return next(role for role, kind in ROLES.items() if kind is MODELS[self.model].kind)

    def bench(self) -> BenchFile:
        """The default bench with this model in its place."""
        file = load_bench()
        device = getattr(file, self.role)
        changed = device.model_copy(update={"model": self.model, "options": dict(self.device)})
        return file.model_copy(update={self.role: changed})

    def driving(self, link: Link) -> Any:
        """The driver."""
        entry = MODELS[self.model]
        return entry.driver(link, entry.configured(self.driver))


def header(session: Session) -> TraceHeader:
    """What stands above a recording of this session."""
    return TraceHeader({PORT: TracedPort(session.model, str(MODELS[session.model].line))})


def without_redaction(wire: WireFormat) -> WireFormat:
    """A trace of simulated devices has no real secrets, and with all bytes it can be played exactly."""
    return replace(wire, explain=lambda event: Explanation(wire.explain(event).text))


async def record(session: Session, *, redacted: bool = True) -> tuple[list[object], list[TraceRecord]]:
    """Play the session with a simulated device: what the driver said, and what went over the wire."""
    records: list[TraceRecord] = []
    hardware = Hardware(session.bench(), seed=1, roles=(session.role,))
    serving = asyncio.ensure_future(hardware.serve())
    acting = asyncio.ensure_future(session.somebody(hardware))
    try:
        await hardware.laid.wait()
        wire = MODELS[session.model].wire
        link = await hardware.lines[session.role].open()
        traced = TracedLink(link, PORT, wire if redacted else without_redaction(wire), records.append)
        results = await session.script(session.driving(traced))
        traced.close()
        return results, records
    finally:
        for task in (serving, acting):
            task.cancel()
        await asyncio.gather(serving, acting, return_exceptions=True)


async def replayed(session: Session, serve: Callable[[LineEnd], Awaitable[None]]) -> list[object]:
    """The same script with the driver on another far end."""
    host, device = memory_line()
    serving = asyncio.ensure_future(serve(device))
    try:
        results = await session.script(session.driving(host))
        await asyncio.wait((serving,), timeout=1.0)
        return results
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def said(what: Awaitable[object]) -> object:
    """The result, or the error as something that can be compared."""
    try:
        return await what
    except DeviceError as error:
        return (type(error).__name__, error.code, str(error))


async def nobody(_: Hardware) -> None:
    """The device is left alone."""


async def _inserts_and_takes_a_card(hardware: Hardware) -> None:
    reader = hardware.reader
    await hardware.scene.until(lambda: reader.takes_cards)
    await asyncio.sleep(0.7)
    reader.insert_card(issue(person("jia")))
    await hardware.scene.until(lambda: reader.card_at_gate)
    await asyncio.sleep(1.3)
    reader.take_card()


async def _read_a_card(reader: Any) -> list[object]:
    return [
        await said(reader.reset()),
        await said(reader.status()),
        await said(reader.read_raw_data()),
        await said(reader.status()),
        await said(reader.move(MoveTarget.EXIT)),
        await said(reader.media_removed(10.0)),
        await said(reader.status()),
    ]


async def _types_zeros(hardware: Hardware) -> None:
    """As hidden keys are filled in when the recording is played."""
    await hardware.scene.until(lambda: hardware.pad.listening)
    for key in ("0", "0", "enter"):
        await asyncio.sleep(0.4)
        hardware.pad.press(key)


async def _take_an_amount(pad: Any) -> list[object]:
    return [
        await said(pad.status()),
        await said(pad.data_entry(max_len=4, timeout=20.0, on_key=lambda *_: None)),
        await said(pad.status()),
    ]


async def _takes_notes(hardware: Hardware) -> None:
    await hardware.scene.until(lambda: bool(hardware.dispenser.notes_at_exit))
    await asyncio.sleep(2.0)
    hardware.dispenser.take_notes()


async def _dispense(dispenser: Any) -> list[object]:
    return [
        await said(dispenser.status()),
        await said(dispenser.dispense({"unit1": 3, "unit2": 1})),
        await said(dispenser.items_taken(10.0)),
        await said(dispenser.status()),
        await said(dispenser.reset()),
    ]


async def _present(dispenser: Any) -> list[object]:
    return [
        await said(dispenser.reset()),
        await said(dispenser.status()),
        await said(dispenser.dispense({"unit1": 2, "unit2": 1})),
        await said(dispenser.present()),
        await said(dispenser.items_taken(10.0)),
        await said(dispenser.status()),
    ]


async def _print(printer: Any) -> list[object]:
    items = (
        PrintText("医保个人账户取现", Align.CENTER, double_size=True),
        PrintText("实付金额 100.00", emphasized=True),
        PrintQr("000000123456 AB12"),
    )
    return [await said(printer.status()), await said(printer.print_form(items)), await said(printer.status())]


SESSIONS = (
    Session("sankyo-ict3q8", _read_a_card, _inserts_and_takes_a_card),
    Session("szzt-zt598", _take_an_amount, _types_zeros),
    Session("puloon-lcdm-2000", _dispense, _takes_notes),
    Session("puloon-lcdm-4000", _dispense, _takes_notes, driver={"cassettes": 2}),
    Session("fujitsu-f56", _present, _takes_notes),
    Session("escpos", _print, nobody),
)
