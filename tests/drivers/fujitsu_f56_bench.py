"""An F53 or F56 on a line that can be disturbed, its driver, and what truly happened to the notes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from drivers import fujitsu_f56 as drivers
from drivers.interfaces import Dispensed, Done, Outcome, Refused
from protocol.fujitsu_f56_frame import text_frame
from simulators.devices import fujitsu_f56 as devices
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.line import memory_line
from simulators.world.scene import Scene
from tests.drivers.puloon_bench import DisturbedEnd

ENQ, ACK, NAK = b"\x10\x05", b"\x10\x06", b"\x10\x15"
COUNT = b"\x10\x02\x00\x19\x60\x03"
TRANSPORT = b"\x10\x02\x00\x05\x60\x05"
TEXT = b"\x10\x02"
STATUS_ANSWER = b"\x10\x02\x00\x28\x80\x01"
COUNT_ANSWER = b"\x10\x02\x00\x9d"
LOADED = 100
SHUTTER_BIT = 21
DEFAULTS = devices.FujitsuF56Options()


@dataclass
class Bench:
    """One dispenser, every cassette loaded with notes of 100 yuan."""

    driver: drivers.FujitsuF56
    device: devices.FujitsuF56
    custody: Custody[Note]
    host: DisturbedEnd
    far: DisturbedEnd

    def sent(self, start: bytes) -> int:
        """How often the driver put a text that begins like this on the line."""
        return sum(sent.startswith(start) for sent in self.host.sent)

    def at(self, part: str) -> int:
        return self.custody.number(f"dispenser/{part}")

    @property
    def delivered(self) -> int:
        """Notes in the pool, or in reach."""
        return self.at("pool") + self.at("exit") + self.custody.number("customer")

    def check_count(self, outcome: Outcome[Dispensed]) -> None:
        """Done tells the truth, Refused means that no note moved; no note was lost, no count sent twice."""
        self.custody.check()
        assert self.sent(COUNT) <= 1
        assert self.device.count_texts <= 1
        match outcome:
            case Done(result):
                told = {name: (k.dispensed, k.rejected) for name, k in result.units.items()}
                assert told == {"unit1": (self.delivered, self.at("reject"))}
            case Refused():
                assert self.at("cassette1") == LOADED


def damaged(text: bytes) -> bytes:
    """With a bit of the CRC flipped."""
    return text[:-1] + bytes((text[-1] ^ 1,))


def forged(answer: bytes, place: int, value: int) -> bytes:
    """With another byte in DATA and the CRC that fits."""
    data = bytearray(answer[4:-4])
    data[place] = value
    return text_frame(bytes(data))


@asynccontextmanager
async def bench(
    options: devices.FujitsuF56Options = DEFAULTS,
    settings: drivers.FujitsuF56Options | None = None,
    *,
    notes: int = LOADED,
    ready: bool = True,
) -> AsyncIterator[Bench]:
    """Everything wired together; `ready`: the dispenser is initialised. The device serves until the block is left."""
    custody: Custody[Note] = Custody()
    options = replace(options, shutter_closed_bit=SHUTTER_BIT)
    device = devices.FujitsuF56(scene=Scene(), custody=custody, options=options)
    for position in device.mechanics.positions:
        custody.put(device.cassette_place(position), new_notes(100, notes, f"C{position}-"))
    host, far = map(DisturbedEnd, memory_line(9600, 11))
    if settings is None:
        settings = drivers.FujitsuF56Options(
            model=drivers.Model(options.model),
            shutter=options.shutter,
            shutter_closed_bit=SHUTTER_BIT,
            extensions=options.extensions,
        )
    driver = drivers.FujitsuF56(host, settings)
    serving = asyncio.ensure_future(device.serve(far))
    try:
        if ready:
            assert await driver.reset() == Done(None)
        yield Bench(driver, device, custody, host, far)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
