import asyncio

import pytest

from drivers.exchange import ExchangeFailed, NoReply, NotAcknowledged
from drivers.fujitsu_f56_line import F56Line, LineTimers, NothingSent
from protocol.fujitsu_f56_messages import CancelRequest, CountReply, Message, PlainReply, Reply, StatusRequest
from protocol.wire import Damaged, Event, Noise
from simulators.world.line import MemoryEnd, memory_line
from tests.drivers.puloon_bench import scripted
from tests.vectors import vector

ENQ, ACK, NAK = b"\x10\x05", b"\x10\x06", b"\x10\x15"


def golden(name: str) -> bytes:
    return vector("fujitsu_f56", name)


STATUS, IDLE = golden("STATUS"), golden("STATUS reply, idle")
COUNTED = golden("COUNT reply 1, 2, 0, 13")
ANSWERED = [(ENQ, ACK), (STATUS, ACK + ENQ), (ACK, IDLE), (ACK, b"")]


def is_status(reply: Reply) -> bool:
    return isinstance(reply, PlainReply) and reply.command == 1


class Rig:
    """One end with the engine, the other with a script of bytes."""

    def __init__(self) -> None:
        near, self.far = memory_line(9600, 11)
        self.near: MemoryEnd = near
        self.line = F56Line(near, LineTimers())
        self.aside: list[Event[Message]] = []

    async def ask(self, script: list[tuple[bytes, bytes]], *, motion: bool = False) -> Reply:
        far_end = asyncio.ensure_future(scripted(self.far, script))
        try:
            return await self.line.request(
                StatusRequest(), is_status, timeout=10.0, motion=motion, aside=self.aside.append
            )
        finally:
            if far_end.done():
                far_end.result()
            far_end.cancel()


async def test_an_exchange_is_enq_text_enq_text_each_acknowledged() -> None:
    rig = Rig()
    assert is_status(await rig.ask(ANSWERED))
    assert rig.aside == []


async def test_what_the_device_says_before_a_command_is_acknowledged_and_no_answer_to_it() -> None:
    rig = Rig()
    await rig.far.send(ENQ)
    await asyncio.sleep(1)
    assert is_status(await rig.ask([(ACK, COUNTED), (ACK, b""), *ANSWERED]))
    assert [type(event) for event in rig.aside] == [CountReply]


async def test_after_an_exchange_without_response_a_late_one_is_waited_for_before_the_next_command() -> None:
    rig = Rig()
    with pytest.raises(NoReply):
        await rig.ask([(ENQ, ACK), (STATUS, ACK)])

    async def late() -> None:
        await asyncio.sleep(4)
        await rig.far.send(ENQ)

    offering = asyncio.ensure_future(late())
    assert is_status(await rig.ask([(ACK, COUNTED), (ACK, b""), *ANSWERED]))
    assert [type(event) for event in rig.aside] == [CountReply]
    await offering


async def test_in_contention_enq_is_sent_again_and_a_second_ack_is_none_to_the_text() -> None:
    rig = Rig()
    script = [(ENQ, ENQ), (ENQ, ACK + ACK), (STATUS, NAK), (STATUS, ACK + ENQ), (ACK, IDLE), (ACK, b"")]
    assert is_status(await rig.ask(script))


async def test_a_stale_text_that_is_sent_again_in_place_of_an_ack_is_acknowledged_first() -> None:
    rig = Rig()
    assert is_status(await rig.ask([(ENQ, COUNTED), (ACK, b""), *ANSWERED]))
    assert [type(event) for event in rig.aside] == [CountReply]


async def test_a_question_is_sent_three_times_at_most_and_a_motion_once() -> None:
    refused = [(STATUS, NAK)]
    for motion, times in ((False, 3), (True, 1)):
        rig = Rig()
        with pytest.raises(NotAcknowledged) as failed:
            await rig.ask([(ENQ, ACK), *refused * times], motion=motion)
        assert not failed.value.may_have_run


async def test_a_nak_beside_anything_else_proves_nothing_about_a_motion() -> None:
    rig = Rig()
    with pytest.raises(NotAcknowledged) as failed:
        await rig.ask([(ENQ, ACK), (STATUS, NAK + ACK)], motion=True)
    assert failed.value.may_have_run


async def test_a_damaged_response_is_refused_once_it_is_over() -> None:
    rig = Rig()
    bad = IDLE[:-1] + b"\x00"
    script = [(ENQ, ACK), (STATUS, ACK + ENQ), (ACK, bad + b"\x55\x55"), (NAK, IDLE), (ACK, b"")]
    assert is_status(await rig.ask(script))
    assert [type(event) for event in rig.aside] == [Damaged, Noise]


async def test_a_response_that_breaks_off_is_damaged_and_not_searched_for_controls() -> None:
    rig = Rig()
    broken = IDLE[:8] + ENQ
    script = [(ENQ, ACK), (STATUS, ACK + ENQ), (ACK, broken), (NAK, IDLE), (ACK, b"")]
    assert is_status(await rig.ask(script))
    assert [type(event) for event in rig.aside] == [Damaged]


async def test_a_lost_ack_to_the_offer_is_given_again() -> None:
    rig = Rig()
    assert is_status(await rig.ask([(ENQ, ACK), (STATUS, ACK + ENQ), (ACK, ENQ), (ACK, IDLE), (ACK, b"")]))


async def test_without_an_answer_to_enq_nothing_is_sent() -> None:
    rig = Rig()
    with pytest.raises(NothingSent, match="does not answer ENQ"):
        await rig.ask([(ENQ, b""), (ENQ, NAK), (ENQ, b"")])


async def test_a_command_without_response_ends_with_its_ack() -> None:
    rig = Rig()
    far_end = asyncio.ensure_future(scripted(rig.far, [(ENQ, ACK), (golden("CANCEL"), ACK)]))
    await rig.line.tell(CancelRequest())
    await far_end


async def test_a_line_that_goes_down_is_nothing_sent_or_no_reply_by_whether_the_text_had_left() -> None:
    rig = Rig()
    rig.near.close()
    with pytest.raises(NothingSent):
        await rig.ask([])
    rig = Rig()
    asyncio.get_running_loop().call_later(2.0, rig.far.close)
    with pytest.raises(NoReply) as failed:
        await rig.ask([(ENQ, ACK), (STATUS, ACK)])
    assert failed.value.may_have_run


async def test_a_port_that_takes_no_bytes_is_given_up() -> None:
    class Full(MemoryEnd):
        async def send(self, data: bytes, deadline: float | None = None) -> None:
            async with asyncio.timeout_at(deadline):
                await asyncio.Event().wait()

    line = F56Line(Full(None, 11), LineTimers())
    with pytest.raises(NothingSent, match="took no bytes"):
        await line.request(StatusRequest(), is_status, timeout=1.0)


@pytest.mark.parametrize("babble", [ENQ, b"\x55", IDLE, b"\x10\x02\x01\xff", ACK, NAK])
async def test_a_device_that_never_stops_sending_ends_the_exchange(babble: bytes) -> None:
    rig = Rig()

    async def forever() -> None:
        while True:
            await rig.far.send(babble)
            await asyncio.sleep(0.15)

    babbling = asyncio.ensure_future(forever())
    async with asyncio.timeout(600):
        with pytest.raises(ExchangeFailed):
            await rig.line.request(StatusRequest(), lambda _: False, timeout=10.0)
        with pytest.raises(ExchangeFailed):
            await rig.line.request(StatusRequest(), lambda _: False, timeout=10.0, motion=True)
    babbling.cancel()
