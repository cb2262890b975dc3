import math
import random
import re
from enum import StrEnum
from typing import Literal

import pytest

from simulators.world.fault_options import Whole
from simulators.world.faults import CATALOGUE, NOT_MODELLED, Ailment, FaultRefused, Trigger, known


def test_every_fault_of_lines_devices_and_people_is_in_the_catalogue_or_said_to_be_impossible() -> None:
    every = [f"B{n}" for n in range(1, 24)] + [f"C{n}" for n in range(1, 29)] + [f"G{n}" for n in range(1, 9)]

    assert sorted([*CATALOGUE, *NOT_MODELLED]) == sorted(every)


def test_an_unknown_fault_is_told_with_those_there_are() -> None:
    with pytest.raises(FaultRefused, match="no fault 'Z1'; known are B1, B2"):
        known("Z1")


def test_a_fault_that_nothing_can_suffer_says_why() -> None:
    with pytest.raises(FaultRefused, match="C26 can't happen here: there is no cash acceptor"):
        known("C26")


@pytest.mark.parametrize(
    ("trigger", "why"),
    [
        ({"at": 1.0, "command": 2}, "give one of"),
        ({"at": -1.0}, "seconds from now"),
        ({"at": math.nan}, "seconds from now"),
        ({"at": math.inf}, "seconds from now"),
        ({"command": 0}, "counted from 1"),
        ({"byte": 0}, "counted from 1"),
        ({"chance": 1.5}, "above 0 and at most 1"),
        ({"times": 0}, "goes with chance"),
        ({"times": -1, "chance": 0.5}, "1 or more"),
    ],
)
def test_a_trigger_that_means_nothing_is_refused(trigger: dict[str, float], why: str) -> None:
    with pytest.raises(FaultRefused, match=re.escape(why)):
        Trigger(**trigger)  # type: ignore[arg-type]


class Where(StrEnum):
    PATH = "path"
    EXIT = "exit"


def jam(cassette: int, at: Where = Where.PATH, how: Literal["soft", "hard"] = "soft", hot: bool = False) -> None:
    raise AssertionError("only asked, not done")


JAM = Ailment(jam, limits={"cassette": Whole(1, 4)})


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"cassette": 1, "colour": "red"}, "no option colour; known here: cassette, at, how, hot"),
        ({"hot": True}, "option cassette must be given"),
        ({"cassette": "two"}, "cassette: give a whole number from 1 to 4, not 'two'"),
        ({"cassette": 5}, "cassette: give a whole number from 1 to 4, not 5"),
        ({"cassette": 1, "at": "roof"}, "at: give one of path, exit, not 'roof'"),
        ({"cassette": 1, "how": "gently"}, "how: give one of soft, hard"),
        ({"cassette": 1, "hot": "perhaps"}, "hot: give one of false, true"),
    ],
)
def test_options_are_checked_before_a_fault_is_armed(options: dict[str, str | int | bool], why: str) -> None:
    with pytest.raises(FaultRefused, match=why):
        JAM.checked(options)


def test_good_options_come_back_with_their_types() -> None:
    checked = JAM.checked({"cassette": "2", "at": "exit", "hot": "true"})

    assert checked == {"cassette": 2, "at": Where.EXIT, "hot": True}
    assert isinstance(checked["at"], Where)


def swap(one: int = 1, other: int = 2) -> None:
    raise AssertionError("only asked, not done")


SWAP = Ailment(swap, limits={"one": Whole(1, 3), "other": Whole(1, 3)}, differ=("one", "other"))


@pytest.mark.parametrize("options", [{"one": 2}, {"one": 3, "other": 3}])
def test_what_must_differ_differs_also_from_what_is_not_given(options: dict[str, int]) -> None:
    with pytest.raises(FaultRefused, match="one and other must differ"):
        SWAP.checked(options)


def lose(slot: int | None = None) -> None:
    raise AssertionError("only asked, not done")


@pytest.mark.parametrize("ailment", [JAM, SWAP, Ailment(lose, limits={"slot": Whole(0, 9)})])
def test_drawn_options_are_good_ones_and_all_of_them_come_up(ailment: Ailment) -> None:
    chance = random.Random(1)
    drawn = [ailment.draw(chance) for _ in range(200)]

    assert all(ailment.checked(options) == options for options in drawn)
    for name, range_ in ailment.ranges.items():
        seen = {options.get(name) for options in drawn}
        assert len(seen) > 1, (name, range_)


def test_the_same_seed_draws_the_same_options() -> None:
    assert [JAM.draw(random.Random(5)) for _ in range(3)] == [JAM.draw(random.Random(5)) for _ in range(3)]


def test_a_number_without_limits_is_a_mistake_of_who_made_the_fault() -> None:
    with pytest.raises(TypeError, match="option cassette: its type does not say what it may be"):
        Ailment(jam).ranges  # noqa: B018
