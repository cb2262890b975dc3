from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import fujitsu_f56_frame as link
from protocol.checksums import crc16_kermit
from protocol.fujitsu_f56 import FUJITSU_F56, device_decoder, encode, even_parity, host_decoder
from protocol.fujitsu_f56_codes import CassetteCode, Code
from protocol.fujitsu_f56_messages import (
    BadRequest,
    Bill,
    Command,
    Common,
    CountReply,
    CountRequest,
    InitialiseRequest,
    LogClearRequest,
    Message,
    Moved,
    PlainReply,
    RetrieveReply,
    TransportRequest,
)
from protocol.wire import Control, Damaged, Decoder, LocalProtocolError, Noise
from tests.vectors import Vector, load, vector

VECTORS = load("fujitsu_f56")
READ_ONLY = ("STATUS reply with DH0 E0",)
"""Frames that our encoder writes in another way."""


def golden(name: str) -> bytes:
    return vector("fujitsu_f56", name)


def decoder_for(frame: Vector) -> Decoder[Message]:
    return host_decoder() if frame.sender == "host" else device_decoder()


@pytest.mark.parametrize("frame", VECTORS, ids=str)
def test_every_golden_frame_says_what_its_source_says(frame: Vector) -> None:
    (message,) = decoder_for(frame).feed(frame.data)
    assert FUJITSU_F56.explain(message).text == frame.fields["says"]
    assert message.raw == frame.data


@pytest.mark.parametrize("frame", [frame for frame in VECTORS if frame.name not in READ_ONLY], ids=str)
def test_every_golden_frame_is_written_byte_for_byte(frame: Vector) -> None:
    (message,) = decoder_for(frame).feed(frame.data)
    assert not isinstance(message, Noise | Damaged)
    assert encode(message) == frame.data


@pytest.mark.parametrize("frame", VECTORS, ids=str)
def test_no_golden_frame_survives_one_wrong_byte(frame: Vector) -> None:
    (meant,) = decoder_for(frame).feed(frame.data)
    for place in range(len(frame.data)):
        for mask in (0x01, 0x10, 0x80, 0xFF):
            bad = bytearray(frame.data)
            bad[place] ^= mask
            decoder = decoder_for(frame)
            heard = decoder.feed(bytes(bad)) + decoder.give_up()
            assert all(isinstance(event, Noise | Damaged | Control) for event in heard), (place, meant)


def test_the_digits_of_the_field_have_even_parity() -> None:
    assert bytes(map(even_parity, b"0123456789")) == bytes.fromhex("30 B1 B2 33 B4 35 36 B7 B8 39")


def test_digits_are_read_whatever_their_parity() -> None:
    data = bytearray(golden("COUNT 1, 2, 0, 13")[4:-4])
    data[4:20] = bytes(byte & 0x7F for byte in data[4:20])
    (request,) = host_decoder().feed(link.text_frame(bytes(data)))
    assert request == CountRequest((1, 2, 0, 13), (4,) * 4, (3,) * 4)


def test_control_pairs_are_the_control_codes_behind_dle() -> None:
    assert device_decoder().feed(bytes.fromhex("10 05 10 06 10 15")) == [link.ENQ, link.ACK, link.NAK]
    assert encode(link.ENQ) == b"\x10\x05"


def test_a_bare_dle_stands_in_data_for_the_receiver_is_led_by_the_length() -> None:
    text = b"\x10\x03\x10\x02\x10\x05".ljust(36, b"\x10")
    raw = encode(LogClearRequest(text))
    assert host_decoder().feed(raw) == [LogClearRequest(text)]


def test_a_length_that_no_message_has_is_not_waited_for() -> None:
    assert isinstance(host_decoder().feed(b"\x10\x02\xff\xff")[0], Damaged)


def test_a_frame_that_lost_bytes_does_not_swallow_the_next_one() -> None:
    status, count = golden("STATUS reply, idle"), golden("COUNT reply 1, 2, 0, 13")
    decoder = device_decoder()
    heard = decoder.feed(count[:-9] + status + count) + decoder.give_up()
    assert count in [event.raw for event in heard]


def test_the_sensor_of_the_exit_is_bit_10_of_the_third_sensor_byte() -> None:
    raw = golden("TRANSPORT reply")
    assert raw[4 + 14] == 0x10
    (reply,) = device_decoder().feed(raw)
    assert isinstance(reply, PlainReply)
    assert reply.common.notes_at_exit


def test_partial_counts_stand_where_drivers_in_the_field_read_them() -> None:
    raw = golden("COUNT reply, cassette 1 empty after 3 of 5")
    (reply,) = device_decoder().feed(raw)
    assert isinstance(reply, CountReply)
    assert (reply.good, reply.common.error) == (False, 0x11)
    assert reply.cassettes == (Moved(3, 1), Moved(), Moved(), Moved())
    assert raw[4 + 0x27 : 4 + 0x29] == bytes.fromhex("30 33")
    assert raw[4 + 0x2F : 4 + 0x31] == bytes.fromhex("30 B1")


def test_a_short_response_has_its_error_code_and_clear_sensors() -> None:
    (reply,) = device_decoder().feed(link.text_frame(bytes.fromhex("F0 05 02 EF 01 1C")))
    assert isinstance(reply, PlainReply)
    assert (reply.command, reply.good, reply.common.error, reply.common.additional) == (
        5,
        False,
        Code.CANNOT_EXECUTE,
        1,
    )


@pytest.mark.parametrize("data", ["E0 03 98 00 00 1C", "A0 03 02 00 00 1C", "E0 03 02 00 00 1D", "E0 03 1C"])
def test_a_response_that_contradicts_its_layout_is_damaged(data: str) -> None:
    (event,) = device_decoder().feed(link.text_frame(bytes.fromhex(data)))
    assert isinstance(event, Damaged)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("60 05 01 01", Code.FS_MISSING),
        ("60 05 02 01 1C", Code.FORMAT),
        ("61 05 01 01 1C", Code.UNDEFINED_COMMAND),
        ("60 10 00 1C", Code.UNDEFINED_COMMAND),
        ("60 05 FF 01 00 01 01 1C", Code.FORMAT),
        ("60 F0 FF 00 00 02 01 00 1C", Code.UNDEFINED_COMMAND),
        ("60 F0 02 03 00 1C", Code.PARAMETER),
        ("60 F1 01 02 1C", Code.PARAMETER),
        ("60 03 15 E5 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 00 00 00 00 1C", Code.PARAMETER),
        ("60 03 15 E4 3A 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 00 00 00 00 1C", Code.DIGIT),
        ("1C 1C 1C", Code.UNDEFINED_COMMAND),
    ],
)
def test_a_text_that_is_no_request_says_which_error_it_deserves(data: str, error: Code) -> None:
    (request,) = host_decoder().feed(link.text_frame(bytes.fromhex(data)))
    assert isinstance(request, BadRequest)
    assert request.error == error


@pytest.mark.parametrize(
    "message",
    [
        CountRequest((100, 0, 0, 0), (0,) * 4, (0,) * 4),
        CountRequest((1, 0, 0), (0,) * 3, (0,) * 3),
        CountRequest((1, 0, 0, 0), (0,) * 4, (256,) * 4),
        InitialiseRequest((Bill(),) * 5),
        InitialiseRequest((Bill(300, 2, 1),) * 4),
        TransportRequest(256),
        LogClearRequest(b"too short"),
        RetrieveReply(True, 100),
    ],
)
def test_what_does_not_fit_its_field_is_not_written(message: Message) -> None:
    with pytest.raises(LocalProtocolError):
        encode(message)


@pytest.mark.parametrize("length", [0, 2, 0x201])
def test_no_frame_holds_a_text_of_no_known_length(length: int) -> None:
    with pytest.raises(LocalProtocolError):
        link.text_frame(bytes(length))


@settings(deadline=None)
@given(
    sender=st.sampled_from(["host", "device"]),
    chosen=st.lists(st.sampled_from(VECTORS), max_size=5),
    glue=st.binary(max_size=6),
    cuts=st.lists(st.integers(0, 600), max_size=8),
)
def test_decoding_is_the_same_in_any_fragmentation(
    sender: str, chosen: list[Vector], glue: bytes, cuts: list[int]
) -> None:
    stream = glue.join(frame.data for frame in chosen)
    make = host_decoder if sender == "host" else device_decoder
    whole, pieces = make(), make()
    expected = whole.feed(stream) + whole.give_up()
    heard = []
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in pairwise(places):
        heard += pieces.feed(stream[start:end])
    heard += pieces.give_up()
    assert b"".join(event.raw for event in heard) == stream
    assert [event for event in heard if not isinstance(event, Noise)] == [
        event for event in expected if not isinstance(event, Noise)
    ]


@settings(deadline=None)
@given(garbage=st.binary(max_size=300), text=st.binary(min_size=3, max_size=200))
def test_garbage_never_raises_and_no_byte_is_lost(garbage: bytes, text: bytes) -> None:
    for make in (host_decoder, device_decoder):
        decoder = make()
        stream = garbage + link.text_frame(text)
        heard = decoder.feed(stream) + decoder.give_up()
        assert b"".join(event.raw for event in heard) == stream
        for event in heard:
            assert FUJITSU_F56.explain(event).text


def test_the_crc_is_kermit() -> None:
    body = golden("STATUS")[2:-2]
    assert crc16_kermit(body) == 0x97FA


def test_codes_of_a_cassette_name_it() -> None:
    data = bytearray(golden("COUNT reply, cassette 1 empty after 3 of 5")[4:-4])
    data[3] = 0x40 | CassetteCode.DIAGNOSIS
    data[4] = 1
    (reply,) = device_decoder().feed(link.text_frame(bytes(data)))
    assert isinstance(reply, CountReply)
    assert reply.common.words == "bill diagnosis of cassette 4 (denomination differs)"


def test_the_error_register_stands_where_it_is_read() -> None:
    """Offsets 5 and 9 of DATA; what is between address and register nobody knows."""
    common = Common(Code.JAM, 0x21, b"\x01\x02", b"\x03\x04\x05", bytes(range(6)), b"\x81\x82\x00\x00")
    data = encode(PlainReply(Command.TRANSPORT, False, common))[4:]
    assert data[3:22] == bytes.fromhex("78 21 0102 0000 030405 000102030405 81820000")
    assert device_decoder().feed(encode(PlainReply(Command.TRANSPORT, False, common))) == [
        PlainReply(Command.TRANSPORT, False, common)
    ]
