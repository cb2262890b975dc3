import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.fault_options import OneOf, Range, Seconds, Whole


@pytest.mark.parametrize(
    ("range_", "given", "meant"),
    [
        (Whole(1, 4), 4, 4),
        (Whole(-5, 4), "-5", -5),
        (Seconds(60, usual=1), "2.5", 2.5),
        (Seconds(60, usual=1), 0, 0.0),
        (OneOf((False, True)), "true", True),
        (OneOf((False, True)), False, False),
        (OneOf(("path", "exit")), "exit", "exit"),
        (OneOf((1, 2)), "2", 2),
    ],
)
def test_a_value_is_read_also_from_what_was_typed(range_: Range, given: object, meant: object) -> None:
    value = range_.read(given)

    assert (value, type(value)) == (meant, type(meant))


@pytest.mark.parametrize("given", [0, 5, True, 2.0, "two", "", "9" * 5000, None, math.nan])
def test_what_is_no_whole_number_of_the_range_is_told_with_the_range(given: object) -> None:
    with pytest.raises(ValueError, match="give a whole number from 1 to 4, not "):
        Whole(1, 4).read(given)


@pytest.mark.parametrize("given", [-0.1, 60.5, math.nan, math.inf, "nan", "-inf", "1e999", 10**400, True, "soon", None])
def test_what_is_no_time_of_the_range_is_told_with_the_range(given: object) -> None:
    with pytest.raises(ValueError, match="give 0 to 60 seconds, not "):
        Seconds(60, usual=1).read(given)


@pytest.mark.parametrize("given", [True, "3", 1.0, "", None])
def test_what_is_none_of_the_choices_is_told_with_them(given: object) -> None:
    with pytest.raises(ValueError, match="give one of 1, 2, not "):
        OneOf((1, 2)).read(given)


@given(st.randoms(use_true_random=False))
def test_what_is_drawn_is_in_the_range_and_not_above_the_usual(chance: random.Random) -> None:
    for range_ in (Whole(1, 4), Whole(1, 1_000, usual=10), Seconds(3600, usual=2), OneOf(("a", "b"))):
        assert range_.read(drawn := range_.draw(chance)) == drawn
    assert Whole(1, 1_000, usual=10).draw(chance) <= 10
    assert Seconds(3600, usual=2).draw(chance) <= 2
