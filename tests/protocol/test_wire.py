from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import ACK, Control, ControlCode, Damaged, Decoder, Event, Noise

LONGEST = 5


@dataclass(frozen=True, slots=True)
class Word:
    raw: bytes


def scan(pending: bytes) -> Event[Word | Control] | None:
    """A toy format: `<`, at most three letters, `>`; an upper-case letter is damage; 06 is ACK."""
    if pending[:1] == b"\x06":
        return Control(ControlCode.ACK, pending[:1])
    if pending[:1] != b"<":
        return Noise(pending[:1], "no word")
    end = pending.find(b">", 0, LONGEST)
    if end < 0:
        return None if len(pending) < LONGEST else Noise(pending[:1], "no word")
    raw = pending[: end + 1]
    return Damaged(raw, "upper case") if raw != raw.lower() else Word(raw)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data in pieces."""
    edges = [0, *sorted(edge % (len(data) + 1) for edge in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def messages(events: list[Event[Word | Control]]) -> list[Event[Word | Control]]:
    return [event for event in events if not isinstance(event, Noise)]


streams = st.lists(st.sampled_from([b"<ab>", b"<>", b"<A>", b"<", b">", b"x", b"\x06", b"<abcd>"])).map(b"".join)


def test_a_message_is_returned_when_its_last_byte_arrives() -> None:
    decoder = Decoder(scan)
    assert decoder.feed(b"<a") == []
    assert decoder.pending == b"<a"
    assert decoder.feed(b"b>") == [Word(b"<ab>")]
    assert decoder.pending == b""


def test_messages_that_arrive_together_are_returned_in_order() -> None:
    assert Decoder(scan).feed(b"\x06<a><B><c>") == [ACK, Word(b"<a>"), Damaged(b"<B>", "upper case"), Word(b"<c>")]


def test_neighbouring_noise_is_one_event() -> None:
    assert Decoder(scan).feed(b"xyz<a>") == [Noise(b"xyz", "no word"), Word(b"<a>")]


def test_a_silence_inside_a_message_frees_the_message_that_hides_behind_it() -> None:
    decoder = Decoder(scan)
    assert decoder.feed(b"<x\x06") == []
    assert decoder.give_up() == [Noise(b"<x", "the message was not finished in time"), ACK]


def test_after_giving_up_nothing_is_pending() -> None:
    decoder = Decoder(scan)
    decoder.feed(b"<ab")
    assert decoder.give_up() == [Noise(b"<ab", "the message was not finished in time")]
    assert decoder.pending == b""
    assert decoder.feed(b"<c>") == [Word(b"<c>")]


@pytest.mark.parametrize("code", ControlCode)
def test_control_bytes_compare_by_code_only(code: ControlCode) -> None:
    assert Control(code) == Control(code, bytes([code]))


@given(streams, st.lists(st.integers(0, 200), max_size=8))
def test_fragmentation_changes_nothing(data: bytes, cuts: list[int]) -> None:
    whole: Decoder[Word | Control] = Decoder(scan)
    pieces: Decoder[Word | Control] = Decoder(scan)
    expected = whole.feed(data) + whole.give_up()
    events = [event for piece in cut(data, cuts) for event in pieces.feed(piece)] + pieces.give_up()
    assert messages(events) == messages(expected)


@given(streams, st.lists(st.integers(0, 200), max_size=8))
def test_no_byte_is_lost(data: bytes, cuts: list[int]) -> None:
    decoder = Decoder(scan)
    events = [event for piece in cut(data, cuts) for event in decoder.feed(piece)] + decoder.give_up()
    assert b"".join(event.raw for event in events) == data


@given(st.binary(max_size=64))
def test_after_garbage_and_a_silence_the_next_message_is_understood(garbage: bytes) -> None:
    decoder = Decoder(scan)
    decoder.feed(garbage)
    decoder.give_up()
    assert decoder.feed(b"<ok>") == [Word(b"<ok>")]
