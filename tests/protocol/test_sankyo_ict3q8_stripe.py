import pytest

from protocol.sankyo_ict3q8_stripe import (
    NOT_WRITTEN,
    TrackResult,
    Written,
    encode_results,
    parse_results,
    writable,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ({1: TrackResult(Written.GOOD)}, b"P00~X00~X00"),
        ({1: TrackResult(Written.GOOD), 2: TrackResult(Written.BAD, "20")}, b"P00~N20~X00"),
    ],
)
def test_results_are_three_triplets(results: dict[int, TrackResult], text: bytes) -> None:
    assert encode_results(results) == text
    assert parse_results(text) == {1: NOT_WRITTEN, 2: NOT_WRITTEN, 3: NOT_WRITTEN, **results}


@pytest.mark.parametrize("data", [b"", b"P00~X00", b"P00~Q00~X00", b"P0~X00~X00"])
def test_other_results_are_the_other_sides_fault(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_results(data)


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "x" * 77), (1, "lower case"), (2, "4" * 38), (2, "A"), (3, "5" * 105), (2, ""), (4, "1"), (2, "一")],
)
def test_what_does_not_fit_on_a_track_is_never_sent(number: int, text: str) -> None:
    with pytest.raises(LocalProtocolError):
        writable(number, text)


def test_the_longest_tracks_fit() -> None:
    assert writable(1, "A" * 76) == b"A" * 76
    assert writable(2, "?" * 37) == b"?" * 37
    assert writable(3, "0" * 104) == b"0" * 104
