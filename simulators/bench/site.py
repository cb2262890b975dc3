"""What stands around a terminal: the devices on their lines, the host behind them, and people."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from drivers.interfaces import KeyAlgorithm, MacAlgorithm
from drivers.link import LineSettings, Link, open_link
from simulators.bench import registry
from simulators.bench.file import BenchFile
from simulators.bench.hardware import Hardware
from simulators.bench.host import Host
from simulators.bench.lines import LinkKind
from simulators.world.line import memory_line
from simulators.world.people import Person
from simulators.world.virtual_time import World
from terminal.config import KioskConfig

SERVICE_URL = "https://authority.bench"

HOSPITALS = ("市第一测试医院", "市第二测试医院")
"""Invented ones."""


class Site(Hardware):
    """The devices of a bench with a host. Any terminal can be put in front of it.

    `host` is one that others share: whoever made it closes it, and its people are those there are. Without it the site
    has a host of its own, with its database in `folder`. `config` is the kiosk.toml that fits, once the lines are laid.
    """

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
        super().__init__(file, link=link, seed=seed, world=world)
        self._folder = folder
        self._link = link
        self._own_host = None
        if host is None:
            self._own_host = host = Host(self.world, folder / "authority.db", mac=file.kiosk.mac, people=people)
        host.admit(file, self.master_key, self.sm4_master_key)
        self.behind = host
        self.people = host.people
        self.authority = host.authority
        self._calls: set[asyncio.Task[None]] = set()
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
            for call in tuple(self._calls):
                call.cancel()
            if server is not None:
                server.close()

    def close(self) -> None:
        """Give files back, when nothing runs any more."""
        if self._own_host is not None:
            self._own_host.close()

    async def call_host(self) -> Link:
        """What a terminal's money line connects to."""
        await self.laid.wait()
        if self._link is not LinkKind.MEMORY:
            return await open_link(self._host_url, LineSettings())
        terminal, host = memory_line()
        call = asyncio.ensure_future(self.authority.serve(host))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return terminal

    @property
    def _host_url(self) -> str:
        return f"socket://127.0.0.1:{self._host_port}"

    def config(self) -> KioskConfig:
        """The kiosk.toml of a terminal on this site; its ports are known once the lines are laid."""
        file, laid = self.file, self.laid.is_set()
        return KioskConfig.model_validate(
            {
                "host": {
                    "url": self._host_url if laid else "socket://127.0.0.1:0",
                    "terminal": file.kiosk.terminal,
                    "merchant": file.kiosk.merchant,
                    **_keys(file),
                },
                "devices": {
                    role: {
                        "model": device.model,
                        "port": self.lines[role].url or f"bench:{role}",
                        "line": {"baud": device.baud},
                        "options": registry.driver_options(device) | (_pad_keys(file) if role == "pin_pad" else {}),
                    }
                    for role, device in self.configured.items()
                },
                "service": {
                    "url": SERVICE_URL,
                    "region": file.kiosk.region,
                    "institution": file.kiosk.merchant[:12].upper(),
                    "regions": self.behind.regions,
                    "hospitals": HOSPITALS,
                    "channel_key": self._folder / "channel.key",
                    "tls": {"ca": self._folder / "authority-ca.pem"},
                },
                "cassettes": [
                    {"unit": f"unit{position}", "denomination": cassette.denomination, "count": cassette.notes}
                    for position, cassette in enumerate(file.cash_dispenser.cassettes, 1)
                ],
                "day_end": file.kiosk.day_end,
                "journal": self._folder / "journal.db",
                "vault_key": self._folder / "vault.key",
                "log_file": self._folder / "kiosk.log",
                "time_limits": file.time_limits,
            }
        )


def _keys(file: BenchFile) -> dict[str, str]:
    """How the terminal makes field 64: what is said of it is said of TDES keys."""
    if file.kiosk.keys is KeyAlgorithm.TDES:
        return {"mac": file.kiosk.mac}
    ecb = file.kiosk.mac is MacAlgorithm.UNIONPAY_ECB
    return {"keys": file.kiosk.keys, "mac": MacAlgorithm.SM4_UNIONPAY_ECB if ecb else MacAlgorithm.SM4_CBC}


def _pad_keys(file: BenchFile) -> dict[str, object]:
    return {} if file.kiosk.keys is KeyAlgorithm.TDES else {"algorithm": file.kiosk.keys}
