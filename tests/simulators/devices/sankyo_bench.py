"""A simulated reader and the host's end of its line, spoken to in bytes and in the vendor's letters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from protocol.sankyo_ict3q8 import Command, Message, NegativeReply, PositiveReply, encode, scan
from protocol.wire import ACK, Decoder
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options
from simulators.world.cards import VirtualCard, issue
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.people import person
from simulators.world.scene import Scene


@dataclass
class Bench:
    """A reader and the host's end of its line."""

    reader: SankyoIct3q8
    host: MemoryEnd
    scene: Scene

    async def hear(self, silence: float = 0.5) -> bytes:
        """Everything the reader says until it has been silent for a while."""
        heard = b""
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(silence):
                    heard += await self.host.receive()
        return heard

    async def say(self, data: bytes, silence: float = 0.5) -> bytes:
        """Send bytes; returns everything that comes back."""
        await self.host.send(data)
        return await self.hear(silence)

    async def ask(self, text: str, data: bytes = b"", patience: float = 60.0) -> Message:
        """A command in the vendor's letters, with its handshake; returns the reply."""
        await self.host.send(encode(Command(text[1], text[2], text[3:].encode() + data)))
        decoder = Decoder[Message](scan)
        async with asyncio.timeout(patience):
            while True:
                for event in decoder.feed(await self.host.receive()):
                    if isinstance(event, PositiveReply | NegativeReply):
                        await self.host.send(ACK.raw)
                        return event

    async def good(self, text: str, data: bytes = b"") -> PositiveReply:
        reply = await self.ask(text, data)
        assert isinstance(reply, PositiveReply), reply
        return reply

    async def refusal(self, text: str, data: bytes = b"") -> str:
        reply = await self.ask(text, data)
        assert isinstance(reply, NegativeReply), reply
        return reply.error

    async def insert(self, card: VirtualCard | None = None, *, wrong_way: bool = False) -> VirtualCard:
        """Enable, push a card in, wait until it is inside, disable."""
        card = card or issue(person("jia"))
        await self.good("C:0")
        assert self.reader.insert_card(card, wrong_way=wrong_way)
        await self.scene.until(lambda: self.reader.card_inside)
        await self.good("C:1")
        return card

    async def insert_to_contact(self, card: VirtualCard | None = None) -> VirtualCard:
        card = await self.insert(card)
        await self.good("C@0")
        return card


def bench_with(options: SankyoIct3q8Options | None = None) -> tuple[Bench, asyncio.Task[None]]:
    scene = Scene()
    reader = SankyoIct3q8(scene=scene, options=options)
    host, device = memory_line()
    return Bench(reader, host, scene), asyncio.ensure_future(reader.serve(device))


@pytest.fixture
async def unready() -> AsyncIterator[Bench]:
    """A reader after power-on."""
    bench, serving = bench_with()
    yield bench
    serving.cancel()


@pytest.fixture
async def bench(unready: Bench) -> Bench:
    """A reader after Initialize."""
    await unready.good("C0432400001011")
    return unready
