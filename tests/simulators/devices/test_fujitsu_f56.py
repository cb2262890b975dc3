"""The simulated F53 and F56 against golden bytes, without any driver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocol.fujitsu_f56 import device_decoder
from protocol.fujitsu_f56_codes import Code
from protocol.fujitsu_f56_messages import CountReply, InitialiseReply, PlainReply, RetrieveReply
from simulators.devices.fujitsu_f56 import FujitsuF56, FujitsuF56Options, Model, Pace, Stuck, Upset
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

ENQ, ACK, NAK = b"\x10\x05", b"\x10\x06", b"\x10\x15"
ONE = bytes.fromhex("10 02 00 05 60 05 01 01 1C 10 03 A0 B7")
DEFAULTS = FujitsuF56Options()
EXTENDED = FujitsuF56Options(extensions=True)


def golden(name: str) -> bytes:
    return vector("fujitsu_f56", name)


class Host:
    """Somebody at the other end of the line who types bytes."""

    def __init__(self, line: MemoryEnd, device: FujitsuF56, custody: Custody[Note]) -> None:
        self.line = line
        self.device = device
        self.custody = custody

    async def heard(self, quiet: float) -> bytes:
        """Everything the device says until it is quiet for so long."""
        heard = b""
        while True:
            try:
                async with asyncio.timeout(quiet):
                    heard += await self.line.receive()
            except TimeoutError:
                return heard

    async def say(self, data: bytes, quiet: float = 1.0) -> bytes:
        await self.line.send(data)
        return await self.heard(quiet)

    async def ask(self, text: bytes) -> bytes:
        """One exchange in full; the device's text."""
        assert await self.say(ENQ, 0.2) == ACK
        await self.line.send(text)
        heard = b""
        while not heard.endswith(ENQ):
            heard += await self.line.receive()
        assert heard == ACK + ENQ
        reply = await self.say(ACK)
        await self.line.send(ACK)
        await asyncio.sleep(0.1)
        return reply

    async def told(self, text: bytes) -> PlainReply | InitialiseReply | CountReply | RetrieveReply:
        (reply,) = device_decoder().feed(await self.ask(text))
        assert isinstance(reply, PlainReply | InitialiseReply | CountReply | RetrieveReply)
        return reply

    def at(self, part: str) -> int:
        return self.custody.number(f"dispenser/{part}")


@asynccontextmanager
async def host_of(options: FujitsuF56Options = DEFAULTS, *, notes: int = 50, ready: bool = True) -> AsyncIterator[Host]:
    custody: Custody[Note] = Custody()
    device = FujitsuF56(scene=Scene(), custody=custody, options=options)
    for position in device.mechanics.positions:
        custody.put(device.cassette_place(position), new_notes(100, notes, f"C{position}-"))
    near, far = memory_line(9600, 11)
    serving = asyncio.ensure_future(device.serve(far))
    host = Host(near, device, custody)
    if ready:
        assert (await host.told(golden("INITIALISE, four lengths"))).good
    yield host
    custody.check()
    near.close()
    await serving


async def test_golden_commands_get_golden_answers() -> None:
    async with host_of(ready=False) as host:
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, not initialised")
        assert await host.ask(golden("COUNT 1, 2, 0, 13")) == golden("COUNT reply, not initialised")
        assert await host.ask(golden("INITIALISE, plain reset")) == golden("INITIALISE reply")
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, not initialised")
        assert await host.ask(golden("INITIALISE, four lengths")) == golden("INITIALISE reply")
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, idle")
        assert await host.ask(golden("STATUS, extended")) == golden("STATUS reply, idle")
        assert await host.ask(golden("TRANSPORT to the front")) == golden("TRANSPORT reply, pool empty")
        assert await host.ask(golden("COUNT 1, 2, 0, 13")) == golden("COUNT reply 1, 2, 0, 13")
        assert host.at("pool") == 16
        assert await host.ask(golden("TRANSPORT to the front")) == golden("TRANSPORT reply")
        assert len(host.device.notes_at_exit) == 16
        blocked = await host.ask(golden("INITIALISE, four lengths"))
        assert blocked == golden("INITIALISE reply, notes in the ejection section")
        assert await host.ask(golden("LOG CLEAR")) != golden("LOG CLEAR reply"), "the sensor sees the notes"
        host.device.take_notes()
        assert await host.ask(golden("LOG CLEAR")) == golden("LOG CLEAR reply")
        assert await host.ask(golden("unknown command 7F")) == golden("unknown command 7F reply")


async def test_count_and_transport_in_one() -> None:
    async with host_of() as host:
        assert await host.ask(golden("COUNT AND TRANSPORT 5")) == golden("COUNT AND TRANSPORT reply 5")
        assert len(host.device.notes_at_exit) == 5


async def test_the_status_tells_notes_at_the_exit_and_cassettes_that_are_in() -> None:
    async with host_of(FujitsuF56Options(cassettes=2)) as host:
        await host.ask(golden("COUNT, extended"))
        await host.ask(ONE)
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, notes at the exit, two cassettes")
        host.device.take_notes()
        reply = await host.told(golden("STATUS"))
        assert not reply.common.notes_at_exit


async def test_a_cassette_of_which_nothing_was_told_gives_nothing() -> None:
    async with host_of(ready=False) as host:
        await host.ask(golden("INITIALISE, extended"))
        reply = await host.told(golden("COUNT 1, 2, 0, 13"))
        assert reply.common.error == Code.NO_INFORMATION_FOR_CASSETTE
        assert host.at("cassette1") == 50


async def test_an_f53_has_no_pool_to_transport_from() -> None:
    async with host_of(FujitsuF56Options(model=Model.F53)) as host:
        await host.ask(golden("COUNT, extended"))
        assert len(host.device.notes_at_exit) == 1
        host.device.take_notes()
        assert (await host.told(ONE)).common.error == Code.CANNOT_EXECUTE


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (lambda device: device.remove_cassette(4), 0x40),
        (lambda device: device.remove_reject_tray(), Code.REJECT_BOX_NOT_SET),
        (lambda device: device.ailments()["C4"].happen(), Code.REJECT_BOX_FULL),
        (lambda device: device.stick_shutter(Stuck.OPEN), Code.SHUTTER_FOUND_OPEN),
        (lambda device: device.stick_outlet_sensor(True), Code.EJECTION_JAM),
    ],
)
async def test_what_stands_in_the_way_is_said_before_anything_moves(harm: object, error: int) -> None:
    async with host_of() as host:
        assert callable(harm)
        harm(host.device)
        reply = await host.told(golden("COUNT 1, 2, 0, 13"))
        assert reply.common.error == error
        assert [host.at(f"cassette{k}") for k in (1, 2, 3, 4)] == [50] * 4


async def test_more_than_the_pool_holds_or_a_second_count_is_refused() -> None:
    async with host_of(FujitsuF56Options(pool=15)) as host:
        assert (await host.told(golden("COUNT 1, 2, 0, 13"))).common.error == Code.PARAMETER
        await host.ask(golden("COUNT, extended"))
        assert (await host.told(golden("COUNT, extended"))).common.error == Code.COUNT_SEQUENCE


async def test_without_extensions_retrieve_and_shutter_are_undefined() -> None:
    async with host_of() as host:
        for name in ("RETRIEVE into the capture box", "RETRIEVE into the reject box", "SHUTTER open"):
            assert (await host.told(golden(name))).common.error == Code.UNDEFINED_COMMAND


async def test_left_notes_go_into_the_capture_box_and_are_counted() -> None:
    async with host_of(EXTENDED) as host:
        await host.ask(golden("COUNT AND TRANSPORT 5"))
        host.device.put_back(host.device.take_notes(2))
        reply = await host.told(golden("RETRIEVE into the capture box"))
        assert isinstance(reply, RetrieveReply)
        assert (reply.good, reply.notes, host.at("capture")) == (True, 5, 5)
        nothing = await host.told(golden("RETRIEVE into the capture box"))
        assert nothing.common.error == Code.NOTHING_AT_EXIT
        assert len(host.device.remove_capture_box()) == 5


async def test_notes_held_back_are_pulled_out_and_the_count_is_short() -> None:
    async with host_of(EXTENDED) as host:
        await host.ask(golden("COUNT AND TRANSPORT 5"))
        host.device.hold_back(2)
        reply = await host.told(golden("RETRIEVE into the capture box"))
        assert isinstance(reply, RetrieveReply)
        assert (reply.common.error, reply.notes) == (Code.PULLED_OUT_AT_FRONT, 3)
        assert (host.at("capture"), host.custody.number("customer")) == (3, 2)


async def test_notes_taken_while_they_are_retrieved_are_missed() -> None:
    async with host_of(EXTENDED) as host:
        await host.ask(golden("COUNT AND TRANSPORT 5"))
        asyncio.get_running_loop().call_later(0.8, host.device.take_notes, 2)
        reply = await host.told(golden("RETRIEVE into the capture box"))
        assert isinstance(reply, RetrieveReply)
        assert (reply.common.error, reply.notes) == (Code.PULLED_OUT_AT_FRONT, 3)


@pytest.mark.parametrize(
    ("counted", "box", "notes"), [("COUNT AND TRANSPORT 5", "capture", 5), ("COUNT 1, 2, 0, 13", "reject", 16)]
)
async def test_a_retrieve_that_counts_short_moves_all_notes(counted: str, box: str, notes: int) -> None:
    async with host_of(EXTENDED) as host:
        await host.ask(golden(counted))
        host.device.count_short(1)
        reply = await host.told(golden(f"RETRIEVE into the {box} box"))
        assert isinstance(reply, RetrieveReply)
        assert (reply.good, reply.notes, host.at(box)) == (True, notes - 1, notes)


async def test_a_full_or_absent_capture_box_takes_nothing() -> None:
    async with host_of(FujitsuF56Options(extensions=True, capture_box=3)) as host:
        await host.ask(golden("COUNT AND TRANSPORT 5"))
        reply = await host.told(golden("RETRIEVE into the capture box"))
        assert isinstance(reply, RetrieveReply)
        assert (reply.common.error, reply.notes, len(host.device.notes_at_exit)) == (Code.CAPTURE_BOX_FULL, 3, 2)
        host.device.remove_capture_box()
        absent = await host.told(golden("RETRIEVE into the capture box"))
        assert absent.common.error == Code.CAPTURE_BOX_ABSENT


async def test_the_shutter_opens_and_closes_by_command_and_hides_the_notes() -> None:
    async with host_of(EXTENDED) as host:
        await host.ask(golden("COUNT AND TRANSPORT 5"))
        assert (await host.told(golden("SHUTTER close"))).good
        assert host.device.notes_at_exit == ()
        assert host.device.take_notes() == []
        with pytest.raises(ValueError, match="shutter is shut"):
            host.device.put_back([])
        assert (await host.told(golden("SHUTTER open"))).good
        assert len(host.device.take_notes()) == 5
        host.device.stick_shutter(Stuck.CLOSED)
        assert (await host.told(golden("SHUTTER open"))).common.error == Code.SHUTTER_OPEN_FAILED


async def test_power_off_during_a_count_leaves_notes_where_they_are_and_is_told_afterwards() -> None:
    async with host_of() as host:
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("COUNT 1, 2, 0, 13"), 0.2) == ACK
        await asyncio.sleep(6)
        host.device.power_off()
        assert 0 < host.at("pool") < 16
        assert await host.say(ENQ) == b""
        host.device.power_on()
        assert (await host.told(golden("STATUS"))).common.error == Code.POWER_OFF_DURING_COUNT
        assert (await host.told(golden("TRANSPORT to the front"))).common.error == Code.POWER_OFF_DURING_COUNT
        stacked = host.at("pool") + host.at("path")
        assert await host.ask(golden("INITIALISE, four lengths")) == golden("INITIALISE reply")
        assert host.at("reject") == stacked


# The link


async def test_a_damaged_text_is_refused_and_taken_when_it_comes_whole() -> None:
    async with host_of() as host:
        bad = golden("STATUS")[:-1] + b"\x00"
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(bad) == NAK
        assert await host.say(golden("STATUS"), 0.3) == ACK + ENQ


async def test_a_text_without_enq_is_not_heard() -> None:
    async with host_of() as host:
        assert await host.say(golden("STATUS")) == b""


async def test_a_response_is_offered_three_times_and_then_forgotten() -> None:
    async with host_of() as host:
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("STATUS"), 20) == ACK + ENQ * 3
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, idle")


async def test_a_response_that_is_not_acknowledged_is_sent_three_times_without_another_enq() -> None:
    async with host_of() as host:
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("STATUS"), 0.3) == ACK + ENQ
        reply = golden("STATUS reply, idle")
        assert await host.say(ACK, 3) == reply
        assert await host.say(NAK, 3) == reply
        assert await host.heard(20) == reply


@pytest.mark.parametrize(("keeps", "after"), [(False, b""), (True, ENQ)])
async def test_in_contention_the_host_wins(keeps: bool, after: bytes) -> None:
    async with host_of(FujitsuF56Options(keeps_owed=keeps)) as host:
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("COUNT, extended"), 4.9) == ACK + ENQ
        assert await host.ask(golden("STATUS")) == golden("STATUS reply, idle")
        assert await host.heard(2) == after


async def test_cancel_frees_a_device_that_owes_a_response_and_is_not_answered() -> None:
    async with host_of(FujitsuF56Options(keeps_owed=True)) as host:
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("COUNT, extended"), 4.9) == ACK + ENQ
        assert await host.say(ENQ, 0.2) == ACK
        assert await host.say(golden("CANCEL"), 20) == ACK


async def test_the_same_count_twice_is_counted_twice_for_nothing_tells_a_repetition() -> None:
    async with host_of() as host:
        await host.ask(golden("COUNT, extended"))
        host.device.empty_pool()
        await host.ask(golden("COUNT, extended"))
        assert host.device.count_texts == 2
        assert host.custody.number("staff") == 1


# Faults and hands


@pytest.mark.parametrize("fault", ["C1", "C2", "C3", "C6", "C9", "C10", "C11", "C13"])
async def test_every_fault_that_has_a_remedy_is_mended_by_it(fault: str) -> None:
    async with host_of(FujitsuF56Options(extensions=True, pace=Pace(start=0.1))) as host:
        ailment = host.device.ailments()[fault]
        ailment.happen()
        await host.ask(golden("COUNT, extended"))
        if ailment.mend is not None:
            ailment.mend()
        host.device.clear_jam()
        await host.ask(golden("INITIALISE, four lengths"))
        assert (await host.told(golden("COUNT AND TRANSPORT 5"))).good
        assert len(host.device.notes_at_exit) == 5


async def test_hands_move_notes_and_the_snapshot_tells() -> None:
    async with host_of() as host:
        device = host.device
        device.refill(2, device.empty_cassette(1))
        device.upset(Upset.REJECT, cassette=2)
        reply = await host.told(golden("COUNT 1, 2, 0, 13"))
        assert reply.common.error == 0x11
        seen = device.snapshot()
        assert (seen["cassette 1"], seen["cassette 2"], seen["last error"]) == (
            "0 notes",
            "100 notes",
            "cassette 1 empty",
        )
        assert device.snapshot()["shutter"] == "closed"
        device.remove_cassette(3)
        assert device.snapshot()["cassette 3"] == "pulled out"
        device.insert_cassette(3)
        device.insert_reject_tray()
        device.insert_capture_box()
        assert seen["power"] == "on"


async def test_notes_filled_into_the_wrong_cassette_come_out_of_it() -> None:
    async with host_of() as host:
        first = host.custody.at("dispenser/cassette1")
        ailment = host.device.ailments()["C8"]
        ailment.happen()
        assert host.custody.at("dispenser/cassette2") == first
        assert ailment.mend is not None
        ailment.mend()
        assert host.custody.at("dispenser/cassette1") == first


async def test_swapped_cassettes_show_by_their_magnets_and_take_their_notes_along() -> None:
    async with host_of() as host:
        first = host.custody.at("dispenser/cassette1")
        host.device.remove_cassette(3)
        ailment = host.device.ailments()["C7"]
        ailment.happen(one=1, other=3)
        reply = await host.told(golden("STATUS"))
        assert reply.common.cassettes == bytes.fromhex("00 82 81 84")
        assert host.custody.at("dispenser/cassette3") == first
        assert ailment.mend is not None
        ailment.mend()
        reply = await host.told(golden("STATUS"))
        assert reply.common.cassettes == bytes.fromhex("81 82 00 84")
        assert host.custody.at("dispenser/cassette1") == first


@pytest.mark.parametrize(
    ("options", "absent"),
    [
        (FujitsuF56Options(), {"C14", "C15"}),
        (FujitsuF56Options(extensions=True, shutter=False), {"C10", "C11"}),
        (FujitsuF56Options(extensions=True, cassettes=1), {"C7", "C8"}),
        (FujitsuF56Options(extensions=True), set()),
    ],
)
async def test_a_unit_suffers_only_what_its_parts_can_suffer(options: FujitsuF56Options, absent: set[str]) -> None:
    async with host_of(options) as host:
        every = {f"C{number}" for number in range(1, 16)}
        assert set(host.device.ailments()) == every - absent


def test_a_unit_has_one_to_four_cassettes() -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        FujitsuF56Options(cassettes=5)


@pytest.mark.parametrize("bit", [-1, 20, 48])
def test_a_shutter_does_not_show_where_the_exit_does(bit: int) -> None:
    with pytest.raises(ValueError, match="0 to 47, and not 20, which tells notes at the exit"):
        FujitsuF56Options(shutter_closed_bit=bit)
