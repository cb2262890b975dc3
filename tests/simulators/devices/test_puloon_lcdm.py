"""The simulated dispensers against golden bytes, without any driver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from simulators.devices.note_faults import Upset
from simulators.devices.puloon_lcdm import (
    PuloonLcdm2000,
    PuloonLcdm2000Options,
    PuloonLcdm4000,
    PuloonLcdm4000Options,
    ResetReply,
)
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"


def golden(name: str) -> bytes:
    return vector("puloon_lcdm", name)


class Host:
    """Somebody at the other end of the line who types bytes."""

    def __init__(self, line: MemoryEnd, device: PuloonLcdm2000 | PuloonLcdm4000, custody: Custody[Note]) -> None:
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

    async def say(self, data: bytes, quiet: float = 15.0) -> bytes:
        await self.line.send(data)
        return await self.heard(quiet)


@asynccontextmanager
async def host_of(options: PuloonLcdm2000Options | PuloonLcdm4000Options, notes: int = 100) -> AsyncIterator[Host]:
    custody: Custody[Note] = Custody()
    device: PuloonLcdm2000 | PuloonLcdm4000
    if isinstance(options, PuloonLcdm2000Options):
        device = PuloonLcdm2000(scene=Scene(), custody=custody, options=options)
    else:
        device = PuloonLcdm4000(scene=Scene(), custody=custody, options=options)
    for position in device.path.positions:
        custody.put(f"dispenser/cassette{position}", new_notes(100, notes, f"C{position}-"))
    near, far = memory_line(9600)
    serving = asyncio.ensure_future(device.serve(far))
    yield Host(near, device, custody)
    custody.check()
    near.close()
    await serving


TWO, FOUR = PuloonLcdm2000Options(), PuloonLcdm4000Options()


@pytest.mark.parametrize(
    ("options", "request_name", "reply_name"),
    [
        (TWO, "2000: STATUS", "2000: STATUS reply, idle"),
        (TWO, "2000: PURGE", "2000: PURGE reply"),
        (TWO, "2000: ROM VERSION", "2000: ROM VERSION reply T30T"),
        (PuloonLcdm2000Options(version="20", checksum="5624"), "2000: ROM VERSION", "2000: ROM VERSION reply T20T"),
        (TWO, "2000: DISPENSE upper 1", "2000: DISPENSE upper 1 reply"),
        (TWO, "2000: DISPENSE lower 12", "2000: DISPENSE lower 12 reply"),
        (TWO, "2000: TEST upper", "2000: TEST upper reply"),
        (FOUR, "4000: STATUS", "4000: STATUS reply, four cassettes"),
        (FOUR, "4000: PURGE", "4000: PURGE reply"),
        (FOUR, "4000: DISPENSE 1, 2, 3, 4", "4000: DISPENSE 1, 2, 3, 4 reply"),
        (PuloonLcdm4000Options(length=198), "4000: GET LENGTHS", "4000: GET LENGTHS reply, all 156 mm"),
        (FOUR, "4000: SET ORDER 4 3 2 1", "4000: SET ORDER reply"),
        (FOUR, "4000: GET ORDER", "4000: GET ORDER reply 1 2 3 4"),
        (
            PuloonLcdm4000Options(opacity=64, length=198),
            "4000: SENSOR DIAGNOSTICS of cassette 1",
            "4000: SENSOR DIAGNOSTICS reply",
        ),
    ],
    ids=str,
)
async def test_golden_commands_get_golden_answers(
    options: PuloonLcdm2000Options | PuloonLcdm4000Options, request_name: str, reply_name: str
) -> None:
    async with host_of(options) as host:
        assert await host.say(golden(request_name)) == ACK + golden(reply_name)
        assert await host.say(ACK) == (EOT if isinstance(options, PuloonLcdm4000Options) else b"")


async def test_a_good_dispense_shows_in_status_and_last_status() -> None:
    async with host_of(TWO) as host:
        await host.say(golden("2000: DISPENSE upper 1"))
        await host.say(ACK)
        assert await host.say(golden("2000: STATUS")) == ACK + golden("2000: STATUS reply after a good dispense")
    async with host_of(FOUR) as host:
        await host.say(golden("4000: DISPENSE 1, 2, 3, 4"))
        await host.say(ACK)
        assert await host.say(golden("4000: LAST STATUS")) == ACK + golden("4000: LAST STATUS reply")


async def test_notes_that_wait_cover_the_exit_sensor_if_it_sees_them() -> None:
    async with host_of(PuloonLcdm2000Options(exit_sensor_sees_notes=True)) as host:
        await host.say(golden("2000: DISPENSE upper 1"))
        await host.say(ACK)
        assert await host.say(golden("2000: STATUS")) == ACK + bytes.fromhex("01 50 02 46 30 31 A0 80 03 37")
        await host.say(ACK)
        host.device.take_notes()
        assert await host.say(golden("2000: STATUS")) == ACK + golden("2000: STATUS reply after a good dispense")


async def test_a_bill_end_sends_the_golden_partial_counts() -> None:
    async with host_of(TWO, notes=8) as host:
        host.device.upset(Upset.REJECT, cassette=1)
        reply = await host.say(golden("2000: DISPENSE upper 10"))
        assert reply == ACK + golden("2000: DISPENSE upper reply, bill-end after 7 of 10")
        assert host.custody.number("dispenser/exit") == 7
        assert host.custody.number("dispenser/reject") == 1


async def test_a_pulled_cassette_shows_in_the_golden_status() -> None:
    async with host_of(TWO) as host:
        host.device.remove_cassette(1)
        await host.say(golden("2000: DISPENSE upper 1"))
        await host.say(ACK)
        assert await host.say(golden("2000: STATUS")) == ACK + golden("2000: STATUS reply, upper cassette absent")
        await host.say(ACK)
        host.device.insert_cassette(1)
        assert await host.say(golden("2000: DISPENSE upper 1")) == ACK + golden("2000: DISPENSE upper 1 reply")


# The handshake


async def test_an_answer_is_sent_three_times_at_most() -> None:
    reply = golden("2000: STATUS reply, idle")
    async with host_of(TWO) as host:
        assert await host.say(golden("2000: STATUS")) == ACK + reply
        assert [await host.say(NAK) for _ in range(3)] == [reply, reply, b""]


@pytest.mark.parametrize("instead", [b"\xff", b"\x00", b"\x15"])
async def test_whatever_is_not_ack_counts_as_nak(instead: bytes) -> None:
    async with host_of(TWO) as host:
        await host.say(golden("2000: STATUS"))
        assert await host.say(instead) == golden("2000: STATUS reply, idle")


async def test_an_answer_that_nobody_acknowledges_is_sent_again_by_itself() -> None:
    async with host_of(TWO) as host:
        reply = golden("2000: STATUS reply, idle")
        assert await host.say(golden("2000: STATUS"), quiet=100) == ACK + reply * 3


async def test_a_new_command_instead_of_ack_is_obeyed() -> None:
    async with host_of(FOUR) as host:
        await host.say(golden("4000: STATUS"))
        assert await host.say(golden("4000: GET ORDER")) == ACK + golden("4000: GET ORDER reply 1 2 3 4")


async def test_a_damaged_command_gets_nak_and_half_a_command_gets_nothing() -> None:
    command = golden("2000: DISPENSE upper 1")
    async with host_of(TWO) as host:
        assert await host.say(command[:-1] + b"\x00") == NAK
        assert await host.say(command[:5]) == b""
        assert await host.say(golden("2000: STATUS")) == ACK + golden("2000: STATUS reply, idle")
        assert host.device.dispense_frames == 0


async def test_an_unknown_command_is_named_undefined_or_abnormal() -> None:
    async with host_of(TWO) as host:
        unknown = lcdm2000.encode(lcdm2000.UnknownRequest(0x48, b""))
        assert await host.say(unknown) == ACK + golden("2000: unknown command reply")
    async with host_of(FOUR) as host:
        unknown = lcdm4000.encode(lcdm4000.UnknownRequest(0x71, b"\x30\x20\x20\x20"))
        refused = lcdm4000.PlainReply(0x71, lcdm4000.ErrorCode.ABNORMAL_COMMAND)
        assert await host.say(unknown) == ACK + lcdm4000.encode(refused)


async def test_while_notes_move_the_device_hears_nothing() -> None:
    async with host_of(TWO) as host:
        await host.line.send(golden("2000: DISPENSE lower 12"))
        assert await host.heard(quiet=1) == ACK
        assert await host.say(golden("2000: DISPENSE lower 12")) == golden("2000: DISPENSE lower 12 reply")
        assert await host.say(ACK) == b""
        assert host.custody.number("dispenser/exit") == 12


async def test_reset_of_silent_firmware_gets_not_even_an_ack() -> None:
    async with host_of(FOUR) as host:
        assert await host.say(golden("4000: RESET")) == b""
        assert await host.say(golden("4000: GET ORDER")) == ACK + golden("4000: GET ORDER reply 1 2 3 4")


async def test_reset_is_over_before_a_host_gives_up_asking() -> None:
    async with host_of(FOUR) as host:
        await host.line.send(golden("4000: RESET"))
        answers = [await host.say(golden("4000: GET ORDER"), quiet=0.55) for _ in range(3)]
        assert answers == [b"", b"", ACK + golden("4000: GET ORDER reply 1 2 3 4")]


async def test_reset_of_other_firmware_gets_two_answers() -> None:
    async with host_of(PuloonLcdm4000Options(reset_reply=ResetReply.DOUBLE)) as host:
        reply = golden("4000: RESET reply")
        assert await host.say(golden("4000: RESET")) == ACK + reply
        assert await host.say(ACK) == EOT + reply
        assert await host.say(ACK) == EOT


# What a host may ask of the 4000


async def test_a_short_dispense_request_is_obeyed_and_its_serial_kept() -> None:
    async with host_of(PuloonLcdm4000Options(numbered_dispense=True)) as host:
        short = golden("4000: DISPENSE 3, short form with serial 6")
        assert (await host.say(short))[5] == lcdm4000.ErrorCode.GOOD
        await host.say(ACK)
        assert await host.say(golden("4000: GET SERIAL")) == ACK + lcdm4000.encode(lcdm4000.SerialReply(0x20, 6))
        await host.say(ACK)
        assert (await host.say(short))[5] == lcdm4000.ErrorCode.ABNORMAL_PARAMETER
        await host.say(ACK)
        last = lcdm4000.device_decoder().feed((await host.say(golden("4000: LAST STATUS")))[1:])[0]
        assert isinstance(last, lcdm4000.LastStatusReply)
        assert (last.error, last.cassettes[0].exited) == (lcdm4000.ErrorCode.GOOD, 3), (
            "a refused repetition hides nothing"
        )
        assert host.custody.number("dispenser/exit") == 3


async def test_the_order_of_dispensing_decides_what_is_out_before_a_shortage() -> None:
    async with host_of(FOUR, notes=2) as host:
        await host.say(golden("4000: SET ORDER 4 3 2 1"))
        await host.say(ACK)
        reply = lcdm4000.device_decoder().feed((await host.say(golden("4000: DISPENSE 1, 2, 3, 4")))[1:])[0]
        assert isinstance(reply, lcdm4000.NotesReply)
        assert [cassette.exited for cassette in reply.cassettes] == [0, 0, 0, 2]


async def test_an_order_that_names_a_cassette_twice_is_not_kept() -> None:
    async with host_of(FOUR) as host:
        twice = lcdm4000.encode(lcdm4000.OrderRequest((1, 1, 2, 3)))
        assert (await host.say(twice))[5] == lcdm4000.ErrorCode.ABNORMAL_PARAMETER
        await host.say(ACK)
        assert await host.say(golden("4000: GET ORDER")) == ACK + golden("4000: GET ORDER reply 1 2 3 4")


@pytest.mark.parametrize(
    "frame",
    [
        "04 30 02 5C 30 31 32 33 03 69",
        "04 30 02 5C 35 34 33 32 03 69",
        "04 30 02 58 30 03 5D",
        "04 30 02 58 35 03 58",
    ],
)
async def test_a_cassette_that_no_device_has_is_an_abnormal_parameter(frame: str) -> None:
    async with host_of(FOUR) as host:
        reply = await host.say(bytes.fromhex(frame))
        assert (reply[:1], reply[4:6]) == (ACK, bytes.fromhex(frame)[3:4] + b"\x51")
        assert host.custody.number("dispenser/reject") == 0


async def test_diagnostics_of_a_cassette_that_is_out_moves_nothing() -> None:
    async with host_of(FOUR) as host:
        host.device.remove_cassette(1)
        reply = await host.say(golden("4000: SENSOR DIAGNOSTICS of cassette 1"))
        assert reply == ACK + bytes.fromhex("01 30 02 58 44 20 20 20 20 03 2C")


async def test_the_largest_settings_do_not_silence_status() -> None:
    async with host_of(FOUR) as host:
        await host.say(bytes.fromhex("04 30 02 5E 3F 3F 30 30 30 30 30 30 03 6B"))
        await host.say(ACK)
        assert (await host.say(golden("4000: GET LENGTHS")))[6:8] == b"\x3f\x3f"
        await host.say(ACK)
        status = await host.say(golden("4000: STATUS"))
        assert (len(status), status[10]) == (25, 0xFF)


async def test_a_setting_of_zero_keeps_the_old_value_even_over_a_power_cut() -> None:
    async with host_of(FOUR) as host:
        await host.say(golden("4000: SET LENGTHS, cassette 1 to 156 mm"))
        await host.say(ACK)
        host.device.power_off()
        assert await host.say(golden("4000: GET LENGTHS")) == b""
        host.device.power_on()
        reply = lcdm4000.SettingsReply(lcdm4000.Command.GET_LENGTHS, 0x20, (198, 0x50, 0x50, 0x50))
        assert await host.say(golden("4000: GET LENGTHS")) == ACK + lcdm4000.encode(reply)


@pytest.mark.parametrize(
    ("options", "prepare", "error"),
    [
        (FOUR, PuloonLcdm4000.remove_reject_tray, lcdm4000.ErrorCode.NO_REJECT_TRAY),
        (FOUR, lambda device: device.remove_cassette(3), lcdm4000.ErrorCode.REQUESTED_CASSETTE_ABSENT),
        (
            PuloonLcdm4000Options(near_end_refuses=True, near_end=100),
            lambda device: None,
            lcdm4000.ErrorCode.REQUESTED_CASSETTE_NEAR_END,
        ),
        (PuloonLcdm4000Options(cassettes=2), lambda device: None, lcdm4000.ErrorCode.REQUESTED_CASSETTE_ABSENT),
    ],
)
async def test_what_is_wrong_beforehand_moves_nothing(
    options: PuloonLcdm4000Options, prepare: object, error: lcdm4000.ErrorCode
) -> None:
    async with host_of(options) as host:
        assert callable(prepare)
        prepare(host.device)
        reply = await host.say(golden("4000: DISPENSE 1, 2, 3, 4"))
        assert reply[5] == error
        assert host.device.notes_at_exit == ()


async def test_more_than_ten_rejects_end_a_dispense() -> None:
    async with host_of(FOUR) as host:
        for pick in range(1, 12):
            host.device.upset(Upset.REJECT, cassette=1, pick=pick)
        reply = await host.say(golden("4000: DISPENSE 1, 2, 3, 4"), quiet=30)
        assert reply[5] == lcdm4000.ErrorCode.TOO_MANY_REJECTS
        assert host.custody.number("dispenser/reject") == 11


async def test_more_than_a_hundred_notes_are_too_many_rejects_included() -> None:
    async with host_of(FOUR) as host:
        hundred = "04 30 02 52 53 51 20 20 20 20 20 20 20 20 20 20 20 20 20 03 45"
        above = "04 30 02 52 53 52 20 20 20 20 20 20 20 20 20 20 20 20 20 03 46"
        assert (await host.say(bytes.fromhex(above)))[5] == 0x2C
        await host.say(ACK)
        assert host.device.notes_at_exit == ()
        host.device.upset(Upset.REJECT, cassette=1)
        reply = await host.say(bytes.fromhex(hundred), quiet=60)
        assert (reply[5], reply[7], reply[8], reply[10]) == (0x2C, 0x20 + 51, 0x21, 0x20 + 48)
        assert len(host.device.notes_at_exit) == 99


async def test_counts_beyond_two_digits_do_not_silence_the_2000() -> None:
    async with host_of(PuloonLcdm2000Options(reject_limit=99)) as host:
        for pick in range(1, 51):
            host.device.upset(Upset.REJECT, cassette=1, pick=pick)
        reply = await host.say(bytes.fromhex("04 50 02 45 36 30 03 16"), quiet=60)
        assert reply[5:9] == b"9950"


async def test_more_than_sixty_notes_are_a_note_request_error() -> None:
    async with host_of(TWO) as host:
        for number in (61, 0):
            request = lcdm2000.Request(lcdm2000.Command.DISPENSE_UPPER, (number,))
            assert (await host.say(lcdm2000.encode(request)))[9] == lcdm2000.ErrorCode.NOTE_REQUEST_ERROR
            await host.say(ACK)
        assert host.device.notes_at_exit == ()


# Where notes are


async def test_a_power_cut_leaves_every_note_where_it_was() -> None:
    async with host_of(FOUR) as host:
        asyncio.get_running_loop().call_later(1.7, host.device.power_off)
        assert await host.say(golden("4000: DISPENSE 1, 2, 3, 4")) == ACK
        out, on_path = host.custody.number("dispenser/exit"), host.custody.number("dispenser/path")
        assert (out, on_path) == (5, 1)
        host.device.power_on()
        assert (await host.say(golden("4000: DISPENSE 1, 2, 3, 4")))[5] == (
            lcdm4000.ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP
        )


async def test_purge_brings_the_path_to_the_tray_and_the_throat_to_the_customer() -> None:
    async with host_of(FOUR) as host:
        host.device.upset(Upset.JAM_AT_EXIT, cassette=2)
        assert (await host.say(golden("4000: DISPENSE 1, 2, 3, 4")))[5] == lcdm4000.ErrorCode.JAM_EJT_TO_EXIT
        await host.say(ACK)
        reply = lcdm4000.device_decoder().feed((await host.say(golden("4000: PURGE")))[1:])[0]
        assert isinstance(reply, lcdm4000.NotesReply)
        assert [cassette.exited for cassette in reply.cassettes] == [0, 1, 0, 0]
        assert host.custody.number("dispenser/exit") == 2


async def test_purge_fails_while_notes_on_the_path_have_no_tray_to_go_to() -> None:
    for options, dispense, purge, failed in (
        (TWO, "2000: DISPENSE upper 1", "2000: PURGE", bytes.fromhex("01 50 02 44 4E 03 5A")),
        (FOUR, "4000: DISPENSE 1, 2, 3, 4", "4000: PURGE", bytes.fromhex("01 30 02 51 2E")),
    ):
        async with host_of(options) as host:
            host.device.upset(Upset.JAM_IN_PATH, cassette=1)
            await host.say(golden(dispense))
            await host.say(ACK)
            host.device.remove_reject_tray()
            assert (await host.say(golden(purge))).startswith(ACK + failed)
            await host.say(ACK)
            assert host.custody.number("dispenser/path") == 1
            host.device.insert_reject_tray()
            await host.say(golden(purge))
            assert host.custody.number("dispenser/reject") == 1


async def test_a_line_that_is_opened_anew_meets_the_same_dispenser() -> None:
    async with host_of(FOUR) as host:
        await host.line.send(golden("4000: DISPENSE 1, 2, 3, 4"))
        await asyncio.sleep(1)
        host.line.close()
        near, far = memory_line(9600)
        again = asyncio.ensure_future(host.device.serve(far))
        second = Host(near, host.device, host.custody)
        assert await second.say(golden("4000: LAST STATUS")) == b"", "notes still move"
        assert await second.say(golden("4000: LAST STATUS")) == ACK + golden("4000: LAST STATUS reply")
        near.close()
        await again


async def test_what_a_person_sees_and_does() -> None:
    scene = Scene()
    custody: Custody[Note] = Custody()
    device = PuloonLcdm2000(scene=scene, custody=custody)
    custody.put("depot", new_notes(100, 3, "D"))
    device.refill(1, custody.at("depot"))
    near, far = memory_line()
    serving = asyncio.ensure_future(device.serve(far))
    await near.send(lcdm2000.encode(lcdm2000.Request(lcdm2000.Command.DISPENSE_UPPER, (3,))))
    first = await scene.until(lambda: device.notes_at_exit or None)
    assert len(first) == 1
    await scene.until(lambda: len(device.notes_at_exit) == 3)
    assert len(device.take_notes(2)) == 2
    assert device.snapshot() == {
        "power": "on",
        "cassette 1": "0 notes",
        "cassette 2": "0 notes",
        "path": "clear",
        "exit": "1 notes",
        "reject tray": "0 notes",
        "last error": "normal stop",
    }
    assert custody.count("customer") == {100: 2}
    near.close()
    await serving
