from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.checksums import bcc
from protocol.puloon_lcdm import PULOON_LCDM_2000, PULOON_LCDM_4000
from protocol.wire import ACK, EOT, NAK, Control, Damaged, LocalProtocolError, Noise, WireFormat
from tests.vectors import Vector, load, vector

VECTORS = load("puloon_lcdm")
FORMATS = {"2000": PULOON_LCDM_2000, "4000": PULOON_LCDM_4000}


def golden(name: str) -> bytes:
    return vector("puloon_lcdm", name)


def format_of(frame: Vector) -> WireFormat:
    return FORMATS[frame.fields["model"]]


def decode(frame: Vector) -> list[object]:
    wire = format_of(frame)
    decoder = wire.from_host() if frame.sender == "host" else wire.from_device()
    return list(decoder.feed(frame.data))


@pytest.mark.parametrize("frame", VECTORS, ids=str)
def test_every_golden_frame_says_what_its_source_says(frame: Vector) -> None:
    (message,) = decode(frame)
    assert format_of(frame).explain(message).text == frame.fields["says"]


@pytest.mark.parametrize("frame", VECTORS, ids=str)
def test_every_golden_frame_is_written_byte_for_byte(frame: Vector) -> None:
    (message,) = decode(frame)
    encode = lcdm2000.encode if frame.fields["model"] == "2000" else lcdm4000.encode
    assert encode(message) == frame.data  # type: ignore[arg-type]
    assert message.raw == frame.data  # type: ignore[attr-defined]


def test_partial_counts_of_a_bill_end_are_read_as_the_specification_places_them() -> None:
    raw = golden("2000: DISPENSE upper reply, bill-end after 7 of 10")
    assert lcdm2000.device_decoder().feed(raw) == [
        lcdm2000.DispenseReply(
            lcdm2000.Command.DISPENSE_UPPER,
            lcdm2000.ErrorCode.UPPER_BILL_END,
            (lcdm2000.CassetteCounts(checked=8, exited=7, rejected=1, near_end=True),),
        )
    ]


def test_the_grouped_order_of_counts_is_another_reading_of_the_same_bytes() -> None:
    upper, lower = lcdm2000.CassetteCounts(5, 3, 2), lcdm2000.CassetteCounts(7, 7)
    reply = lcdm2000.DispenseReply(lcdm2000.Command.DISPENSE_BOTH, lcdm2000.ErrorCode.GOOD, (upper, lower))
    raw = lcdm2000.encode(reply, grouped=True)
    assert raw[4:12] == b"05070307"
    assert lcdm2000.device_decoder(grouped=True).feed(raw) == [reply]
    assert lcdm2000.device_decoder().feed(raw) != [reply]


def test_a_short_dispense_request_of_seven_bytes_reads_like_the_long_one() -> None:
    short = bytes.fromhex("04 30 02 52 23 20 20 20 20 20 20 03")
    (request,) = lcdm4000.host_decoder().feed(short + bytes((bcc(short),)))
    assert isinstance(request, lcdm4000.DispenseRequest)
    assert request.counts == (3, 0, 0, 0)
    assert request.serial is None


def test_a_command_may_be_answered_with_nothing_but_an_error_byte() -> None:
    refused = lcdm4000.PlainReply(lcdm4000.Command.DISPENSE, lcdm4000.ErrorCode.ABNORMAL_COMMAND)
    assert lcdm4000.device_decoder().feed(lcdm4000.encode(refused)) == [refused]


def test_sensor_bytes_that_look_like_the_end_of_a_frame_are_not_its_end() -> None:
    """Other firmware may send other base bits, so that DISP is 03 and the next byte the BCC of what came before."""
    reply = bytearray(golden("4000: STATUS reply, four cassettes"))
    reply[5], reply[6] = 0x03, 0x40
    reply[-1] = bcc(bytes(reply[:-1]))
    (status,) = lcdm4000.device_decoder().feed(bytes(reply))
    assert isinstance(status, lcdm4000.StatusReply)
    assert status.path == lcdm4000.PathSensor.DVTL | lcdm4000.PathSensor.DVTR


def test_ff_between_frames_is_noise_beside_a_good_frame() -> None:
    raw = golden("4000: GET SERIAL reply 5")
    noise, reply, eot = lcdm4000.device_decoder().feed(b"\xff\xff" + raw + b"\x04")
    assert noise == Noise(b"\xff\xff", "no message begins with this byte")
    assert reply == lcdm4000.SerialReply(lcdm4000.ErrorCode.GOOD, 5)
    assert eot == EOT


def test_only_the_4000_closes_with_eot() -> None:
    assert isinstance(lcdm2000.device_decoder().feed(b"\x04")[0], Noise)


@pytest.mark.parametrize("model", FORMATS)
def test_a_response_cut_short_does_not_swallow_the_next_one(model: str) -> None:
    replies = [found for found in VECTORS if found.sender == "device" and found.fields["model"] == model]
    for earlier, later in pairwise(replies):
        decoder = FORMATS[model].from_device()
        events = decoder.feed(earlier.data[:-3] + later.data) + decoder.give_up()
        assert later.data in [event.raw for event in events]


def messages_in(frame: Vector, data: bytes) -> list[object]:
    """What a decoder takes for a message of this frame's sender."""
    wire = format_of(frame)
    decoder = wire.from_host() if frame.sender == "host" else wire.from_device()
    return [
        event for event in decoder.feed(data) + decoder.give_up() if not isinstance(event, Noise | Damaged | Control)
    ]


@pytest.mark.parametrize("frame", VECTORS, ids=str)
def test_no_flipped_bit_of_any_golden_frame_makes_a_message(frame: Vector) -> None:
    for bit in range(len(frame.data) * 8):
        bad = bytearray(frame.data)
        bad[bit // 8] ^= 1 << bit % 8
        assert messages_in(frame, bytes(bad)) == [], bad.hex(" ")


@settings(deadline=None, max_examples=500)
@given(frame=st.sampled_from(VECTORS), place=st.integers(0, 28), change=st.integers(1, 255))
def test_no_damaged_byte_of_any_golden_frame_makes_a_message(frame: Vector, place: int, change: int) -> None:
    place %= len(frame.data)
    bad = frame.data[:place] + bytes((frame.data[place] ^ change,)) + frame.data[place + 1 :]
    assert messages_in(frame, bad) == []


def test_the_same_bit_flipped_in_two_bytes_can_not_be_seen_by_the_bcc() -> None:
    """What an XOR can't tell must be caught by what the counts can mean."""
    bad = bytearray(golden("4000: DISPENSE 1, 2, 3, 4 reply"))
    bad[6] ^= 0x02
    bad[9] ^= 0x02
    (reply,) = lcdm4000.device_decoder().feed(bytes(bad))
    assert isinstance(reply, lcdm4000.NotesReply)
    assert [cassette.exited for cassette in reply.cassettes] == [3, 0, 3, 4]


@settings(deadline=None)
@given(flip=st.integers(0, 29 * 8 - 1))
def test_one_flipped_bit_never_changes_counts(flip: int) -> None:
    good = golden("4000: DISPENSE 1, 2, 3, 4 reply")
    (meant,) = lcdm4000.device_decoder().feed(good)
    bad = bytearray(good)
    bad[flip // 8] ^= 1 << flip % 8
    decoder = lcdm4000.device_decoder()
    assert meant not in decoder.feed(bytes(bad)) + decoder.give_up()
    decoder = lcdm4000.device_decoder()
    assert not any(isinstance(event, lcdm4000.NotesReply) for event in decoder.feed(bytes(bad)) + decoder.give_up())


sides = st.sampled_from([(wire, sender) for wire in FORMATS.values() for sender in ("host", "device")])


@settings(deadline=None)
@given(
    side=sides,
    chosen=st.lists(st.sampled_from(VECTORS), max_size=6),
    glue=st.binary(max_size=6),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_decoding_is_the_same_in_any_fragmentation(
    side: tuple[WireFormat, str], chosen: list[Vector], glue: bytes, cuts: list[int]
) -> None:
    wire, sender = side
    stream = glue.join(frame.data for frame in chosen)
    make = wire.from_host if sender == "host" else wire.from_device
    whole, pieces = make(), make()
    expected = whole.feed(stream) + whole.give_up()
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    events = [event for start, end in pairwise(edges) for event in pieces.feed(stream[start:end])] + pieces.give_up()
    assert without_noise(events) == without_noise(expected)
    assert b"".join(event.raw for event in events) == stream


def without_noise(events: list[object]) -> list[object]:
    return [event for event in events if not isinstance(event, Noise)]


@settings(deadline=None)
@given(side=sides, garbage=st.binary(max_size=80))
def test_garbage_never_raises_and_a_good_frame_after_silence_is_read(
    side: tuple[WireFormat, str], garbage: bytes
) -> None:
    wire, sender = side
    decoder = wire.from_host() if sender == "host" else wire.from_device()
    events = decoder.feed(garbage) + decoder.give_up()
    assert b"".join(event.raw for event in events) == garbage
    assert all(wire.explain(event).text for event in events)
    model = wire.name[-4:]
    good = next(g for g in VECTORS if g.fields["model"] == model and g.sender == sender)
    assert [event.raw for event in decoder.feed(good.data)] == [good.data]


counts = st.integers(0, 25)
four = st.tuples(counts, counts, counts, counts)
byte4 = st.tuples(*[st.integers(0, 255)] * 4)
small = st.integers(0, 0xDF)
cassettes4000 = st.tuples(*[st.builds(lcdm4000.CassetteCounts, small, small, st.integers(0, 4))] * 4)
positions = st.tuples(*[st.integers(0, 4)] * 4)
errors = st.integers(0x20, 0x63)

host_4000 = st.one_of(
    st.builds(lcdm4000.Request, st.sampled_from([lcdm4000.Command.STATUS, lcdm4000.Command.RESET])),
    st.builds(
        lcdm4000.DispenseRequest,
        st.sampled_from([lcdm4000.Command.DISPENSE, lcdm4000.Command.TEST_DISPENSE]),
        four,
        st.none() | st.integers(1, 9),
    ),
    st.builds(
        lcdm4000.DispenseRequest,
        st.just(lcdm4000.Command.DISPENSE),
        four,
        st.none() | st.integers(1, 9),
        st.integers(1, 0xDF),
        st.just(True),
    ),
    st.builds(lcdm4000.DiagnoseRequest, st.integers(1, 4)),
    st.builds(
        lcdm4000.SettingRequest, st.sampled_from([lcdm4000.Command.SET_LENGTHS, lcdm4000.Command.SET_OPACITIES]), byte4
    ),
    st.builds(lcdm4000.OrderRequest, positions),
    st.sampled_from([ACK, NAK]),
)
device_4000 = st.one_of(
    st.builds(
        lcdm4000.StatusReply,
        errors,
        st.builds(lcdm4000.PathSensor, st.integers(0, 0x3F)),
        st.tuples(
            *[
                st.builds(
                    lcdm4000.CassetteStatus,
                    st.builds(lcdm4000.CassetteSensor, st.integers(0, 15)),
                    st.integers(0, 4),
                    small,
                    small,
                )
            ]
            * 4
        ),
    ),
    st.builds(
        lcdm4000.NotesReply,
        st.sampled_from([lcdm4000.Command.PURGE, lcdm4000.Command.DISPENSE, lcdm4000.Command.TEST_DISPENSE]),
        errors,
        cassettes4000,
    ),
    st.builds(lcdm4000.LastStatusReply, st.sampled_from([0x20, 0x51, 0x52, 0x53]), errors, cassettes4000),
    st.builds(lcdm4000.DiagnosisReply, errors, small, small, small, small),
    st.builds(
        lcdm4000.SettingsReply,
        st.sampled_from([lcdm4000.Command.GET_LENGTHS, lcdm4000.Command.GET_OPACITIES]),
        errors,
        byte4,
    ),
    st.builds(lcdm4000.OrderReply, errors, positions),
    st.builds(lcdm4000.SerialReply, errors, small),
    st.sampled_from([ACK, NAK, EOT]),
)
digits = st.integers(0, 99)
cassette2000 = st.builds(lcdm2000.CassetteCounts, digits, digits, digits, st.booleans())
host_2000 = st.one_of(
    st.builds(
        lcdm2000.Request,
        st.sampled_from([lcdm2000.Command.DISPENSE_UPPER, lcdm2000.Command.DISPENSE_LOWER]),
        st.tuples(digits),
    ),
    st.builds(lcdm2000.Request, st.just(lcdm2000.Command.DISPENSE_BOTH), st.tuples(digits, digits)),
    st.builds(lcdm2000.Request, st.sampled_from([lcdm2000.Command.STATUS, lcdm2000.Command.TEST_LOWER])),
)
device_2000 = st.one_of(
    st.builds(
        lcdm2000.StatusReply, errors, st.builds(lcdm2000.Sensor, st.integers(0, 0x7F7F).map(lambda n: n & 0x7F7F))
    ),
    st.builds(lcdm2000.PlainReply, st.just(lcdm2000.Command.PURGE), errors),
    st.builds(
        lcdm2000.DispenseReply,
        st.sampled_from([lcdm2000.Command.DISPENSE_UPPER, lcdm2000.Command.TEST_LOWER]),
        errors,
        st.tuples(cassette2000),
    ),
    st.builds(
        lcdm2000.DispenseReply,
        st.just(lcdm2000.Command.DISPENSE_BOTH),
        errors,
        st.tuples(cassette2000, cassette2000),
    ),
    st.builds(lcdm2000.VersionReply, st.sampled_from("TO"), st.sampled_from(["16", "30"]), st.just("0A1F")),
)


@settings(deadline=None)
@given(message=host_4000)
def test_commands_of_the_4000_come_back_as_they_were(message: lcdm4000.Message) -> None:
    assert lcdm4000.host_decoder().feed(lcdm4000.encode(message)) == [message]


@settings(deadline=None)
@given(message=device_4000)
def test_responses_of_the_4000_come_back_as_they_were(message: lcdm4000.Message) -> None:
    assert lcdm4000.device_decoder().feed(lcdm4000.encode(message)) == [message]


@settings(deadline=None)
@given(message=host_2000)
def test_commands_of_the_2000_come_back_as_they_were(message: lcdm2000.Message) -> None:
    assert lcdm2000.host_decoder().feed(lcdm2000.encode(message)) == [message]


@settings(deadline=None)
@given(message=device_2000, grouped=st.booleans())
def test_responses_of_the_2000_come_back_as_they_were(message: lcdm2000.Message, grouped: bool) -> None:
    raw = lcdm2000.encode(message, grouped=grouped)
    assert lcdm2000.device_decoder(grouped=grouped).feed(raw) == [message]


@pytest.mark.parametrize(
    "message",
    [
        lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (60, 41, 0, 0)),
        lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (1, 0, 0, 0), timeout=10),
        lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (1, 0, 0, 0), serial=0xE0),
        lcdm4000.OrderRequest((1, 2, 3, 5)),
    ],
)
def test_a_message_for_the_4000_that_can_not_be_written_is_our_own_fault(message: lcdm4000.Message) -> None:
    with pytest.raises(LocalProtocolError):
        lcdm4000.encode(message)


@pytest.mark.parametrize(
    "message",
    [
        lcdm2000.Request(lcdm2000.Command.DISPENSE_UPPER, (100,)),
        lcdm2000.Request(lcdm2000.Command.DISPENSE_BOTH, (1,)),
        lcdm2000.Request(lcdm2000.Command.STATUS, (1,)),
    ],
)
def test_a_message_for_the_2000_that_can_not_be_written_is_our_own_fault(message: lcdm2000.Message) -> None:
    with pytest.raises(LocalProtocolError):
        lcdm2000.encode(message)


@pytest.mark.parametrize(
    ("model", "sender", "body"),
    [
        ("2000", "host", "04 50 02 45 30 03"),  # half a count
        ("2000", "host", "04 50 02 45 30 3A 03"),  # not a digit
        ("2000", "device", "01 50 02 45 30 31 30 31 31 32 30 30 03"),  # a cassette status of 32
        ("2000", "device", "01 50 02 47 07 32 30 54 35 36 32 34 03"),  # a model that can't be printed
        ("4000", "host", "04 30 02 52 21 20 20 03"),  # three counts
        ("4000", "host", "04 30 02 52 21 20 20 20 1C 3A 20 03"),  # a timeout of 10
        ("4000", "host", "04 30 02 52 1E 20 20 20 20 20 20 03"),  # less than no notes
        ("4000", "host", "04 30 02 5E 2C 36 30 30 30 30 30 30 03"),  # not a nibble
        ("4000", "device", "01 30 02 5F 20 4C 36 3C 36 3C 36 3C 36 03"),  # not a nibble
        ("4000", "device", "01 30 02 52 20 30 21 20 31 22 20 32 23 20 33 24 20 34 20 20 20 21 20 20 20 20 20 03"),
    ],
)
def test_content_that_breaks_the_protocol_is_damage_although_the_bcc_fits(model: str, sender: str, body: str) -> None:
    wire = FORMATS[model]
    raw = bytes.fromhex(body) + bytes((bcc(bytes.fromhex(body)),))
    (event,) = (wire.from_host() if sender == "host" else wire.from_device()).feed(raw)
    assert isinstance(event, Damaged)
    assert wire.explain(event).text.startswith("damaged: ")


def test_what_the_tables_do_not_know_is_told_in_hex() -> None:
    assert PULOON_LCDM_2000.explain(lcdm2000.UnknownRequest(0x48, b"")).text == "unknown command 48"
    assert PULOON_LCDM_4000.explain(lcdm4000.UnknownRequest(0x71, b"")).text == "unknown command 71"
    assert PULOON_LCDM_4000.explain(lcdm4000.PlainReply(0x44, 0x7F)).text == "RESET: error 7F"
    absent = lcdm4000.CassetteStatus(lcdm4000.CassetteSensor(0), 0, 0, 0)
    low = lcdm4000.CassetteStatus(lcdm4000.CassetteSensor.NEAR_END, 2, 0, 0)
    status = lcdm4000.StatusReply(0x20, lcdm4000.PathSensor.EXIT, (absent, low))
    assert PULOON_LCDM_4000.explain(status).text == "STATUS: good; path EXIT; cassettes absent, 2 near end"


def test_a_command_that_never_ends_does_not_hold_up_the_line() -> None:
    decoder = lcdm2000.host_decoder()
    endless = b"\x04\x50\x02\x45" + b"\x30" * 40
    events = decoder.feed(endless) + decoder.feed(golden("2000: STATUS"))
    assert events[-1] == lcdm2000.Request(lcdm2000.Command.STATUS)


def test_a_wrong_check_byte_is_damage_worth_a_nak() -> None:
    good = golden("2000: DISPENSE upper 1 reply")
    (event,) = lcdm2000.device_decoder().feed(good[:-1] + bytes((good[-1] ^ 1,)))
    assert isinstance(event, Damaged)
