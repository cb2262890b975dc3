"""A bench with an open control door, in real time, and drivers at its ports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from drivers.link import open_link
from drivers.registry import MODELS
from simulators.bench.door.server import open_door
from simulators.bench.events import EventLog, Watch
from simulators.bench.file import BenchFile, load_bench
from simulators.bench.hands import Hands
from simulators.bench.hardware import Hardware, Outlets
from simulators.bench.lines import LinkKind
from simulators.bench.registry import driver_options
from simulators.world.people import load_people


@dataclass(frozen=True)
class Standing:
    """A bench, its door's client, and the door's address."""

    hardware: Hardware
    hands: Hands
    log: EventLog
    door: httpx.AsyncClient
    url: str

    async def driver(self, role: str) -> Any:
        """Our driver, on the device's port."""
        device = self.hardware.configured[role]
        entry = MODELS[device.model]
        link = await open_link(self.hardware.lines[role].url, entry.line)
        return entry.driver(link, entry.configured(driver_options(device)))

    async def send(self, method: str, path: str, **body: object) -> Any:
        """Knock; the reply's JSON of a request that must be granted."""
        reply = await self.door.request(method, path, json=body or None)
        assert reply.is_success, reply.text
        return reply.json()

    async def refused(self, status: int, method: str, path: str, **body: object) -> str:
        """Knock; the problem of a request that must be refused."""
        reply = await self.door.request(method, path, json=body or None)
        assert reply.status_code == status, reply.text
        return str(reply.json()["problem"])

    async def event(self, kind: str, since: int = 0) -> dict[str, Any]:
        """Wait for the first event of a kind."""
        reply = await self.door.get("/events/log", params={"since": since, "kind": kind, "wait": 60})
        found: dict[str, Any] = reply.json()["events"][0]
        return found


@asynccontextmanager
async def standing(
    folder: Path, file: BenchFile | None = None, link: LinkKind = LinkKind.PTY
) -> AsyncIterator[Standing]:
    """Put a bench up, with its door."""
    hardware = Hardware(file or load_bench(), link=link, seed=1, outlets=Outlets(folder))
    log = EventLog(lambda: hardware.world.now().isoformat())
    hands = Hands(hardware, log, load_people())
    serving = asyncio.ensure_future(hardware.serve())
    await hardware.laid.wait()
    Watch(hardware, log)
    try:
        async with (
            open_door(hands, "127.0.0.1", 0) as url,
            httpx.AsyncClient(base_url=url, timeout=90, trust_env=False) as door,
        ):
            yield Standing(hardware, hands, log, door, url)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
