"""A tap: stands between any program and any device, passes every byte on at once, and makes a trace of it.

It opens the real port and offers a pty or a TCP port in its place. Bytes go on before they are decoded, so recording
costs the line nothing. Programs may come and go; what the device says while none is there is recorded too.
"""

import asyncio
from collections.abc import Callable

from drivers.link import Link
from drivers.trace import Recorder
from simulators.world.line import LineEnd


class Tap:
    """Joins the line's end that a program uses with the port of the device; `recorder` hears both directions."""

    def __init__(self, program: LineEnd, port: Link, recorder: Recorder, clock: Callable[[], float]) -> None:
        self._program = program
        self._port = port
        self._recorder = recorder
        self._clock = clock

    async def run(self) -> None:
        """Pass bytes on until cancelled. Raises ConnectionError when the device's port or the line is gone."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._from_program())
                both.create_task(self._from_device())
        except* ConnectionError as lost:
            raise lost.exceptions[0] from None
        finally:
            self._recorder.finish()

    async def _from_program(self) -> None:
        while True:
            data = await self._program.receive()
            heard = self._clock()
            await self._port.send(data)
            self._recorder.from_host(data, heard)

    async def _from_device(self) -> None:
        while True:
            data = await self._port.receive()
            heard = self._clock()
            await self._program.send(data)
            self._recorder.from_device(data, heard)
