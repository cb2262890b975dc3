"""What can befall a PIN pad: late answers, late and stuck keys, unplugging, power cuts, batteries, tampering."""

import asyncio
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest

from drivers.interfaces import (
    AntiFraudModule,
    BatteryState,
    CompletionCode,
    DeviceError,
    DeviceState,
    EncryptionState,
    EntryCompletion,
    ErrorCode,
    KeyName,
    KeyPress,
    MacAlgorithm,
)
from drivers.reopening import ReopeningLink
from drivers.szzt_zt598 import Authentication, SzztZt598, SzztZt598Options
from protocol.keys import Cipher, wrap_key
from protocol.mac import retail_mac
from protocol.szzt_zt598_tables import Opcode, Rtn
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598 import KeypadMode
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.drivers.szzt_zt598_desk import BLOCK_OF_123456, KEY, KEYS, PAN12, PIN_KEY, UID, Desk, desk

# --- answers that come late


@pytest.mark.parametrize("late", [10, 12, 20, 40])
@pytest.mark.parametrize("opcode", [Opcode.CONTROL, Opcode.INFORMATION, Opcode.AUTHENTICATE])
async def test_an_answer_later_than_every_repetition_is_no_answer_to_anything_else(opcode: Opcode, late: float) -> None:
    """Three sendings get nothing; the answers to all of them come while other commands are asked."""
    async with desk() as at:
        at.pad.answer_late(opcode, late)
        with suppress(DeviceError):
            await at.enter_pin() if opcode is Opcode.CONTROL else await at.driver.reset()
        for _ in range(6):
            with suppress(DeviceError):
                assert await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19) == retail_mac(KEY, b"data")
        await asyncio.sleep(late)
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_late_refusal_is_not_taken_for_the_answer_to_the_next_command() -> None:
    """A refusal does not say what it refuses: that of a MAC comes while a key is to be loaded."""
    async with desk(options=SzztZt598Options(reply_timeout=0.5, authentication=Authentication.ONCE)) as at:
        await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        at.pad.lose_keys(0x31)
        at.pad.answer_late(Opcode.MAC, 2.5)
        with pytest.raises(DeviceError, match="sent 3 times"):
            await at.driver.generate_authentication(b"other", MacAlgorithm.X9_19)
        value = await at.driver.import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
        assert value.hex().upper() == "EB7A8DF91182DBE2"


@pytest.mark.parametrize("moment", [0.02, 0.1, 0.3, 0.5])
async def test_a_command_that_was_cancelled_leaves_no_answer_behind(moment: float) -> None:
    async with desk(pad=simulated.SzztZt598Options(processing=0.4)) as at:
        asking = asyncio.create_task(at.driver.generate_authentication(b"data", MacAlgorithm.X9_19))
        await asyncio.sleep(moment)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        other = await at.driver.generate_authentication(b"other", MacAlgorithm.X9_19)
        assert other == retail_mac(KEY, b"other")


# --- entries that are over


async def test_a_block_is_not_asked_for_without_an_entry_that_was_finished() -> None:
    """The pad may hold digits of an entry that could not be ended: they never become a block."""
    async with desk() as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN
        await at.enter_pin(*"123456", "enter")
        async with at.somebody_types("1", "enter"):
            await at.driver.data_entry(max_len=3, timeout=5, on_key=at.amount)
        sent = at.tap.times_sent(Opcode.PIN_BLOCK)
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN
        assert at.tap.times_sent(Opcode.PIN_BLOCK) == sent == 0


@pytest.mark.req("S1-67")
@pytest.mark.parametrize("fault", [Rtn.CHECK_VALUE, Rtn.AUTHENTICATION, Rtn.TAG_OR_NO_KEY])
async def test_a_pin_without_a_block_is_erased(fault: Rtn) -> None:
    async with desk() as at:
        await at.enter_pin(*"123456", "enter")
        at.pad.fail_next(Opcode.PIN_BLOCK, fault)
        with pytest.raises(DeviceError):
            await at.driver.get_pin_block(PAN12)
        assert at.pad.snapshot()["PIN"] == ""


@pytest.mark.req("S1-67")
async def test_a_pin_whose_block_nobody_waits_for_any_more_is_erased() -> None:
    async with desk() as at:
        await at.enter_pin(*"123456", "enter")
        at.pad.answer_late(Opcode.CONTROL, 1)
        asking = asyncio.create_task(at.driver.get_pin_block(PAN12))
        await asyncio.sleep(0.5)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert at.pad.snapshot()["PIN"] == ""


@pytest.mark.req("S1-67")
async def test_an_entry_whose_end_could_not_be_told_the_pad_is_ended_with_the_next_command() -> None:
    async with desk(options=SzztZt598Options(reply_timeout=0.5)) as at:
        entry = asyncio.create_task(at.enter_pin(*"123"))
        await asyncio.sleep(3)
        assert at.pad.snapshot()["PIN"] == "***"
        at.tap.deaf = True
        entry.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entry
        assert at.pad.snapshot()["PIN"] == "***"
        at.tap.deaf = False
        assert (await at.driver.status()).device is DeviceState.ONLINE
        assert (at.pad.mode, at.pad.snapshot()["PIN"]) == (KeypadMode.OFF, "")


# --- fingers


async def test_keys_that_come_late_are_not_keys_of_the_next_entry() -> None:
    async with desk() as at:
        at.pad.delay_keys(0.03)
        async with at.somebody_types("1", "2", "cancel"):
            entered = await at.driver.data_entry(max_len=5, timeout=2, on_key=at.amount)
        assert entered.completion is EntryCompletion.CANCEL
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert at.keys == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]


async def test_a_digit_on_its_way_is_no_digit_of_the_next_amount() -> None:
    async with desk() as at:
        at.pad.delay_keys(0.13)
        entry = asyncio.create_task(at.driver.data_entry(max_len=5, timeout=2, on_key=at.amount))
        await at.scene.until(lambda: at.pad.mode is KeypadMode.CLEAR)
        await asyncio.sleep(0.5)
        at.pad.press("cancel")
        await asyncio.sleep(0.12)  # the keypad is still on: the host has not heard of it
        at.pad.press("7")
        await entry
        entered = await at.driver.data_entry(max_len=5, timeout=1, on_key=at.amount)
        assert (entered.keys, at.shown[1:]) == ("", [])


async def test_an_enter_of_an_earlier_entry_does_not_end_an_empty_one() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin())
        await at.scene.until(lambda: at.pad.mode is KeypadMode.PIN)
        await asyncio.sleep(1)
        at.pad._send(b"\x0d")
        await asyncio.sleep(0.5)
        assert not entry.done()
        for key in (*"123456", "enter"):
            at.pad.press(key)
        assert await entry == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_mashed_keys_make_one_pin_and_nothing_else() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin())
        await at.scene.until(lambda: at.pad.mode is KeypadMode.PIN)
        for _ in range(3):
            at.pad.mash()
        assert await entry == (6, EntryCompletion.ENTER)
        assert len(await at.driver.get_pin_block(PAN12)) == 8
        assert (await at.driver.status()).device is DeviceState.ONLINE


async def test_a_stuck_key_is_ignored_after_the_time_that_reset_set() -> None:
    async with desk(options=SzztZt598Options(key_hold=1)) as at:
        await at.driver.reset()
        entry = asyncio.create_task(at.enter_pin())
        await at.scene.until(lambda: at.pad.mode is KeypadMode.PIN)
        at.pad.stick("1")
        await asyncio.sleep(1.1)
        for key in (*"23456", "enter"):
            at.pad.press(key)
        assert await entry == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


# --- power and plugs


async def test_power_that_fails_during_an_entry_lets_it_time_out_and_the_next_one_work() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123", timeout=10))
        await asyncio.sleep(3)
        at.pad.power_cut()
        assert await entry == (0, EntryCompletion.TIME_OUT)
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


@pytest.mark.parametrize("authentication", list(Authentication))
async def test_a_pin_that_was_lost_with_the_power_is_asked_for_again(authentication: Authentication) -> None:
    async with desk(options=SzztZt598Options(authentication=authentication)) as at:
        await at.enter_pin(*"123456", "enter")
        at.pad.power_cut()
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


class Socket:
    """Where the pad's plug goes: each opening lays a new line to it, unless the plug is out."""

    def __init__(self, pad: simulated.SzztZt598) -> None:
        self._pad = pad
        self._end: MemoryEnd | None = None
        self._serving: asyncio.Task[None] | None = None
        self.plugged = True

    async def open(self) -> MemoryEnd:
        if not self.plugged:
            raise ConnectionError("no such port")
        terminal, device = memory_line(9600)
        self._end = terminal
        self._serving = asyncio.create_task(self._pad.serve(device))
        return terminal

    def pull(self) -> None:
        self.plugged = False
        if self._end is not None:
            self._end.close()


async def plugged_desk() -> tuple[Desk, Socket]:
    scene = Scene()
    draws = iter(range(10**6))
    pad = simulated.SzztZt598(scene=scene, entropy=lambda size: next(draws).to_bytes(size, "big"), keys=KEYS, uid=UID)
    socket = Socket(pad)
    link = ReopeningLink(socket.open)
    return Desk(SzztZt598(link), pad, link, scene), socket  # type: ignore[arg-type]  # nobody counts its frames


@pytest.mark.req("S1-67")
async def test_a_plug_that_is_pulled_during_an_entry_and_put_back_leaves_no_digit_in_the_pad() -> None:
    at, socket = await plugged_desk()
    entry = asyncio.create_task(at.enter_pin(*"123"))
    await asyncio.sleep(3)
    socket.pull()
    with pytest.raises(DeviceError) as failure:
        await entry
    assert failure.value.completion is CompletionCode.DEVICE_NOT_READY
    assert at.pad.snapshot()["PIN"] == "***"
    assert (await at.driver.status()).device is DeviceState.OFFLINE
    socket.plugged = True
    status = await at.driver.status()
    assert (status.device, status.encryption_state) == (DeviceState.ONLINE, EncryptionState.READY)
    assert at.pad.snapshot()["PIN"] == ""
    assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
    assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_line_that_was_down_does_not_make_the_driver_forget_to_look_for_removal() -> None:
    """That a question got no answer while the plug was out says nothing about the firmware."""
    at, socket = await plugged_desk()
    socket.pull()
    for _ in range(3):
        assert (await at.driver.status()).device is DeviceState.OFFLINE
    socket.plugged = True
    assert (await at.driver.status()).device is DeviceState.ONLINE
    at.pad.lift()
    at.pad.mount()
    assert (await at.driver.status()).device is DeviceState.FRAUD_ATTEMPT


# --- keys, battery, tampering


async def test_status_tells_a_low_battery() -> None:
    async with desk() as at:
        assert (await at.driver.status()).battery is BatteryState.GOOD
        at.pad.battery(simulated.BatteryState.LOW)
        status = await at.driver.status()
        assert (status.device, status.battery) == (DeviceState.HARDWARE_ERROR, BatteryState.LOW)
        assert status.encryption_state is EncryptionState.NOT_READY
        assert "battery" in status.detail


async def test_keys_that_an_empty_battery_lost_are_missed() -> None:
    async with desk() as at:
        at.pad.battery(simulated.BatteryState.EMPTY)
        at.pad.power_cut()
        at.pad.battery(simulated.BatteryState.GOOD)
        assert (await at.driver.status()).encryption_state is EncryptionState.NOT_INITIALIZED


async def test_a_lost_key_makes_the_pad_not_ready_and_no_fraud() -> None:
    async with desk() as at:
        at.pad.lose_keys(0x30)
        status = await at.driver.status()
        assert (status.device, status.encryption_state) == (DeviceState.ONLINE, EncryptionState.INITIALIZED)
        assert status.anti_fraud_module is AntiFraudModule.OK


async def test_tampering_during_an_entry_ends_it_and_is_told() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123", timeout=10))
        await asyncio.sleep(3)
        at.pad.tamper()
        with pytest.raises(DeviceError) as failure:
            await entry
        assert failure.value.completion is CompletionCode.FRAUD_ATTEMPT
        status = await at.driver.status()
        assert (status.device, status.anti_fraud_module) == (DeviceState.FRAUD_ATTEMPT, AntiFraudModule.DEVICE_DETECTED)
        assert at.pad.snapshot()["keys"] == ""


@pytest.mark.parametrize("options", [SzztZt598Options, simulated.SzztZt598Options])
def test_every_option_is_on_the_page_of_the_pad(options: type[object]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "devices" / "szzt-zt598.md").read_text(encoding="utf-8")
    assert [option.name for option in fields(options) if f"`{option.name}`" not in page] == []  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"key_hold": 16}, {"sends": 0}, {"reply_timeout": 0}, {"mac_slot": 0x30}])
def test_options_that_can_not_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"key-hold|sends|slot"):
        SzztZt598Options(**wrong)  # type: ignore[arg-type]
