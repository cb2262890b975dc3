"""The host's end of a connection, in virtual time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol.money_line import CashReply, CashRequest, Message, QuoteRequest, decode, encode, parse
from simulators.authority.authority import Authority
from simulators.authority.money_line.host_line import _StreamEnd
from simulators.authority.money_line.line_limits import LineLimits
from simulators.world.line import MemoryEnd, memory_line
from tests.simulators.authority.kiosk import JIA, Kiosk

GARBAGE = LineLimits().garbage
"""So many bytes without a message end a connection."""

DAMAGED = b"\x00\x15\x60" + bytes(12) + b"\xff" * 8
"""A message by its length whose bitmap names every field."""


@pytest.fixture
async def line(authority: Authority) -> AsyncIterator[MemoryEnd]:
    """The terminal's end of a connection that the host serves."""
    terminal, host = memory_line()
    serving = asyncio.ensure_future(authority.serve(host))
    yield terminal
    terminal.close()
    await serving


async def reply_on(line: MemoryEnd, within: float = 1.0) -> Message | None:
    try:
        async with asyncio.timeout(within):
            return decode(await line.receive())
    except TimeoutError:
        return None


async def test_a_request_is_answered(line: MemoryEnd, kiosk: Kiosk) -> None:
    await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))
    reply = await reply_on(line)

    assert reply is not None
    assert isinstance(parse(reply), CashReply)
    assert reply.text(39) == "00"


async def test_a_request_in_pieces_is_answered_once(line: MemoryEnd, kiosk: Kiosk) -> None:
    frame = encode(kiosk.sealed(kiosk.cash_request(50_000)))
    for start in range(0, len(frame), 7):
        await line.send(frame[start : start + 7])
        await asyncio.sleep(0.5)

    assert await reply_on(line) is not None
    assert await reply_on(line) is None


async def test_garbage_is_noted_and_the_next_request_answered(
    line: MemoryEnd, kiosk: Kiosk, authority: Authority
) -> None:
    request = encode(kiosk.sealed(kiosk.cash_request(50_000)))
    damaged = bytearray(request)
    damaged[20] ^= 0xFF
    await line.send(b"GET / HTTP/1.1\r\n\r\n" + bytes(damaged))
    await asyncio.sleep(10)
    assert {incident.kind for incident in authority.incidents()} == {"damaged"}

    await line.send(request)
    assert await reply_on(line) is not None


async def test_the_log_tells_why_a_message_is_not_answered_and_no_number_of_it(
    line: MemoryEnd, kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = bytearray(encode(kiosk.sealed(kiosk.cash_request(50_000))))
    damaged[34] = 0xFF
    for _ in range(5):
        await line.send(bytes(damaged))
    await asyncio.sleep(10)

    assert len(caplog.messages) == 3
    assert "not answered: field 3 (processing code)" in caplog.text
    assert JIA.pan not in caplog.text


async def test_the_beginning_of_a_message_that_does_not_go_on_is_dropped(line: MemoryEnd, kiosk: Kiosk) -> None:
    request = encode(kiosk.sealed(kiosk.cash_request(50_000)))
    await line.send(request[:40])
    await asyncio.sleep(6)
    await line.send(request)

    assert await reply_on(line) is not None


async def test_a_swallowed_request_leaves_no_trace(line: MemoryEnd, kiosk: Kiosk, authority: Authority) -> None:
    authority.faults.silent_on[CashRequest] = 1
    request = encode(kiosk.sealed(kiosk.cash_request(50_000)))
    await line.send(request)

    assert await reply_on(line) is None
    assert authority.held_fen(JIA.pan) == 0
    await line.send(request)
    assert await reply_on(line) is not None


async def test_a_lost_reply_leaves_a_hold(line: MemoryEnd, kiosk: Kiosk, authority: Authority) -> None:
    authority.faults.lose_reply_on[CashRequest] = 2
    for _ in range(2):
        await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))
        assert await reply_on(line) is None

    assert authority.held_fen(JIA.pan) == 100_000
    await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))
    assert await reply_on(line) is not None


async def test_a_late_reply_holds_up_nothing_else(line: MemoryEnd, kiosk: Kiosk, authority: Authority) -> None:
    authority.faults.late_reply[CashRequest] = 45.0
    await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))
    await line.send(encode(kiosk.sealed(kiosk.quote_request())))

    first = await reply_on(line)
    assert first is not None
    assert first.text(3) == "310000"
    second = await reply_on(line, within=60)
    assert second is not None
    assert second.text(3) == "010000"
    assert asyncio.get_running_loop().time() >= 45


async def test_a_fault_of_one_kind_does_not_touch_another(line: MemoryEnd, kiosk: Kiosk, authority: Authority) -> None:
    authority.faults.silent_on[QuoteRequest] = 1
    await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))

    assert await reply_on(line) is not None


async def test_a_late_reply_to_a_line_that_went_down_is_dropped(kiosk: Kiosk, authority: Authority) -> None:
    authority.faults.late_reply[CashRequest] = 45.0
    terminal, host = memory_line()
    serving = asyncio.ensure_future(authority.serve(host))
    await terminal.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))
    await asyncio.sleep(1)
    terminal.close()
    await serving

    assert authority.held_fen(JIA.pan) == 50_000


async def test_a_line_that_brings_nothing_but_damage_is_hung_up(line: MemoryEnd, authority: Authority) -> None:
    await line.send(DAMAGED * 1000)

    with pytest.raises(ConnectionError):
        await reply_on(line)
    assert len(authority.incidents()) == GARBAGE // len(DAMAGED) + 1


async def test_damage_between_messages_is_borne(line: MemoryEnd, kiosk: Kiosk) -> None:
    for _ in range(3):
        await line.send(DAMAGED * (GARBAGE // len(DAMAGED)) + encode(kiosk.sealed(kiosk.quote_request())))
        assert await reply_on(line) is not None


async def test_a_connection_that_the_network_gave_up_is_down(authority: Authority) -> None:
    reader = asyncio.StreamReader()
    reader.set_exception(TimeoutError(110, "Connection timed out"))

    with pytest.raises(ConnectionError):
        await _StreamEnd(reader, None).receive()  # type: ignore[arg-type]


@pytest.mark.real_time
async def test_terminals_are_served_over_tcp(authority: Authority) -> None:
    kiosk = Kiosk(authority)
    kiosk.sign_on()
    server = await authority.serve_tcp("127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encode(kiosk.sealed(kiosk.cash_request(50_000))))
        size = await reader.readexactly(2)
        reply = decode(size + await reader.readexactly(int.from_bytes(size, "big")))
        writer.close()
        await writer.wait_closed()

    assert reply.text(39) == "00"
