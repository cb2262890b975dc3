import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import puloon_lcdm as drivers
from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserState,
    Done,
    ErrorCode,
    Identity,
    PositionStatus,
    PresentState,
    PresentStatus,
    Refused,
    Replenishment,
    UnitCounts,
    UnitStatus,
    Unknown,
)
from drivers.puloon_lcdm_4000 import LAST_NUMBER
from drivers.reopening import ReopeningLink
from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.checksums import bcc
from simulators.devices import puloon_lcdm as devices
from simulators.devices.note_faults import Defect, Upset
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from simulators.world.virtual_time import run
from tests.drivers.puloon_bench import (
    ANSWER,
    DISPENSE,
    MODELS,
    Bench,
    Disturbance,
    as_it_is,
    bench,
    change,
    drop,
    scripted,
)
from tests.vectors import vector

ACK = b"\x06"
KINDS: dict[str, type[devices.PuloonLcdm2000 | devices.PuloonLcdm4000]] = {
    "2000": devices.PuloonLcdm2000,
    "4000": devices.PuloonLcdm4000,
}
KINDS_OF_DRIVER = {"2000": drivers.PuloonLcdm2000, "4000": drivers.PuloonLcdm4000}
both = pytest.mark.parametrize("model", MODELS)


def golden(name: str) -> bytes:
    return vector("puloon_lcdm", name)


# Golden bytes


async def test_the_4000_is_asked_with_the_bytes_of_the_field() -> None:
    host, far = memory_line(9600)
    nothing = bytes.fromhex("01 30 02 55 20 20 30 20 20 31 20 20 32 20 20 33 20 20 34 03 66")
    script = [
        (golden("4000: LAST STATUS"), ACK + nothing[:-1] + bytes((bcc(nothing[:-1]),))),
        (ACK, b"\x04"),
        (golden("4000: DISPENSE 1, 2, 3, 4"), ACK + golden("4000: DISPENSE 1, 2, 3, 4 reply")),
        (ACK, b"\x04"),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    outcome = await drivers.PuloonLcdm4000(host).dispense({"unit1": 1, "unit2": 2, "unit3": 3, "unit4": 4})
    assert outcome == Done(Dispensed({f"unit{n}": UnitCounts(n) for n in (1, 2, 3, 4)}))
    await far_end


async def test_the_2000_is_asked_with_the_captured_bytes() -> None:
    host, far = memory_line(9600)
    script = [
        (golden("2000: STATUS"), ACK + golden("2000: STATUS reply, idle")),
        (ACK, b""),
        (golden("2000: DISPENSE upper 1"), ACK + golden("2000: DISPENSE upper 1 reply")),
        (ACK, b""),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    assert await drivers.PuloonLcdm2000(host).dispense({"unit1": 1}) == Done(Dispensed({"unit1": UnitCounts(1)}))
    await far_end


async def test_partial_counts_of_a_golden_bill_end_are_credited() -> None:
    host, far = memory_line(9600)
    script = [
        (golden("2000: STATUS"), ACK + golden("2000: STATUS reply, idle")),
        (ACK, b""),
        (golden("2000: DISPENSE upper 10"), ACK + golden("2000: DISPENSE upper reply, bill-end after 7 of 10")),
        (ACK, b""),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    outcome = await drivers.PuloonLcdm2000(host).dispense({"unit1": 10})
    assert isinstance(outcome, Done)
    assert outcome.result.units == {"unit1": UnitCounts(7, 1)}
    assert outcome.result.failed_unit == "unit1"
    await far_end


# The simulated device


async def test_the_2000_says_what_it_is() -> None:
    async with bench("2000") as b:
        assert isinstance(b.driver, Identity)
        assert (await b.driver.identify()).startswith("model T, ROM version ")


@both
async def test_notes_go_straight_to_the_customer(model: str) -> None:
    async with bench(model) as b:
        outcome = await b.driver.dispense({"unit1": 5, "unit2": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(5), "unit2": UnitCounts(3)}))
        assert len(b.device.notes_at_exit) == 8
        assert not b.driver.capabilities.intermediate_stacker


@both
async def test_an_emptier_cassette_than_believed_ends_in_the_true_partial_counts(model: str) -> None:
    async with bench(model, notes=4) as b:
        outcome = await b.driver.dispense({"unit1": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(4)}
        assert outcome.result.failed_unit == "unit1"
        assert outcome.result.error is not None
        assert outcome.result.error.code is ErrorCode.CASH_UNIT_ERROR
        b.check_honest(outcome)


@both
async def test_the_second_cassette_is_named_when_it_runs_empty(model: str) -> None:
    async with bench(model, notes=4) as b:
        outcome = await b.driver.dispense({"unit1": 3, "unit2": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(3), "unit2": UnitCounts(4)}
        assert outcome.result.failed_unit == "unit2"


@both
async def test_a_double_pick_is_rejected_and_replaced(model: str) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.DOUBLE_PICK, cassette=1, pick=2)
        outcome = await b.driver.dispense({"unit1": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(3, rejected=2)}))
        b.check_honest(outcome)


@both
@pytest.mark.parametrize("pick", [1, 3])
async def test_a_jam_at_the_exit_is_unknown_for_the_customer_can_pull_the_note_that_nobody_counted(
    model: str, pick: int
) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.JAM_AT_EXIT, cassette=1, pick=pick)
        outcome = await b.driver.dispense({"unit1": 5})
        assert isinstance(outcome, Unknown)
        assert f"'unit1': {pick - 1}" in outcome.cause
        assert b.dispense_frames == b.device.dispense_frames == 1


@both
async def test_a_jam_in_the_path_is_done_with_what_got_out_and_a_hardware_error(model: str) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.JAM_IN_PATH, cassette=1, pick=3)
        outcome = await b.driver.dispense({"unit1": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(2)}
        assert outcome.result.error is not None
        assert outcome.result.error.completion is CompletionCode.HARDWARE_ERROR
        b.check_honest(outcome)


@both
async def test_a_cassette_that_is_pulled_out_refuses_and_nothing_moves(model: str) -> None:
    async with bench(model) as b:
        b.device.remove_cassette(1)
        outcome = await b.driver.dispense({"unit1": 1})
        assert isinstance(outcome, Refused)
        assert outcome.error.code is ErrorCode.CASH_UNIT_ERROR
        b.check_honest(outcome)


@both
@pytest.mark.parametrize("units", [{}, {"unit1": 0}, {"unit1": -1, "unit2": 5}, {"unit9": 1}, {"unit1": 101}])
async def test_an_impossible_request_never_reaches_the_line(model: str, units: dict[str, int]) -> None:
    async with bench(model) as b:
        assert isinstance(await b.driver.dispense(units), Refused)
        assert b.host.sent == []


# What can go wrong on the line; each time the dispense frame is put on it exactly once


@both
async def test_a_lost_ack_is_made_good_by_the_answer_itself(model: str) -> None:
    async with bench(model) as b:
        await b.driver.status()
        b.far.disturb = drop(ACK, times=2)  # the exchange before the dispense is repeated, the dispense is not
        outcome = await b.driver.dispense({"unit1": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.dispense_frames == b.device.dispense_frames == 1


@both
async def test_a_damaged_answer_is_asked_for_again(model: str) -> None:
    async with bench(model) as b:
        b.far.disturb = change(ANSWER[model], lambda answer: answer[:-1] + bytes((answer[-1] ^ 1,)), times=2)
        outcome = await b.driver.dispense({"unit1": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.dispense_frames == b.device.dispense_frames == 1


@both
async def test_an_answer_that_the_device_sends_again_is_the_answer(model: str) -> None:
    async with bench(model) as b:
        b.far.disturb = drop(ANSWER[model], times=1)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.dispense_frames == b.device.dispense_frames == 1


async def test_a_lost_answer_of_the_4000_is_found_in_last_status() -> None:
    async with bench("4000", notes=4) as b:
        b.far.disturb = drop(ANSWER["4000"])
        outcome = await b.driver.dispense({"unit1": 5})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(4)}
        assert b.dispense_frames == b.device.dispense_frames == 1


async def test_a_4000_that_does_not_know_last_status_pays_too() -> None:
    async with bench("4000") as b:
        b.host.disturb = drop(vector("puloon_lcdm", "4000: LAST STATUS"))
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.dispense_frames == b.device.dispense_frames == 1


async def test_a_4000_that_answers_last_status_with_an_error_is_not_waited_for() -> None:
    host, far = memory_line(9600)
    status = golden("4000: STATUS reply, four cassettes")
    script = [
        (golden("4000: LAST STATUS"), ACK + bytes.fromhex("01 30 02 55 50 03 35")),
        (ACK, b"\x04"),
        (golden("4000: STATUS"), ACK + status),
        (ACK, b"\x04"),
        (golden("4000: DISPENSE 1, 2, 3, 4"), ACK + golden("4000: DISPENSE 1, 2, 3, 4 reply")),
        (ACK, b"\x04"),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    outcome = await drivers.PuloonLcdm4000(host).dispense({"unit1": 1, "unit2": 2, "unit3": 3, "unit4": 4})
    assert outcome == Done(Dispensed({f"unit{n}": UnitCounts(n) for n in (1, 2, 3, 4)}))
    assert far_end.done()
    await far_end


async def test_a_purge_of_the_4000_that_is_answered_with_an_error_only_is_over() -> None:
    host, far = memory_line(9600)
    blocked = bytes.fromhex("01 30 02 50 20 81 84 31 40 70 84 32 40 70 84 33 40 70 84 34 40 70 03 C5")
    script = [
        (golden("4000: RESET"), b""),
        (golden("4000: STATUS"), ACK + blocked),
        (ACK, b"\x04"),
        (golden("4000: PURGE"), ACK + bytes.fromhex("01 30 02 51 2E 03 4F")),
        (ACK, b"\x04"),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    outcome = await drivers.PuloonLcdm4000(host).reset()
    assert isinstance(outcome, Unknown)
    assert "purge ended abnormally" in outcome.cause
    await far_end


async def test_reset_does_not_wait_long_for_a_second_answer() -> None:
    host, far = memory_line(9600)
    script = [
        (golden("4000: RESET"), ACK + golden("4000: RESET reply")),
        (ACK, b"\x04"),
        (golden("4000: STATUS"), ACK + golden("4000: STATUS reply, four cassettes")),
        (ACK, b"\x04"),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    async with asyncio.timeout(20):
        assert await drivers.PuloonLcdm4000(host).reset() == Done(None)
    await far_end


async def test_reset_of_the_2000_reaches_a_device_that_still_offers_an_old_answer() -> None:
    """To such a device every byte that is not ACK is a NAK, so the first command is lost."""
    host, far = memory_line(9600)
    old = golden("2000: DISPENSE upper 1 reply")
    script = [
        (golden("2000: STATUS"), old + old),
        (golden("2000: STATUS"), ACK + golden("2000: STATUS reply, idle")),
        (ACK, b""),
        (golden("2000: PURGE"), ACK + golden("2000: PURGE reply")),
        (ACK, b""),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    assert await drivers.PuloonLcdm2000(host).reset() == Done(None)
    await far_end


async def test_a_lost_answer_of_a_4000_that_does_not_know_last_status_is_unknown() -> None:
    async with bench("4000") as b:
        b.host.disturb = drop(vector("puloon_lcdm", "4000: LAST STATUS"))
        b.far.disturb = drop(ANSWER["4000"])
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.dispense_frames == b.device.dispense_frames == 1


async def test_a_lost_answer_of_the_2000_is_asked_for_with_nak() -> None:
    async with bench("2000", resend_after=100) as b:
        b.far.disturb = drop(ANSWER["2000"], times=1)
        outcome = await b.driver.dispense({"unit1": 3})
        assert outcome == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.dispense_frames == b.device.dispense_frames == 1


async def test_an_answer_of_the_2000_that_never_comes_is_unknown() -> None:
    async with bench("2000") as b:
        b.far.disturb = drop(ANSWER["2000"])
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.dispense_frames == b.device.dispense_frames == 1
        assert len(b.device.notes_at_exit) == 3


async def test_without_ack_last_status_is_believed_only_if_it_says_something_new() -> None:
    async with bench("4000") as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        lose_ack_and_answer(b)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown), "the same counts as before prove nothing"
        assert await b.driver.dispense({"unit1": 2}) == Done(Dispensed({"unit1": UnitCounts(2)}))
        assert b.device.dispense_frames == 3


async def test_a_last_status_that_was_not_heard_before_can_not_be_told_from_an_old_one() -> None:
    """The question got lost three times, then the dispense; what LAST STATUS tells later is of the visit before."""
    async with bench("4000") as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        lose_question, lose_dispense = drop(golden("4000: LAST STATUS"), times=3), drop(DISPENSE["4000"])
        b.host.disturb = lambda data: [out for kept in lose_question(data) for out in lose_dispense(kept)]
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert len(b.device.notes_at_exit) == 3


async def test_a_nak_says_nothing_where_last_status_was_not_heard_before() -> None:
    async with bench("4000") as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        lose_question = drop(golden("4000: LAST STATUS"), times=3)
        spoil = change(DISPENSE["4000"], lambda frame: frame[:-1] + bytes((frame[-1] ^ 1,)))
        b.host.disturb = lambda data: [out for kept in lose_question(data) for out in spoil(kept)]
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert len(b.device.notes_at_exit) == 3


def lose_ack_and_answer(b: Bench) -> None:
    """Of every dispense."""
    lose_ack, lose_answer = Switch(), drop(ANSWER["4000"])
    b.far.disturb = lambda data: [] if data == ACK and lose_ack.on else lose_answer(data)
    b.host.disturb = lambda data: lose_ack.turn(data.startswith(DISPENSE["4000"]), data)


class Switch:
    """On from a dispense frame to the next other frame."""

    on = False

    def turn(self, on: bool, data: bytes) -> list[bytes]:
        self.on = on
        return [data]


@both
async def test_a_frame_that_the_device_refuses_with_nak_moved_nothing(model: str) -> None:
    async with bench(model) as b:
        b.host.disturb = change(DISPENSE[model], lambda frame: frame[:-1] + bytes((frame[-1] ^ 1,)))
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Refused)
        assert (b.dispense_frames, b.device.dispense_frames) == (1, 0)
        b.check_honest(outcome)


@both
@pytest.mark.parametrize(("notes", "expected"), [(1, Done), (4, Done), (40, Unknown)])
async def test_a_nak_that_was_an_ack_is_not_taken_for_a_refusal(model: str, notes: int, expected: type) -> None:
    """The answer may come at once, while we ask whether the device idles, or too late to be waited for."""
    async with bench(model) as b:
        nak_for_ack(b)
        outcome = await b.driver.dispense({"unit1": notes})
        assert isinstance(outcome, expected)
        assert b.dispense_frames == b.device.dispense_frames == 1
        await asyncio.sleep(60)
        b.check_honest(outcome)


async def test_a_nak_and_then_something_unreadable_is_unknown() -> None:
    async with bench("2000") as b:
        nak_for_ack(b, also=change(ANSWER["2000"], lambda answer: answer[:-1] + b"\xaa", times=1000))
        assert isinstance(await b.driver.dispense({"unit1": 4}), Unknown)
        assert len(b.device.notes_at_exit) == 4


async def test_last_status_outweighs_a_nak() -> None:
    async with bench("4000") as b:
        nak_for_ack(b, also=drop(ANSWER["4000"]))
        assert await b.driver.dispense({"unit1": 6}) == Done(Dispensed({"unit1": UnitCounts(6)}))


# Numbered dispenses of the 4000


async def test_a_numbered_dispense_has_the_bytes_of_the_field_and_the_number_after_the_devices_last() -> None:
    host, far = memory_line(9600)
    script = [
        (golden("4000: LAST STATUS"), ACK + golden("4000: LAST STATUS reply")),
        (ACK, b"\x04"),
        (golden("4000: GET SERIAL"), ACK + golden("4000: GET SERIAL reply 5")),
        (ACK, b"\x04"),
        (golden("4000: DISPENSE 3, short form with serial 6"), ACK + golden("4000: DISPENSE 1, 2, 3, 4 reply")),
        (ACK, b"\x04"),
    ]
    far_end = asyncio.ensure_future(scripted(far, script))
    driver = drivers.PuloonLcdm4000(host, drivers.PuloonLcdm4000Options(numbered_dispense=True))
    assert isinstance(await driver.dispense({"unit1": 3}), Unknown), "the golden answer is to another request"
    await far_end


async def test_the_number_tells_a_dispense_from_one_before_it_with_the_same_counts() -> None:
    async with bench("4000", numbered=True) as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        lose_ack_and_answer(b)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))
        assert b.device.dispense_frames == 2


async def test_the_number_of_an_earlier_dispense_proves_nothing() -> None:
    async with bench("4000", numbered=True) as b:
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        b.host.disturb = drop(DISPENSE["4000"])
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.device.dispense_frames == 1


@pytest.mark.parametrize("notes", [1, 4, 6])
async def test_a_number_outweighs_a_nak_also_where_the_counts_are_those_of_before(notes: int) -> None:
    async with bench("4000", numbered=True) as b:
        assert isinstance(await b.driver.dispense({"unit1": notes}), Done)
        nak_for_ack(b, also=drop(ANSWER["4000"]))
        assert await b.driver.dispense({"unit1": notes}) == Done(Dispensed({"unit1": UnitCounts(notes)}))


@pytest.mark.parametrize("last", [0, 1, LAST_NUMBER - 1, LAST_NUMBER, LAST_NUMBER + 1, 200, 223])
async def test_wherever_the_number_stands_the_next_is_no_repetition_and_tells_its_own_dispense(last: int) -> None:
    async with bench("4000", numbered=True) as b:
        assert isinstance(b.device, devices.PuloonLcdm4000)
        b.device.exhaust_numbers(last)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Done)
        lose_ack_and_answer(b)
        assert await b.driver.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))


async def test_a_number_that_wraps_while_notes_move_is_no_match() -> None:
    async with bench("4000", numbered=True) as b:
        assert isinstance(b.device, devices.PuloonLcdm4000)
        b.far.disturb = drop(ANSWER["4000"])
        asyncio.get_running_loop().call_later(1.0, b.device.exhaust_numbers)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)


async def test_a_device_that_has_forgotten_its_numbers_says_nothing_of_the_dispense() -> None:
    async with bench("4000", numbered=True) as b:
        asyncio.get_running_loop().call_later(1.0, b.device.reset_itself)
        outcome = await b.driver.dispense({"unit1": 10})
        assert isinstance(outcome, Unknown)
        b.check_honest(outcome)


async def test_a_device_without_numbers_gives_nothing_and_says_why() -> None:
    async with bench("4000", numbered=True) as b:
        b.far.disturb = change(b"\x01\x30\x02\x67", lambda _: bytes.fromhex("01 30 02 67 50 03 07"), times=1000)
        refused = await b.driver.dispense({"unit1": 3})
        assert isinstance(refused, Refused)
        assert "numbered_dispense" in str(refused.error)
        assert b.dispense_frames == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), notes=st.integers(1, 12), numbered=st.booleans(), wraps=st.booleans())
def test_a_second_dispense_with_the_counts_of_the_first_is_never_mistaken_for_it(
    seed: int, notes: int, numbered: bool, wraps: bool
) -> None:
    chance = random.Random(seed)
    share = chance.choice([0.1, 0.3, 0.5])

    async def story() -> None:
        async with bench("4000", resend_after=chance.choice([1.0, 20.0]), numbered=numbered) as b:
            assert isinstance(b.device, devices.PuloonLcdm4000)
            assert isinstance(await b.driver.dispense({"unit1": notes}), Done)
            if wraps:
                asyncio.get_running_loop().call_later(chance.random() * 20.0, b.device.exhaust_numbers)
            b.host.disturb = b.far.disturb = lambda data: [] if chance.random() < share else [data]
            outcome = await b.driver.dispense({"unit1": notes})
            await asyncio.sleep(300)
            out = len(b.device.notes_at_exit) - notes
            match outcome:
                case Done(dispensed):
                    assert out == dispensed.units["unit1"].dispensed
                case Refused():
                    assert out == 0

    run(story())


async def test_last_status_about_another_command_proves_nothing() -> None:
    async with bench("4000", notes=2) as b:
        lose_answer, another = drop(ANSWER["4000"]), change(b"\x01\x30\x02\x55\x52", forged(4, 1))
        b.far.disturb = lambda data: [out for kept in lose_answer(data) for out in another(kept)]
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)


async def test_more_rejects_than_a_run_can_have_are_not_believed() -> None:
    async with bench("4000", notes=2) as b:
        b.far.disturb = change(ANSWER["4000"], forged(7, 201))
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)


def nak_for_ack(b: Bench, also: Disturbance = as_it_is) -> None:
    """Turn the ACK of the dispense into a NAK, and do something to all else that the device says."""
    acks = Switch()

    def swap(data: bytes) -> list[bytes]:
        if data == ACK and acks.on:
            acks.on = False
            return [b"\x15"]
        return also(data)

    b.far.disturb = swap
    b.host.disturb = lambda data: acks.turn(data.startswith(DISPENSE[b.model]), data)


@both
async def test_a_silent_device_is_never_asked_for_notes(model: str) -> None:
    async with bench(model) as b:
        b.device.power_off()
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Refused)
        assert b.dispense_frames == 0
        b.check_honest(outcome)


@both
async def test_a_device_that_loses_power_while_notes_move_is_unknown(model: str) -> None:
    async with bench(model) as b:
        asyncio.get_running_loop().call_later(3.0, b.device.power_off)
        asyncio.get_running_loop().call_later(8.0, b.device.power_on)
        outcome = await b.driver.dispense({"unit1": 40})
        assert isinstance(outcome, Unknown)
        assert b.dispense_frames == 1
        assert 0 < len(b.device.notes_at_exit) < 40
        b.check_honest(outcome)


@both
async def test_a_line_that_breaks_while_notes_move_is_unknown_and_the_notes_go_on(model: str) -> None:
    async with bench(model) as b:
        asyncio.get_running_loop().call_later(2.0, b.host.close)
        outcome = await b.driver.dispense({"unit1": 20})
        assert isinstance(outcome, Unknown)
        await asyncio.sleep(60)
        assert len(b.device.notes_at_exit) == 20
        assert b.dispense_frames == 1


@both
async def test_a_line_that_is_down_before_is_a_refusal(model: str) -> None:
    async with bench(model) as b:
        b.host.close()
        assert isinstance(await b.driver.dispense({"unit1": 1}), Refused)


def forged(place: int, by: int) -> Callable[[bytes], bytes]:
    """Change a byte of an answer and mend its BCC, as two flipped bits of one column would."""

    def forge(answer: bytes) -> bytes:
        body = bytearray(answer[:-1])
        body[place] += by
        return bytes(body) + bytes((bcc(bytes(body)),))

    return forge


@pytest.mark.parametrize(
    ("model", "place", "by"),
    [
        ("2000", 7, 1),  # EXIT: one more than asked
        ("2000", 7, -1),  # EXIT: one less, and no error
        ("2000", 5, -1),  # CHK: fewer picked than out
        ("4000", 6, 1),  # EXIT of cassette 1
        ("4000", 6, -1),
        ("4000", 9, 1),  # EXIT of a cassette that was not asked
        ("4000", 10, 1),  # a reject from there
        ("4000", 8, 1),  # TYPE of cassette 1
        ("4000", 8, -1),  # absent, with notes out of it
        ("4000", 5, 1),  # MISS
    ],
)
async def test_an_answer_that_can_not_be_true_is_unknown(model: str, place: int, by: int) -> None:
    async with bench(model) as b:
        b.far.disturb = change(ANSWER[model], forged(place, by))
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)
        assert b.device.dispense_frames == 1


async def test_a_device_that_says_it_gave_too_much_is_believed() -> None:
    async with bench("4000") as b:

        def too_much(answer: bytes) -> bytes:
            return forged(6, 1)(forged(4, 0x29)(answer))

        b.far.disturb = change(ANSWER["4000"], too_much)
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Done)
        assert outcome.result.units == {"unit1": UnitCounts(4)}
        assert outcome.result.error is not None


@pytest.mark.parametrize(("error", "expected"), [(0x51, Refused), (0x21, Unknown)])
async def test_an_answer_without_counts_is_a_refusal_only_if_the_error_comes_before_motion(
    error: int, expected: type
) -> None:
    async with bench("4000") as b:

        def taken_at_once(_: bytes) -> bytes:
            b.device.take_notes()
            body = ANSWER["4000"] + bytes((error, 0x03))
            return body + bytes((bcc(body),))

        b.far.disturb = change(ANSWER["4000"], taken_at_once)
        assert isinstance(await b.driver.dispense({"unit1": 3}), expected)


async def test_that_nothing_came_out_is_not_believed_where_notes_stand_at_the_exit() -> None:
    """Two bits of "2 checked, 2 out, normal stop" flipped, with the BCC as it was: a jam, and none out."""
    async with bench("2000") as b:
        b.far.disturb = change(ANSWER["2000"], lambda answer: forged(8, 2)(forged(7, -2)(answer)))
        outcome = await b.driver.dispense({"unit1": 2})
        assert isinstance(outcome, Unknown)
        assert "EXIT" in outcome.cause
        assert b.dispense_frames == 1


SEEN = [upset for upset in Upset if upset is not Upset.UNSEEN_DOUBLE_PICK]
"""Two notes that count as one can't be told from one by any dispenser."""


@both
@pytest.mark.parametrize("upset", SEEN)
async def test_after_every_upset_the_outcome_is_honest(model: str, upset: Upset) -> None:
    async with bench(model) as b:
        b.device.upset(upset, cassette=1, pick=2)
        b.check_honest(await b.driver.dispense({"unit1": 3}))
        assert b.dispense_frames == 1


@both
@pytest.mark.parametrize("upset", [Upset.MISSED_AT_EJECT, Upset.MISSED_AT_EXIT, Upset.JAM_AT_EXIT, Upset.STAYS_IN_EXIT])
async def test_a_note_in_reach_that_no_sensor_counted_out_is_never_a_known_count(model: str, upset: Upset) -> None:
    async with bench(model) as b:
        b.device.upset(upset, cassette=1, pick=2)
        assert isinstance(await b.driver.dispense({"unit1": 3}), Unknown)


@pytest.mark.parametrize(
    ("model", "defect"), [(model, defect) for model in MODELS for defect in KINDS[model].defects], ids=str
)
async def test_whatever_is_broken_the_outcome_is_honest_and_the_mended_device_pays(model: str, defect: Defect) -> None:
    async with bench(model) as b:
        b.device.break_(defect)
        assert (await b.driver.status()).device is not DeviceState.OFFLINE
        outcome = await b.driver.dispense({"unit1": 1})
        if defect is Defect.WEDGED or defect in (Defect.EEPROM, Defect.EXIT_SENSOR_STICKS, Defect.WORN_BELT):
            assert isinstance(outcome, Done)
        b.check_honest(outcome)
        b.device.mend(defect)
        b.host.sent.clear()
        assert isinstance(await b.driver.dispense({"unit1": 1}), Done)


@both
async def test_a_safe_that_is_opened_while_notes_move_leaves_a_true_count(model: str) -> None:
    async with bench(model) as b:
        asyncio.get_running_loop().call_later(2.0, b.device.open_safe)
        outcome = await b.driver.dispense({"unit1": 20})
        assert isinstance(outcome, Done)
        assert outcome.result.error is not None
        b.check_honest(outcome)


@both
async def test_two_notes_that_count_as_one_are_found_by_counting_only(model: str) -> None:
    """No answer tells it: the cassettes and the terminal's counters disagree."""
    async with bench(model) as b:
        b.device.upset(Upset.UNSEEN_DOUBLE_PICK, cassette=1)
        outcome = await b.driver.dispense({"unit1": 3})
        assert isinstance(outcome, Done)
        assert outcome.result.error is None
        assert outcome.result.units["unit1"].dispensed == 3
        assert len(b.device.notes_at_exit) == 4
        assert b.device.path.left(1) == 96


@both
async def test_a_device_that_resets_itself_while_notes_move_is_unknown_and_can_be_asked_again(model: str) -> None:
    async with bench(model) as b:
        asyncio.get_running_loop().call_later(2.0, b.device.reset_itself)
        assert isinstance(await b.driver.dispense({"unit1": 20}), Unknown)
        assert b.dispense_frames == 1
        status = await b.driver.status()
        assert status.device is DeviceState.ONLINE
        assert status.transport is PositionStatus.NOT_EMPTY
        assert isinstance(await b.driver.reset(), Done)
        assert (await b.driver.status()).transport is PositionStatus.EMPTY


@both
async def test_an_adapter_that_is_unplugged_and_plugged_in_again_is_survived(model: str) -> None:
    async with bench(model) as b:
        ends = [memory_line(9600) for _ in range(2)]
        plugged = iter(ends)

        async def open_port() -> MemoryEnd:
            return next(plugged)[0]

        driver = KINDS_OF_DRIVER[model](ReopeningLink(open_port))
        serving = [asyncio.ensure_future(b.device.serve(far)) for _, far in ends]
        asyncio.get_running_loop().call_later(2.0, ends[0][0].close)
        assert isinstance(await driver.dispense({"unit1": 20}), Unknown)
        await asyncio.sleep(60)
        assert b.device.dispense_frames == 1
        b.device.take_notes()
        assert (await driver.status()).device is DeviceState.ONLINE
        assert isinstance(await driver.dispense({"unit1": 3}), Done)
        assert len(b.device.notes_at_exit) == 3
        for task in serving:
            task.cancel()


@pytest.mark.parametrize("error", lcdm2000.ErrorCode)
def test_every_error_of_the_2000_has_an_outcome(error: lcdm2000.ErrorCode) -> None:
    driver = drivers.PuloonLcdm2000(memory_line()[0])
    counts = (lcdm2000.CassetteCounts(3, 3 if lcdm2000.is_success(error) else 2, 0),)
    reply = lcdm2000.DispenseReply(lcdm2000.Command.DISPENSE_UPPER, error, counts)
    outcome = driver._verdict({"unit1": 3}, reply)
    assert isinstance(outcome, Done | Unknown), "two notes are out"
    if isinstance(outcome, Done):
        assert outcome.result.units == {"unit1": UnitCounts(counts[0].exited, 0)}
        assert (outcome.result.error is None) == lcdm2000.is_success(error)


@pytest.mark.parametrize("error", lcdm4000.ErrorCode)
def test_every_error_of_the_4000_has_an_outcome(error: lcdm4000.ErrorCode) -> None:
    driver = drivers.PuloonLcdm4000(memory_line()[0])
    well = error is lcdm4000.ErrorCode.GOOD
    first = lcdm4000.CassetteCounts(3 if well else 2, 0, 1)
    others = tuple(lcdm4000.CassetteCounts(0, 0, position) for position in (2, 3, 4))
    outcome = driver._verdict({"unit1": 3}, lcdm4000.NotesReply(lcdm4000.Command.DISPENSE, error, (first, *others)))
    assert isinstance(outcome, Done | Unknown), "two notes are out"
    if isinstance(outcome, Done):
        assert outcome.result.units == {"unit1": UnitCounts(first.exited, 0)}
        assert (outcome.result.error is None) == well


@settings(max_examples=120, deadline=None)
@given(
    model=st.sampled_from(MODELS),
    seed=st.integers(0, 2**32),
    notes=st.integers(1, 12),
    upset=st.booleans(),
    numbered=st.booleans(),
)
def test_whatever_happens_on_the_line_the_outcome_is_honest(
    model: str, seed: int, notes: int, upset: bool, numbered: bool
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
        async with bench(model, resend_after=chance.choice([1.0, 20.0, 100.0]), numbered=numbered) as b:
            b.host.disturb = b.far.disturb = disturb
            if upset:
                b.device.upset(
                    chance.choice([seen for seen in Upset if seen is not Upset.UNSEEN_DOUBLE_PICK]),
                    cassette=1,
                    pick=chance.randint(1, notes),
                )
            outcome = await b.driver.dispense({"unit1": notes})
            await asyncio.sleep(300)
            assert b.device.dispense_frames <= 1
            b.check_honest(outcome)

    run(story())


# Status


@both
async def test_a_healthy_dispenser_says_so(model: str) -> None:
    async with bench(model) as b:
        status = await b.driver.status()
        assert status.device is DeviceState.ONLINE
        assert status.dispenser is DispenserState.OK
        assert (status.position, status.transport) == (PositionStatus.EMPTY, PositionStatus.EMPTY)
        assert {unit.replenishment for unit in status.units.values()} == {Replenishment.OK}


@both
async def test_a_low_and_a_missing_cassette_want_attention(model: str) -> None:
    async with bench(model, notes=30) as b:
        b.device.remove_cassette(2)
        status = await b.driver.status()
        assert status.dispenser is DispenserState.ATTENTION
        assert status.units["unit1"].replenishment is Replenishment.LOW
        assert status.units["unit2"].status is UnitStatus.MISSING


async def test_a_cassette_that_ran_empty_is_reported_by_the_2000() -> None:
    async with bench("2000", notes=1) as b:
        await b.driver.dispense({"unit1": 2})
        assert (await b.driver.status()).units["unit1"].replenishment is Replenishment.EMPTY


async def test_a_cassette_in_the_place_of_another_is_manipulated() -> None:
    async with bench("4000") as b:
        b.far.disturb = change(b"\x01\x30\x02\x50", forged(7, 1))
        assert (await b.driver.status()).units["unit1"].status is UnitStatus.MANIPULATED


@both
async def test_notes_on_the_path_stop_the_dispenser(model: str) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.JAM_IN_PATH, cassette=1)
        await b.driver.dispense({"unit1": 1})
        status = await b.driver.status()
        assert status.dispenser is DispenserState.STOP
        assert status.transport is PositionStatus.NOT_EMPTY
        assert isinstance(await b.driver.dispense({"unit2": 1}), Done | Refused)
        assert len(b.device.notes_at_exit) == 0


@both
async def test_a_device_without_power_is_offline(model: str) -> None:
    async with bench(model) as b:
        b.device.power_off()
        assert (await b.driver.status()).device is DeviceState.OFFLINE
        b.device.power_on()
        assert (await b.driver.status()).device is DeviceState.ONLINE


# Taken, presented, reset


@both
async def test_taken_notes_free_the_exit_sensor(model: str) -> None:
    async with bench(model) as b:
        await b.driver.dispense({"unit1": 2})
        assert not await b.driver.items_taken(timeout=5)
        asyncio.get_running_loop().call_later(10, b.device.take_notes)
        assert await b.driver.items_taken(timeout=30)


async def test_without_an_exit_sensor_notes_count_as_taken_at_once() -> None:
    async with bench("2000") as b:
        driver = drivers.PuloonLcdm2000(b.host, drivers.PuloonLcdm2000Options(exit_sensor=False))
        await driver.dispense({"unit1": 2})
        assert await driver.items_taken(timeout=30)


@both
async def test_there_is_no_present_and_no_retract(model: str) -> None:
    async with bench(model) as b:
        for command in (b.driver.present, b.driver.retract):
            with pytest.raises(DeviceError) as raised:
                await command()
            assert raised.value.completion is CompletionCode.UNSUPPORTED_COMMAND


async def test_the_2000_does_not_know_what_it_presented() -> None:
    async with bench("2000") as b:
        await b.driver.dispense({"unit1": 2})
        assert await b.driver.get_present_status() == PresentStatus(PresentState.UNKNOWN)


async def test_the_4000_remembers_what_it_presented_until_the_power_goes() -> None:
    async with bench("4000") as b:
        assert (await b.driver.get_present_status()).state is PresentState.UNKNOWN
        await b.driver.dispense({"unit2": 2})
        status = await b.driver.get_present_status()
        assert status.state is PresentState.PRESENTED
        assert status.units is not None
        assert status.units["unit2"] == UnitCounts(2)
        b.device.upset(Upset.JAM_IN_PATH, cassette=1)
        await b.driver.dispense({"unit1": 1})
        assert (await b.driver.get_present_status()).state is PresentState.NOT_PRESENTED
        b.device.power_off()
        b.device.power_on()
        assert (await b.driver.get_present_status()).state is PresentState.UNKNOWN


@both
async def test_reset_clears_the_path_into_the_reject_tray(model: str) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.JAM_IN_PATH, cassette=1)
        await b.driver.dispense({"unit1": 1})
        assert await b.driver.reset() == Done(None)
        assert b.custody.number("dispenser/reject") == 1
        assert await b.driver.dispense({"unit1": 1}) == Done(Dispensed({"unit1": UnitCounts(1)}))


@pytest.mark.parametrize(
    ("model", "answer", "error"), [("2000", b"\x01\x50\x02\x44", 0x1E), ("4000", b"\x01\x30\x02\x51", 0x0E)]
)
async def test_a_purge_that_fails_leaves_the_path_unknown(model: str, answer: bytes, error: int) -> None:
    async with bench(model) as b:
        b.device.upset(Upset.JAM_IN_PATH, cassette=1)
        await b.driver.dispense({"unit1": 1})
        b.far.disturb = change(answer, forged(4, error))
        assert isinstance(await b.driver.reset(), Unknown)


@both
async def test_a_reset_that_nobody_answers_is_unknown(model: str) -> None:
    async with bench(model) as b:
        b.device.power_off()
        assert isinstance(await b.driver.reset(), Unknown)


@pytest.mark.parametrize("reply", list(devices.ResetReply))
async def test_reset_suits_firmware_that_answers_and_firmware_that_does_not(reply: devices.ResetReply) -> None:
    async with bench("4000") as b:
        options = devices.PuloonLcdm4000Options(reset_reply=reply, reset_time=4.0 if reply == "double" else 1.5)
        device = devices.PuloonLcdm4000(scene=Scene(), custody=b.custody, options=options)
        host, far = memory_line(9600)
        serving = asyncio.ensure_future(device.serve(far))
        driver = drivers.PuloonLcdm4000(host)
        assert await driver.reset() == Done(None)
        assert isinstance(await driver.dispense({"unit1": 1}), Done)
        host.close()
        await serving
