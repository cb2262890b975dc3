"""The driver against the simulated reader, and against golden bytes from a far end that knows only those."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drivers.interfaces import (
    CardData,
    CardReader,
    ChipPower,
    CompletionCode,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Media,
    MoveTarget,
    Refused,
    Unknown,
)
from drivers.sankyo_ict3q8 import SankyoIct3q8, SankyoIct3q8Options
from drivers.sankyo_ict3q8_errors import MEANINGS, device_error
from drivers.sankyo_ict3q8_options import Entry
from protocol.chip_card import ResponseApdu, select_by_name
from protocol.sankyo_ict3q8 import CLEAR_LINE, NegativeReply
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.social_card import AID
from protocol.wire import ACK, NAK
from simulators.devices.sankyo_ict3q8_line import Mishap
from simulators.devices.sankyo_ict3q8_options import Motion
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.world.cards import VirtualCard, issue
from simulators.world.chip import ATR_T0, ATR_T1, VirtualChip
from simulators.world.line import memory_line
from simulators.world.people import Plastic, person
from tests.drivers.sankyo_bench import POLLING, QUICK, Bench, bench, make_bench, readers_end_with_the_test
from tests.vectors import vector

__all__ = ["bench", "readers_end_with_the_test"]

# Status and reset


async def test_after_power_on_the_reader_is_starting_and_a_reset_brings_it_online() -> None:
    bench = make_bench()
    assert (await bench.driver.status()).device is DeviceState.STARTING
    await bench.driver.reset()
    status = await bench.driver.status()
    assert (status.device, status.media, status.retained) == (DeviceState.ONLINE, Media.NOT_PRESENT, 0)


@pytest.mark.parametrize(
    ("to", "media", "captured"), [(MoveTarget.EXIT, Media.ENTERING, 0), (MoveTarget.RETAIN, Media.NOT_PRESENT, 1)]
)
async def test_a_reset_brings_a_forgotten_card_out_or_into_the_box(
    bench: Bench, to: MoveTarget, media: Media, captured: int
) -> None:
    await bench.with_card_inside()
    assert await bench.driver.reset(to) == Done(media)
    assert len(bench.reader.captured) == captured


async def test_status_tells_a_jam_and_where_the_card_is(bench: Bench) -> None:
    await bench.with_card_inside()
    bench.reader.fail_next(Motion.EJECT, ReaderError.JAM)
    await bench.driver.move(MoveTarget.EXIT)
    status = await bench.driver.status()
    assert (status.device, status.media) == (DeviceState.HARDWARE_ERROR, Media.JAMMED)
    assert "jam" in status.detail


async def test_a_reader_without_power_is_offline(bench: Bench) -> None:
    bench.reader.power_off()
    assert (await bench.driver.status()).device is DeviceState.OFFLINE


async def test_an_unplugged_reader_is_offline(bench: Bench) -> None:
    bench.unplug()
    assert (await bench.driver.status()).device is DeviceState.OFFLINE


async def test_a_reset_that_is_not_heard_is_sent_once_and_unknown(bench: Bench) -> None:
    bench.reader.disturb(Mishap.SILENT, "C04")
    assert isinstance(await bench.driver.reset(), Unknown)
    assert bench.motions("C04") == 1


# Intake and reading


@pytest.mark.parametrize("baud", [9600, 19200, 38400])
async def test_a_card_is_taken_in_and_its_stripe_and_chip_are_read_at_every_speed(baud: int) -> None:
    bench = make_bench(baud=baud)
    await bench.driver.reset()
    card = issue(person("jia"))
    data = await bench.read(card)
    assert data.track2 == card.tracks[2]
    assert data.track1 is None
    assert data.atr == ATR_T0
    assert bench.inserted == 1
    assert not bench.reader.takes_cards


async def test_the_slot_is_closed_before_the_card_is_read() -> None:
    bench = make_bench(POLLING)
    await bench.driver.reset()
    await bench.with_card_inside()
    done = bench.reader.executed
    assert done.index("C:1") < done.index("C61")


async def test_a_card_that_is_inside_already_is_read_without_opening_the_slot(bench: Bench) -> None:
    card = await bench.with_card_inside()
    opened = bench.motions("C:0")
    data = await bench.driver.read_raw_data()
    assert data.track2 == card.tracks[2]
    assert data.atr == ATR_T0
    assert bench.motions("C:0") == opened


async def test_cancelling_closes_the_slot(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await asyncio.sleep(60.0)
    was_open = bench.reader.takes_cards
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert was_open
    assert not bench.reader.takes_cards
    assert not bench.reader.insert_card(issue(person("jia")))


@pytest.mark.parametrize(
    ("entry", "media"), [(Entry.BLOCKING, Media.ENTERING), (Entry.POLLING, Media.PRESENT)], ids=lambda each: str(each)
)
async def test_a_card_that_slipped_in_while_cancelling_is_seen_in_the_status(entry: Entry, media: Media) -> None:
    bench = make_bench(SankyoIct3q8Options(entry=entry))
    await bench.driver.reset()
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.reader.insert_card(issue(person("jia")))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.sleep(2.0)
    assert (await bench.driver.status()).media is media


async def test_only_cards_with_a_stripe_where_the_operator_wants_that() -> None:
    bench = make_bench(SankyoIct3q8Options(magnetic_only=True))
    await bench.driver.reset()
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    assert not bench.reader.insert_card(issue(person("jia"), plastic=Plastic.SOCIAL_ONLY))
    assert bench.reader.insert_card(issue(person("jia")))
    assert (await reading).atr == ATR_T0


async def test_a_dead_chip_leaves_the_stripe(bench: Bench) -> None:
    data = await bench.read(issue(person("wu")))
    assert data.atr is None
    assert data.track2 is not None
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)


async def test_a_stripe_that_cannot_be_read_leaves_the_chip(bench: Bench) -> None:
    card = issue(person("jia"))
    card.bad_tracks = frozenset({2})
    data = await bench.read(card)
    assert data.track2 is None
    assert data.atr == ATR_T0


async def test_a_chip_against_the_emv_rules_is_tried_by_the_iso_rules(bench: Bench) -> None:
    no_tb1 = bytes.fromhex("3B45000102030405")
    assert (await bench.read(VirtualCard("odd", chip=VirtualChip([], atr=no_tb1)))).atr == no_tb1


async def test_the_wrong_way_round_nothing_can_be_read_and_the_card_goes_back(bench: Bench) -> None:
    with pytest.raises(DeviceError, match="other way round") as caught:
        await bench.read(issue(person("jia")), wrong_way=True)
    assert caught.value.code is ErrorCode.INVALID_MEDIA
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)


@pytest.mark.parametrize(("length", "code"), [(95.0, ErrorCode.CARD_TOO_LONG), (70.0, ErrorCode.CARD_TOO_SHORT)])
async def test_a_card_of_the_wrong_length_is_named_and_stands_at_the_slot(
    bench: Bench, length: float, code: ErrorCode
) -> None:
    with pytest.raises(DeviceError) as caught:
        await bench.read(VirtualCard("odd", length_mm=length))
    assert caught.value.code is code
    assert not bench.reader.takes_cards
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)


async def test_a_card_lost_at_intake_is_given_back(bench: Bench) -> None:
    bench.reader.fail_next(Motion.INTAKE, ReaderError.LOST_AT_INTAKE)
    with pytest.raises(DeviceError) as caught:
        await bench.read(issue(person("jia")))
    assert caught.value.code is ErrorCode.NO_MEDIA


async def test_a_damaged_reply_with_track_data_is_asked_for_again(bench: Bench) -> None:
    bench.reader.disturb(Mishap.DAMAGE_REPLY, "C62")
    card = issue(person("jia"))
    assert (await bench.read(card)).track2 == card.tracks[2]
    assert bench.motions("C62") == 1


@pytest.mark.parametrize("mishap", [Mishap.SILENT, Mishap.NAK, Mishap.NO_ACK, Mishap.GAP_IN_REPLY])
@pytest.mark.parametrize("mnemonic", ["C:0", "C10", "C:1", "C61", "CI0"])
async def test_one_disturbance_of_a_question_does_not_show(bench: Bench, mishap: Mishap, mnemonic: str) -> None:
    bench.reader.disturb(mishap, mnemonic)
    card = issue(person("jia"))
    data = await bench.read(card)
    assert (data.track2, data.atr) == (card.tracks[2], ATR_T0)


async def test_a_contact_whose_reply_was_lost_is_believed_when_the_sensor_shows_it(bench: Bench) -> None:
    bench.reader.disturb(Mishap.LOSE_REPLY, "C@0")
    assert (await bench.read(issue(person("jia")))).atr == ATR_T0
    assert bench.motions("C@0") == 1


async def test_a_reader_that_dies_while_the_slot_is_open_is_reported(bench: Bench) -> None:
    reading = asyncio.ensure_future(bench.driver.read_raw_data())
    await bench.scene.until(lambda: bench.reader.takes_cards)
    bench.reader.power_off()
    with pytest.raises(DeviceError) as caught:
        await reading
    assert caught.value.completion is CompletionCode.DEVICE_NOT_READY


# Chip


@pytest.mark.parametrize("px", ["3", "4"])
async def test_an_apdu_is_answered_whichever_px_the_firmware_has(px: str) -> None:
    bench = make_bench(unit=UnitOptions(chip_auto_px=px))
    await bench.driver.reset()
    await bench.with_card_inside()
    assert await bench.driver.chip_io(select_by_name(AID).encode()) == bytes.fromhex("611E")
    assert len(await bench.driver.chip_io(bytes.fromhex("00C000001E"))) == 32


class Talkative:
    """A T=1 application that answers everything with 2500 bytes."""

    name = AID

    def select(self) -> bytes:
        return b""

    def run(self, command: object) -> ResponseApdu:
        return ResponseApdu(bytes(2500), 0x9000)


async def test_a_long_answer_is_put_together_from_its_parts(bench: Bench) -> None:
    await bench.read(VirtualCard("talkative", chip=VirtualChip([Talkative()], atr=ATR_T1)))
    await bench.driver.chip_io(select_by_name(AID).encode())
    assert await bench.driver.chip_io(bytes.fromhex("00B2010400")) == bytes(2500) + b"\x90\x00"
    assert bench.motions("CI7") == 2


async def test_an_apdu_is_never_sent_twice(bench: Bench) -> None:
    await bench.with_card_inside()
    bench.reader.disturb(Mishap.LOSE_REPLY, "CI9")
    with pytest.raises(DeviceError):
        await bench.driver.chip_io(select_by_name(AID).encode())
    assert bench.motions("CI9") == 1


async def test_a_chip_that_falls_silent_is_the_cards_fault(bench: Bench) -> None:
    card = await bench.with_card_inside()
    assert card.chip is not None
    card.chip.power_off()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.chip_io(select_by_name(AID).encode())
    assert caught.value.code is ErrorCode.INVALID_MEDIA


async def test_chip_power_goes_off_and_on_again(bench: Bench) -> None:
    await bench.with_card_inside()
    assert await bench.driver.chip_power(ChipPower.WARM) == ATR_T0
    assert await bench.driver.chip_power(ChipPower.OFF) == b""
    with pytest.raises(DeviceError):
        await bench.driver.chip_power(ChipPower.WARM)
    assert await bench.driver.chip_power(ChipPower.COLD) == ATR_T0
    assert await bench.driver.chip_io(select_by_name(AID).encode()) == bytes.fromhex("611E")


async def test_a_chip_that_does_not_start_is_named(bench: Bench) -> None:
    await bench.read(issue(person("wu")))
    with pytest.raises(DeviceError) as caught:
        await bench.driver.chip_power(ChipPower.COLD)
    assert caught.value.code is ErrorCode.ATR_NOT_OBTAINED


# Eject


async def test_a_card_is_returned_off_the_chip_contact(bench: Bench) -> None:
    card = await bench.with_card_inside()
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)
    assert bench.reader.card_at_gate is card


async def test_a_card_already_at_the_slot_needs_no_motion(bench: Bench) -> None:
    await bench.with_card_at_slot()
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)
    assert bench.motions("C30") == 1


@pytest.mark.parametrize("to", MoveTarget)
async def test_without_a_card_nothing_is_moved(bench: Bench, to: MoveTarget) -> None:
    outcome = await bench.driver.move(to)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.NO_MEDIA
    assert bench.motions("C30") + bench.motions("C31") == 0


@pytest.mark.parametrize("mishap", [Mishap.LOSE_REPLY, Mishap.NO_ACK, Mishap.DAMAGE_REPLY, Mishap.GAP_IN_REPLY])
async def test_an_eject_whose_answer_was_disturbed_is_proved_by_the_cards_position(
    bench: Bench, mishap: Mishap
) -> None:
    await bench.with_card_inside()
    bench.reader.disturb(mishap, "C30")
    assert await bench.driver.move(MoveTarget.EXIT) == Done(Media.ENTERING)
    assert bench.motions("C30") == 1


@pytest.mark.parametrize("mishap", [Mishap.SILENT, Mishap.NAK])
@pytest.mark.parametrize("to", MoveTarget)
async def test_a_motion_that_was_not_heard_is_refused_and_never_sent_again(
    bench: Bench, mishap: Mishap, to: MoveTarget
) -> None:
    card = await bench.with_card_inside()
    bench.reader.disturb(mishap, "C30" if to is MoveTarget.EXIT else "C31")
    assert isinstance(await bench.driver.move(to), Refused)
    assert bench.motions("C30") + bench.motions("C31") == 0
    assert bench.reader.card_inside is card


async def test_a_jam_at_eject_is_refused_with_the_card_inside(bench: Bench) -> None:
    await bench.with_card_inside()
    bench.reader.fail_next(Motion.EJECT, ReaderError.JAM)
    outcome = await bench.driver.move(MoveTarget.EXIT)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.MEDIA_JAM


@pytest.mark.parametrize("to", MoveTarget)
async def test_a_line_that_breaks_during_a_motion_leaves_it_unknown(bench: Bench, to: MoveTarget) -> None:
    await bench.with_card_inside()
    moving = asyncio.ensure_future(bench.driver.move(to))
    await bench.until_begun("C30", "C31")
    bench.unplug()
    assert isinstance(await moving, Unknown)


async def test_a_line_that_is_down_before_a_motion_refuses_it(bench: Bench) -> None:
    await bench.with_card_inside()
    bench.unplug()
    assert isinstance(await bench.driver.move(MoveTarget.EXIT), Refused)


async def test_cancelling_does_not_interrupt_a_motion(bench: Bench) -> None:
    card = await bench.with_card_inside()
    moving = asyncio.ensure_future(bench.driver.move(MoveTarget.EXIT))
    await bench.until_begun("C30")
    moving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await moving
    assert bench.reader.card_at_gate is card


# Capture


@pytest.mark.parametrize("strict", [False, True])
async def test_a_card_left_at_the_slot_is_pulled_in_and_captured(strict: bool) -> None:
    bench = make_bench(unit=UnitOptions(strict=strict))
    await bench.driver.reset()
    card = await bench.with_card_at_slot()
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)
    assert bench.reader.captured == (card,)
    assert (await bench.driver.status()).retained == 1


@pytest.mark.parametrize("mishap", [Mishap.LOSE_REPLY, Mishap.NO_ACK, Mishap.DAMAGE_REPLY])
async def test_a_capture_whose_answer_was_disturbed_is_proved_by_the_counter(bench: Bench, mishap: Mishap) -> None:
    card = await bench.with_card_inside()
    bench.reader.disturb(mishap, "C31")
    assert await bench.driver.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)
    assert bench.reader.captured == (card,)
    assert bench.motions("C31") == 1


async def test_without_a_counter_a_lost_answer_to_a_capture_stays_unknown() -> None:
    bench = make_bench(SankyoIct3q8Options(motion_timeout=5.0, counts_retained=False))
    await bench.driver.reset()
    await bench.with_card_inside()
    bench.reader.disturb(Mishap.LOSE_REPLY, "C31")
    outcome = await bench.driver.move(MoveTarget.RETAIN)
    assert isinstance(outcome, Unknown)
    assert "not counted as captured" in outcome.cause


async def test_a_card_taken_at_the_last_moment_is_not_captured(bench: Bench) -> None:
    card = await bench.with_card_at_slot()
    capturing = asyncio.ensure_future(bench.driver.move(MoveTarget.RETAIN))
    await bench.until_begun("C40")
    assert bench.reader.take_card() is card
    outcome = await capturing
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.NO_MEDIA


async def test_a_full_box_refuses_the_capture_and_keeps_the_card_inside(bench: Bench) -> None:
    card = await bench.with_card_inside()
    bench.reader._transport.captures = 99
    outcome = await bench.driver.move(MoveTarget.RETAIN)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.RETAIN_BIN_FULL
    assert bench.reader.card_inside is card


async def test_a_jam_on_the_way_back_inside_leaves_the_card_at_the_slot(bench: Bench) -> None:
    card = await bench.with_card_at_slot()
    bench.reader.fail_next(Motion.RETRIEVE, ReaderError.JAM_AT_RETRIEVE)
    outcome = await bench.driver.move(MoveTarget.RETAIN)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.MEDIA_JAM
    assert bench.reader.card_at_gate is card


# Removal


async def test_a_card_taken_from_the_slot_is_noticed_at_once(bench: Bench) -> None:
    await bench.with_card_at_slot()
    loop = asyncio.get_running_loop()
    watching = asyncio.ensure_future(bench.driver.media_removed(60.0))
    await asyncio.sleep(10.0)
    bench.reader.take_card()
    taken = loop.time()
    assert await watching
    assert loop.time() - taken < 0.1


async def test_a_card_that_stays_is_watched_in_slices_of_30_seconds(bench: Bench) -> None:
    await bench.with_card_at_slot()
    before = asyncio.get_running_loop().time()
    assert not await bench.driver.media_removed(70.0)
    assert 69.0 < asyncio.get_running_loop().time() - before < 73.0
    assert bench.motions("CT0") == 3


async def test_a_card_taken_before_the_watch_counts_as_taken(bench: Bench) -> None:
    await bench.with_card_at_slot()
    bench.reader.take_card()
    assert await bench.driver.media_removed(30.0)


@pytest.mark.parametrize("mishap", [Mishap.LOSE_REPLY, Mishap.NAK, Mishap.SILENT])
async def test_a_disturbed_watch_still_notices_that_the_card_was_taken(bench: Bench, mishap: Mishap) -> None:
    await bench.with_card_at_slot()
    bench.reader.disturb(mishap, "CT0")
    watching = asyncio.ensure_future(bench.driver.media_removed(60.0))
    await asyncio.sleep(10.0)
    bench.reader.take_card()
    assert await watching


async def test_a_watch_on_a_line_that_breaks_is_an_error(bench: Bench) -> None:
    await bench.with_card_at_slot()
    watching = asyncio.ensure_future(bench.driver.media_removed(60.0))
    await asyncio.sleep(10.0)
    bench.unplug()
    with pytest.raises(DeviceError):
        await watching


async def test_cancelling_the_watch_frees_the_reader(bench: Bench) -> None:
    await bench.with_card_at_slot()
    watching = asyncio.ensure_future(bench.driver.media_removed(30.0))
    await asyncio.sleep(5.0)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    before = asyncio.get_running_loop().time()
    assert (await bench.driver.status()).media is Media.ENTERING
    assert asyncio.get_running_loop().time() - before < 1.0


async def test_a_card_inside_cannot_be_waited_for(bench: Bench) -> None:
    await bench.with_card_inside()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.media_removed(5.0)
    assert caught.value.completion is CompletionCode.SEQUENCE_ERROR


# Golden bytes


def golden(name: str) -> bytes:
    return vector("sankyo_ict3q8", name)


def answered(name: str) -> bytes:
    return ACK.raw + golden(name)


async def against(
    script: list[tuple[bytes, bytes]], act: Callable[[CardReader], Coroutine[Any, Any, object]]
) -> object:
    """Let the driver act against a far end that hears exactly these bytes and answers with those."""
    near, far = memory_line(9600)

    async def far_end() -> None:
        for expected, answer in [(CLEAR_LINE, CLEAR_LINE), *script]:
            heard = b""
            while len(heard) < len(expected):
                heard += await far.receive()
            assert heard == expected, f"heard {heard.hex(' ')}, expected {expected.hex(' ')}"
            await far.send(answer)

    playing = asyncio.ensure_future(far_end())
    acting = asyncio.ensure_future(act(SankyoIct3q8(near, QUICK)))
    done, _ = await asyncio.wait((playing, acting), return_when=asyncio.FIRST_EXCEPTION)
    assert playing in done
    await playing
    return await acting


async def test_removal_is_asked_for_in_golden_bytes() -> None:
    at_gate = _c13("01")
    script = [
        (golden("C13"), at_gate),
        (ACK.raw + golden("CT030"), answered("NT046")),
        (ACK.raw + golden("C13"), at_gate),
        (ACK.raw + golden("CT030"), answered("PT000")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.media_removed(60.0)) is True


async def test_a_reader_that_cannot_watch_is_asked_where_the_card_is() -> None:
    script = [
        (golden("C13"), _c13("01")),
        (ACK.raw + golden("CT030"), _framed(b"NT001")),
        (ACK.raw + golden("C13"), _c13("01")),
        (ACK.raw + golden("C13"), _c13("00")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.media_removed(60.0)) is True


async def test_a_contact_that_no_sensor_showed_is_released_and_the_card_ejected() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("C30"), answered("N3005")),
        (ACK.raw + golden("CI1"), answered("PI102")),
        (ACK.raw + golden("C@2"), answered("P@202")),
        (ACK.raw + golden("C30"), answered("P3001")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.move(MoveTarget.EXIT)) == Done(Media.ENTERING)


async def test_a_chip_without_power_does_not_hold_the_card_back() -> None:
    contact_set = _framed(b"P1302\x4c\x40\x40\x40")
    script = [
        (golden("C13"), contact_set),
        (ACK.raw + golden("CI1"), _framed(b"NI165")),
        (ACK.raw + golden("C@2"), answered("P@202")),
        (ACK.raw + golden("C30"), answered("P3001")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.move(MoveTarget.EXIT)) == Done(Media.ENTERING)


async def test_tracks_the_unit_has_no_head_for_are_not_there_and_a_dead_chip_is_let_go() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("C13"), _c13("02")),
        (ACK.raw + golden("C61"), _framed(b"N6103")),
        (ACK.raw + golden("C62"), _framed(b"P62026299991234567890122=3012")),
        (ACK.raw + golden("C63"), _framed(b"N6301")),
        (ACK.raw + golden("C@0"), answered("P@002")),
        (ACK.raw + _framed(b"CI00")[1:], answered("NI061")),
        (ACK.raw + golden("C@2"), answered("P@202")),
        (ACK.raw, b""),
    ]
    data = await against(script, lambda driver: driver.read_raw_data())
    assert data == CardData(None, "6299991234567890122=3012", None, None)


async def test_eject_is_asked_for_in_golden_bytes_and_a_wrong_crc_only_renewed() -> None:
    broken = golden("P3001")[:-1] + b"\x00"
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("C30"), ACK.raw + broken),
        (NAK.raw, golden("P3001")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.move(MoveTarget.EXIT)) == Done(Media.ENTERING)


async def test_a_lost_reply_is_followed_by_dle_eot_and_the_question_for_the_position() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("C30"), ACK.raw),
        (CLEAR_LINE, CLEAR_LINE),
        (golden("C13"), _c13("00")),
        (ACK.raw, b""),
    ]
    assert await against(script, lambda driver: driver.move(MoveTarget.EXIT)) == Done(Media.NOT_PRESENT)


async def test_a_card_that_is_gone_but_was_not_counted_may_be_anywhere() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("CC0"), answered("PC000 + 03")),
        (ACK.raw + golden("C31"), ACK.raw),
        (CLEAR_LINE, CLEAR_LINE),
        (golden("C13"), _c13("00")),
        (ACK.raw + golden("CC0"), answered("PC000 + 03")),
        (ACK.raw, b""),
    ]
    assert isinstance(await against(script, lambda driver: driver.move(MoveTarget.RETAIN)), Unknown)


async def test_a_capture_that_is_answered_but_not_counted_is_unknown() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("CC0"), answered("PC000 + 03")),
        (ACK.raw + golden("C31"), answered("P3100")),
        (ACK.raw + golden("CC0"), answered("PC000 + 03")),
        (ACK.raw, b""),
    ]
    assert isinstance(await against(script, lambda driver: driver.move(MoveTarget.RETAIN)), Unknown)


async def test_a_blocking_entry_is_one_golden_command() -> None:
    script = [
        (golden("C13"), _c13("00")),
        (ACK.raw + golden("C20"), answered("P2002")),
        (ACK.raw + golden("C13"), _c13("02")),
    ]
    with pytest.raises(DeviceError):
        await against(script, lambda driver: driver.read_raw_data())


async def test_a_late_answer_is_not_taken_for_that_to_a_later_command() -> None:
    """The reply to a question comes after its time: DLE EOT ends it, and what follows is the answer to the next."""
    near, far = memory_line(9600)
    driver = SankyoIct3q8(near, SankyoIct3q8Options(reply_timeout=1.0))
    asking = asyncio.ensure_future(driver.status())
    assert await far.receive() == CLEAR_LINE
    await far.send(CLEAR_LINE)
    assert await far.receive() == golden("C13")
    await far.send(ACK.raw)
    heard = await far.receive()
    assert heard == CLEAR_LINE
    await far.send(_c13("02")[1:] + CLEAR_LINE)
    assert (await asking).device is DeviceState.OFFLINE
    asking = asyncio.ensure_future(driver.status())
    assert await far.receive() == golden("C13")
    await far.send(_c13("00") + b"")
    assert await far.receive() == ACK.raw
    assert await far.receive() == golden("C10")
    await far.send(answered("P1000"))
    assert await far.receive() == ACK.raw
    assert await far.receive() == golden("CC0")
    await far.send(answered("PC000 + 03"))
    assert (await asking).media is Media.NOT_PRESENT


async def test_a_card_that_vanished_before_its_eject_was_not_moved() -> None:
    script = [
        (golden("C13"), _c13("02")),
        (ACK.raw + golden("C30"), _framed(b"N3002")),
        (ACK.raw + golden("C13"), _c13("00")),
        (ACK.raw, b""),
    ]
    outcome = await against(script, lambda driver: driver.move(MoveTarget.EXIT))
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.NO_MEDIA


def _c13(position: str) -> bytes:
    """ACK and the reply to C13."""
    return _framed(b"P13" + position.encode() + b"\x48\x40\x40\x40")


def _framed(text: bytes) -> bytes:
    """ACK and a frame that no vector holds, made here without our own encoder."""
    body = b"\xf2" + len(text).to_bytes(2, "big") + text
    crc = 0
    for byte in body:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return ACK.raw + body + crc.to_bytes(2, "big")


# Errors


@pytest.mark.parametrize("error", MEANINGS)
def test_every_error_of_the_reader_has_words(error: str) -> None:
    told = device_error(NegativeReply("3", "0", error))
    assert told.device == "card reader"
    assert error in told.detail


def test_an_error_of_a_dialect_calls_the_service() -> None:
    told = device_error(NegativeReply("3", "0", "73"))
    assert told.completion is CompletionCode.HARDWARE_ERROR
    assert told.remedy
