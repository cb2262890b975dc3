import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.fujitsu_f56 import FujitsuF56, FujitsuF56Options, Model
from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserState,
    Done,
    ErrorCode,
    PositionStatus,
    PresentState,
    Refused,
    Replenishment,
    ShutterStatus,
    UnitCounts,
    UnitStatus,
    Unknown,
)
from drivers.reopening import ReopeningLink
from protocol.fujitsu_f56_codes import Code
from protocol.fujitsu_f56_frame import text_frame
from simulators.devices import fujitsu_f56 as devices
from simulators.devices.fujitsu_f56 import Stuck, Upset
from simulators.world.line import memory_line
from simulators.world.virtual_time import run
from tests.drivers.fujitsu_f56_bench import (
    ACK,
    COUNT,
    COUNT_ANSWER,
    ENQ,
    LOADED,
    NAK,
    STATUS_ANSWER,
    TEXT,
    TRANSPORT,
    Bench,
    bench,
    damaged,
    forged,
)
from tests.drivers.puloon_bench import as_it_is, change, drop, scripted
from tests.vectors import vector

F53 = devices.FujitsuF56Options(model=devices.Model.F53)
EXTENDED = devices.FujitsuF56Options(extensions=True)


def golden(name: str) -> bytes:
    return vector("fujitsu_f56", name)


def exchange(request: bytes, reply: bytes) -> list[tuple[bytes, bytes]]:
    return [(ENQ, ACK), (request, ACK + ENQ), (ACK, reply), (ACK, b"")]


# Golden bytes


async def test_a_withdrawal_is_asked_with_the_bytes_of_the_field() -> None:
    host, far = memory_line(9600)
    script = [
        *exchange(golden("STATUS"), golden("STATUS reply, idle")),
        *exchange(golden("INITIALISE, four lengths"), golden("INITIALISE reply")),
        *exchange(golden("STATUS"), golden("STATUS reply, idle")),
        *exchange(golden("COUNT 1, 2, 0, 13"), golden("COUNT reply 1, 2, 0, 13")),
        *exchange(golden("STATUS"), golden("STATUS reply, idle")),
        *exchange(golden("TRANSPORT to the front"), golden("TRANSPORT reply")),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    options = FujitsuF56Options(lengths=(120, 127, 133, 140), rejects=4)
    driver = FujitsuF56(host, options)
    assert await driver.reset() == Done(None)
    outcome = await driver.dispense({"unit1": 1, "unit2": 2, "unit4": 13})
    assert outcome == Done(Dispensed({"unit1": UnitCounts(1), "unit2": UnitCounts(2), "unit4": UnitCounts(13)}))
    assert await driver.present() == Done(None)
    await far_end


async def test_partial_counts_of_an_empty_cassette_are_believed() -> None:
    host, far = memory_line(9600)
    request = bytes.fromhex(
        "10 02 00 19 60 03 15 E4 30 35 30 30 30 30 30 30 30 B4 30 B4 30 B4 30 B4 03 03 03 03 1C 10 03"
    )
    script = [
        *exchange(golden("STATUS"), golden("STATUS reply, idle")),
        (ENQ, ACK),
        (request + _crc(request), ACK + ENQ),
        (ACK, golden("COUNT reply, cassette 1 empty after 3 of 5")),
        (ACK, b""),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    outcome = await FujitsuF56(host, FujitsuF56Options(rejects=4)).dispense({"unit1": 5})
    assert isinstance(outcome, Done)
    assert outcome.result.units == {"unit1": UnitCounts(3, 1)}
    assert outcome.result.failed_unit == "unit1"
    await far_end


def _crc(frame: bytes) -> bytes:
    crc = 0
    for byte in frame[2:]:
        for bit in range(8):
            crc = crc >> 1 ^ (0x8408 if (crc ^ byte >> bit) & 1 else 0)
    return crc.to_bytes(2, "little")


# The simulated device


async def test_notes_are_stacked_out_of_reach_then_presented_and_taken() -> None:
    async with bench() as b:
        assert b.driver.capabilities.intermediate_stacker
        outcome = await b.driver.dispense({"unit1": 5, "unit2": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(5), "unit2": UnitCounts(3)}))
        assert (b.at("pool"), b.device.notes_at_exit) == (8, ())
        status = await b.driver.status()
        assert (status.stacker, status.position) == (PositionStatus.NOT_EMPTY, PositionStatus.EMPTY)
        assert status.shutter is ShutterStatus.CLOSED
        assert (await b.driver.get_present_status()).state is PresentState.NOT_PRESENTED
        assert await b.driver.present() == Done(None)
        assert len(b.device.notes_at_exit) == 8
        present = await b.driver.get_present_status()
        assert present.state is PresentState.PRESENTED
        assert present.units == {"unit1": UnitCounts(5), "unit2": UnitCounts(3)}
        assert not await b.driver.items_taken(timeout=5)
        asyncio.get_running_loop().call_later(10, b.device.take_notes)
        assert await b.driver.items_taken(timeout=30)
        assert (await b.driver.status()).shutter is ShutterStatus.CLOSED


async def test_an_f53_counts_straight_to_the_customer() -> None:
    async with bench(F53) as b:
        assert not b.driver.capabilities.intermediate_stacker
        assert not b.driver.capabilities.retract
        outcome = await b.driver.dispense({"unit1": 4})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(4)}))
        assert len(b.device.notes_at_exit) == 4
        assert (await b.driver.get_present_status()).state is PresentState.PRESENTED
        for command in (b.driver.present, b.driver.reject, b.driver.retract):
            with pytest.raises(DeviceError) as raised:
                await command()
            assert raised.value.completion is CompletionCode.UNSUPPORTED_COMMAND
        b.check_count(outcome)


async def test_an_emptier_cassette_than_believed_ends_in_the_true_partial_counts() -> None:
    async with bench(notes=4) as b:
        outcome = await b.driver.dispense({"unit1": 3, "unit2": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(3), "unit2": UnitCounts(4)}
        assert outcome.result.failed_unit == "unit2"
        assert outcome.result.error is not None
        assert outcome.result.error.code is ErrorCode.CASH_UNIT_ERROR


@pytest.mark.parametrize(
    ("upset", "counts"),
    [
        (Upset.DOUBLE_PICK, UnitCounts(3, 2)),
        (Upset.REJECT, UnitCounts(3, 1)),
        (Upset.PICK_FAILURE, UnitCounts(3)),  # it is tried again
    ],
)
async def test_a_bad_pick_is_made_good(upset: Upset, counts: UnitCounts) -> None:
    async with bench() as b:
        b.device.upset(upset, cassette=1, pick=2)
        outcome = await b.driver.dispense({"unit1": 3})
        assert outcome == Done(Dispensed({"unit1": counts}))
        b.check_count(outcome)


@pytest.mark.parametrize("upset", [Upset.JAM_AT_FEED, Upset.JAM_IN_PATH])
async def test_a_jam_on_the_way_to_the_pool_is_done_with_what_is_there(upset: Upset) -> None:
    async with bench() as b:
        b.device.upset(upset, cassette=1, pick=3)
        outcome = await b.driver.dispense({"unit1": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(2)}
        assert outcome.result.error is not None
        assert outcome.result.error.completion is CompletionCode.HARDWARE_ERROR
        assert (await b.driver.status()).transport is PositionStatus.NOT_EMPTY
        b.check_count(outcome)


async def test_counts_that_the_device_itself_doubts_are_unknown() -> None:
    async with bench() as b:
        b.device.upset(Upset.MISCOUNT, cassette=1, pick=3)
        assert isinstance(await b.driver.dispense({"unit1": 5}), Unknown)
        assert b.at("pool") == 3


async def test_a_jam_at_the_exit_is_unknown() -> None:
    async with bench() as b:
        b.device.upset(Upset.JAM_AT_EXIT)
        assert isinstance(await b.driver.dispense({"unit1": 2}), Done)
        outcome = await b.driver.present()
        assert isinstance(outcome, Unknown)
        assert "jam in the ejection section (pool to EJSF)" in outcome.cause
        assert b.sent(TRANSPORT) == 1
    async with bench(F53) as b:
        b.device.upset(Upset.JAM_AT_EXIT, cassette=1, pick=2)
        assert isinstance(await b.driver.dispense({"unit1": 2}), Unknown)


async def test_too_many_rejects_end_the_count() -> None:
    async with bench() as b:
        for pick in range(1, 12):
            b.device.upset(Upset.REJECT, 1, pick)
        outcome = await b.driver.dispense({"unit1": 2})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(0, 11)}
        b.check_count(outcome)


@pytest.mark.parametrize("units", [{}, {"unit1": 0}, {"unit1": -1, "unit2": 5}, {"unit9": 1}, {"unit1": 51}])
async def test_an_impossible_request_never_reaches_the_line(units: dict[str, int]) -> None:
    async with bench(ready=False) as b:
        assert isinstance(await b.driver.dispense(units), Refused)
        assert b.host.sent == []


async def test_a_cassette_that_is_pulled_out_refuses_and_nothing_moves() -> None:
    async with bench() as b:
        b.device.remove_cassette(1)
        outcome = await b.driver.dispense({"unit1": 1})
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.CASH_UNIT_ERROR
        b.check_count(outcome)


async def test_a_refused_count_leaves_proof_that_nothing_is_in_reach() -> None:
    async with bench() as b:
        assert isinstance(await b.driver.dispense({"unit1": 1}), Done)
        await b.driver.present()
        b.device.take_notes()
        b.device.remove_cassette(1)
        assert isinstance(await b.driver.dispense({"unit1": 1}), Refused)
        present, status = await b.driver.get_present_status(), await b.driver.status()
        assert present.state is PresentState.NOT_PRESENTED
        assert (status.stacker, status.position, status.shutter) == (
            PositionStatus.EMPTY,
            PositionStatus.EMPTY,
            ShutterStatus.CLOSED,
        )


async def test_notes_at_the_exit_refuse_the_next_count() -> None:
    async with bench() as b:
        await b.driver.dispense({"unit1": 1})
        await b.driver.present()
        outcome = await b.driver.dispense({"unit1": 1})
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.ITEMS_LEFT


async def test_an_uninitialised_device_refuses_and_asks_for_a_reset() -> None:
    async with bench(ready=False) as b:
        status = await b.driver.status()
        assert (status.dispenser, status.detail) == (
            DispenserState.STOP,
            "no bill information: not initialised",
        )
        assert isinstance(await b.driver.dispense({"unit1": 1}), Refused)
        assert b.sent(COUNT) == 0
        assert await b.driver.reset() == Done(None)
        assert (await b.driver.status()).dispenser is DispenserState.OK


async def test_a_device_initialised_by_another_program_is_reset_first() -> None:
    async with bench() as b:
        second = FujitsuF56(b.host, FujitsuF56Options())
        status = await second.status()
        assert (status.dispenser, status.stacker) == (DispenserState.STOP, PositionStatus.UNKNOWN)
        assert (await second.get_present_status()).state is PresentState.UNKNOWN


async def test_a_shutter_that_stays_shut_presents_nothing() -> None:
    async with bench() as b:
        await b.driver.dispense({"unit1": 2})
        b.device.stick_shutter(Stuck.CLOSED)
        outcome = await b.driver.present()
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.SHUTTER_NOT_OPEN
        assert b.at("pool") == 2
        assert (await b.driver.get_present_status()).state is PresentState.NOT_PRESENTED
        assert (await b.driver.status()).stacker is PositionStatus.NOT_EMPTY


async def test_a_shutter_found_open_refuses_the_count() -> None:
    async with bench() as b:
        b.device.stick_shutter(Stuck.OPEN)
        assert (await b.driver.status()).shutter is ShutterStatus.OPEN
        outcome = await b.driver.dispense({"unit1": 2})
        assert isinstance(outcome, Refused)
        b.check_count(outcome)


async def test_an_empty_pool_presents_nothing() -> None:
    async with bench() as b:
        outcome = await b.driver.present()
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.NO_ITEMS


async def test_reset_brings_stacked_notes_into_the_reject_box() -> None:
    async with bench() as b:
        await b.driver.dispense({"unit1": 4})
        assert await b.driver.reset() == Done(None)
        assert (b.at("pool"), b.at("reject")) == (0, 4)
        assert (await b.driver.status()).stacker is PositionStatus.EMPTY


async def test_reset_does_not_touch_notes_at_the_exit() -> None:
    async with bench() as b:
        await b.driver.dispense({"unit1": 4})
        await b.driver.present()
        assert isinstance(await b.driver.reset(), Unknown)
        assert len(b.device.notes_at_exit) == 4


async def test_reset_of_a_device_without_power_is_refused_for_nothing_was_sent() -> None:
    async with bench() as b:
        b.device.power_off()
        assert isinstance(await b.driver.reset(), Refused)


# Extensions


async def test_a_real_unit_is_never_asked_to_retract_or_reject() -> None:
    async with bench() as b:
        assert not b.driver.capabilities.retract
        await b.driver.dispense({"unit1": 1})
        before = len(b.host.sent)
        for command in (b.driver.retract, b.driver.reject):
            with pytest.raises(DeviceError) as raised:
                await command()
            assert raised.value.completion is CompletionCode.UNSUPPORTED_COMMAND
        assert len(b.host.sent) == before


async def test_with_extensions_left_notes_are_taken_back_and_counted() -> None:
    async with bench(EXTENDED) as b:
        assert b.driver.capabilities.retract
        await b.driver.dispense({"unit1": 6})
        await b.driver.present()
        b.device.take_notes(2)
        assert await b.driver.retract() == Done(4)
        assert (b.at("capture"), b.at("exit"), b.custody.number("customer")) == (4, 0, 2)


async def test_with_extensions_stacked_notes_go_into_the_reject_box() -> None:
    async with bench(EXTENDED) as b:
        await b.driver.dispense({"unit1": 6})
        assert await b.driver.reject() == Done(6)
        assert (b.at("reject"), (await b.driver.status()).stacker) == (6, PositionStatus.EMPTY)
        refused = await b.driver.reject()
        assert isinstance(refused, Refused)
        assert refused.error.code is ErrorCode.NO_ITEMS


async def test_notes_held_back_while_they_are_retrieved_leave_it_unknown_who_has_what() -> None:
    async with bench(EXTENDED) as b:
        await b.driver.dispense({"unit1": 6})
        await b.driver.present()
        b.device.hold_back(2)
        outcome = await b.driver.retract()
        assert isinstance(outcome, Unknown)
        assert "pulled out during retrieval" in outcome.cause
        assert (b.at("capture"), b.custody.number("customer")) == (4, 2)


async def test_a_device_that_does_not_count_retrieved_notes_says_so() -> None:
    async with bench(devices.FujitsuF56Options(extensions=True, counts_retrieved=False)) as b:
        await b.driver.dispense({"unit1": 3})
        await b.driver.present()
        assert await b.driver.retract() == Done(None)


async def test_a_unit_that_does_not_know_the_extension_refuses_it() -> None:
    async with bench(settings=FujitsuF56Options(extensions=True)) as b:
        await b.driver.dispense({"unit1": 1})
        outcome = await b.driver.reject()
        assert isinstance(outcome, Refused)
        assert outcome.error.completion is CompletionCode.UNSUPPORTED_COMMAND


# What can go wrong on the line; each time the text of a motion is put on it exactly once


async def test_a_lost_ack_is_made_good_by_the_response_itself() -> None:
    async with bench() as b:
        acks = _Armed()
        b.far.disturb = lambda data: [] if data == ACK and acks.strikes() else [data]
        b.host.disturb = acks.after(COUNT)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.sent(COUNT) == b.device.count_texts == 1


async def test_an_enq_that_gets_lost_or_refused_is_sent_again_for_no_text_has_left() -> None:
    async with bench() as b:
        b.host.disturb = drop(ENQ, times=2)
        assert isinstance(await b.driver.dispense({"unit1": 1}), Done)
    async with bench() as b:
        b.far.disturb = change(ACK, lambda _: NAK, times=2)
        assert isinstance(await b.driver.dispense({"unit1": 1}), Done)
        assert b.sent(COUNT) == 1


async def test_a_damaged_response_is_asked_for_again() -> None:
    async with bench() as b:
        b.far.disturb = change(COUNT_ANSWER, damaged, times=2)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.sent(COUNT) == 1


async def test_a_response_that_the_device_sends_again_is_the_response() -> None:
    async with bench() as b:
        b.far.disturb = drop(COUNT_ANSWER, times=1)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.sent(COUNT) == 1


async def test_a_response_that_never_comes_is_unknown_and_no_later_answer() -> None:
    async with bench() as b:
        b.far.disturb = drop(COUNT_ANSWER)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.sent(COUNT) == b.device.count_texts == 1
        assert b.at("pool") == 3
        b.far.disturb = as_it_is
        assert (await b.driver.status()).device is DeviceState.ONLINE


@pytest.mark.parametrize("keeps_owed", [False, True])
async def test_a_late_response_never_answers_a_later_count(keeps_owed: bool) -> None:
    pace = devices.Pace(start=70.0)
    async with bench(devices.FujitsuF56Options(keeps_owed=keeps_owed, pace=pace)) as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        b.device.mechanics._pace = devices.Pace()  # it recovers
        await asyncio.sleep(9)
        b.device.empty_pool()
        outcome = await b.driver.dispense({"unit1": 5})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(5)})) or isinstance(outcome, Refused)


async def test_a_text_that_the_device_refuses_with_nak_moved_nothing() -> None:
    async with bench() as b:
        b.host.disturb = change(COUNT, damaged)
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Refused)
        assert (b.sent(COUNT), b.device.count_texts) == (1, 0)
        b.check_count(outcome)


@pytest.mark.parametrize("notes", [1, 4, 40])
async def test_a_nak_that_was_an_ack_is_not_taken_for_a_refusal(notes: int) -> None:
    async with bench() as b:
        acks = _Armed()
        b.far.disturb = lambda data: [NAK] if data == ACK and acks.strikes() else [data]
        b.host.disturb = acks.after(COUNT)
        outcome = await b.driver.dispense({"unit1": notes})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(notes)}))
        assert b.sent(COUNT) == b.device.count_texts == 1


async def test_a_nak_that_was_an_ack_and_a_lost_response_is_unknown() -> None:
    async with bench() as b:
        acks, lose = _Armed(), drop(COUNT_ANSWER)
        b.far.disturb = lambda data: [NAK] if data == ACK and acks.strikes() else lose(data)
        b.host.disturb = acks.after(COUNT)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.at("pool") == 3


class _Armed:
    """Strikes once, after a text has passed."""

    def __init__(self) -> None:
        self.armed = False

    def after(self, start: bytes) -> Any:
        def disturb(data: bytes) -> list[bytes]:
            self.armed = self.armed or data.startswith(start)
            return [data]

        return disturb

    def strikes(self) -> bool:
        armed, self.armed = self.armed, False
        return armed


async def test_a_present_is_never_sent_again() -> None:
    async with bench() as b:
        await b.driver.dispense({"unit1": 3})
        b.far.disturb = drop(TEXT)
        assert isinstance(await b.driver.present(), Refused), "nobody answered the question before"
        lost = _Armed()
        b.host.disturb = lost.after(TRANSPORT)
        b.far.disturb = lambda data: [] if data.startswith(TEXT) and lost.armed else [data]
        assert isinstance(await b.driver.present(), Unknown)
        assert b.sent(TRANSPORT) == 1
        b.far.disturb = as_it_is
        assert (await b.driver.get_present_status()).state is PresentState.PRESENTED, "the sensor sees them"
        assert len(b.device.notes_at_exit) == 3


async def test_a_silent_device_is_never_asked_for_notes() -> None:
    async with bench() as b:
        b.device.power_off()
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Refused)
        assert b.sent(COUNT) == 0
        assert (await b.driver.status()).device is DeviceState.OFFLINE


async def test_a_device_that_loses_power_while_notes_move_is_unknown() -> None:
    async with bench() as b:
        asyncio.get_running_loop().call_later(8.0, b.device.power_off)
        asyncio.get_running_loop().call_later(9.0, b.device.power_on)
        outcome = await b.driver.dispense({"unit1": 40})
        assert isinstance(outcome, Unknown)
        assert 0 < b.at("pool") < 40
        status = await b.driver.status()
        assert (status.dispenser, status.detail) == (DispenserState.STOP, "power off during count")
        second = await b.driver.dispense({"unit1": 1})
        assert isinstance(second, Refused)
        assert b.sent(COUNT) == 1


async def test_a_line_that_breaks_while_notes_move_is_unknown_and_the_notes_go_on() -> None:
    async with bench() as b:
        asyncio.get_running_loop().call_later(3.0, b.host.close)
        assert isinstance(await b.driver.dispense({"unit1": 20}), Unknown)
        await asyncio.sleep(60)
        assert b.at("pool") == 20


async def test_a_line_that_is_down_before_is_a_refusal() -> None:
    async with bench() as b:
        b.host.close()
        assert isinstance(await b.driver.dispense({"unit1": 1}), Refused)
        assert isinstance(await b.driver.present(), Refused)


async def test_a_port_that_comes_back_is_used_again() -> None:
    async with bench() as b:
        ends = [memory_line(9600) for _ in range(2)]
        opened = iter(ends)

        async def open_port() -> Any:
            return next(opened)[0]

        driver = FujitsuF56(ReopeningLink(open_port), FujitsuF56Options())
        for near, far in ends:
            serving = asyncio.ensure_future(b.device.serve(far))
            assert (await driver.status()).device is DeviceState.ONLINE
            near.close()
            await serving
            assert (await driver.status()).device is DeviceState.OFFLINE or near is ends[0][0]


async def test_a_device_that_babbles_does_not_hold_the_driver_for_ever() -> None:
    host, far = memory_line()

    async def babble() -> None:
        while True:
            await far.send(b"\x10\x05\x55")
            await asyncio.sleep(0.2)

    babbling = asyncio.ensure_future(babble())
    async with asyncio.timeout(600):
        assert (await FujitsuF56(host).status()).device is DeviceState.OFFLINE
    babbling.cancel()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0x28, 0xB4),  # unit1: one more than asked
        (0x28, 0xB2),  # one less, and no error
        (0x2A, 0xB1),  # a note from a cassette that was not asked
        (0x32, 0xB1),  # a reject from there
        (3, 0x11),  # success with an error code
        (0, 0xF0),  # an error without one
        (14, 0x10),  # notes at the exit
    ],
)
async def test_a_response_that_can_not_be_true_is_unknown(place: int, value: int) -> None:
    async with bench() as b:
        b.far.disturb = change(COUNT_ANSWER, lambda answer: forged(answer, place, value))
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.device.count_texts == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [(Code.PARAMETER, Refused), (Code.CANNOT_EXECUTE, Refused), (Code.JAM, Unknown), (Code.COUNT_MISMATCH, Unknown)],
)
async def test_a_response_without_counts_is_a_refusal_only_if_the_error_comes_before_motion(
    code: Code, expected: type
) -> None:
    async with bench() as b:
        short = text_frame(bytes((0xF0, 0x03, 0x02, code, 0x00, 0x1C)))
        b.far.disturb = change(COUNT_ANSWER, lambda _: short)
        assert isinstance(await b.driver.dispense({"unit1": 3}), expected)


# Status


async def test_a_healthy_dispenser_says_so() -> None:
    async with bench() as b:
        status = await b.driver.status()
        assert (status.device, status.dispenser) == (DeviceState.ONLINE, DispenserState.OK)
        assert (status.position, status.stacker) == (PositionStatus.EMPTY, PositionStatus.EMPTY)
        assert {unit.replenishment for unit in status.units.values()} == {Replenishment.UNKNOWN}


async def test_a_missing_cassette_wants_attention() -> None:
    async with bench() as b:
        b.device.remove_cassette(2)
        status = await b.driver.status()
        assert status.dispenser is DispenserState.ATTENTION
        assert status.units["unit2"].status is UnitStatus.MISSING


async def test_a_status_with_another_dh0_is_understood() -> None:
    async with bench() as b:
        b.far.disturb = change(STATUS_ANSWER, lambda answer: forged(answer, 0, 0xE0), times=10)
        assert (await b.driver.status()).dispenser is DispenserState.OK


async def test_without_its_sensor_the_shutter_is_unknown_and_without_a_shutter_not_supported() -> None:
    async with bench(settings=FujitsuF56Options()) as b:
        assert (await b.driver.status()).shutter is ShutterStatus.UNKNOWN
    async with bench(devices.FujitsuF56Options(shutter=False)) as b:
        assert (await b.driver.status()).shutter is ShutterStatus.NOT_SUPPORTED


@pytest.mark.parametrize(
    "wrong",
    [
        {"cassettes": 5},
        {"lengths": ()},
        {"lengths": (5,)},
        {"thicknesses": (0,)},
        {"rejects": 100},
        {"pool": 0},
        {"shutter_closed_bit": 48},
        {"shutter_closed_bit": 20},
    ],
)
def test_options_that_no_unit_can_have_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FujitsuF56Options(**wrong)


def test_absent_cassettes_are_told_as_none() -> None:
    bills = FujitsuF56Options(cassettes=2, lengths=(120, 127)).bills
    assert [(bill.longest, bill.shortest) for bill in bills] == [(130, 110), (137, 117), (0, 0), (0, 0)]
    assert FujitsuF56Options().bills[3].longest == 165
    assert Model("F53") is Model.F53


# Whatever happens


@settings(max_examples=150, deadline=None)
@given(
    pool=st.booleans(),
    seed=st.integers(0, 2**32),
    notes=st.integers(1, 12),
    upset=st.sampled_from([None, *Upset]),
    keeps_owed=st.booleans(),
    cut=st.one_of(st.none(), st.floats(0, 30)),
)
def test_whatever_happens_on_the_line_what_the_driver_reports_is_true(
    pool: bool, seed: int, notes: int, upset: Upset | None, keeps_owed: bool, cut: float | None
) -> None:
    chance = random.Random(seed)
    share = chance.choice([0.02, 0.1, 0.3])

    def disturb(data: bytes) -> list[bytes]:
        if chance.random() > share:
            return [data]
        at = chance.randrange(len(data))
        flipped = data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :]
        return chance.choice([[], [flipped], [data, data], [data[:at]], [b"\xff", data], [data[:at], data[at:]]])

    async def story() -> None:
        model = devices.Model.F56 if pool else devices.Model.F53
        options = devices.FujitsuF56Options(model=model, extensions=True, keeps_owed=keeps_owed)
        async with bench(options) as b:
            b.host.disturb = b.far.disturb = disturb
            if upset is not None:
                b.device.upset(upset, cassette=1, pick=chance.randint(1, notes))
            if cut is not None:
                asyncio.get_running_loop().call_later(cut, b.device.power_off)
                asyncio.get_running_loop().call_later(cut + 20, b.device.power_on)
            counted = await b.driver.dispense({"unit1": notes})
            await asyncio.sleep(100)
            b.check_count(counted)
            if pool and isinstance(counted, Done):
                await _then(b, counted.result.units["unit1"].dispensed, chance)

    run(story())


async def _then(b: Bench, stacked: int, chance: random.Random) -> None:
    """Present and take back, or reject; the outcome of each is what custody says."""
    if chance.random() < 0.3:
        rejected, before = await b.driver.reject(), b.at("reject")
        await asyncio.sleep(100)
        assert b.sent(b"\x10\x02\x00\x06\x60\xf0") <= 1
        if isinstance(rejected, Done):
            assert (b.at("pool"), rejected.result) == (0, stacked)
            assert b.at("reject") >= before
        elif isinstance(rejected, Refused):
            assert b.at("pool") == stacked
        return
    presented = await b.driver.present()
    await asyncio.sleep(100)
    assert b.sent(TRANSPORT) <= 1
    if isinstance(presented, Done):
        assert len(b.device.notes_at_exit) == stacked
    elif isinstance(presented, Refused):
        assert (b.at("pool"), b.device.notes_at_exit) == (stacked, ())
    if isinstance(presented, Done):
        taken = len(b.device.take_notes(chance.randint(0, stacked)))
        back = await b.driver.retract()
        await asyncio.sleep(100)
        assert b.sent(b"\x10\x02\x00\x06\x60\xf0") <= 1
        if isinstance(back, Done):
            assert (b.at("capture"), b.at("exit")) == (back.result, 0)
            assert taken + b.at("capture") == stacked
        elif isinstance(back, Refused):
            assert (b.at("capture"), b.at("exit")) == (0, stacked - taken)
    b.custody.check()
    assert b.at("cassette1") <= LOADED
