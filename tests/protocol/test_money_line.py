"""The money line as a wire: golden frames, garbage, fragments, and what a trace may show."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.money_line import (
    MONEY_LINE,
    CashRequest,
    Message,
    Tpdu,
    decode,
    decoder,
    encode,
    field_slices,
    mac_input,
    parse,
    reply_mti,
    with_mac,
)
from protocol.money_line_fields import FIELDS, Kind
from protocol.wire import Damaged, Event, LocalProtocolError, Noise, RemoteProtocolError
from tests.vectors import Vector, load, vector

VECTORS = load("money_line")
CASH = vector("money_line", "cash request")


def values(golden: Vector) -> dict[int, str | bytes]:
    """The decoded fields that stand beside a golden frame."""
    return {
        int(number): bytes.fromhex(value.removeprefix("hex:")) if value.startswith("hex:") else value
        for number, value in golden.fields["decoded"].items()
    }


@pytest.mark.parametrize("golden", VECTORS, ids=str)
def test_golden_frames_are_read(golden: Vector) -> None:
    [message] = decoder().feed(golden.data)

    assert isinstance(message, Message)
    assert message.mti == golden.fields["mti"]
    assert message.fields == values(golden)
    assert message.raw == golden.data


@pytest.mark.parametrize("golden", VECTORS, ids=str)
def test_golden_frames_are_written(golden: Vector) -> None:
    tpdu = Tpdu() if golden.sender == "host" else Tpdu().swapped()

    assert encode(Message(golden.fields["mti"], values(golden), tpdu)) == golden.data


@pytest.mark.parametrize("golden", [each for each in VECTORS if each.fields["mti"] != "0420"], ids=str)
def test_golden_frames_survive_the_typed_layer(golden: Vector) -> None:
    message = decode(golden.data)
    typed = parse(message).to_message(message.tpdu, message.header)

    assert encode(with_mac(typed, message.mac) if message.mac else typed) == golden.data


def test_the_mac_covers_message_type_to_the_last_field_before_it() -> None:
    received = decode(CASH)

    assert mac_input(received) == CASH[13:-8]
    assert mac_input(parse(received).to_message()) == CASH[13:-8]


def test_a_message_without_a_mac_has_no_mac_input() -> None:
    with pytest.raises(RemoteProtocolError, match="carries no MAC"):
        mac_input(decode(vector("money_line", "echo")))


def test_the_answer_swaps_the_addresses() -> None:
    assert Tpdu("0003", "0017").swapped() == Tpdu("0017", "0003")


def test_a_reply_has_the_next_message_type() -> None:
    assert [reply_mti(mti) for mti in ("0200", "0220", "0400", "0800", "0820")] == [
        "0210",
        "0230",
        "0410",
        "0810",
        "0830",
    ]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({3: "01000"}, "field 3"),
        ({3: "0100é0"}, r"field 3 \(processing code\)"),
        ({4: "12 456789012"}, r"field 4 \(amount\)"),
        ({35: "6217X"}, r"field 35 \(track 2\)"),
        ({37: "tabulator\t12"}, r"field 37"),
        ({52: "1234567890ABCDEF"}, r"field 52"),
        ({3: b"\x01\x00\x00"}, "field 3 .* takes str"),
        ({55: bytes(256)}, "field 55"),
        ({65: "1"}, "no field 65"),
        ({90: "1"}, "no field 90"),
    ],
)
def test_a_message_that_breaks_the_profile_is_not_sent(fields: dict[int, str | bytes], why: str) -> None:
    with pytest.raises(LocalProtocolError, match=why):
        encode(Message("0200", fields))


def test_errors_never_hold_a_card_number() -> None:
    """The library under the codec keeps the whole document in its errors; ours must not lead back to it."""
    with pytest.raises(LocalProtocolError) as caught:
        encode(Message("0200", {2: "6217000000000000012", 39: "too long"}))

    assert "6217" not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("place", "byte", "why"),
    [
        (9, 0x6A, "not BCD"),
        (13, 0xA2, "message type"),
        (22, 0x51, "no field 58"),
        (15, 0xF0, "no field 1"),
        (17, 0x86, "no field 17"),
        (23, 0x18, "field 55"),
        (34, 0xFF, "field 3 (processing code)"),
    ],
)
def test_a_whole_frame_with_bad_content_is_damaged_and_kept(place: int, byte: int, why: str) -> None:
    frame = bytearray(CASH)
    frame[place] = byte

    [event] = decoder().feed(bytes(frame))

    assert isinstance(event, Damaged), event
    assert event.raw == bytes(frame)
    assert why in event.reason


def joined(events: list[Event[Message]]) -> list[object]:
    """Events with neighbouring noise put together, however the line cut it."""
    result: list[object] = []
    for event in events:
        if isinstance(event, Noise) and result and isinstance(last := result[-1], bytes):
            result[-1] = last + event.raw
        else:
            result.append(event.raw if isinstance(event, Noise) else event)
    return result


@given(
    st.lists(st.sampled_from([golden.data for golden in VECTORS]) | st.binary(max_size=8), max_size=5),
    st.lists(st.integers(0, 700), max_size=12),
)
def test_any_fragmentation_gives_the_same_events(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pieces)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    whole, parts = decoder(), decoder()

    together = whole.feed(stream) + whole.give_up()
    apart = [event for start, end in pairwise(edges) for event in parts.feed(stream[start:end])] + parts.give_up()

    assert joined(together) == joined(apart)


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda tail: CASH[:30] + tail))
def test_garbage_loses_no_byte_and_the_next_frame_is_read(garbage: bytes) -> None:
    wire = decoder()

    events = wire.feed(garbage) + wire.give_up()
    assert b"".join(event.raw for event in events) == garbage
    [message] = wire.feed(CASH)
    assert isinstance(message, Message)


def field_values(number: int) -> st.SearchStrategy[str | bytes]:
    """Any value that the format of a field allows."""
    form = FIELDS[number]
    least = 0 if form.length_bytes else form.size
    match form.kind:
        case Kind.DIGITS:
            return st.text("0123456789", min_size=least, max_size=form.size)
        case Kind.TRACK:
            return st.text("0123456789=", min_size=least, max_size=form.size)
        case Kind.TEXT:
            return st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=least, max_size=form.size)
        case Kind.BINARY:
            return st.binary(min_size=least, max_size=form.size)


@given(
    st.sampled_from(["0200", "0210", "0400", "0800"]),
    st.sets(st.sampled_from(sorted(FIELDS)), max_size=12).flatmap(
        lambda numbers: st.fixed_dictionaries({number: field_values(number) for number in sorted(numbers)})
    ),
)
def test_what_is_written_is_read_back(mti: str, fields: dict[int, str | bytes]) -> None:
    message = Message(mti, fields)

    [received] = decoder().feed(encode(message))

    assert received == message


def test_a_trace_shows_amount_and_code_and_hides_card_track_pin_and_chip() -> None:
    message = decode(CASH)

    explanation = MONEY_LINE.explain(message)

    assert "0200 CashRequest" in explanation.text
    assert "2=621700*********0012" in explanation.text
    assert "4=500.00" in explanation.text
    hidden = b"".join(CASH[where] for where in explanation.secrets)
    for secret in ("6217000000000000012F", "2D3012201000", "20C7E8024EB139B8", "9F2608112233"):
        assert bytes.fromhex(secret) in hidden
        assert secret not in explanation.text
    shown = bytearray(CASH)
    for where in explanation.secrets:
        shown[where] = bytes(len(shown[where]))
    assert bytes.fromhex("6217000000") not in shown


def test_a_trace_hides_downloaded_keys() -> None:
    frame = vector("money_line", "sign-on reply")

    explanation = MONEY_LINE.explain(decode(frame))

    assert [frame[where][:6].hex() for where in explanation.secrets] == ["00403eb3b725"]


def test_a_trace_shows_nothing_of_a_damaged_frame() -> None:
    explanation = MONEY_LINE.explain(Damaged(CASH, "field 3: bad"))

    assert explanation.secrets == (slice(0, len(CASH)),)


def test_no_repr_holds_a_secret() -> None:
    message = decode(CASH)

    for text in (repr(message), repr(parse(message))):
        for secret in ("6217000000000000012", "20C7E8024EB139B8", r"\xc7", "30122010001"):
            assert secret not in text


def test_a_cash_request_names_the_field_that_is_missing() -> None:
    message = decode(CASH)
    without_amount = Message(message.mti, {number: value for number, value in message.fields.items() if number != 4})

    with pytest.raises(RemoteProtocolError, match="0200 lacks field 4"):
        CashRequest.from_message(without_amount)


@pytest.mark.parametrize("fill", range(16))
def test_any_half_byte_may_fill_an_odd_number_of_digits(fill: int) -> None:
    golden = decode(CASH)
    frame = bytearray(CASH)
    places = field_slices(CASH)
    for number in (2, 35, 60):
        last = places[number].stop - 1
        frame[last] = frame[last] & 0xF0 | fill
    frame[places[23].start] = fill << 4 | frame[places[23].start] & 0x0F

    read = decode(bytes(frame))
    assert read.fields == golden.fields
    assert read.raw == bytes(frame)
