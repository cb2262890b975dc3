"""The devices of a bench: simulated machines on their lines, the notes in them, and their world. Needs no host."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from drivers.link import LineSettings
from drivers.registry import model
from simulators.bench import registry
from simulators.bench.faults import Injector, Target
from simulators.bench.file import BenchError, BenchFile, Device
from simulators.bench.lines import Line, LinkKind
from simulators.bench.simulated import Simulated
from simulators.world.custody import Custody, Note
from simulators.world.fault_options import OneOf, Seconds
from simulators.world.faults import Ailment, Ailments, FaultRefused, Pending, Trigger
from simulators.world.faulty_line import LONGEST, LineFaults
from simulators.world.scene import Scene
from simulators.world.virtual_time import BEIJING, World
from terminal.assembly import ROLES

START = datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING)
"""When a simulated day begins: a Monday morning."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where lines can be opened: ptys get names in `folder`, TCP ports are at `address` (a role without one: any)."""

    folder: Path | None = None
    address: str = "127.0.0.1"
    ports: Mapping[str, int] = field(default_factory=dict)


ANYWHERE: Final = Outlets()


class Hardware:
    """Build one in a loop, then `serve`: in virtual time with `LinkKind.MEMORY`, else in real time.

    `roles` leaves devices out: they have no line. `world` is one that others share, else it has one of its own. `laid`
    is set once every line can be opened. Raises BenchError.
    """

    def __init__(
        self,
        file: BenchFile,
        *,
        link: LinkKind = LinkKind.MEMORY,
        seed: int | None = None,
        roles: Collection[str] = tuple(ROLES),
        outlets: Outlets = ANYWHERE,
        world: World | None = None,
    ) -> None:
        self.file = file
        self.world = world or World(seed, START if link is LinkKind.MEMORY else None)
        self.scene = Scene()
        self.custody: Custody[Note] = Custody()
        self.laid = asyncio.Event()
        self.master_key = self.world.chance("master key").randbytes(16)
        self.sm4_master_key = self.world.chance("SM4 master key").randbytes(16)
        shared = registry.Shared(
            self.scene, self.custody, self.world.chance("pad").randbytes, self.master_key, self.sm4_master_key
        )
        self.reader = registry.card_reader(file.card_reader, shared)
        self.pad = registry.pin_pad(file.pin_pad, shared)
        self.dispenser = registry.cash_dispenser(file.cash_dispenser, shared)
        self.printer = registry.receipt_printer(file.receipt_printer, shared)
        made: tuple[Simulated, ...] = (self.reader, self.pad, self.dispenser, self.printer)
        self.simulated: Mapping[str, Simulated] = {
            role: device for role, device in zip(ROLES, made, strict=True) if role in roles
        }
        self.lines = {role: _line(role, self.configured[role], link, outlets) for role in self.simulated}
        self.injector = Injector(partial(self.world.chance, "faults"))
        self._attached = {role: role for role in self.simulated}
        self._line_faults = {
            role: LineFaults(
                model(self.configured[role].model, ROLES[role]).wire, partial(self.world.chance, f"line of {role}")
            )
            for role in self.simulated
        }
        for role, device in self.simulated.items():
            faults = self._line_faults[role]
            immune = registry.IMMUNE.get(self.configured[role].model, {})
            ailments = Ailments(partial(self._ailments, role, faults, device))
            self.injector.add(role, Target(ailments, faults, immune))
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def configured(self) -> Mapping[str, Device]:
        """What the bench file says about each device."""
        file = self.file
        return dict(
            zip(ROLES, (file.card_reader, file.pin_pad, file.cash_dispenser, file.receipt_printer), strict=True)
        )

    async def serve(self) -> None:
        """Lay the lines, switch everything on and serve until cancelled."""
        tasks: list[asyncio.Task[None]] = []
        try:
            for role, line in self.lines.items():
                await line.lay()
                tasks.append(asyncio.ensure_future(self._attend(role, line)))
            self._arm()
            self.laid.set()
            await asyncio.gather(*tasks)
        finally:
            for task in (*tasks, *self._errands):
                task.cancel()
            for line in self.lines.values():
                line.unplug()

    async def _attend(self, port: str, line: Line) -> None:
        """Serve on the line, and on its next end each time it was laid again."""
        while True:
            end = await line.next_end()
            role = self._attached[port]
            # It ends with the line, but not before what still goes on there, such as paper that runs.
            await self.simulated[role].serve(self._line_faults[role].put_on(end))

    def cut_power(self, seconds: float) -> None:
        """The mains of every device fail, and return after so long."""
        for device in self.simulated.values():
            device.power_off()

        def on() -> None:
            for device in self.simulated.values():
                device.power_on()

        asyncio.get_running_loop().call_later(seconds, on)

    # Faults

    def _arm(self) -> None:
        """Arm what the bench file asks for. Raises BenchError."""
        for place, fault in enumerate(self.file.faults):
            try:
                trigger = Trigger(fault.at, fault.command, fault.byte, fault.chance, fault.times)
                self.injector.arm(fault.id, fault.device, trigger=trigger, options=fault.options)
            except FaultRefused as refused:
                raise BenchError(f"faults.{place}: {refused}") from None

    def _ailments(self, role: str, faults: LineFaults, device: Simulated) -> dict[str, Ailment]:
        return {**faults.ailments(), **self._line_ailments(role), **device.ailments()}

    def _line_ailments(self, role: str) -> dict[str, Ailment]:
        """What happens to a line as a whole."""
        loop = asyncio.get_running_loop()
        device = self.simulated[role]

        def unplug(after: float = 0.0, seconds: float = 2.0) -> Pending:
            def now() -> None:
                pending.struck()
                self.lines[role].unplug()
                self._lay_after(seconds, role)

            pending = Pending(loop.call_later(after, now).cancel)
            return pending

        def exchange(other: str, seconds: float = 2.0) -> None:
            attached = self._attached
            for port in (role, other):
                self.lines[port].unplug()
            attached[role], attached[other] = attached[other], attached[role]
            self._lay_after(seconds, role, other)

        def straighten() -> None:
            """Staff follow all cables."""
            wrong = [port for port, attached in self._attached.items() if attached != port]
            for port in wrong:
                self.lines[port].unplug()
                self._attached[port] = port
            self._lay_after(0.0, *wrong)

        def reset(after: float = 0.05, seconds: float = 0.5) -> Pending:
            def now() -> None:
                pending.struck()
                device.power_off()
                loop.call_later(seconds, device.power_on)

            pending = Pending(loop.call_later(after, now).cancel)
            return pending

        soon, gone = Seconds(LONGEST, usual=2), Seconds(LONGEST, usual=30)
        others = OneOf([port for port in self.simulated if port != role])
        return {
            "B20": Ailment(unplug, limits={"after": soon, "seconds": gone}),
            **(
                {"B21": Ailment(exchange, straighten, limits={"other": others, "seconds": gone})}
                if others.choices
                else {}
            ),
            "B22": Ailment(reset, limits={"after": soon, "seconds": gone}),
        }

    def _lay_after(self, seconds: float, *ports: str) -> None:
        async def lay() -> None:
            await asyncio.sleep(seconds)
            for port in ports:
                await self.lines[port].lay()

        errand = asyncio.ensure_future(lay())
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


def _line(role: str, device: Device, link: LinkKind, outlets: Outlets) -> Line:
    return Line(
        link,
        settings(role, device),
        name=None if outlets.folder is None else outlets.folder / role,
        address=outlets.address,
        port=outlets.ports.get(role, device.port or 0),
    )


def settings(role: str, device: Device) -> LineSettings:
    """How the line of a device is set: as its driver's manual asks, at the speed of the bench file."""
    asked = model(device.model, ROLES[role]).line
    return asked if device.baud is None else replace(asked, baud=device.baud)
