"""A dispenser of either family on a line that can be disturbed, its driver, and what truly happened to the notes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

from drivers import puloon_lcdm as drivers
from drivers.interfaces import Dispensed, Done, Outcome, Refused
from simulators.devices import puloon_lcdm as devices
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.line import LineEnd, MemoryEnd, memory_line
from simulators.world.scene import Scene

Driver: TypeAlias = drivers.PuloonLcdm2000 | drivers.PuloonLcdm4000
Disturbance: TypeAlias = Callable[[bytes], list[bytes]]
Device: TypeAlias = devices.PuloonLcdm2000 | devices.PuloonLcdm4000

MODELS = ("2000", "4000")
DISPENSE = {"2000": b"\x04\x50\x02\x45", "4000": b"\x04\x30\x02\x52"}
ANSWER = {"2000": b"\x01\x50\x02\x45", "4000": b"\x01\x30\x02\x52"}
LOADED = 100


def as_it_is(data: bytes) -> list[bytes]:
    return [data]


class DisturbedEnd:
    """An end of a line that changes what is sent from it: `disturb` says what goes out instead."""

    def __init__(self, end: MemoryEnd, disturb: Disturbance = as_it_is) -> None:
        self._end = end
        self.disturb = disturb
        self.sent: list[bytes] = []

    async def receive(self, deadline: float | None = None) -> bytes:
        return await self._end.receive(deadline)

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        self.sent.append(data)
        for piece in self.disturb(data):
            await self._end.send(piece)

    def close(self) -> None:
        self._end.close()


@dataclass
class Bench:
    """One dispenser, every cassette loaded with notes of 100 yuan."""

    model: str
    driver: Driver
    device: Device
    custody: Custody[Note]
    host: DisturbedEnd
    far: DisturbedEnd

    @property
    def dispense_frames(self) -> int:
        """How often the driver put a dispense on the line."""
        return sum(sent.startswith(DISPENSE[self.model]) for sent in self.host.sent)

    def moved(self) -> dict[str, tuple[int, int]]:
        """Truth: notes from cassette 1 that are out and in the reject tray (or stuck), per unit."""
        out = self.custody.number("dispenser/exit") + self.custody.number("customer")
        return {"unit1": (out, self.custody.number("dispenser/reject"))}

    def check_honest(self, outcome: Outcome[Dispensed]) -> None:
        """Done tells the truth, Refused means that nothing moved; and no note was lost or asked for twice."""
        self.custody.check()
        assert self.dispense_frames <= 1
        match outcome:
            case Done(result):
                assert {name: (k.dispensed, k.rejected) for name, k in result.units.items()} == self.moved()
            case Refused():
                assert self.custody.number("dispenser/cassette1") == LOADED


def drop(start: bytes, times: int = 1000) -> Disturbance:
    """Lose what begins with `start`, so many times."""
    left = times

    def disturb(data: bytes) -> list[bytes]:
        nonlocal left
        if data.startswith(start) and left:
            left -= 1
            return []
        return [data]

    return disturb


def change(start: bytes, to: Callable[[bytes], bytes], times: int = 1) -> Disturbance:
    """Change what begins with `start`, so many times."""
    left = times

    def disturb(data: bytes) -> list[bytes]:
        nonlocal left
        if data.startswith(start) and left:
            left -= 1
            return [to(data)]
        return [data]

    return disturb


def make_device(model: str, custody: Custody[Note], resend_after: float = 20.0, *, numbered: bool = False) -> Device:
    if model == "2000":
        two = devices.PuloonLcdm2000Options(resend_after=resend_after, exit_sensor_sees_notes=True)
        return devices.PuloonLcdm2000(scene=Scene(), custody=custody, options=two)
    four = devices.PuloonLcdm4000Options(
        resend_after=resend_after, exit_sensor_sees_notes=True, numbered_dispense=numbered
    )
    return devices.PuloonLcdm4000(scene=Scene(), custody=custody, options=four)


@asynccontextmanager
async def bench(
    model: str, *, notes: int = LOADED, resend_after: float = 20.0, numbered: bool = False
) -> AsyncIterator[Bench]:
    """Everything wired together; the device serves until the block is left. `numbered` dispenses are the 4000's."""
    custody: Custody[Note] = Custody()
    device = make_device(model, custody, resend_after, numbered=numbered)
    for position in device.path.positions:
        custody.put(f"dispenser/cassette{position}", new_notes(100, notes, f"C{position}-"))
    host, far = map(DisturbedEnd, memory_line(9600))
    four = drivers.PuloonLcdm4000Options(numbered_dispense=numbered)
    driver: Driver = drivers.PuloonLcdm2000(host) if model == "2000" else drivers.PuloonLcdm4000(host, four)
    serving = asyncio.ensure_future(device.serve(far))
    try:
        yield Bench(model, driver, device, custody, host, far)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def scripted(line: LineEnd, script: list[tuple[bytes, bytes]]) -> None:
    """A far end that knows only bytes: wait for exactly these, then say those."""
    for expected, answer in script:
        heard = b""
        while len(heard) < len(expected):
            heard += await line.receive()
        assert heard == expected, f"heard {heard.hex(' ')}, expected {expected.hex(' ')}"
        await line.send(answer)
