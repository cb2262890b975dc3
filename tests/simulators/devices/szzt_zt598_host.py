"""A host on the line of a simulated pad, which speaks as other people's drivers speak: with golden frames."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.szzt_zt598 import SZZT_ZT598, Command, Reply
from protocol.szzt_zt598_tables import (
    Tag,
)
from simulators.devices.szzt_zt598 import SzztZt598, SzztZt598Options
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PIN_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
KEYS = {0x20: (KEY, Tag.TMK), 0x30: (PIN_KEY, Tag.PIN), 0x31: (KEY, Tag.MAC), 0x32: (KEY, Tag.DATA)}
UID_11 = b"\x11" * 8
UID_88 = b"\x88" * 16
RANDOM = bytes.fromhex("479D64E59D5B8E33C8D7FC91D5ADE6CD")
WIRE = "szzt_zt598"


def golden(name: str) -> bytes:
    return vector(WIRE, name)


class Host:
    """A host that sends raw frames and listens."""

    def __init__(self, pad: SzztZt598, line: MemoryEnd) -> None:
        self.pad = pad
        self.line = line
        self.wire = b""

    async def hear(self, seconds: float = 0.5) -> bytes:
        """Everything that comes within that time."""
        heard = b""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    heard += await self.line.receive()
        except TimeoutError:
            self.wire += heard
            return heard

    async def ask(self, frame: bytes | Command) -> bytes:
        """Send a frame; returns the bytes that come back."""
        await self.line.send(frame.encode() if isinstance(frame, Command) else frame)
        return await self.hear()

    async def rtn(self, frame: bytes | Command) -> int:
        """Send a frame; returns the RTN of the reply."""
        (reply,) = SZZT_ZT598.from_device().feed(await self.ask(frame))
        assert isinstance(reply, Reply)
        return reply.rtn

    async def authenticate(self, *, proof: str = "prove, UID 8 x 11") -> bytes:
        """The three steps with golden frames; returns the last reply."""
        assert await self.ask(golden("random, zeros in ASCII as input")) == golden("random number")
        assert await self.ask(golden("encrypt random with slot 20")) == golden("random under slot 20")
        return await self.ask(golden(proof))

    def press(self, *keys: str) -> None:
        """A finger on the keys."""
        for key in keys:
            self.pad.press(key)


@asynccontextmanager
async def host(
    *,
    keys: dict[int, tuple[bytes, Tag]] | None = None,
    uid: bytes | None = UID_11,
    options: SzztZt598Options | None = None,
    baud: int | None = 9600,
) -> AsyncIterator[Host]:
    """A pad from the bench, commissioned unless said otherwise, and a host on its line."""
    terminal, device = memory_line(baud)
    pad = SzztZt598(
        scene=Scene(),
        entropy=lambda size: RANDOM[:size],
        keys=KEYS if keys is None else keys,
        sm4_keys={0x20: KEY},
        uid=uid,
        options=options or SzztZt598Options(speed=115200),
    )
    serving = asyncio.create_task(pad.serve(device))
    try:
        yield Host(pad, terminal)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def typed(at: Host, start: str, *keys: str) -> bytes:
    """Set lengths 4 to 6, start an entry, press keys; returns what the host heard of them."""
    await at.ask(golden("minimum 4"))
    await at.ask(golden("maximum 6"))
    assert await at.ask(golden(start)) == golden("PIN entry started")
    at.press(*keys)
    return await at.hear()
