"""A kiosk whose power goes and comes back: the program dies and starts again, everything physical stays.

What survives the program: devices with notes and cards, the host with its books, the disk with what was synced.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Engine, Row, select

from drivers.link import Link
from drivers.trace import Tracer
from simulators.authority.money_line.batches import batch_totals
from simulators.authority.tables.money_line import batches
from simulators.bench.computer import Computer
from simulators.bench.customer import Surroundings
from simulators.bench.faults import Armed
from simulators.bench.file import BenchFile
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.bench.service import service_line as open_service_line
from simulators.bench.site import Site
from simulators.campaign.bank import Bank
from simulators.campaign.clock import Entropy, WallClock
from simulators.campaign.disk import Disk
from simulators.campaign.elsewhere import Elsewhere
from simulators.campaign.host import FragileHost
from simulators.campaign.life import Life
from simulators.campaign.network import Network
from simulators.campaign.power import Power
from simulators.campaign.service import ServiceLane
from simulators.campaign.storage import Storage
from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment
from simulators.world.faulty_line import LineFaults
from simulators.world.people import Person
from simulators.world.virtual_time import World
from terminal.host_memory import HIGHEST_STAN
from terminal.journal import Entry, Journal, JournalError, Record
from terminal.redaction import Json
from terminal.service_line import ServiceLine
from terminal.start_record import record_start
from terminal.vault import Vault
from terminal.view import Intent, Screen, View, Words

JOURNAL = "/journal.db"


class Dark:
    """A screen without power."""

    view: View = View(Screen.OUT_OF_SERVICE, Words("starting.title"))

    def subscribe(self, subscriber: Callable[[View], None]) -> None:
        """There will be no new view."""

    async def intent(self, intent: Intent) -> None:
        """Nobody is there."""


class HeardJournal(Journal):
    """The terminal's journal; `hear` gets every record once it is acknowledged."""

    hear: Callable[[Record], None] = staticmethod(lambda _: None)

    def write(self, kind: Entry, transaction: str | None = None, **data: Json) -> Record:
        """Append a record; see `Journal`."""
        record = super().write(kind, transaction, **data)
        self.hear(record)
        return record


class Rig(Site):
    """Make one in a virtual-time loop on which `life.install` was called. `deaths` and `starts` count."""

    def __init__(self, file: BenchFile, *, seed: int, people: tuple[Person, ...], service_line: bool = False) -> None:
        host = Host(World(seed, START), mac=file.kiosk.mac, people=people)
        super().__init__(file, folder=Path("/"), seed=seed, host=host)
        self._books = host
        self.tracer = Tracer()
        self.disk = Disk()
        self.clock = WallClock(self.world.now, self.count)
        self.bank = Bank(host, self.count)
        self.elsewhere = Elsewhere(host, file.kiosk.merchant)
        self.host = FragileHost(self.authority, self.bank, self._host_dies, self.count)
        self.network = Network(self.host.serve, self.count)
        self.service = ServiceLane(host, lambda: self.network.is_up, self.count) if service_line else None
        self.storage = Storage(self.disk, self.world.chance("storage"), self.count)
        self.power = Power(self)
        self.fired: dict[str, list[float]] = {}
        self.excuses: set[str] = set()
        """The faults that struck, but for those of which device or line tell: they excuse no wrong count."""
        self.starts = 0
        self.cuts = 0
        self.computer: Computer | None = None
        self.life: Life | None = None
        self.stopped_by = ""
        """Why the program could not start, or ended by itself, in its own words."""
        self.crashed: BaseException | None = None
        """An error that ended the program and that it does not know."""
        self.heard: list[Callable[[Record], None]] = []
        self.started: list[Callable[[Journal], None]] = []
        self.born: list[Callable[[Life], None]] = []
        """Called with each life before it begins."""
        self.on_fault: list[Callable[[str], None]] = []
        self.next_life: list[Callable[[Life], None]] = []
        """Called with the life of the next start, and then forgotten."""
        self.trace_numbers_left: int | None = None
        """The next start finds a journal in which so many trace numbers are left before they begin anew."""
        self._lives: list[Life] = []
        self._last_stan = 0
        self._boots = 1
        self._watchdog_struck = False
        self._chance = self.world.chance("power")
        self._vault_key = self.world.chance("vault key").randbytes(32)
        self._seal = self.world.chance("vault").randbytes
        self._entropy = Entropy(self.world.chance("terminal"), self.count)
        self._context = copy_context()
        self._booting: asyncio.Task[None] | None = None
        self._opening = False
        self.place = Surroundings(self.scene, Dark(), self.reader, self.pad, self.dispenser, self.printer)
        self.place.cut_power = lambda seconds: self.cut("A10", seconds)
        self.injector.watch(self._struck)

    # Life and death

    @property
    def alive(self) -> bool:
        """The program runs."""
        return self.life is not None and not self.life.killed

    async def switch_on(self) -> None:
        """Power for everything, and the program starts."""
        self.disk.power_on(self._chance)
        for device in self.simulated.values():
            device.power_on()
        await self._start()

    async def restart(self) -> None:
        """Stop the program, as a person does, and start it again; devices keep their power."""
        self.stop()
        self.disk.program_died()
        await self._start()

    @property
    def has_shutter(self) -> bool:
        """Notes at the exit stand behind a shutter until they are presented."""
        return "shutter" in self.dispenser.snapshot()

    def warn_of_power(self) -> None:
        """The battery says that it will not last."""
        if self.alive and self.computer is not None:
            self.computer.session.power_failing()

    def stop(self) -> None:
        """The program is gone from one moment to the next; devices and disk keep their power."""
        if self.life is not None and not self.life.killed:
            self.life.kill()
            self.network.hang_up()
            for line in self.lines.values():
                line.unplug()
            self.disk.power_cut()
            self.place.session = Dark()
            self.scene.changed()

    def cut(self, fault: str, seconds: float = 3.0, *, power: bool = True) -> None:
        """The power goes, or only the program dies; `seconds` later it starts again. Ignored while it is off."""
        if not self.alive and not self._opening:
            return
        self.count(fault)
        self.cuts += 1
        self.stop()
        self._boots += 1
        self._watchdog_struck = not power
        self.disk.power_cut()
        if power:
            for device in self.simulated.values():
                device.power_off()
        asyncio.get_running_loop().call_later(seconds, self._come_back, power, context=self._context)

    def _come_back(self, power: bool) -> None:
        self._booting = asyncio.ensure_future(self.switch_on() if power else self.restart())

    async def _start(self) -> None:
        self.stopped_by = ""
        for line in self.lines.values():
            if not line.plugged:
                await line.lay()
        with suppress(apsw.Error):
            self._close_journal()
        self.storage.before_start()
        self._opening = True
        try:
            self._open_journal()
        except JournalError as error:
            self.stopped_by = str(error)
            return
        finally:
            self._opening = False
        assert self.computer is not None
        self._watchdog_struck = False
        self.life = Life()
        self._lives.append(self.life)
        for begin in (*self.next_life, *self.born):
            begin(self.life)
        self.next_life.clear()
        self.place.session = self.computer.session
        running = self.life.run(self.computer.run())
        running.add_done_callback(self._ended)
        self.scene.changed()

    def _open_journal(self) -> None:
        journal = HeardJournal(JOURNAL, self.clock.now, self.disk.name)
        self.starts += 1
        try:
            if self.trace_numbers_left is not None:
                self._use_up_trace_numbers(journal, self.trace_numbers_left)
                self.trace_numbers_left = None
            for tell in self.started:
                tell(journal)
            journal.hear = self._hear
            self.computer = Computer(
                self,
                journal,
                Vault(self._vault_key, self._seal),
                self._entropy.randbytes,
                self.tracer,
                call_host=self._call,
                now=self.clock.now,
                service=self._service_line(journal),
            )
            record_start(journal, self.file.kiosk.terminal, f"boot {self._boots}", watchdog=self._watchdog_struck)
        except JournalError:
            self._let_go_of(journal)
            raise

    def _service_line(self, journal: Journal) -> ServiceLine | None:
        if self.service is None:
            return None
        return open_service_line(self.service, self._books, self.file, journal, self.clock.now)

    def _use_up_trace_numbers(self, journal: Journal, left: int) -> None:
        """As many requests ago as it takes; only the last of them is written down."""
        self._last_stan = HIGHEST_STAN - left
        date = f"{self.clock.now():%m%d}"
        journal.write(Entry.HOST_REQUEST, mti="0800", name="Echo", batch=0, stan=self._last_stan, date=date)

    def _ended(self, running: asyncio.Task[None]) -> None:
        if running.cancelled():
            return
        self.crashed = running.exception()
        self.stop()

    # Faults

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong besides lines, devices and people, by the fault's id."""
        return {
            **self.power.ailments(),
            **self.network.ailments(),
            **self.host.ailments(),
            **({} if self.service is None else self.service.ailments()),
            **self.storage.ailments(),
            **self.clock.ailments(),
            **self._entropy.ailments(),
            "F7": Ailment(self._near_the_last_trace_number, limits={"left": Whole(0, 1000, 12)}),
        }

    def _near_the_last_trace_number(self, left: int = 5) -> None:
        self.trace_numbers_left = left

    def line_faults(self, role: str) -> LineFaults:
        """The line of a device, where one can wait for its n-th byte."""
        return self._line_faults[role]

    @property
    def books(self) -> Engine:
        """The host's database."""
        return self._books.database.engine

    def settlements(self) -> Sequence[tuple[Row[Any], int]]:
        """The batches that the host was told totals of, each with what its books say now, in fen."""
        with self.books.connect() as connection:
            rows = connection.execute(select(batches).order_by(batches.c.id)).all()
            return [(row, batch_totals(connection, row.terminal, row.batch).debit_fen) for row in rows]

    def tear_with(self, number: int) -> None:
        """Which of the things that can become of unsynced writes does, at every cut from here on."""
        self._chance = self.world.chance(f"power {number}")

    def _struck(self, armed: Armed) -> None:
        self._happened(armed.fault)
        if not self._can_be_known(armed):
            self.excuses.add(armed.fault)

    def _can_be_known(self, armed: Armed) -> bool:
        """The device, or who reads its line, has what it takes to know of this fault; or no note moves by it."""
        match armed.fault:
            case "C2":
                return bool(armed.options.get("how", "seen") == "seen")
            case "B2" | "B16" if self.simulated[armed.device] is not self.dispenser:
                return True
            case "B2":
                return not self._line_faults[armed.device].damage_fits
            case "B16":
                return not armed.options.get("same_form")
            case _:
                return False

    def count(self, fault: str) -> None:
        """A fault happened of which nobody on the kiosk need know."""
        self.excuses.add(fault)
        self._happened(fault)

    def _happened(self, fault: str) -> None:
        self.fired.setdefault(fault, []).append(asyncio.get_running_loop().time())
        for hear in self.on_fault:
            hear(fault)

    def heal(self) -> None:
        """No fault from here on; what they did stays done."""
        for armed in self.injector.standing():
            self.injector.disarm(armed.number)
        self.power.heal()
        self.network.heal()
        self.host.heal()
        if self.service is not None:
            self.service.heal()
        self.storage.heal()
        self.clock.heal()

    # The end

    def close(self) -> None:
        """Give everything back, when nothing runs any more."""
        for life in self._lives:
            life.kill()
            life.bury()
        self.network.close()
        self.disk.power_cut()
        with suppress(apsw.Error):
            self._close_journal()
        self.disk.unregister()
        self._books.close()
        super().close()

    def _close_journal(self) -> None:
        """The connection of a dead program: nothing that it does at the end reaches the disk."""
        if self.computer is not None:
            journal, self.computer = self.computer.journal, None
            self._let_go_of(journal)

    def _let_go_of(self, journal: Journal) -> None:
        gone, self.disk.gone = self.disk.gone, True
        try:
            journal.close()
        finally:
            self.disk.gone = gone

    def _host_dies(self, seconds: float) -> None:
        self.network.stay_down(seconds)

    async def _call(self) -> Link:
        return await self.network.connect()

    def _hear(self, record: Record) -> None:
        if record.kind == Entry.HOST_REQUEST:
            if record.data["stan"] < self._last_stan - HIGHEST_STAN // 2:
                self.count("F7")
            self._last_stan = record.data["stan"]
        for hear in self.heard:
            hear(record)
