import asyncio

from simulators.devices.mains import Mains
from simulators.world.line import LineEnd, memory_line


class Echo(Mains):
    """Says what it hears, and how often it was started."""

    def __init__(self) -> None:
        super().__init__()
        self.started = 1

    async def _speak(self, line: LineEnd) -> None:
        while True:
            await line.send(await line.receive())

    def _forget(self) -> None:
        self.started += 1


async def test_without_power_nothing_is_heard_and_power_starts_the_device_afresh() -> None:
    device = Echo()
    near, far = memory_line()
    serving = asyncio.ensure_future(device.serve(far))
    await near.send(b"a")
    assert await near.receive() == b"a"
    device.power_off()
    await near.send(b"b")
    await asyncio.sleep(1)
    device.power_on()
    await asyncio.sleep(1)
    await near.send(b"c")
    assert await near.receive() == b"c"
    assert device.started == 2
    device.reset_itself()
    assert device.started == 3
    near.close()
    await serving


async def test_a_line_that_goes_down_ends_serving_and_another_may_follow() -> None:
    device = Echo()
    for _ in range(2):
        near, far = memory_line()
        serving = asyncio.ensure_future(device.serve(far))
        await near.send(b"a")
        assert await near.receive() == b"a"
        near.close()
        await serving
