"""What stands around a terminal: the devices on their lines, the host behind them, and people."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from drivers.interfaces import MacAlgorithm
from drivers.link import LineSettings, Link, open_link
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import MacMethod, SoftHsm
from simulators.bench import registry
from simulators.bench.file import BenchFile
from simulators.bench.hardware import Hardware
from simulators.bench.lines import LinkKind
from simulators.world.cards import ISSUER_MASTER_KEY
from simulators.world.line import memory_line
from simulators.world.people import Person, load_people
from terminal.config import KioskConfig

MAC_METHODS = {MacAlgorithm.X9_19: MacMethod.X9_19, MacAlgorithm.UNIONPAY_ECB: MacMethod.UNIONPAY_ECB}
"""What the host calls the terminal's ways to make field 64."""


class Site(Hardware):
    """The devices of a bench with a host. Any terminal can be put in front of it.

    `config` is the kiosk.toml that fits, once the lines are laid.
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
        super().__init__(file, link=link, seed=seed)
        self.people = tuple(load_people() if people is None else people)
        self._folder = folder
        self._link = link
        self.database = Database(folder / "authority.db")
        self.authority = self._authority()
        self._calls: list[asyncio.Task[None]] = []
        self._host_port = 0

    async def serve(self) -> None:
        """Lay the lines, switch everything on and serve until cancelled."""
        server: asyncio.Server | None = None
        try:
            if self._link is not LinkKind.MEMORY:
                server = await self.authority.serve_tcp("127.0.0.1", 0)
                self._host_port = server.sockets[0].getsockname()[1]
            await super().serve()
        finally:
            for call in self._calls:
                call.cancel()
            if server is not None:
                server.close()

    def close(self) -> None:
        """Give files back, when nothing runs any more."""
        self.database.close()

    async def call_host(self) -> Link:
        """What a terminal's money line connects to."""
        await self.laid.wait()
        if self._link is not LinkKind.MEMORY:
            return await open_link(self._host_url, LineSettings())
        terminal, host = memory_line()
        self._calls.append(asyncio.ensure_future(self.authority.serve(host)))
        return terminal

    @property
    def _host_url(self) -> str:
        return f"socket://127.0.0.1:{self._host_port}"

    def _authority(self) -> Authority:
        """A host that knows this kiosk, its notes, and the people."""
        place = self.file.kiosk
        key, entropy = self.world.chance("host key").randbytes(32), self.world.chance("host").randbytes
        hsm = SoftHsm(key, entropy, MAC_METHODS[place.mac])
        authority = Authority(self.database, hsm, self.world.now, issuer_key=ISSUER_MASTER_KEY)
        told = sum(cassette.denomination * cassette.notes for cassette in self.file.cash_dispenser.cassettes) * 100
        authority.register_terminal(place.terminal, place.merchant, place.region, self.master_key, told)
        authority.load_people(person for person in self.people if person.known_to_host)
        return authority

    def config(self) -> KioskConfig:
        """The kiosk.toml of a terminal on this site; its ports are known once the lines are laid."""
        file, laid = self.file, self.laid.is_set()
        return KioskConfig.model_validate(
            {
                "host": {
                    "url": self._host_url if laid else "socket://127.0.0.1:0",
                    "terminal": file.kiosk.terminal,
                    "merchant": file.kiosk.merchant,
                    "mac": file.kiosk.mac,
                },
                "devices": {
                    role: {
                        "model": device.model,
                        "port": self.lines[role].url if laid else f"bench:{role}",
                        "line": {"baud": device.baud},
                        "options": registry.driver_options(device),
                    }
                    for role, device in self.configured.items()
                },
                "cassettes": [
                    {"unit": f"unit{position}", "denomination": cassette.denomination, "count": cassette.notes}
                    for position, cassette in enumerate(file.cash_dispenser.cassettes, 1)
                ],
                "journal": self._folder / "journal.db",
                "vault_key": self._folder / "vault.key",
                "log_file": self._folder / "kiosk.log",
                "time_limits": file.time_limits,
            }
        )
