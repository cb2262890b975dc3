"""The tap between two lines in memory: what goes in on one side comes out on the other, and is on the trace."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.trace import Recorder
from drivers.trace_file import Sender, TraceRecord
from protocol.puloon_lcdm import PULOON_LCDM_2000
from simulators.trace.tap import Tap
from simulators.world import virtual_time
from simulators.world.line import MemoryEnd, memory_line

Said = tuple[bool, bytes]


class Tapped:
    """A program and a device with the tap between them."""

    def __init__(self) -> None:
        self.records: list[TraceRecord] = []
        self.program, ours = memory_line()
        theirs, self.device = memory_line()
        clock = asyncio.get_running_loop().time
        self.recorder = Recorder("port", PULOON_LCDM_2000, self.records.append)
        self.running = asyncio.ensure_future(Tap(ours, theirs, self.recorder, clock).run())


async def all_of(end: MemoryEnd, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        heard += await end.receive()
    return heard


async def passes(said: Sequence[Said]) -> None:
    tapped = Tapped()
    began = asyncio.get_running_loop().time()
    for from_program, data in said:
        await (tapped.program if from_program else tapped.device).send(data)
    to_device = b"".join(data for from_program, data in said if from_program)
    to_program = b"".join(data for from_program, data in said if not from_program)
    assert await all_of(tapped.device, len(to_device)) == to_device
    assert await all_of(tapped.program, len(to_program)) == to_program
    assert asyncio.get_running_loop().time() == began
    tapped.running.cancel()
    await asyncio.wait([tapped.running])
    for sender, passed in ((Sender.HOST, to_device), (Sender.DEVICE, to_program)):
        told = " ".join(record.hex for record in tapped.records if record.direction is sender).split()
        assert len(told) == len(passed)
        assert all(piece in ("..", f"{byte:02x}") for piece, byte in zip(told, passed, strict=True))


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=40)), max_size=20))
def test_any_bytes_pass_unchanged_at_once_and_are_recorded(said: list[Said]) -> None:
    virtual_time.run(passes(said))


async def test_a_line_that_goes_down_ends_the_tap_with_what_was_heard() -> None:
    tapped = Tapped()
    await tapped.program.send(bytes.fromhex("04 50 02 46 03 13 04 50"))
    assert await all_of(tapped.device, 8)
    tapped.device.close()
    with pytest.raises(ConnectionError):
        await tapped.running
    assert [record.note for record in tapped.records] == [
        "STATUS",
        "noise, 2 bytes: the message was not finished in time",
    ]
