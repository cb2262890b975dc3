"""One kiosk with everything around it: devices on their lines, the host, and what a person can do in front of it."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from drivers.link import LineSettings, Link, open_link
from drivers.reopening import ReopeningLink
from drivers.trace import Tracer
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.bench import registry
from simulators.bench.customer import Surroundings
from simulators.bench.file import BenchFile
from simulators.bench.lines import Line, LinkKind
from simulators.world.cards import ISSUER_MASTER_KEY
from simulators.world.custody import Custody, Note
from simulators.world.line import memory_line
from simulators.world.people import Person, load_people
from simulators.world.scene import Scene
from terminal.assembly import ROLES, assemble, settings_of
from terminal.config import KioskConfig
from terminal.journal import Journal
from terminal.session import Session
from terminal.vault import Vault

BEIJING = timezone(timedelta(hours=8))
START = datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING)
"""When a simulated day begins: a Monday morning."""


class Bench:
    """Build one, then `run` it in a loop: in virtual time with `LinkKind.MEMORY`, else in real time.

    `seed` decides all chance: keys, hesitations, serial numbers. Without it, chance is the machine's. `deeds` hear in
    words what the person does.
    """

    def __init__(
        self,
        file: BenchFile,
        *,
        folder: Path,
        link: LinkKind = LinkKind.MEMORY,
        seed: int | None = None,
        people: Sequence[Person] | None = None,
    ) -> None:
        self.file = file
        self.people = tuple(load_people() if people is None else people)
        self.scene = Scene()
        self.deeds: list[Callable[[str], None]] = []
        self._made_at = asyncio.get_running_loop().time()
        self.custody: Custody[Note] = Custody()
        self._seed = seed
        self._link = link
        self.tracer = Tracer()
        master_key = self._entropy("master key")(16)
        world = registry.World(self.scene, self.custody, self._entropy("pad"), master_key)
        self.reader = registry.card_reader(file.card_reader, world)
        self.pad = registry.pin_pad(file.pin_pad, world)
        self.dispenser = registry.cash_dispenser(file.cash_dispenser, world)
        self.printer = registry.receipt_printer(file.receipt_printer, world)
        self.authority = self._authority(folder, master_key)
        config = self._config(folder)
        self._lines = {role: Line(link, settings_of(role, getattr(config.devices, role))) for role in ROLES}
        self._host_tasks: list[asyncio.Task[None]] = []
        self._host_port = 0
        self.journal = Journal(config.journal, self.now)
        self.equipment = assemble(
            config,
            {role: ReopeningLink(line.open) for role, line in self._lines.items()},
            self._call_host,
            journal=self.journal,
            vault=Vault(self._entropy("vault key")(32), self._entropy("vault")),
            now=self.now,
            entropy=self._entropy("terminal"),
            trace=self.tracer,
        )
        self.session = Session(self.equipment)
        self.session.subscribe(lambda _: self.scene.changed())

    # Running

    async def run(self) -> None:
        """Lay the lines, switch everything on and serve until cancelled."""
        tasks: list[asyncio.Task[None]] = []
        ends = []
        server: asyncio.Server | None = None
        try:
            for role, device in self.simulated.items():
                end = await self._lines[role].lay()
                ends.append(end)
                tasks.append(asyncio.ensure_future(device.serve(end)))
            if self._link is not LinkKind.MEMORY:
                server = await self.authority.serve_tcp("127.0.0.1", 0)
                self._host_port = server.sockets[0].getsockname()[1]
            await self.session.run()
        finally:
            for task in [*tasks, *self._host_tasks]:
                task.cancel()
            for end in ends:
                end.close()
            if server is not None:
                server.close()
            self.equipment.money.close()

    def close(self) -> None:
        """Give files back, when nothing runs any more."""
        self.journal.close()
        self.database.close()

    def elapsed(self) -> float:
        """Seconds since this bench was made, by the loop's clock."""
        return asyncio.get_running_loop().time() - self._made_at

    def now(self) -> datetime:
        """The wall clock of this bench."""
        if self._link is LinkKind.MEMORY:
            return START + timedelta(seconds=asyncio.get_running_loop().time())
        return datetime.now(BEIJING)

    def chance(self, name: str) -> random.Random:
        """A stream of chance of its own for `name`."""
        if self._seed is None:
            return random.SystemRandom()
        return random.Random(f"{self._seed}/{name}")  # noqa: S311  # repeatable on purpose

    @property
    def simulated(self) -> Mapping[str, registry.Simulated]:
        """The simulated devices by role."""
        return dict(zip(ROLES, (self.reader, self.pad, self.dispenser, self.printer), strict=True))

    def surroundings(self) -> Surroundings:
        """What a person in front of this kiosk can see and touch."""

        def tell(deed: str) -> None:
            for hear in self.deeds:
                hear(deed)

        return Surroundings(self.scene, self.session, self.reader, self.pad, self.dispenser, self.printer, tell)

    # Making

    def _entropy(self, name: str) -> Callable[[int], bytes]:
        return self.chance(name).randbytes

    def _authority(self, folder: Path, master_key: bytes) -> Authority:
        """A host that knows this kiosk, its notes, and the people."""
        self.database = Database(folder / "authority.db")
        authority = Authority(
            self.database,
            SoftHsm(self._entropy("host key")(32), self._entropy("host")),
            self.now,
            issuer_key=ISSUER_MASTER_KEY,
        )
        place = self.file.kiosk
        told = sum(cassette.denomination * cassette.notes for cassette in self.file.cash_dispenser.cassettes) * 100
        authority.register_terminal(place.terminal, place.merchant, place.region, master_key, told)
        authority.load_people(person for person in self.people if person.known_to_host)
        return authority

    def _config(self, folder: Path) -> KioskConfig:
        """The kiosk.toml of this kiosk; its ports are the lines of this bench."""
        file = self.file
        devices = {
            role: {"model": device.model, "port": f"bench:{role}", "line": {"baud": device.baud}, "options": options}
            for role, device, options in (
                ("card_reader", file.card_reader, {}),
                ("pin_pad", file.pin_pad, {}),
                ("cash_dispenser", file.cash_dispenser, _dispenser_options(file)),
                ("receipt_printer", file.receipt_printer, {}),
            )
        }
        return KioskConfig.model_validate(
            {
                "host": {
                    "url": "socket://127.0.0.1:0",
                    "terminal": file.kiosk.terminal,
                    "merchant": file.kiosk.merchant,
                },
                "devices": devices,
                "cassettes": [
                    {"unit": f"unit{position}", "denomination": cassette.denomination, "count": cassette.notes}
                    for position, cassette in enumerate(file.cash_dispenser.cassettes, 1)
                ],
                "journal": folder / "journal.db",
                "vault_key": folder / "vault.key",
                "time_limits": file.time_limits,
            }
        )

    async def _call_host(self) -> Link:
        """What the terminal's money line connects to."""
        if self._link is not LinkKind.MEMORY:
            return await open_link(f"socket://127.0.0.1:{self._host_port}", LineSettings())
        terminal, host = memory_line()
        self._host_tasks.append(asyncio.ensure_future(self.authority.serve(host)))
        return terminal


def _dispenser_options(file: BenchFile) -> dict[str, int]:
    return {"cassettes": len(file.cash_dispenser.cassettes)} if file.cash_dispenser.model == "puloon-lcdm-4000" else {}
