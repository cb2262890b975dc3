import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sankyo_ict3q8 import (
    SANKYO_ICT3Q8,
    CardPosition,
    ClearLine,
    Command,
    Message,
    NegativeReply,
    PositiveReply,
    answers,
    encode,
    frame,
    scan,
)
from protocol.sankyo_ict3q8_codes import COMMANDS, Dialect, ErrorCode, error_meaning
from protocol.sankyo_ict3q8_initialize import DsrWatch, Initialize, InitialMove, OnPowerDown
from protocol.sankyo_ict3q8_status import Sensors
from protocol.wire import ACK, NAK, Damaged, Decoder, LocalProtocolError, Noise, RemoteProtocolError
from tests.vectors import Vector, load, vector

GOOD = [found for found in load("sankyo_ict3q8") if "damaged" not in found.fields]

characters = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
commands = st.builds(Command, characters, characters, st.binary(max_size=1000))
positives = st.builds(PositiveReply, characters, characters, st.sampled_from(CardPosition), st.binary(max_size=1000))
negatives = st.builds(
    NegativeReply, characters, characters, st.sampled_from([code.value for code in ErrorCode]), st.binary(max_size=200)
)
messages = st.one_of(commands, positives, negatives, st.just(ClearLine()), st.just(ACK), st.just(NAK))


def decode(data: bytes) -> list[Message | Noise | Damaged]:
    return Decoder[Message](scan).feed(data)


def fragments(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("golden", GOOD, ids=str)
def test_every_golden_frame_is_one_message_and_comes_back_byte_for_byte(golden: Vector) -> None:
    (message,) = decode(golden.data)
    assert not isinstance(message, Noise | Damaged)
    assert message.raw == golden.data
    assert encode(message) == golden.data


@pytest.mark.parametrize("golden", GOOD, ids=str)
def test_the_letters_of_a_golden_frame_are_read_as_what_they_say(golden: Vector) -> None:
    text = bytes.fromhex(golden.fields["text"])
    (message,) = decode(golden.data)
    match message:
        case Command(cm, pm, data):
            assert golden.sender == "host"
            assert f"C{cm}{pm}".encode() + data == text
        case PositiveReply(cm, pm, position, data):
            assert golden.sender == "device"
            assert f"P{cm}{pm}{position}".encode() + data == text
        case NegativeReply(cm, pm, error, data):
            assert golden.sender == "device"
            assert f"N{cm}{pm}{error}".encode() + data == text
        case _:
            pytest.fail(f"{message} is no frame")


def test_the_capture_of_a_real_unit_is_an_ack_and_a_reply_with_one_byte() -> None:
    heard = b"\x06" + vector("sankyo_ict3q8", "P0000 + 78")
    assert decode(heard) == [ACK, PositiveReply("0", "0", CardPosition.NO_CARD, b"\x78")]


def test_a_frame_with_a_wrong_crc_is_damaged_and_keeps_its_bytes() -> None:
    wrong = vector("sankyo_ict3q8", "C10 with a wrong CRC")
    assert decode(wrong) == [Damaged(wrong, "CRC")]


def test_a_status_the_specification_does_not_know_is_worth_a_nak() -> None:
    assert isinstance(decode(frame(b"P1003"))[0], Damaged)


def test_dle_eot_is_recognised_even_when_it_comes_in_two_pieces() -> None:
    decoder = Decoder[Message](scan)
    assert decoder.feed(b"\x10") == []
    assert decoder.feed(b"\x04") == [ClearLine()]


def test_a_frame_longer_than_1024_bytes_is_never_made() -> None:
    encode(Command("I", "4", b"\x00" * 1000))
    with pytest.raises(LocalProtocolError):
        encode(Command("I", "4", b"\x00" * 1017))


@pytest.mark.parametrize("golden", GOOD, ids=str)
def test_no_golden_frame_with_one_wrong_byte_is_taken_for_a_message(golden: Vector) -> None:
    for place in range(len(golden.data)):
        for flip in (0x01, 0x02, 0x10, 0x80, 0xFF, golden.data[place], golden.data[place] ^ 0xF2):
            wrong = bytearray(golden.data)
            wrong[place] ^= flip or 0x55
            if bytes(wrong) == golden.data:
                continue
            decoder = Decoder[Message](scan)
            heard = decoder.feed(bytes(wrong)) + decoder.give_up()
            assert not [event for event in heard if isinstance(event, Command | PositiveReply | NegativeReply)]
            assert b"".join(event.raw for event in heard) == bytes(wrong)


@given(st.sampled_from(GOOD), st.integers(min_value=0), st.integers(1, 255))
def test_any_byte_of_a_golden_frame_may_be_hit_by_any_noise(golden: Vector, place: int, flip: int) -> None:
    wrong = bytearray(golden.data)
    wrong[place % len(wrong)] ^= flip
    decoder = Decoder[Message](scan)
    heard = decoder.feed(bytes(wrong)) + decoder.give_up()
    assert not [event for event in heard if isinstance(event, Command | PositiveReply | NegativeReply)]


@pytest.mark.parametrize("golden", GOOD, ids=str)
def test_a_golden_frame_may_be_cut_at_every_place(golden: Vector) -> None:
    for cut in range(1, len(golden.data)):
        decoder = Decoder[Message](scan)
        heard = decoder.feed(golden.data[:cut]) + decoder.feed(golden.data[cut:])
        assert [event.raw for event in heard] == [golden.data]


@given(messages)
def test_what_is_encoded_is_decoded_again(message: Message) -> None:
    assert decode(encode(message)) == [message]


@given(st.lists(messages, max_size=5), st.lists(st.integers(min_value=0), max_size=8))
def test_fragmentation_changes_nothing(sent: list[Message], cuts: list[int]) -> None:
    line = b"".join(encode(message) for message in sent)
    decoder = Decoder[Message](scan)
    heard = [event for piece in fragments(line, cuts) for event in decoder.feed(piece)]
    assert heard == sent


@given(st.binary(max_size=300), st.lists(st.integers(min_value=0), max_size=8))
def test_garbage_loses_no_byte_and_a_good_frame_after_it_is_heard(garbage: bytes, cuts: list[int]) -> None:
    decoder = Decoder[Message](scan)
    events = [event for piece in fragments(garbage, cuts) for event in decoder.feed(piece)]
    events += decoder.give_up()
    assert b"".join(event.raw for event in events) == garbage
    assert decoder.feed(encode(Command("1", "0"))) == [Command("1", "0")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("C0032400", Initialize(InitialMove.TO_GATE, report_type=False, pull_out_in_capture_is_error=False)),
        (
            "C0032400001000",
            Initialize(
                InitialMove.TO_GATE, skip_shutter_test=True, report_type=False, pull_out_in_capture_is_error=False
            ),
        ),
        (
            "C0632400300111",
            Initialize(InitialMove.KEEP_INSIDE_COUNTED, OnPowerDown.OFFER_THEN_CAPTURE, dsr_watch=DsrWatch.EJECT),
        ),
    ],
)
def test_initialize_is_read_in_its_short_and_its_long_form(name: str, expected: Initialize) -> None:
    (command,) = decode(vector("sankyo_ict3q8", name))
    assert isinstance(command, Command)
    assert Initialize.parse(command) == expected


def test_initialize_goes_out_in_full() -> None:
    full = Initialize(InitialMove.KEEP_INSIDE_COUNTED, OnPowerDown.OFFER_THEN_CAPTURE, dsr_watch=DsrWatch.EJECT)
    assert encode(full.command()) == vector("sankyo_ict3q8", "C0632400300111")


@pytest.mark.parametrize("data", [b"", b"3240", b"32410", b"324009", b"32400000000000"])
def test_initialize_with_other_data_is_the_other_sides_fault(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        Initialize.parse(Command("0", "0", data))


def test_idle_sensors_are_those_of_the_golden_reply() -> None:
    (reply,) = decode(vector("sankyo_ict3q8", "P1200 + 48 40 40 40"))
    assert isinstance(reply, PositiveReply)
    assert Sensors.parse(reply.data) == Sensors()
    assert Sensors().encode() == reply.data


@given(st.builds(Sensors))
def test_sensors_come_back_as_they_were(sensors: Sensors) -> None:
    assert Sensors.parse(sensors.encode()) == sensors


def test_sensor_bytes_of_the_wrong_number_are_the_other_sides_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        Sensors.parse(b"\x48\x40\x40")


@pytest.mark.parametrize("px", ["3", "4", "5", "?"])
def test_a_chip_exchange_is_answered_with_px_in_the_place_of_pm(px: str) -> None:
    assert answers(Command("I", "9"), PositiveReply("I", px, CardPosition.INSIDE))
    assert answers(Command("I", "9"), NegativeReply("I", px, "63"))


@pytest.mark.parametrize(
    "other",
    [
        PositiveReply("I", "0", CardPosition.INSIDE),
        NegativeReply("I", "0", "63"),
        PositiveReply("1", "9", CardPosition.INSIDE),
        ACK,
    ],
    ids=repr,
)
def test_other_messages_do_not_answer_a_chip_exchange(other: Message) -> None:
    assert not answers(Command("I", "9"), other)


def hidden(raw: bytes) -> bytes:
    """The bytes of the only event in `raw` that a trace may not show."""
    (event,) = decode(raw)
    return b"".join(raw[part] for part in SANKYO_ICT3Q8.explain(event).secrets)


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (PositiveReply("6", "2", CardPosition.INSIDE, b"6299991234567890122=3012"), b"6299991234567890122=3012"),
        (NegativeReply("6", ":", "20", b"629999123456"), b"629999123456"),
        (Command("7", "2", b"6299991234567890122=3012"), b"6299991234567890122=3012"),
        (Command("I", "9", bytes.fromhex("0020008008241234FFFFFFFFFF")), bytes.fromhex("241234FFFFFFFFFF")),
        (PositiveReply("I", "4", CardPosition.INSIDE, bytes.fromhex("70045A0262999000")), b"\x5a\x02\x62\x99"),
        (PositiveReply("I", "5", CardPosition.INSIDE, b"all of it is data"), b"all of it is data"),
        (Command("x", "y", b"who knows"), b"who knows"),
    ],
    ids=["track", "part of a track", "written track", "APDU", "chip reply", "first part of a reply", "unknown"],
)
def test_a_trace_hides_what_is_on_the_card_together_with_the_crc_over_it(message: Message, secret: bytes) -> None:
    raw = encode(message)
    assert secret in hidden(raw)
    assert hidden(raw).endswith(raw[-2:])
    assert secret.decode("latin-1") not in SANKYO_ICT3Q8.explain(decode(raw)[0]).text + repr(message)


def test_a_trace_shows_where_the_card_is_and_what_went_wrong() -> None:
    words = [SANKYO_ICT3Q8.explain(decode(vector("sankyo_ict3q8", name))[0]).text for name in ("C30", "P3001", "N3150")]
    assert words == ["C30 eject", "P3001 eject: card at the gate", "N3150 capture: retract counter is at 99"]


def test_a_damaged_frame_shows_no_content() -> None:
    wrong = bytearray(encode(PositiveReply("6", "2", CardPosition.INSIDE, b"6299991234567890122")))
    wrong[-1] ^= 1
    assert b"6299991234567890122" in hidden(bytes(wrong))


@given(st.binary(min_size=1, max_size=60))
def test_every_event_can_be_explained(data: bytes) -> None:
    decoder = Decoder[Message](scan)
    for event in decoder.feed(data) + decoder.give_up():
        assert SANKYO_ICT3Q8.explain(event).text


def test_an_error_is_named_as_its_dialect_means_it() -> None:
    assert error_meaning("18") == "insertion or shutter switch"
    assert error_meaning("18", Dialect.ICT3K5) == "two cards"
    assert error_meaning("10", Dialect.ICT3K5) == error_meaning("10") == "jam: the card did not reach its place"
    assert error_meaning("73") == "EEPROM"
    assert error_meaning("99") == "not in the specification"


def test_no_command_stands_in_the_table_twice() -> None:
    assert len(COMMANDS) == len({(row.cm, row.pm) for row in COMMANDS.values()})
    assert all(key == (row.cm, row.pm) for key, row in COMMANDS.items())
