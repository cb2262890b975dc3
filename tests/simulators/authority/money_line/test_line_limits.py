"""What a connection may cost: each limit ends or slows one connection, the others are served as before."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from protocol.money_line import Message, encode, reply_mti
from simulators.authority.authority import Authority
from simulators.authority.money_line.host_line import HostLine
from simulators.authority.money_line.line_limits import Connections, LineLimits
from simulators.world.line import memory_line
from tests.simulators.authority.kiosk import Kiosk

ECHO = Message("0820", {11: "000001", 41: "K0000001", 42: "371000000000001", 60: "00000001301"})
FRAME = encode(ECHO)


def answer(message: Message, code: str = "00") -> Message:
    kept = {number: message.fields[number] for number in (11, 41, 42, 60)}
    return Message(reply_mti(message.mti), {**kept, 12: "100000", 13: "0520", 39: code})


class Caller:
    """A connection that is served with some limits."""

    def __init__(self, host: HostLine) -> None:
        self.line, end = memory_line()
        self.serving = asyncio.ensure_future(host.serve(end))

    @property
    def ended(self) -> bool:
        return self.serving.done()

    async def is_answered(self) -> bool:
        await self.line.send(FRAME)
        try:
            async with asyncio.timeout(3600):
                return bool(await self.line.receive())
        except (ConnectionError, TimeoutError):
            return False


Call = Callable[[LineLimits], Caller]


@pytest.fixture
async def noted() -> list[str]:
    return []


@pytest.fixture
async def call(noted: list[str]) -> AsyncIterator[Call]:
    """Connections to one host whose limits the first of them sets."""
    hosts: list[HostLine] = []
    callers: list[Caller] = []

    def connect(limits: LineLimits) -> Caller:
        if not hosts:
            hosts.append(HostLine(answer, noted.append, limits=limits))
        callers.append(Caller(hosts[0]))
        return callers[-1]

    yield connect
    for caller in callers:
        caller.line.close()
        await caller.serving


async def test_whoever_says_nothing_is_hung_up_on(call: Call) -> None:
    silent = call(LineLimits(first=60))

    await asyncio.sleep(59)
    assert not silent.ended
    await asyncio.sleep(2)
    assert silent.ended


async def test_a_terminal_may_be_silent_for_longer_than_a_stranger(call: Call) -> None:
    caller = call(LineLimits(first=60, idle=3600))
    assert await caller.is_answered()

    await asyncio.sleep(3500)
    assert await caller.is_answered()
    await asyncio.sleep(3601)
    assert caller.ended


async def test_a_message_that_comes_byte_by_byte_for_ever_is_given_up(call: Call, noted: list[str]) -> None:
    """Every byte comes before the pause is too long: what ends it is the time that a whole message has."""
    caller = call(LineLimits(message=30, gap=5, first=120))
    for byte in FRAME[:-1]:
        if caller.ended:
            break
        await caller.line.send(bytes((byte,)))
        await asyncio.sleep(4)

    assert noted
    assert caller.ended


async def test_garbage_ends_a_connection_and_few_pieces_of_it_are_kept(call: Call, noted: list[str]) -> None:
    caller = call(LineLimits(garbage=2000, notes=10))
    await caller.line.send((b"\x00\x15\x60" + bytes(12) + b"\xff" * 8) * 200)
    await caller.serving

    assert len(noted) == 10


async def test_too_many_messages_a_second_wait(call: Call) -> None:
    caller = call(LineLimits(rate=10, burst=5))
    began = asyncio.get_running_loop().time()
    await caller.line.send(FRAME * 25)
    heard = b""
    while len(heard) < 25 * len(encode(answer(ECHO))):
        heard += await caller.line.receive()

    assert asyncio.get_running_loop().time() - began == pytest.approx(2.0, abs=0.2)


async def test_more_connections_than_there_may_be_are_refused_and_those_that_are_there_go_on(call: Call) -> None:
    limits = LineLimits(connections=3, of_terminal=3)
    first, *_, last = [call(limits) for _ in range(4)]
    await asyncio.sleep(0)

    assert await first.is_answered()
    assert not await last.is_answered() if not last.ended else True
    assert last.ended


async def test_a_further_connection_of_a_terminal_ends_its_oldest(call: Call) -> None:
    limits = LineLimits(of_terminal=2)
    callers = [call(limits) for _ in range(3)]
    for caller in callers:
        assert await caller.is_answered()
    await asyncio.sleep(0.1)

    assert [caller.ended for caller in callers] == [True, False, False]
    assert await callers[2].is_answered()


@pytest.mark.req("S1-15")
async def test_a_stranger_who_goes_on_is_hung_up_on(kiosk: Kiosk, authority: Authority) -> None:
    host = HostLine(authority.handle, lambda _: None, limits=LineLimits(refusals=5))
    caller = Caller(host)
    stranger = encode(Message("0820", {**ECHO.fields, 41: "NOBODY00"}))
    for _ in range(5):
        await caller.line.send(stranger)
    await caller.serving

    assert len(authority.incidents()) == 5


async def test_a_connection_speaks_for_the_terminal_of_its_certificate_only(kiosk: Kiosk, authority: Authority) -> None:
    line, end = memory_line()
    host = HostLine(authority.handle, lambda _: None, refuse=authority.switch.refuse_stranger)
    serving = asyncio.ensure_future(host.serve(end, "K4403001"))
    await line.send(encode(kiosk.sealed(kiosk.cash_request(50_000))))

    refused = await line.receive()

    assert b"97" in refused
    assert authority.draws() == ()
    assert [incident.kind for incident in authority.incidents()] == ["another's certificate"]
    line.close()
    await serving


def test_a_connection_that_is_down_counts_no_more() -> None:
    connections = Connections(LineLimits(connections=1))
    connection, ended = object(), list[int]()

    assert connections.admit(connection, lambda: ended.append(1))
    connections.belongs_to(connection, "K0000001")
    assert not connections.admit(object(), lambda: None)
    connections.leave(connection)
    assert connections.admit(object(), lambda: None)
    assert not ended
