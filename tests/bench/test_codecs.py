"""The cases of the benchmark are about the same bytes on both sides; nothing here is measured."""

import pytest

from tests.bench.codecs import Case, cases
from tests.bench.samples import Spread, rates


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_both_sides_read_and_write_the_same_frame(case: Case) -> None:
    doings = case.doings()
    assert doings["encode"]() == case.frame
    assert doings["construct encode"]() == case.frame
    assert doings["decode"]() == [case.message]
    assert doings["construct decode"]() is not None


def test_a_broken_check_code_is_noticed_by_both_sides() -> None:
    for case in cases():
        if "check" not in {part.name for part in case.layout.subcons}:
            continue
        broken = case.frame[:-1] + bytes((case.frame[-1] ^ 1,))
        assert case.decoder().feed(broken) != [case.message]
        with pytest.raises(Exception, match="checksum"):
            case.layout.compile().parse(broken)


def test_samples_are_told_as_median_and_quartiles() -> None:
    assert Spread.of([1.0, 2.0, 3.0, 4.0, 100.0]) == Spread(3.0, 2.0, 4.0, 5)


def test_everything_is_measured_in_every_round() -> None:
    heard: list[str] = []
    found = rates({"a": lambda: heard.append("a"), "b": lambda: heard.append("b")}, rounds=3)
    assert {name: spread.samples for name, spread in found.items()} == {"a": 3, "b": 3}
