"""The reader, spoken to in bytes: what it hears and says, and what its hand can do."""

import asyncio

import pytest

from protocol.chip_card import ResponseApdu
from protocol.sankyo_ict3q8 import (
    CLEAR_LINE,
    CardPosition,
    Command,
    NegativeReply,
    PositiveReply,
    encode,
)
from protocol.sankyo_ict3q8_codes import COMMANDS, ErrorCode
from protocol.sankyo_ict3q8_initialize import Initialize, InitialMove, OnPowerDown
from protocol.sankyo_ict3q8_status import Sensors
from protocol.wire import ACK, NAK
from simulators.devices.sankyo_ict3q8_line import Mishap
from simulators.devices.sankyo_ict3q8_options import Motion, SankyoIct3q8Options
from simulators.world.cards import VirtualCard, issue
from simulators.world.chip import ATR_T0, ATR_T1, VirtualChip
from simulators.world.line import memory_line
from simulators.world.people import Plastic, person
from tests.simulators.devices.sankyo_bench import Bench, bench, bench_with, unready
from tests.vectors import vector

__all__ = ["bench", "unready"]


def golden(name: str) -> bytes:
    return vector("sankyo_ict3q8", name)


# The handshake


async def test_before_initialize_every_command_is_refused_with_b0(unready: Bench) -> None:
    assert await unready.say(golden("C10")) == ACK.raw + encode(NegativeReply("1", "0", "B0"))
    assert unready.reader.executed == ["C10"]


async def test_initialize_in_its_golden_form_is_acknowledged_and_answered(unready: Bench) -> None:
    assert await unready.say(golden("C0032400"), silence=2.0) == ACK.raw + golden("P0000")


async def test_initialize_can_ask_for_the_type_of_the_unit(unready: Bench) -> None:
    reply = await unready.good("C0432400001011")
    assert len(reply.data) == 16


async def test_a_frame_with_a_wrong_crc_is_answered_with_nak_and_not_executed(bench: Bench) -> None:
    done = len(bench.reader.executed)
    assert await bench.say(golden("C10 with a wrong CRC")) == NAK.raw
    assert len(bench.reader.executed) == done


async def test_a_gap_inside_a_frame_is_answered_with_nak_and_the_next_frame_is_heard(bench: Bench) -> None:
    assert await bench.say(golden("C10")[:4]) == NAK.raw
    assert await bench.say(golden("C10")) == ACK.raw + golden("P1000")


async def test_bytes_of_one_frame_may_come_one_by_one(bench: Bench) -> None:
    for byte in golden("C10"):
        await bench.host.send(bytes((byte,)))
        await asyncio.sleep(0.2)
    assert await bench.hear() == ACK.raw + golden("P1000")


async def test_a_reply_is_said_again_after_nak_as_often_as_wished(bench: Bench) -> None:
    assert await bench.say(golden("C10"), silence=0.2) == ACK.raw + golden("P1000")
    assert await bench.say(NAK.raw, silence=0.2) == golden("P1000")
    assert await bench.say(NAK.raw, silence=0.2) == golden("P1000")
    assert bench.reader.executed.count("C10") == 1


async def test_300_ms_after_a_reply_a_nak_comes_too_late(bench: Bench) -> None:
    await bench.say(golden("C10"), silence=0.4)
    assert await bench.say(NAK.raw) == b""


async def test_a_host_that_never_acknowledges_replies_is_understood(bench: Bench) -> None:
    assert await bench.say(golden("C10"), silence=0.1) == ACK.raw + golden("P1000")
    assert await bench.say(golden("C11"), silence=0.1) == ACK.raw + golden("P1100 + 40")


async def test_dle_eot_in_the_neutral_state_is_answered(bench: Bench) -> None:
    assert await bench.say(CLEAR_LINE) == CLEAR_LINE


async def test_dle_eot_stops_a_command_without_any_reply(bench: Bench) -> None:
    assert await bench.say(golden("C20"), silence=5.0) == ACK.raw
    assert await bench.say(CLEAR_LINE) == CLEAR_LINE
    assert await bench.say(golden("C10")) == ACK.raw + golden("P1000")


async def test_dle_eot_right_behind_its_command_stops_it(bench: Bench) -> None:
    assert await bench.say(golden("C20") + CLEAR_LINE) == ACK.raw + CLEAR_LINE
    assert await bench.say(golden("C10")) == ACK.raw + golden("P1000")


async def test_dle_and_eot_may_come_apart_and_among_other_bytes(bench: Bench) -> None:
    await bench.say(golden("C20"))
    assert await bench.say(golden("C10") + CLEAR_LINE[:1]) == b""
    assert await bench.say(CLEAR_LINE[1:]) == CLEAR_LINE


async def test_while_it_executes_the_reader_hears_nothing_else(bench: Bench) -> None:
    await bench.insert()
    assert await bench.say(golden("C30") + golden("C31"), silence=0.3) == ACK.raw
    assert await bench.say(golden("C10"), silence=1.0) == golden("P3001")
    assert not bench.reader.captured


async def test_the_line_may_break_and_a_new_one_finds_the_card_where_it_was(bench: Bench) -> None:
    await bench.insert()
    bench.host.close()
    host, device = memory_line()
    serving = asyncio.ensure_future(bench.reader.serve(device))
    again = Bench(bench.reader, host, bench.scene)
    assert (await again.good("C13")).st is CardPosition.INSIDE
    serving.cancel()


@pytest.mark.parametrize(
    ("mishap", "heard"),
    [
        (Mishap.SILENT, b""),
        (Mishap.NAK, NAK.raw),
        (Mishap.NO_ACK, golden("P1000")),
        (Mishap.LOSE_REPLY, ACK.raw),
        (Mishap.DAMAGE_REPLY, ACK.raw + golden("P1000")[:-1] + bytes((golden("P1000")[-1] ^ 1,))),
    ],
)
async def test_a_mishap_disturbs_one_handshake(bench: Bench, mishap: Mishap, heard: bytes) -> None:
    bench.reader.disturb(mishap, "C10")
    assert await bench.say(golden("C11")) == ACK.raw + golden("P1100 + 40")
    assert await bench.say(golden("C10")) == heard
    assert await bench.say(golden("C10")) == ACK.raw + golden("P1000")


# Status and sensors


async def test_the_idle_reader_shows_the_golden_sensors(bench: Bench) -> None:
    assert await bench.say(golden("C12")) == ACK.raw + golden("P1200 + 48 40 40 40")


async def test_sensors_tell_slot_and_position_of_the_card(bench: Bench) -> None:
    await bench.good("C:2")
    assert Sensors.parse((await bench.good("C13")).data) == Sensors(enabled=True, magnetic_only=True)
    await bench.insert_to_contact()
    sensors = Sensors.parse((await bench.good("C13")).data)
    assert sensors.chip_contact
    assert sensors.chip_position
    assert not sensors.insertion_switch


async def test_a_pending_error_makes_status_negative_but_not_c13(bench: Bench) -> None:
    await bench.insert()
    bench.reader.fail_next(Motion.EJECT, ErrorCode.JAM)
    assert await bench.refusal("C30") == ErrorCode.JAM
    assert await bench.say(golden("C10")) == ACK.raw + golden("N1010")
    assert (await bench.good("C13")).st is CardPosition.INSIDE
    await bench.good("C30")
    assert (await bench.good("C10")).st is CardPosition.AT_GATE


# Intake


async def test_a_disabled_reader_keeps_cards_out(bench: Bench) -> None:
    assert not bench.reader.insert_card(issue(person("jia")))
    assert not bench.reader.takes_cards


async def test_an_enabled_reader_takes_a_card_in_by_itself(bench: Bench) -> None:
    card = issue(person("jia"))
    await bench.good("C:0")
    assert bench.reader.insert_card(card)
    assert (await bench.good("C10")).st is CardPosition.AT_GATE
    await bench.scene.until(lambda: bench.reader.card_inside)
    assert (await bench.good("C10")).st is CardPosition.INSIDE
    assert not bench.reader.insert_card(issue(person("yi")))


async def test_the_blocking_entry_answers_when_the_card_is_inside(bench: Bench) -> None:
    assert await bench.say(golden("C20"), silence=30.0) == ACK.raw
    assert bench.reader.insert_card(issue(person("jia")))
    assert await bench.hear(2.0) == golden("P2002")
    assert await bench.say(golden("C20")) == ACK.raw + golden("N2002")


async def test_the_entry_of_magnetic_cards_needs_a_stripe_the_right_way_round(bench: Bench) -> None:
    await bench.good("C:2")
    assert not bench.reader.insert_card(issue(person("jia"), plastic=Plastic.SOCIAL_ONLY))
    assert not bench.reader.insert_card(issue(person("jia")), wrong_way=True)
    assert bench.reader.insert_card(issue(person("jia")))


async def test_a_card_held_fast_on_its_way_in_stays_with_the_person_and_the_slot_open(bench: Bench) -> None:
    card = issue(person("jia"))
    await bench.good("C:0")
    bench.reader.insert_card(card)
    await asyncio.sleep(0.5)
    assert bench.reader.take_card() is card
    await asyncio.sleep(2.0)
    assert (await bench.good("C10")).st is CardPosition.NO_CARD
    assert bench.reader.takes_cards


@pytest.mark.parametrize(("length", "error"), [(93.0, ErrorCode.CARD_TOO_LONG), (77.0, ErrorCode.CARD_TOO_SHORT)])
async def test_a_card_of_the_wrong_length_stays_at_the_gate(bench: Bench, length: float, error: ErrorCode) -> None:
    card = VirtualCard("odd", length_mm=length)
    await bench.good("C:0")
    bench.reader.insert_card(card)
    await asyncio.sleep(2.0)
    assert await bench.refusal("C10") == error
    assert bench.reader.card_at_gate is card
    bench.reader.take_card()
    assert (await bench.good("C10")).st is CardPosition.NO_CARD


async def test_dle_eot_stops_an_intake_and_leaves_the_card_at_the_gate(bench: Bench) -> None:
    card = issue(person("jia"))
    await bench.good("C:0")
    bench.reader.insert_card(card)
    assert await bench.say(CLEAR_LINE) == CLEAR_LINE
    await asyncio.sleep(2.0)
    assert bench.reader.card_at_gate is card


async def test_no_card_comes_from_the_rear(bench: Bench) -> None:
    assert await bench.refusal("C22") == ErrorCode.NO_REAR_INSERTION


# Stripe


async def test_tracks_come_without_sentinels_and_blank_ones_are_negative(bench: Bench) -> None:
    card = await bench.insert()
    assert (await bench.good("C62")).data == card.tracks[2].encode()
    assert await bench.refusal("C61") == ErrorCode.TRACK_BLANK
    assert (await bench.good("C67")).data == b"010"


async def test_without_a_card_nothing_is_read(bench: Bench) -> None:
    assert await bench.say(golden("C61")) == ACK.raw + golden("N6102")
    assert await bench.refusal("C67") == ErrorCode.NOT_EXECUTABLE


async def test_a_worn_track_costs_six_reads_and_fails(bench: Bench) -> None:
    await bench.insert(VirtualCard("worn", {2: "6299991234567890122=3012"}, bad_tracks=frozenset({2})))
    before = asyncio.get_running_loop().time()
    assert await bench.refusal("C62") == ErrorCode.PARITY
    assert asyncio.get_running_loop().time() - before > 3.0


async def test_a_single_pass_tells_what_stands_before_the_error(bench: Bench) -> None:
    card = await bench.insert(VirtualCard("worn", {2: "6299991234567890122=3012"}, bad_tracks=frozenset({2})))
    reply = await bench.ask("C6:")
    assert isinstance(reply, NegativeReply)
    assert (reply.error, reply.data) == (ErrorCode.PARITY, b"629999123456")
    card.bad_tracks = frozenset()
    assert (await bench.good("C6:")).data == card.tracks[2].encode()


async def test_the_wrong_way_round_neither_stripe_nor_chip_is_found(bench: Bench) -> None:
    await bench.insert(wrong_way=True)
    assert await bench.say(golden("C62")) == ACK.raw + golden("N6224")
    await bench.good("C@0")
    assert await bench.say(golden("CI0")) == ACK.raw + golden("NI061")


async def test_cleared_buffers_are_filled_by_moving_the_card_again(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C66")
    assert (await bench.good("C67")).data == b"000"
    assert (await bench.good("C62")).data == card.tracks[2].encode()
    await bench.good("C60")
    assert (await bench.good("C6:")).data == card.tracks[2].encode()


# Eject, capture, retrieve


async def test_an_ejected_card_stands_at_the_gate_until_it_is_taken(bench: Bench) -> None:
    card = await bench.insert()
    assert await bench.say(golden("C30"), silence=1.0) == ACK.raw + golden("P3001")
    assert bench.reader.card_at_gate is card
    assert bench.reader.take_card() is card
    assert await bench.say(golden("C10")) == ACK.raw + golden("P1000")
    assert bench.reader.take_card() is None


async def test_a_captured_card_lies_in_the_box_and_is_counted(bench: Bench) -> None:
    card = await bench.insert()
    assert await bench.say(golden("C31"), silence=1.0) == ACK.raw + golden("P3100")
    assert bench.reader.captured == (card,)
    assert (await bench.good("CC0")).data == b"01"
    assert bench.reader.empty_bin() == [card]
    assert not bench.reader.captured


async def test_the_hundredth_capture_is_refused(bench: Bench) -> None:
    await bench.good("CC199")
    card = await bench.insert()
    assert await bench.say(golden("C31"), silence=1.0) == ACK.raw + golden("N3150")
    assert bench.reader.card_inside is card
    await bench.good("CC100")
    await bench.good("C31")


async def test_a_card_pulled_out_during_its_capture_is_reported(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C30")
    capture = asyncio.ensure_future(bench.refusal("C31"))
    await asyncio.sleep(0.3)
    assert bench.reader.take_card() is card
    assert await capture == ErrorCode.PULLED_OUT_IN_CAPTURE
    assert bench.reader.captured == ()


async def test_retrieve_pulls_the_card_at_the_gate_back_and_reads_it(bench: Bench) -> None:
    card = await bench.insert()
    await bench.good("C30")
    assert await bench.say(golden("C40"), silence=1.0) == ACK.raw + golden("P4002")
    assert (await bench.good("C62")).data == card.tracks[2].encode()


async def test_a_strict_unit_moves_no_card_that_stands_at_the_gate() -> None:
    bench, serving = bench_with(SankyoIct3q8Options(strict=True))
    await bench.good("C0432400001011")
    await bench.insert()
    await bench.good("C30")
    assert await bench.refusal("C30") == ErrorCode.NOT_EXECUTABLE
    assert await bench.say(golden("C31")) == ACK.raw + golden("N3102")
    serving.cancel()


async def test_without_a_card_there_is_nothing_to_move(bench: Bench) -> None:
    assert [await bench.refusal(text) for text in ("C30", "C31", "C40", "C@0")] == [ErrorCode.NOT_EXECUTABLE] * 4


async def test_dle_eot_during_an_eject_leaves_the_card_inside(bench: Bench) -> None:
    card = await bench.insert()
    await bench.host.send(golden("C30"))
    await asyncio.sleep(0.2)
    assert await bench.say(CLEAR_LINE) == ACK.raw + CLEAR_LINE
    await asyncio.sleep(2.0)
    assert bench.reader.card_inside is card


async def test_the_removal_of_a_card_is_watched_for(bench: Bench) -> None:
    await bench.insert()
    assert await bench.refusal("CT005") == ErrorCode.NOT_EXECUTABLE
    await bench.good("C30")
    assert await bench.refusal("CT005") == ErrorCode.NOT_TAKEN
    watching = asyncio.ensure_future(bench.say(golden("CT030"), silence=12.0))
    await asyncio.sleep(10.0)
    bench.reader.take_card()
    assert await watching == ACK.raw + golden("PT000")


@pytest.mark.parametrize("data", ["00", "31", "5", "ab"])
async def test_the_watch_lasts_from_1_to_30_seconds(bench: Bench, data: str) -> None:
    assert await bench.refusal(f"CT0{data}") == ErrorCode.BAD_DATA


@pytest.mark.parametrize(
    ("move", "place"),
    [
        (InitialMove.TO_GATE, CardPosition.AT_GATE),
        (InitialMove.CAPTURE_COUNTED, CardPosition.NO_CARD),
        (InitialMove.KEEP_INSIDE, CardPosition.INSIDE),
        (InitialMove.DO_NOT_MOVE, CardPosition.INSIDE),
    ],
)
async def test_initialize_moves_a_card_as_it_is_told_even_off_the_contact(
    bench: Bench, move: InitialMove, place: CardPosition
) -> None:
    card = await bench.insert_to_contact()
    setup = Initialize(move).command()
    assert (await bench.good(f"C0{setup.pm}", setup.data)).st is place
    assert (bench.reader.captured == (card,)) is (place is CardPosition.NO_CARD)


# Chip


async def test_a_chip_is_reset_spoken_to_and_switched_off(bench: Bench) -> None:
    await bench.insert_to_contact()
    assert (await bench.good("CI0")).data == ATR_T0
    assert await bench.say(golden("CI2")) == ACK.raw + golden("PI202 + 45")
    reply = await bench.good("CI9", bytes.fromhex("00A404000E315041592E5359532E4444463031"))
    assert (reply.pm, reply.data) == ("4", bytes.fromhex("6120"))
    assert (await bench.good("CI3", bytes.fromhex("00C0000020"))).pm == "3"
    assert (await bench.good("CI8")).data == ATR_T0
    assert await bench.say(golden("CI1")) == ACK.raw + golden("PI102")
    assert await bench.refusal("CI9", bytes(5)) == ErrorCode.CHIP_NOT_ACTIVE


async def test_a_chip_needs_the_contact(bench: Bench) -> None:
    await bench.insert()
    assert await bench.refusal("CI0") == ErrorCode.NOT_EXECUTABLE


async def test_while_the_contact_is_set_nothing_moves(bench: Bench) -> None:
    await bench.insert_to_contact()
    assert await bench.say(golden("C30")) == ACK.raw + golden("N3005")
    refused = [await bench.refusal(text) for text in ("C31", "C40", "C60", "C6:", "C@0")]
    assert refused == [ErrorCode.CONTACT_SET] * 5
    assert await bench.say(golden("C@2")) == ACK.raw + golden("P@202")
    await bench.good("C30")


async def test_what_was_read_at_intake_is_told_while_the_contact_is_set(bench: Bench) -> None:
    card = await bench.insert_to_contact()
    assert (await bench.good("C62")).data == card.tracks[2].encode()
    assert await bench.refusal("C61") == ErrorCode.TRACK_BLANK
    await bench.good("C66")
    assert await bench.refusal("C62") == ErrorCode.CONTACT_SET


async def test_an_atr_against_the_emv_rules_is_shown_and_refused_but_taken_in_iso_mode(bench: Bench) -> None:
    no_tb1 = bytes.fromhex("3B45000102030405")
    await bench.insert_to_contact(VirtualCard("odd", chip=VirtualChip([], atr=no_tb1)))
    reply = await bench.ask("CI0")
    assert isinstance(reply, NegativeReply)
    assert (reply.error, reply.data) == (ErrorCode.ATR_NOT_EMV, no_tb1)
    assert (await bench.good("CI03")).data == no_tb1
    assert await bench.refusal("CI09") == ErrorCode.BAD_DATA


async def test_a_broken_atr_is_none(bench: Bench) -> None:
    await bench.insert_to_contact(VirtualCard("odd", chip=VirtualChip([], atr=b"\x3b\x65\x00")))
    assert await bench.refusal("CI03") == ErrorCode.NO_ATR


async def test_a_chip_of_the_other_protocol_is_not_spoken_to(bench: Bench) -> None:
    await bench.insert_to_contact(issue(person("jia"), atr=ATR_T1))
    await bench.good("CI0")
    assert await bench.say(encode(Command("I", "3", bytes(5)))) == ACK.raw + encode(NegativeReply("I", "3", "62"))
    assert (await bench.good("CI9", bytes(4))).data == bytes.fromhex("6985")


async def test_an_atr_of_another_protocol_is_shown_and_refused(bench: Bench) -> None:
    t14 = bytes.fromhex("3B800E")
    t14 += bytes((t14[1] ^ t14[2],))
    await bench.insert_to_contact(VirtualCard("odd", chip=VirtualChip([], atr=t14)))
    reply = await bench.ask("CI03")
    assert isinstance(reply, NegativeReply)
    assert (reply.error, reply.data) == (ErrorCode.ATR_UNSUPPORTED, t14)
    assert (await bench.good("CI2")).data == b"\x40"


async def test_a_card_without_power_is_not_spoken_to(bench: Bench) -> None:
    assert await bench.say(encode(Command("I", "3", bytes(5)))) == ACK.raw + golden("NI302")
    await bench.insert()
    assert await bench.refusal("CI8") == ErrorCode.CHIP_NOT_ACTIVE
    assert await bench.refusal("CI9", bytes(5)) == ErrorCode.CHIP_NOT_ACTIVE


async def test_dle_eot_in_an_exchange_switches_the_chip_off(bench: Bench) -> None:
    await bench.insert_to_contact()
    await bench.good("CI0")
    await bench.host.send(encode(Command("I", "9", bytes.fromhex("00A404000E315041592E5359532E4444463031"))))
    await asyncio.sleep(0.005)
    assert await bench.say(CLEAR_LINE) == ACK.raw + CLEAR_LINE
    assert (await bench.good("CI2")).data == b"\x40"


async def test_the_parts_of_a_long_exchange_come_in_their_order(bench: Bench) -> None:
    chip = VirtualChip([LongAnswer()], atr=ATR_T1)
    await bench.insert_to_contact(VirtualCard("talkative", chip=chip))
    await bench.good("CI0")
    select = bytes.fromhex("00A4040001A0")
    assert await bench.refusal("CI6", select) == ErrorCode.NOT_EXECUTABLE
    assert await bench.refusal("CI5", select[:3]) == ErrorCode.CHIP_NOT_ACTIVE
    await bench.good("CI0")
    assert (await bench.good("CI5", select[:3])).pm == "7"
    assert (await bench.good("CI6", select[3:])).data == bytes.fromhex("9000")
    first, second, last = await bench.good("CI9", bytes(4)), await bench.good("CI7"), await bench.good("CI7")
    assert [(part.pm, len(part.data)) for part in (first, second, last)] == [("5", 1000), ("5", 1000), ("6", 502)]
    assert await bench.refusal("CI7") == ErrorCode.NOT_EXECUTABLE
    await bench.good("CI0")
    await bench.good("CI9", select)
    assert (await bench.good("CI4", bytes(4))).pm == "5"
    assert await bench.refusal("CI4", bytes(4)) == ErrorCode.NOT_EXECUTABLE
    assert await bench.refusal("CI7") == ErrorCode.CHIP_NOT_ACTIVE


class LongAnswer:
    """An application that answers everything with 2500 bytes."""

    name = b"\xa0"

    def select(self) -> bytes:
        return b""

    def run(self, command: object) -> ResponseApdu:
        return ResponseApdu(bytes(2500), 0x9000)


async def test_an_apdu_too_long_for_t0_is_refused(bench: Bench) -> None:
    await bench.insert_to_contact()
    await bench.good("CI0")
    assert await bench.refusal("CI9", bytes(262)) == ErrorCode.BAD_DATA


async def test_the_unit_has_no_sam(bench: Bench) -> None:
    assert await bench.refusal("CI@") == ErrorCode.NO_ATR


# The rest of the table


async def test_revision_and_ports_answer(bench: Bench) -> None:
    assert await bench.say(golden("CA1")) == ACK.raw + golden("PA100 + 2345-01A")
    assert await bench.say(golden("C58")) == ACK.raw + golden("P5800 + 30")
    assert (await bench.good("C5120")).data == b""
    assert await bench.refusal("C51") == ErrorCode.BAD_DATA
    assert len((await bench.good("C>2")).data) == 4


async def test_the_write_mode_is_that_of_low_coercivity(bench: Bench) -> None:
    assert await bench.say(golden("C7000")) == ACK.raw + encode(PositiveReply("7", "0", CardPosition.NO_CARD))
    assert await bench.refusal("C7010") == ErrorCode.BAD_PARAMETER


async def test_an_eject_stands_out_up_to_20_ms_further(bench: Bench) -> None:
    await bench.insert()
    assert [await bench.refusal(text) for text in ("C30021", "C3020", "C300x0")] == [ErrorCode.BAD_DATA] * 3
    assert (await bench.good("C30020")).st is CardPosition.AT_GATE
    assert await bench.refusal("C22") == ErrorCode.NOT_EXECUTABLE


async def test_the_retract_counter_is_off_unless_initialize_switched_it_on(unready: Bench) -> None:
    await unready.good("C0032400")
    assert await unready.refusal("CC0") == ErrorCode.NOT_EXECUTABLE


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Cf0", ErrorCode.UNKNOWN_COMMAND),
        ("C19", ErrorCode.BAD_PARAMETER),
        ("CA0", ErrorCode.BAD_PARAMETER),
        ("C0099", ErrorCode.BAD_DATA),
        ("CC1x", ErrorCode.BAD_DATA),
        ("C71", ErrorCode.OPTION_ABSENT),
    ],
)
async def test_what_the_reader_does_not_know_it_says(bench: Bench, text: str, error: ErrorCode) -> None:
    assert await bench.refusal(text) == error


@pytest.mark.parametrize(("cm", "pm"), [key for key in COMMANDS if key[0] not in "02T"])
async def test_every_command_of_the_table_is_answered_without_a_card(bench: Bench, cm: str, pm: str) -> None:
    await bench.ask(f"C{cm}{pm}")


# Mains


@pytest.mark.parametrize(
    ("power_down", "place"),
    [(OnPowerDown.EJECT, CardPosition.AT_GATE), (OnPowerDown.KEEP, CardPosition.INSIDE)],
)
async def test_at_power_down_the_card_goes_where_initialize_said(
    unready: Bench, power_down: OnPowerDown, place: CardPosition
) -> None:
    setup = Initialize(InitialMove.DO_NOT_MOVE, power_down).command()
    await unready.good("C03", setup.data)
    card = await unready.insert_to_contact()
    unready.reader.power_off()
    assert await unready.say(golden("C10")) == b""
    assert (unready.reader.card_at_gate is card) is (place is CardPosition.AT_GATE)
    unready.reader.power_on()
    assert await unready.refusal("C13") == ErrorCode.NOT_INITIALIZED
    assert (await unready.good("C03", setup.data)).st is place


async def test_power_fails_in_the_middle_of_a_motion_which_ends_with_error_30(bench: Bench) -> None:
    card = await bench.insert()
    await bench.host.send(golden("C31"))
    await asyncio.sleep(0.4)
    bench.reader.power_off()
    await asyncio.sleep(2.0)
    assert await bench.hear() == ACK.raw + encode(NegativeReply("3", "1", "30"))
    assert await bench.say(golden("C10")) == b""
    assert bench.reader.card_at_gate is card
    assert bench.reader.captured == ()


async def test_the_workbench_sees_card_and_error_in_words(bench: Bench) -> None:
    await bench.insert()
    bench.reader.fail_next(Motion.CAPTURE, ErrorCode.JAM)
    await bench.refusal("C31")
    seen = bench.reader.snapshot()
    assert seen["card"] == "jia, inside"
    assert seen["error"] == "10 jam: the card did not reach its place"
