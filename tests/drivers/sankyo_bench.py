"""Driver and simulated reader on a serial line in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from drivers.interfaces import CardData, Done, Media, MoveTarget
from drivers.sankyo_ict3q8 import SankyoIct3q8, SankyoIct3q8Options
from drivers.sankyo_ict3q8_options import Entry
from simulators.devices import sankyo_ict3q8 as devices
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.world.cards import VirtualCard, issue
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.people import person
from simulators.world.scene import Scene

QUICK = SankyoIct3q8Options(motion_timeout=5.0, reply_timeout=5.0)
POLLING = SankyoIct3q8Options(motion_timeout=5.0, reply_timeout=5.0, entry=Entry.POLLING)


@dataclass
class Bench:
    """Driver and simulated reader on a serial line in memory."""

    driver: SankyoIct3q8
    reader: devices.SankyoIct3q8
    scene: Scene
    line: MemoryEnd
    inserted: int = 0

    def _count(self) -> None:
        self.inserted += 1

    async def read(self, card: VirtualCard, *, wrong_way: bool = False) -> CardData:
        """A person comes when the slot opens."""
        reading = asyncio.ensure_future(self.driver.read_raw_data(on_inserted=self._count))
        await self.scene.until(lambda: self.reader.takes_cards)
        assert self.reader.insert_card(card, wrong_way=wrong_way)
        return await reading

    async def with_card_inside(self) -> VirtualCard:
        card = issue(person("jia"))
        await self.read(card)
        return card

    async def with_card_at_slot(self) -> VirtualCard:
        card = await self.with_card_inside()
        assert await self.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)
        return card

    def motions(self, mnemonic: str) -> int:
        """How often the reader began this motion."""
        return self.reader.executed.count(mnemonic)

    async def until_begun(self, *mnemonics: str) -> None:
        """Wait until the reader executes one of these."""
        for _ in range(600):
            if any(self.motions(each) for each in mnemonics):
                return
            await asyncio.sleep(0.1)
        pytest.fail(f"{mnemonics} never began")

    def unplug(self) -> None:
        self.line.close()


def make_bench(options: SankyoIct3q8Options = QUICK, unit: UnitOptions | None = None, baud: int = 9600) -> Bench:
    scene = Scene()
    reader = devices.SankyoIct3q8(scene=scene, options=unit)
    near, far = memory_line(baud, bits_per_byte=11)
    serving = asyncio.ensure_future(reader.serve(far))
    bench = Bench(SankyoIct3q8(near, options), reader, scene, near)
    _serving.append(serving)
    return bench


_serving: list[asyncio.Future[None]] = []


@pytest.fixture(autouse=True)
async def readers_end_with_the_test() -> AsyncIterator[None]:
    yield
    while _serving:
        _serving.pop().cancel()


@pytest.fixture
async def bench() -> Bench:
    """An initialised reader."""
    bench = make_bench()
    assert await bench.driver.reset() == Done(Media.NOT_PRESENT)
    return bench
