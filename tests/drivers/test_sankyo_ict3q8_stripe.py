"""The driver writes stripes once, and believes only what can be read again."""

import pytest

from drivers.interfaces import CompletionCode, DeviceError, ErrorCode, MoveTarget, WriteMethod
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from simulators.devices.sankyo_ict3q8_line import Mishap
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.devices.sankyo_ict3q8_options import WriteOption
from simulators.world.cards import VirtualCard
from tests.drivers.sankyo_bench import QUICK, Bench, bench, make_bench, readers_end_with_the_test

__all__ = ["bench", "readers_end_with_the_test"]

OLD, NEW = "6299991234567890122=3012", "6299990000000000000=4912"


async def writer(option: WriteOption = WriteOption.LOW) -> Bench:
    bench = make_bench(unit=UnitOptions(write=option), options=QUICK)
    await bench.driver.reset()
    return bench


async def test_tracks_are_written_and_read_back() -> None:
    bench = await writer()
    assert bench.driver.capabilities.write_tracks == (1, 2, 3)
    card = VirtualCard("card", {2: OLD})
    await bench.read(card)
    await bench.driver.write_raw_data({1: "NEW^CARD", 2: NEW})
    assert card.tracks == {1: "NEW^CARD", 2: NEW}
    await bench.driver.write_raw_data({2: OLD}, WriteMethod.LOCO)
    assert (await bench.driver.read_raw_data()).track2 == OLD


@pytest.mark.parametrize("mishap", [Mishap.LOSE_REPLY, Mishap.NO_ACK, Mishap.DAMAGE_REPLY])
async def test_a_write_whose_answer_was_disturbed_is_proved_by_reading(mishap: Mishap) -> None:
    bench = await writer()
    card = VirtualCard("card", {2: OLD})
    await bench.read(card)
    bench.reader.disturb(mishap, "C72")
    await bench.driver.write_raw_data({2: NEW})
    assert bench.motions("C72") == 1
    assert card.tracks[2] == NEW


async def test_a_write_that_was_not_heard_is_an_error_and_not_repeated() -> None:
    bench = await writer()
    card = VirtualCard("card", {2: OLD})
    await bench.read(card)
    bench.reader.disturb(Mishap.SILENT, "C72")
    with pytest.raises(DeviceError):
        await bench.driver.write_raw_data({2: NEW})
    assert (bench.motions("C72"), card.tracks[2]) == (0, OLD)


async def test_a_bad_track_is_named_without_what_stands_on_it() -> None:
    bench = await writer()
    await bench.read(VirtualCard("card", {2: OLD}))
    bench.reader.fail_next_write(2, ReaderError.WRITTEN_DATA_DIFFER)
    with pytest.raises(DeviceError, match="track 2: written data differ") as caught:
        await bench.driver.write_raw_data({2: NEW})
    assert caught.value.code is ErrorCode.INVALID_MEDIA
    assert NEW not in str(caught.value)


async def test_a_high_coercivity_stripe_needs_the_unit_for_it() -> None:
    for option, code in ((WriteOption.LOW, ErrorCode.WRITE_METHOD), (WriteOption.HIGH, None)):
        bench = await writer(option)
        card = VirtualCard("card", {2: OLD}, high_coercivity=True)
        await bench.read(card)
        if code is None:
            await bench.driver.write_raw_data({2: NEW}, WriteMethod.HICO)
            assert card.tracks[2] == NEW
        else:
            with pytest.raises(DeviceError) as caught:
                await bench.driver.write_raw_data({2: NEW}, WriteMethod.HICO)
            assert caught.value.code is code


async def test_a_unit_that_only_reads_says_so(bench: Bench) -> None:
    await bench.with_card_inside()
    assert bench.driver.capabilities.write_tracks == ()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.write_raw_data({2: NEW})
    assert caught.value.completion is CompletionCode.UNSUPPORTED_COMMAND


@pytest.mark.parametrize("tracks", [{}, {2: "letters"}, {4: "1"}, {2: "1" * 38}])
async def test_what_fits_on_no_track_is_not_sent(bench: Bench, tracks: dict[int, str]) -> None:
    await bench.with_card_inside()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.write_raw_data(tracks)
    assert caught.value.completion is CompletionCode.INVALID_DATA


async def test_without_a_card_inside_nothing_is_written() -> None:
    bench = await writer()
    await bench.read(VirtualCard("card", {2: OLD}))
    await bench.driver.move(MoveTarget.EXIT)
    with pytest.raises(DeviceError) as caught:
        await bench.driver.write_raw_data({2: NEW})
    assert caught.value.code is ErrorCode.NO_MEDIA
