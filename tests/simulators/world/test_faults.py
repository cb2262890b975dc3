import re

import pytest

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


def jam(cassette: int, at_exit: bool = False) -> None:
    raise AssertionError("only asked, not done")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"cassette": 1, "colour": "red"}, "no option colour; known here: cassette, at_exit"),
        ({"at_exit": True}, "option cassette must be given"),
        ({"cassette": "two"}, "valid integer"),
    ],
)
def test_options_are_checked_before_a_fault_is_armed(options: dict[str, str | int | bool], why: str) -> None:
    with pytest.raises(FaultRefused, match=why):
        Ailment(jam).checked(options)


def test_good_options_come_back_with_their_types() -> None:
    assert Ailment(jam).checked({"cassette": "2"}) == {"cassette": 2}
