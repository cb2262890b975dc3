import asyncio

import pytest

from drivers.link import LineSettings, Parity
from simulators.bench.lines import Line, LinkKind


async def carried(kind: LinkKind) -> tuple[bytes, bytes, str]:
    """What arrives at either end."""
    line = Line(kind, LineSettings(115200))
    device = await line.lay()
    terminal = await line.open()
    try:
        await terminal.send(b"command")
        command = await device.receive()
        await device.send(b"answer")
        return command, await terminal.receive(), line.url
    finally:
        terminal.close()
        device.close()
        await asyncio.sleep(0)


async def test_a_line_in_memory_carries_bytes_both_ways() -> None:
    assert await carried(LinkKind.MEMORY) == (b"command", b"answer", "")


@pytest.mark.real_time
@pytest.mark.parametrize(("kind", "url"), [(LinkKind.PTY, "/dev/pts/"), (LinkKind.TCP, "socket://127.0.0.1:")])
async def test_a_real_line_carries_bytes_and_has_a_url_that_others_can_open(kind: LinkKind, url: str) -> None:
    command, answer, opened = await carried(kind)

    # A real line may cut what it carries into pieces.
    assert command
    assert b"command".startswith(command)
    assert b"answer".startswith(answer)
    assert opened.startswith(url)


async def test_a_byte_takes_as_long_as_baud_rate_and_parity_say() -> None:
    loop, durations = asyncio.get_running_loop(), []
    for parity in (Parity.NONE, Parity.EVEN):
        line = Line(LinkKind.MEMORY, LineSettings(1000, parity))
        device = await line.lay()
        terminal = await line.open()
        began = loop.time()
        await terminal.send(b"0123456789")
        received = b""
        while len(received) < 10:
            received += await device.receive()
        durations.append(round(loop.time() - began, 3))

    assert durations == [0.1, 0.11]
