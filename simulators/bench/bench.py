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
from terminal.journal import Journal
from terminal.vault import Vault


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
    ) -> None:
        super().__init__(file, folder=folder, link=link, seed=seed, people=people, host=host)
        self.tracer = Tracer()
        self.deeds: list[Callable[[str], None]] = []
        self._made_at = asyncio.get_running_loop().time()
        self.service_door = ServiceDoor(self.behind)
        journal = Journal(self.config().journal, self.world.now)
        self._computer = Computer(
            self,
            journal,
            Vault(self.world.chance("vault key").randbytes(32), self.world.chance("vault").randbytes),
            self.world.chance("terminal").randbytes,
            self.tracer,
            service=service_line(self.service_door, self.behind, file, journal, self.world.now),
        )
        self.journal = self._computer.journal
        self.equipment = self._computer.equipment
        self.session = self._computer.session

    async def run(self) -> None:
        """Switch everything on and serve customers until cancelled."""
        site = asyncio.ensure_future(self.serve())
        kiosk = asyncio.ensure_future(self._computer.run())
        try:
            await asyncio.wait((site, kiosk), return_when=asyncio.FIRST_COMPLETED)
            for task in (site, kiosk):
                if task.done():
                    task.result()
        finally:
            kiosk.cancel()
            site.cancel()
            await asyncio.gather(kiosk, site, return_exceptions=True)
            self._computer.close()

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
