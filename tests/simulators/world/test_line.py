import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.line import Outbox, memory_line
from simulators.world.virtual_time import run


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_bytes_go_both_ways() -> None:
    terminal, device = memory_line()
    await terminal.send(b"ask")
    assert await device.receive() == b"ask"
    await device.send(b"answer")
    assert await terminal.receive() == b"answer"


async def test_what_came_in_several_pieces_is_read_at_once() -> None:
    terminal, device = memory_line()
    await terminal.send(b"a")
    await terminal.send(b"b")
    await asyncio.sleep(0.1)
    assert await device.receive() == b"ab"


async def test_pieces_sent_in_the_same_instant_keep_their_order() -> None:
    terminal, device = memory_line()
    for number in range(20):
        await terminal.send(bytes([number]))
    await asyncio.sleep(0.1)
    assert await device.receive() == bytes(range(20))


async def test_a_wait_ends_at_its_deadline_with_nothing_and_loses_nothing() -> None:
    terminal, device = memory_line()
    assert await terminal.receive(2.0) == b""
    assert now() == pytest.approx(2.0)
    await device.send(b"late")
    await asyncio.sleep(0.1)
    assert await terminal.receive(2.0) == b"late"
    assert await terminal.receive(2.0) == b""
    assert now() == pytest.approx(2.1)


async def test_a_line_that_goes_down_ends_a_wait_before_its_deadline() -> None:
    terminal, device = memory_line()
    asyncio.get_running_loop().call_later(1.0, device.close)
    with pytest.raises(ConnectionError):
        await terminal.receive(2.0)
    assert now() == pytest.approx(1.0)


async def test_bytes_take_their_time_on_the_line() -> None:
    """9600 baud, ten bits a byte: 960 bytes take a second."""
    terminal, device = memory_line(9600)
    await terminal.send(bytes(960))
    assert now() == 0.0
    await device.receive()
    assert now() == pytest.approx(1.0)


async def test_a_parity_bit_makes_the_line_slower() -> None:
    terminal, device = memory_line(9600, bits_per_byte=11)
    await terminal.send(bytes(960))
    await device.receive()
    assert now() == pytest.approx(1.1)


async def test_a_second_message_waits_for_the_first() -> None:
    terminal, device = memory_line(9600)
    await terminal.send(bytes(960))
    await terminal.send(b"x")
    await device.receive()
    assert await device.receive() == b"x"
    assert now() == pytest.approx(961 / 960)


async def test_the_directions_do_not_slow_each_other() -> None:
    terminal, device = memory_line(9600)
    await terminal.send(bytes(960))
    await device.send(bytes(960))
    await asyncio.gather(terminal.receive(), device.receive())
    assert now() == pytest.approx(1.0)


async def test_cancelling_a_wait_loses_nothing() -> None:
    terminal, device = memory_line(9600)
    await terminal.send(b"ask")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await device.receive()
    assert await device.receive() == b"ask"


async def test_a_wait_cancelled_as_the_bytes_arrive_loses_nothing() -> None:
    terminal, device = memory_line()
    waiting = asyncio.create_task(device.receive())
    await asyncio.sleep(0)
    await terminal.send(b"ask")
    asyncio.get_running_loop().call_soon(waiting.cancel)
    await asyncio.gather(waiting, return_exceptions=True)
    assert await device.receive() == b"ask" if waiting.cancelled() else waiting.result() == b"ask"


async def test_closing_one_end_ends_the_wait_at_the_other() -> None:
    terminal, device = memory_line()
    asyncio.get_running_loop().call_later(1.0, terminal.close)
    with pytest.raises(ConnectionError):
        await device.receive()


async def test_nothing_can_be_sent_on_a_line_that_is_down() -> None:
    terminal, device = memory_line()
    device.close()
    with pytest.raises(ConnectionError):
        await terminal.send(b"ask")


async def test_what_had_arrived_before_the_line_went_down_can_be_read() -> None:
    terminal, device = memory_line()
    await terminal.send(b"ask")
    await asyncio.sleep(0.1)
    terminal.close()
    assert await device.receive() == b"ask"
    with pytest.raises(ConnectionError):
        await device.receive()


async def test_bytes_still_on_the_line_are_lost_with_it() -> None:
    terminal, device = memory_line(9600)
    await terminal.send(b"ask")
    terminal.close()
    await asyncio.sleep(1.0)
    with pytest.raises(ConnectionError):
        await device.receive()


async def test_one_end_has_one_reader() -> None:
    _, device = memory_line()
    first = asyncio.create_task(device.receive())
    await asyncio.sleep(0)
    with pytest.raises(AssertionError, match="two readers"):
        await device.receive()
    first.cancel()


async def test_an_outbox_can_cut_what_leaves_into_pieces() -> None:
    left: list[tuple[float, bytes]] = []
    outbox = Outbox(lambda data: left.append((now(), data)), baud=1000, piece=0.02)
    outbox.put(b"abcde")
    await asyncio.sleep(1.0)
    assert [data for _, data in left] == [b"ab", b"cd", b"e"]
    assert [when for when, _ in left] == pytest.approx([0.02, 0.04, 0.05])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12), st.sampled_from([None, 300, 9600]))
def test_no_byte_is_lost_or_moved(pieces: list[bytes], baud: int | None) -> None:
    async def pass_on() -> bytes:
        terminal, device = memory_line(baud)
        for piece in pieces:
            await terminal.send(piece)
        heard = b""
        while len(heard) < len(b"".join(pieces)):
            heard += await device.receive()
        return heard

    assert run(pass_on()) == b"".join(pieces)
