"""Pauses between attempts that fail."""

from hypothesis import given
from hypothesis import strategies as st

from terminal.backoff import Backoff


def test_pauses_double_up_to_the_longest_and_begin_again_after_success() -> None:
    backoff = Backoff(30.0, 100.0, bytes)
    assert [backoff.pause() for _ in range(4)] == [30.0, 60.0, 100.0, 100.0]

    backoff.reset()

    assert backoff.pause() == 30.0


@given(st.integers(0, 255))
def test_chance_takes_up_to_half_of_a_pause_away(chance: int) -> None:
    backoff = Backoff(30.0, 100.0, lambda number: bytes([chance]) * number)
    assert 15.0 <= backoff.pause() <= 30.0
    assert 30.0 <= backoff.pause() <= 60.0


def test_a_first_pause_beyond_the_longest_is_cut() -> None:
    assert Backoff(500.0, 60.0, bytes).pause() == 60.0
