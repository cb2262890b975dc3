"""Our terminal's program on a site: the journal, drivers on the lines, and the session; one life of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from drivers.link import Link
from drivers.reopening import ReopeningLink
from drivers.trace import Sink
from simulators.bench.site import Site
from terminal.assembly import assemble
from terminal.journal import Journal
from terminal.service_line import ServiceLine
from terminal.session import Session
from terminal.vault import Vault


class Computer:
    """What runs on the kiosk's computer. A site stays when it is gone, and another can be put in its place.

    `call_host` and `now` are the site's unless something stands in between. Raises JournalError.
    """

    def __init__(
        self,
        site: Site,
        journal: Journal,
        vault: Vault,
        entropy: Callable[[int], bytes],
        trace: Sink,
        *,
        call_host: Callable[[], Awaitable[Link]] | None = None,
        now: Callable[[], datetime] | None = None,
        service: ServiceLine | None = None,
    ) -> None:
        self.journal = journal
        self._site = site
        self._links = {role: ReopeningLink(line.open) for role, line in site.lines.items()}
        self.equipment = assemble(
            site.config(),
            self._links,
            call_host or site.call_host,
            journal=journal,
            vault=vault,
            now=now or site.world.now,
            entropy=entropy,
            trace=trace,
            service=service,
        )
        self.session = Session(self.equipment)
        self.session.subscribe(lambda _: site.scene.changed())

    async def run(self) -> None:
        """Serve customers until cancelled."""
        await self._site.laid.wait()
        await self.session.run()

    def close(self) -> None:
        """Take lines and host from it."""
        self.equipment.money.close()
        for link in self._links.values():
            link.close()
