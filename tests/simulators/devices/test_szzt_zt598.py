"""The simulated pad on its line: repeated commands, spoilt replies, attacks, secrets."""

import asyncio
from collections.abc import Iterator

import pytest

from protocol.szzt_zt598 import SZZT_ZT598, Command, Information, KeyByte, Reply
from protocol.szzt_zt598_tables import (
    Opcode,
    Rtn,
)
from protocol.wire import Damaged, Event
from simulators.devices.szzt_zt598 import BatteryState, ReplyFault, SzztZt598
from simulators.world.line import memory_line
from simulators.world.scene import Scene
from tests.simulators.devices.szzt_zt598_host import (
    KEY,
    KEYS,
    PIN_KEY,
    UID_11,
    Host,
    golden,
    host,
    typed,
)

# --- repeated commands and spoilt replies


@pytest.mark.parametrize("fault", [ReplyFault.LOST, ReplyFault.BAD_LRC])
async def test_a_repeated_block_command_gets_the_same_block(fault: ReplyFault) -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        at.pad.fail_next(Opcode.PIN_BLOCK, fault)
        spoilt = await at.ask(golden("PIN block, dialect JC"))
        assert spoilt != golden("PIN block of 1234")
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


async def test_a_repeated_start_keeps_what_was_typed() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", "1", "2")
        await at.ask(golden("start PIN, enter, backspace"))
        at.press("3", "4", "enter")
        await at.hear()
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


async def test_a_repeated_random_number_is_the_same_one() -> None:
    draws: Iterator[int] = iter(range(100))
    terminal, device = memory_line()
    pad = SzztZt598(scene=Scene(), entropy=lambda size: bytes([next(draws)] * size), keys=KEYS, uid=UID_11)
    serving = asyncio.create_task(pad.serve(device))
    at = Host(pad, terminal)
    first = await at.ask(golden("random, UID as input"))
    assert await at.ask(golden("random, UID as input")) == first
    await asyncio.sleep(11)
    assert await at.ask(golden("random, UID as input")) != first
    serving.cancel()


async def test_keys_may_come_before_or_inside_a_reply() -> None:
    async with host() as at:
        at.pad.fail_next(Opcode.CONTROL, ReplyFault.KEY_BEFORE)
        at.pad.fail_next(Opcode.INFORMATION, ReplyFault.KEY_INSIDE)
        assert await at.ask(golden("fill FF")) == b"*" + golden("control done")
        events: list[Event[Reply | KeyByte]] = SZZT_ZT598.from_device().feed(await at.ask(golden("information")))
        assert isinstance(events[0], Damaged)


async def test_any_error_can_be_planted() -> None:
    async with host() as at:
        at.pad.fail_next(Opcode.CONTROL, Rtn.EEPROM, ReplyFault.LOST)
        assert await at.rtn(golden("fill FF")) == Rtn.EEPROM
        assert await at.ask(golden("fill FF")) == b""
        assert await at.ask(golden("fill FF")) == golden("control done")


# --- attacks and accidents


async def test_tampering_erases_everything_until_the_pad_is_initialised_again() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234")
        at.pad.tamper()
        at.press("5")
        assert await at.hear() == b""
        for name in ("MAC, slot 31, TDES", "keypad off", "start PIN, enter, backspace", "random, UID as input"):
            assert await at.ask(golden(name)) == golden("error DD")
        assert await at.ask(golden("installation state")) == golden("installed")
        assert Information.decode((await at.ask(golden("information")))[5:-3]).settings.blank
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert await at.ask(golden("keypad off")) == golden("control done")
        assert at.pad.snapshot()["keys"] == ""


async def test_a_tampered_pad_does_not_repeat_its_last_reply() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")
        at.pad.tamper()
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.TAMPERED


async def test_taking_the_pad_out_is_noticed() -> None:
    async with host() as at:
        at.pad.lift()
        assert await at.ask(golden("wipe")) == golden("error FF")
        assert (await at.ask(golden("installation state")))[5:8] == b"001"
        at.pad.mount()
        assert await at.ask(golden("keypad off")) == golden("error DD")
        assert await at.rtn(Command(Opcode.CLEAR_INSTALLATION_FLAG)) == Opcode.CLEAR_INSTALLATION_FLAG.success
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert await at.ask(golden("installation state")) == golden("installed")


async def test_a_low_battery_stops_the_use_of_keys() -> None:
    async with host() as at:
        await at.authenticate()
        at.pad.battery(BatteryState.LOW)
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.BATTERY_LOW
        at.pad.battery(BatteryState.GOOD)
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")


async def test_an_empty_battery_loses_the_keys_with_the_power() -> None:
    async with host() as at:
        await at.authenticate()
        at.pad.battery(BatteryState.EMPTY)
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("error E0")
        assert await at.ask(golden("random, UID as input")) == golden("error E0")
        assert at.pad.snapshot()["keys"] != ""
        at.pad.power_cut()
        assert at.pad.snapshot()["keys"] == ""
        assert at.pad.snapshot()["state"] == "battery empty"


async def test_lost_keys_are_no_tampering() -> None:
    async with host() as at:
        await at.authenticate()
        at.pad.lose_keys(0x31)
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.TAG_OR_NO_KEY
        assert at.pad.snapshot()["keys"] == "20 TMK, 30 PIN, 32 DATA, 20 SM4"
        at.pad.lose_keys()
        assert at.pad.snapshot()["keys"] == ""


async def test_the_faults_of_the_catalogue_strike() -> None:
    async with host() as at:
        lost = at.pad.ailments()["C24"]
        lost.happen(**lost.checked({"slot": 0x30}))
        assert at.pad.snapshot()["keys"] == "20 TMK, 31 MAC, 32 DATA, 20 SM4"
        lost.happen(**lost.checked({}))
        assert (at.pad.snapshot()["keys"], at.pad.snapshot()["state"]) == ("", "ready")
        tampered = at.pad.ailments()["C23"]
        tampered.happen(**tampered.checked({}))
        assert await at.ask(golden("fill FF")) == golden("error DD")
        tampered.happen(**tampered.checked({"lifted": True}))
        assert await at.ask(golden("fill FF")) == golden("error FF")
        assert tampered.mend is not None
        tampered.mend()
        assert await at.ask(golden("fill FF")) == golden("error DD")


async def test_an_answer_may_come_late_and_the_next_one_after_it() -> None:
    async with host() as at:
        at.pad.answer_late(Opcode.CONTROL, 5)
        assert await at.ask(golden("fill FF")) == b""
        assert await at.ask(golden("installation state")) == b""
        assert await at.hear(5) == golden("control done") + golden("installed")


async def test_a_power_cut_ends_what_was_to_be_answered() -> None:
    async with host() as at:
        at.pad.answer_late(Opcode.CONTROL, 5)
        await at.ask(golden("fill FF"))
        at.pad.power_cut()
        assert await at.hear(10) == b""


@pytest.mark.parametrize("rtn", Rtn)
async def test_every_error_can_be_had_on_any_command(rtn: Rtn) -> None:
    async with host() as at:
        at.pad.fail_next(Opcode.INFORMATION, rtn)
        assert await at.rtn(golden("information")) == rtn


async def test_a_pad_without_power_says_nothing() -> None:
    async with host() as at:
        at.pad.power_off()
        assert await at.ask(golden("information")) == b""
        assert at.pad.snapshot()["state"] == "no power"


# --- secrets


@pytest.mark.req("S1-43", "S1-67")
async def test_no_pin_and_no_key_leaves_the_pad_on_the_line_or_in_words() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("load PIN key 30 under 20"))
        await typed(at, "start PIN, enter, backspace", *"839174")
        while_typing = f"{at.pad!r} {at.pad.snapshot()} {vars(at.pad)}"
        at.press("enter")
        await at.hear()
        await at.ask(golden("PIN block, dialect JC"))
        said = f"{while_typing} {at.pad!r} {at.pad.snapshot()} {vars(at.pad)}"
        for secret in ("839174", "123456789012", KEY.hex(), PIN_KEY.hex(), str(KEY), str(PIN_KEY), UID_11.hex()):
            assert secret.lower() not in said.lower()
            assert secret.lower() not in at.wire.hex().lower()
            assert secret.upper().encode() not in at.wire
        assert b"839174".hex() not in at.wire.hex()
