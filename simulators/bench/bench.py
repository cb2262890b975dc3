"""One kiosk with everything around it: our terminal on a site, and what a person can do in front of it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.reopening import ReopeningLink
from drivers.trace import Tracer
from simulators.bench.customer import Surroundings
from simulators.bench.file import BenchFile
from simulators.bench.lines import LinkKind
from simulators.bench.site import Site
from simulators.world.people import Person
from terminal.assembly import assemble
from terminal.journal import Journal
from terminal.session import Session
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
    ) -> None:
        super().__init__(file, folder=folder, link=link, seed=seed, people=people)
        self.tracer = Tracer()
        self.deeds: list[Callable[[str], None]] = []
        self._made_at = asyncio.get_running_loop().time()
        config = self.config()
        self.journal = Journal(config.journal, self.world.now)
        self._links = {role: ReopeningLink(line.open) for role, line in self.lines.items()}
        self.equipment = assemble(
            config,
            self._links,
            self.call_host,
            journal=self.journal,
            vault=Vault(self.world.chance("vault key").randbytes(32), self.world.chance("vault").randbytes),
            now=self.world.now,
            entropy=self.world.chance("terminal").randbytes,
            trace=self.tracer,
        )
        self.session = Session(self.equipment)
        self.session.subscribe(lambda _: self.scene.changed())

    async def run(self) -> None:
        """Switch everything on and serve customers until cancelled."""
        site = asyncio.ensure_future(self.serve())
        kiosk = asyncio.ensure_future(self._run_kiosk())
        try:
            await asyncio.wait((site, kiosk), return_when=asyncio.FIRST_COMPLETED)
            for task in (site, kiosk):
                if task.done():
                    task.result()
        finally:
            kiosk.cancel()
            site.cancel()
            await asyncio.gather(kiosk, site, return_exceptions=True)
            self.equipment.money.close()
            for link in self._links.values():
                link.close()

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

        return Surroundings(self.scene, self.session, self.reader, self.pad, self.dispenser, self.printer, tell)

    async def _run_kiosk(self) -> None:
        await self.laid.wait()
        await self.session.run()
