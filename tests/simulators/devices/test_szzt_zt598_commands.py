"""Information, controls and what the firmware does not know."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from protocol.szzt_zt598 import SZZT_ZT598, Command, Information, Reply
from protocol.szzt_zt598_commands import crypt
from protocol.szzt_zt598_tables import (
    CryptMode,
    HexMode,
    LengthCoding,
    Opcode,
    PinDialect,
    ProofForm,
    Rtn,
    SpeedCodes,
)
from simulators.devices.szzt_zt598 import BatteryState, SzztZt598, SzztZt598Options
from simulators.devices.szzt_zt598_options import CommandSet, UnknownCommand
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
        assert b"04001>??040<33300:00" in record
        await at.ask(golden("true hex"))
        assert b"04001EFF040C33370A00" in await at.ask(golden("information"))


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


@pytest.mark.parametrize("code", [0x46, 0x47, 0x48, 0x4F, 0x50, 0x66, 0x80, 0x86])
async def test_rsa_and_sm2_commands_are_not_known(code: int) -> None:
    async with host() as at:
        assert await at.rtn(Command(code, b"1")) == Rtn.PARAMETER


async def test_random_bytes_come_without_a_key() -> None:
    async with host() as at:
        assert await at.ask(golden("random of 8 bytes")) == golden("8 random bytes")
        assert await at.rtn(Command(Opcode.RANDOM, b"1")) == Rtn.PARAMETER


@pytest.mark.parametrize(("codes", "speed"), [(SpeedCodes.SENT, "7"), (SpeedCodes.TABLE, "0")])
async def test_the_pad_notes_the_speed_it_was_told(codes: SpeedCodes, speed: str) -> None:
    async with host(options=SzztZt598Options(speed_codes=codes)) as at:
        assert await at.ask(golden("speed 115200")) == golden("control done")
        record = Information.decode((await at.ask(golden("information")))[5:-3])
        assert chr(record.settings.speed) == speed


@pytest.mark.parametrize("control", [b"600", b"A20", b"B23", b"D32", b"011", b"700"])
async def test_a_control_without_meaning_is_refused(control: bytes) -> None:
    async with host() as at:
        assert await at.rtn(Command(Opcode.CONTROL, control)) == Rtn.PARAMETER


NEWER = ("pad id", "random of 8 bytes", "installation state", "clear installation flag", "SM chip version")


@pytest.mark.parametrize("name", NEWER)
async def test_an_older_firmware_refuses_the_newer_commands_or_keeps_silent(name: str) -> None:
    async with host(options=SzztZt598Options(commands=CommandSet.BASE)) as at:
        assert await at.ask(golden(name)) == golden("error EB")
    silent = SzztZt598Options(commands=CommandSet.BASE, unknown_commands=UnknownCommand.SILENT)
    async with host(options=silent) as at:
        assert await at.ask(golden(name)) == b""
        assert await at.ask(golden("fill FF")) == golden("control done")


@pytest.mark.parametrize("name", ["SM chip version", "SM4 delete all", "SM4 MAC, slot 20", "SM4 PIN block, slot 20"])
async def test_a_pad_without_sm_chip_says_so(name: str) -> None:
    async with host(options=SzztZt598Options(sm_chip=False)) as at:
        await at.authenticate()
        assert await at.ask(golden(name)) == golden("error DE")


@pytest.mark.parametrize("counted", [False, True])
async def test_a_long_reply_has_one_of_two_lengths(counted: bool) -> None:
    async with host(options=SzztZt598Options(long_replies_counted=counted), baud=None) as at:
        await at.authenticate()
        heard = await at.ask(crypt(0x32, CryptMode.ECB_ENCRYPT, bytes(512)))
        assert heard[1:8].startswith(b"0001025" if counted else b"000i")
        (reply,) = SZZT_ZT598.from_device().feed(heard)
        assert isinstance(reply, Reply)
        assert reply.data == b"08D7B4FB629D0885" * 64


async def test_a_wipe_brings_back_what_left_the_factory() -> None:
    async with host() as at:
        await at.ask(golden("SM4 keys may be equal"))
        await at.ask(golden("beep off"))
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert Information.decode((await at.ask(golden("information")))[5:-3]).settings.sound
        for slot in (b"01", b"02"):
            rtn = await at.rtn(Command(Opcode.SM4_LOAD_CLEAR_KEY, slot + b"0" * 32))
        assert rtn == Rtn.SM4_KEY_VALUE


@pytest.mark.parametrize("wrong", [{"kcv_length": 9}, {"speed": 300}, {"dialects": ()}])
def test_options_that_can_not_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"300|1 to 8|PIN dialect"):
        SzztZt598Options(**wrong)


def test_a_bench_file_may_name_every_option() -> None:
    known = TypeAdapter(SzztZt598Options).validate_python(
        {"dialects": ["R"], "proof": "D_UID(X)", "commands": "base", "battery": "low", "speed_codes": "48-4F"}
    )
    assert known == SzztZt598Options(
        dialects=(PinDialect.R,),
        proof=ProofForm.DECRYPTED,
        commands=CommandSet.BASE,
        battery=BatteryState.LOW,
        speed_codes=SpeedCodes.TABLE,
    )


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
    options = SzztZt598Options(speed=115200)
    pad = SzztZt598(scene=Scene(), entropy=lambda size: RANDOM[:size], keys=KEYS, uid=UID_11, options=options)
    first = asyncio.create_task(pad.serve(device))
    await asyncio.sleep(0.1)
    terminal.close()
    await first
    pad.press("1")
    terminal, device = memory_line()
    second = asyncio.create_task(pad.serve(device))
    assert await Host(pad, terminal).ask(golden("information")) == golden("information record")
    second.cancel()
