"""Information, controls and what the firmware does not know."""

import asyncio
from collections.abc import Callable

import pytest

from protocol.szzt_zt598 import Command, Information
from protocol.szzt_zt598_tables import (
    HexMode,
    LengthCoding,
    Opcode,
    Rtn,
)
from simulators.devices.szzt_zt598 import SzztZt598, SzztZt598Options
from simulators.world.line import memory_line
from simulators.world.scene import Scene
from tests.simulators.devices.szzt_zt598_host import (
    KEYS,
    RANDOM,
    UID_11,
    Host,
    golden,
    host,
)


async def test_a_commissioned_pad_tells_about_itself() -> None:
    async with host() as at:
        assert await at.ask(golden("information")) == golden("information record")
        assert await at.ask(golden("pad id")) == golden("pad id, nothing loaded")
        assert await at.ask(golden("installation state")) == golden("installed")


@pytest.mark.parametrize(
    "name",
    [
        "reset",
        "wipe",
        "keypad off",
        "clear entry on",
        "beep off",
        "beep on",
        "one beep",
        "PIN timeout 30 s",
        "PIN timeout maximum",
        "fill FF",
        "minimum 4",
        "maximum 6",
        "maximum 12 in BCD",
        "maximum 16 in binary",
        "true hex",
        "speed 115200",
        "beep 100 ms",
        "key hold 3 s",
        "clear key is backspace",
        "clear key clears all",
        "SM4 keys may be equal",
    ],
)
async def test_every_known_control_is_accepted(name: str) -> None:
    async with host() as at:
        assert await at.ask(golden(name)) == golden("control done")


@pytest.mark.parametrize(("coding", "expected"), [(LengthCoding.BCD, 10), (LengthCoding.BINARY, 16)])
async def test_pin_lengths_are_read_as_the_firmware_reads_them(coding: LengthCoding, expected: int) -> None:
    async with host(options=SzztZt598Options(lengths=coding)) as at:
        await at.ask(golden("maximum 16 in binary"))
        record = Information.decode((await at.ask(golden("information")))[5:-3])
        assert record.settings.maximum == expected


async def test_controls_and_key_map_stay_through_a_power_cut_and_go_with_a_wipe() -> None:
    async with host() as at:
        await at.ask(golden("minimum 4"))
        await at.ask(golden("maximum 6"))
        assert await at.ask(golden("key map, A to D on the left")) == golden("key map done")
        at.pad.power_off()
        at.pad.power_on()
        await asyncio.sleep(4)
        kept = Information.decode((await at.ask(golden("information")))[5:-3])
        assert (kept.settings.maximum, kept.key_map[7]) == (6, 0x08)
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        wiped = Information.decode((await at.ask(golden("information")))[5:-3])
        assert (wiped.settings.maximum, wiped.key_map[7]) == (12, 0)


async def test_broken_hexadecimal_is_spoken_until_the_host_asks_for_true() -> None:
    async with host(options=SzztZt598Options(hex_mode=HexMode.BROKEN)) as at:
        record = (await at.ask(golden("information")))[5:-3]
        assert b"041>?" not in record
        assert b"04001>??040<37300:00" in record
        await at.ask(golden("true hex"))
        assert b"04001EFF040C37370A00" in await at.ask(golden("information"))


async def test_user_information_is_written_and_read_back() -> None:
    async with host() as at:
        written = "kiosk 7".ljust(50).encode()
        assert await at.rtn(Command(Opcode.INFORMATION, written)) == Opcode.INFORMATION.success
        assert (await at.ask(golden("information")))[5:55] == written
        assert await at.rtn(Command(Opcode.INFORMATION, b"short")) == Rtn.COMMAND_LENGTH


async def test_the_pad_is_silent_after_a_reset_and_then_answers_what_was_asked_last() -> None:
    """Hosts that wait three or five seconds, and those that go on at once, find it ready."""
    async with host() as at:
        await at.ask(golden("reset"))
        assert await at.ask(golden("installation state")) == b""
        assert await at.ask(golden("information")) == b""
        assert await at.hear(2.5) == golden("information record")
        assert await at.ask(golden("information")) == golden("information record")


async def test_what_is_asked_in_the_silence_is_forgotten_without_power() -> None:
    async with host() as at:
        await at.ask(golden("reset"))
        await at.ask(golden("information"))
        at.pad.power_off()
        at.pad.power_on()
        assert await at.hear(5) == b""


@pytest.mark.parametrize("code", [0x46, 0x47, 0x48, 0x4A, 0x4F, 0x50, 0x66, 0x80, 0x86])
async def test_rsa_and_sm2_commands_are_not_known(code: int) -> None:
    async with host() as at:
        assert await at.rtn(Command(code, b"1")) == Rtn.PARAMETER


@pytest.mark.parametrize("spoil", [lambda frame: frame[:-1] + b"0", lambda frame: frame[:-3]])
async def test_a_damaged_command_is_not_answered(spoil: Callable[[bytes], bytes]) -> None:
    async with host() as at:
        assert await at.ask(spoil(golden("information"))) == b""
        assert await at.ask(golden("information")) == golden("information record")


async def test_a_command_of_wrong_length_is_refused() -> None:
    async with host() as at:
        assert await at.rtn(Command(Opcode.CONTROL, b"0")) == Rtn.COMMAND_LENGTH


async def test_the_pad_goes_on_when_the_host_opens_the_line_again() -> None:
    terminal, device = memory_line()
    pad = SzztZt598(scene=Scene(), entropy=lambda size: RANDOM[:size], keys=KEYS, uid=UID_11)
    first = asyncio.create_task(pad.serve(device))
    await asyncio.sleep(0.1)
    terminal.close()
    await first
    pad.press("1")
    terminal, device = memory_line()
    second = asyncio.create_task(pad.serve(device))
    assert await Host(pad, terminal).ask(golden("information")) == golden("information record")
    second.cancel()
