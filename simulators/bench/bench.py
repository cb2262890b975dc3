"""One kiosk with everything around it: our terminal on a site, and what a person can do in front of it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.trace import Tracer
from simulators.bench.computer import Computer
from simulators.bench.customer import Surroundings
from simulators.bench.file import BenchFile
from simulators.bench.host import Host
from simulators.bench.lines import LinkKind
from simulators.bench.service import ServiceDoor, service_line
from simulators.bench.site import Site
from simulators.world.people import Person
from simulators.world.virtual_time import World
from terminal.journal import Journal
from terminal.vault import Vault
from terminal.view import View


class Bench(Site):
    """A site with our terminal on it. `tracer` hears the wires, `deeds` hear in words what the person does."""

    def __init__(
        self,
        file: BenchFile,
        *,
        folder: Path,
        link: LinkKind = LinkKind.MEMORY,
        seed: int | None = None,
        people: Sequence[Person] | None = None,
        host: Host | None = None,
        world: World | None = None,
    ) -> None:
        super().__init__(file, folder=folder, link=link, seed=seed, people=people, host=host, world=world)
        self.tracer = Tracer()
        self.deeds: list[Callable[[str], None]] = []
        self._made_at = asyncio.get_running_loop().time()
        self.service_door = ServiceDoor(self.behind)
        self._watchers: list[Callable[[View], None]] = []
        self._vault = Vault(self.world.chance("vault key").randbytes(32), self.world.chance("vault").randbytes)
        self._entropy = self.world.chance("terminal").randbytes
        self._errand: tuple[Callable[[Journal], object], asyncio.Future[None]] | None = None
        self._staff_came = asyncio.Event()
        self._start_program(Journal(self.config().journal, self.world.now))

    def _start_program(self, journal: Journal) -> None:
        self._computer = Computer(
            self,
            journal,
            self._vault,
            self._entropy,
            self.tracer,
            service=service_line(self.service_door, self.behind, self.file, journal, self.world.now),
        )
        self.journal = self._computer.journal
        self.equipment = self._computer.equipment
        self.session = self._computer.session
        for watcher in self._watchers:
            self.session.subscribe(watcher)

    def watch(self, watcher: Callable[[View], None]) -> None:
        """Tell the screens of this kiosk from now on, also after its program was started anew."""
        self._watchers.append(watcher)
        self.session.subscribe(watcher)

    async def run(self) -> None:
        """Switch everything on and serve customers until cancelled."""
        site = asyncio.ensure_future(self.serve())
        try:
            while True:
                self._staff_came.clear()
                kiosk = asyncio.ensure_future(self._computer.run())
                stopped = asyncio.ensure_future(self._staff_came.wait())
                try:
                    await asyncio.wait((site, kiosk, stopped), return_when=asyncio.FIRST_COMPLETED)
                    for task in (site, kiosk):
                        if task.done():
                            task.result()
                    if self._errand is None:
                        return
                finally:
                    kiosk.cancel()
                    stopped.cancel()
                    await asyncio.gather(kiosk, stopped, return_exceptions=True)
                    self._computer.close()
                work, done = self._errand
                self._errand = None
                work(self.journal)
                self.journal.close()
                for line in self.lines.values():
                    await line.lay()
                self._start_program(Journal(self.config().journal, self.world.now))
                done.set_result(None)
        finally:
            site.cancel()
            await asyncio.gather(site, return_exceptions=True)

    async def stop_for(self, work: Callable[[Journal], object]) -> None:
        """Staff stop the program, do their work on its journal, and start it again."""
        done = asyncio.get_running_loop().create_future()
        self._errand = work, done
        self._staff_came.set()
        await done

    def close(self) -> None:
        """Give files back, when nothing runs any more."""
        self.journal.close()
        super().close()

    def elapsed(self) -> float:
        """Seconds since this bench was made, by the loop's clock."""
        return asyncio.get_running_loop().time() - self._made_at

    def surroundings(self) -> Surroundings:
        """What a person in front of this kiosk can see and touch."""

        def tell(deed: str) -> None:
            for hear in self.deeds:
                hear(deed)

        return Surroundings(
            self.scene, self.session, self.reader, self.pad, self.dispenser, self.printer, tell, self.cut_power
        )
