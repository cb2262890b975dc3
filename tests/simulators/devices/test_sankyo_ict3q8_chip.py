"""SAMs, memory cards, and chips that fail."""

from collections.abc import AsyncIterator

import pytest

from protocol.sankyo_ict3q8 import NegativeReply
from protocol.sankyo_ict3q8_codes import ErrorCode
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options
from simulators.world.cards import MemoryChip, VirtualCard, issue
from simulators.world.chip import ATR_T0
from simulators.world.people import person
from tests.simulators.devices.sankyo_bench import Bench, bench, bench_with, unready

__all__ = ["bench", "unready"]


@pytest.fixture
async def with_sams() -> AsyncIterator[Bench]:
    bench, serving = bench_with(SankyoIct3q8Options(sams=2))
    await bench.good("C0432400001011")
    yield bench
    serving.cancel()


async def test_a_sam_is_reset_spoken_to_and_switched_off_without_a_card(with_sams: Bench) -> None:
    assert (await with_sams.good("CIB")).data == b"\x40\x30"
    assert (await with_sams.good("CI@")).data == ATR_T0
    assert (await with_sams.good("CIB")).data == b"\x45\x30"
    reply = await with_sams.good("CIC", bytes.fromhex("0084000008"))
    assert (reply.pm, reply.data) == ("C", bytes.fromhex("6985"))
    assert (await with_sams.good("CII", bytes.fromhex("0084000008"))).pm == "D"
    assert (await with_sams.good("CIH")).data == ATR_T0
    await with_sams.good("CIA")
    assert await with_sams.refusal("CII", bytes(5)) == ErrorCode.CHIP_NOT_ACTIVE


async def test_every_socket_has_its_own_power(with_sams: Bench) -> None:
    await with_sams.good("CI@")
    await with_sams.good("CIP1")
    assert (await with_sams.good("CIB")).data == b"\x40\x31"
    await with_sams.good("CIP2")
    assert await with_sams.refusal("CI@") == ErrorCode.NO_ATR
    assert await with_sams.refusal("CIP5") == ErrorCode.BAD_DATA
    await with_sams.good("CIP0")
    assert (await with_sams.good("CIB")).data == b"\x45\x30"
    await with_sams.good("C0432400001011")
    assert (await with_sams.good("CIB")).data == b"\x40\x30"


async def test_a_memory_card_is_read_and_written_within_its_pages(bench: Bench) -> None:
    card = VirtualCard("memory", memory=MemoryChip())
    await bench.insert(card)
    assert await bench.refusal("CU001") == ErrorCode.NOT_EXECUTABLE
    await bench.good("C@0")
    await bench.good("CU001")
    assert (await bench.good("CU2")).data == b"\x41"
    assert (await bench.good("CU3", bytes.fromhex("00D0001003112233"))).data == b"\x90\x00"
    assert (await bench.good("CU3", bytes.fromhex("00B0001003"))).data == bytes.fromhex("1122339000")
    assert (await bench.good("CU3", bytes.fromhex("00B0000E04"))).data == bytes.fromhex("6700")
    assert (await bench.good("CU3", bytes.fromhex("00B0010004"))).data == bytes.fromhex("6B00")
    assert await bench.refusal("CU3", bytes(5)) == ErrorCode.BAD_DATA
    await bench.good("CU1")
    assert await bench.refusal("CU3", bytes.fromhex("00B0000001")) == ErrorCode.CHIP_NOT_ACTIVE
    assert card.memory is not None
    assert card.memory.content[0x10:0x13] == bytes.fromhex("112233")


async def test_a_chip_card_has_no_memory_to_power(bench: Bench) -> None:
    await bench.insert_to_contact()
    assert await bench.refusal("CU001") == ErrorCode.NO_ATR


@pytest.mark.parametrize(
    ("error", "still_on"),
    [(ErrorCode.CHIP_TIMEOUT, False), (ErrorCode.CHIP_PROTOCOL, False), (ErrorCode.CHIP_PROTOCOL_MISMATCH, True)],
)
async def test_an_exchange_fails_as_told_and_mostly_costs_the_power(
    bench: Bench, error: ErrorCode, still_on: bool
) -> None:
    await bench.insert_to_contact()
    await bench.good("CI0")
    bench.reader.fail_chip_next(error)
    assert await bench.refusal("CI9", bytes(5)) == error
    assert (await bench.good("CI2")).data == (b"\x45" if still_on else b"\x40")


async def test_a_chip_that_aborts_is_without_power(bench: Bench) -> None:
    await bench.insert_to_contact()
    await bench.good("CI0")
    bench.reader.abort_chip_next()
    assert (await bench.good("CI9", bytes(5))).pm == "?"
    assert (await bench.good("CI2")).data == b"\x40"


async def test_a_mute_chip_and_a_broken_contact_leave_the_stripe(bench: Bench) -> None:
    card = await bench.insert()
    bench.reader.break_contact(True)
    reply = await bench.ask("C@0")
    assert isinstance(reply, NegativeReply)
    assert reply.error == ErrorCode.CHIP_POSITION
    bench.reader.break_contact(False)
    bench.reader.mute_chip(True)
    await bench.good("C@0")
    assert await bench.refusal("CI0") == ErrorCode.NO_ATR
    assert (await bench.good("C62")).data == card.tracks[2].encode()


async def test_at_three_volts_the_status_says_so(bench: Bench) -> None:
    await bench.insert_to_contact()
    await bench.good("CI05")
    assert (await bench.good("CI2")).data == b"\x47"


async def test_a_magnetic_only_unit_has_no_contact() -> None:
    bench, serving = bench_with(SankyoIct3q8Options(chip_station=False))
    await bench.good("C0432400001011")
    await bench.insert(issue(person("jia")))
    assert [await bench.refusal(text) for text in ("C@0", "CI0", "CU2")] == [ErrorCode.OPTION_ABSENT] * 3
    serving.cancel()
