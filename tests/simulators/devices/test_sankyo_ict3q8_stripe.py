"""Stripes are written, verified and read again; a write changes the card."""

from collections.abc import AsyncIterator

import pytest

from protocol.sankyo_ict3q8 import NegativeReply, encode
from protocol.sankyo_ict3q8_codes import ErrorCode
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options, WriteOption
from simulators.world.cards import VirtualCard
from tests.simulators.devices.sankyo_bench import Bench, bench_with
from tests.vectors import vector

OLD, NEW = "6299991234567890122=3012", "6299990000000000000=4912"


@pytest.fixture(params=[WriteOption.LOW, WriteOption.HIGH])
async def writer(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    bench, serving = bench_with(SankyoIct3q8Options(write=request.param))
    await bench.good("C0432400001011")
    yield bench
    serving.cancel()


async def test_a_written_track_is_on_the_card_and_is_read_again(writer: Bench) -> None:
    card = await writer.insert(VirtualCard("blank", {2: OLD}))
    assert (await writer.good("C72" + NEW)).data == b"X00~P00~X00"
    assert card.tracks[2] == NEW
    assert (await writer.good("C6:")).data == NEW.encode()


async def test_all_filled_buffers_are_written_in_one_pass(writer: Bench) -> None:
    card = await writer.insert(VirtualCard("blank", {1: "OLD", 2: OLD, 3: "1"}))
    assert await writer.refusal("C79") == ErrorCode.NOT_EXECUTABLE
    for command in ("C76NEW", "C77" + NEW, "C78" + "5" * 104):
        await writer.good(command)
    assert encode(await writer.good("C79")) == vector("sankyo_ict3q8", "P7902P00~P00~P00")
    assert card.tracks == {1: "NEW", 2: NEW, 3: "5" * 104}


@pytest.mark.parametrize("loses", ["C66", "C30", "C0632400001011"])
async def test_write_buffers_are_lost_by_clearing_ejecting_and_initialising(writer: Bench, loses: str) -> None:
    await writer.insert(VirtualCard("blank", {2: OLD}))
    await writer.good("C77" + NEW)
    await writer.good(loses)
    assert await writer.refusal("C79") == ErrorCode.NOT_EXECUTABLE


async def test_a_worn_track_fails_alone(writer: Bench) -> None:
    card = await writer.insert(VirtualCard("worn", {1: "OLD", 2: OLD}, bad_tracks=frozenset({2})))
    await writer.good("C76NEW")
    await writer.good("C77" + NEW)
    reply = await writer.ask("C79")
    assert encode(reply) == vector("sankyo_ict3q8", "N7922P00~N20~X00")
    assert card.tracks == {1: "NEW", 2: OLD}


async def test_a_failed_write_leaves_the_card_as_it_was(writer: Bench) -> None:
    card = await writer.insert(VirtualCard("good", {2: OLD}))
    writer.reader.fail_next_write(2, ErrorCode.WRITE_QUALITY)
    reply = await writer.ask("C72" + NEW)
    assert isinstance(reply, NegativeReply)
    assert (reply.error, reply.data) == ("22", b"X00~N25~X00")
    assert card.tracks[2] == OLD


@pytest.mark.parametrize("text", ["C72", "C72" + "4" * 38, "C72ABC", "C71" + "x", "C79"])
async def test_what_does_not_fit_is_refused(writer: Bench, text: str) -> None:
    await writer.insert(VirtualCard("blank", {2: OLD}))
    assert await writer.refusal(text) in (ErrorCode.BAD_DATA, ErrorCode.NOT_EXECUTABLE)


async def test_the_strong_current_is_for_units_that_have_it() -> None:
    for option, refused in ((WriteOption.LOW, True), (WriteOption.HIGH, False)):
        bench, serving = bench_with(SankyoIct3q8Options(write=option))
        await bench.good("C0432400001011")
        card = await bench.insert(VirtualCard("hico", {2: OLD}, high_coercivity=True))
        assert isinstance(await bench.ask("C72" + NEW), NegativeReply)
        assert isinstance(await bench.ask("C7010"), NegativeReply) is refused
        assert isinstance(await bench.ask("C72" + NEW), NegativeReply) is refused
        assert card.tracks[2] == (OLD if refused else NEW)
        serving.cancel()


async def test_track_formats_last_until_initialize(writer: Bench) -> None:
    await writer.insert(VirtualCard("card", {2: OLD}))
    await writer.good("C7U3040")
    assert await writer.refusal("C6:") == ErrorCode.TRACK_BLANK
    assert await writer.refusal("C7U9240") == ErrorCode.BAD_DATA
    await writer.good("C0632400001011")
    assert (await writer.good("C6:")).data == OLD.encode()


async def test_a_write_start_adjustment_is_one_signed_byte(writer: Bench) -> None:
    await writer.good("C7R2J", b"\xff")
    assert await writer.refusal("C7R2") == ErrorCode.BAD_DATA


async def test_a_dirty_head_reads_nothing_and_a_track_can_fail_in_every_way(writer: Bench) -> None:
    await writer.insert(VirtualCard("card", {1: "", 2: OLD}))
    assert await writer.refusal("C61") == ErrorCode.TRACK_EMPTY
    writer.reader.dirty_head()
    assert await writer.refusal("C6:") == ErrorCode.PARITY
    writer.reader.dirty_head(False)
    writer.reader.fail_reads(2, ErrorCode.LRC)
    assert await writer.refusal("C6:") == ErrorCode.LRC
    writer.reader.fail_reads(2, None)
    assert (await writer.good("C6:")).data == OLD.encode()
