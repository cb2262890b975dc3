"""What can be said of an answer by who knows which PIN was typed: each story is requests with their answers."""

from datetime import date

import pytest

from simulators.campaign.pin_tries import PinTries
from simulators.world.people import load_people

SOMEBODY = load_people()[0]
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
RIGHT, WRONG = SOMEBODY.pin, "000000"
LOST = ""


def judged(*story: tuple[str, str], days: tuple[date, ...] = ()) -> list[str]:
    """What is wrong with the answers to these PINs, of which LOST ones never came."""
    tries, found = PinTries(), []
    for stan, (typed, code) in enumerate(story, 1):
        day = days[stan - 1] if days else TODAY
        tries.asked(stan, SOMEBODY, typed, day)
        if code:
            found.append(tries.answered(stan, code, day).replace(SOMEBODY.id, "somebody"))
    return [words for words in found if words]


@pytest.mark.parametrize(
    "story",
    [
        [(RIGHT, "00")],
        [(WRONG, "55"), (WRONG, "55"), (RIGHT, "00"), (WRONG, "55")],
        [(WRONG, "55"), (WRONG, "55"), (WRONG, "75"), (RIGHT, "38")],
        [(WRONG, LOST), (WRONG, "55"), (WRONG, "75")],
        [(WRONG, "55"), (WRONG, "55"), (RIGHT, LOST), (WRONG, "55"), (RIGHT, "00")],
        [(RIGHT, "51"), (RIGHT, "61")],
    ],
)
def test_nothing_is_wrong(story: list[tuple[str, str]]) -> None:
    assert judged(*story) == []


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ([(WRONG, "00")], "approved for somebody, who typed a wrong PIN"),
        ([(RIGHT, "55")], "somebody typed the right PIN, and it counts as wrong"),
        ([(WRONG, "55"), (WRONG, "75")], "somebody is refused after 2 wrong PINs"),
        ([(WRONG, "55"), (RIGHT, "00"), (WRONG, "55"), (RIGHT, "38")], "somebody is refused after 1 wrong PINs"),
        (
            [(WRONG, "55"), (WRONG, "55"), (WRONG, "75"), (RIGHT, "00")],
            "approved for somebody after 3 wrong PINs",
        ),
    ],
)
def test_what_is_wrong_is_said(story: list[tuple[str, str]], words: str) -> None:
    assert judged(*story) == [words]


def test_a_new_day_may_bring_new_tries() -> None:
    story = [(WRONG, "55"), (WRONG, "55"), (WRONG, "75"), (RIGHT, "00")]
    assert judged(*story, days=(TODAY, TODAY, TODAY, TOMORROW)) == []


def test_what_asks_under_an_old_trace_number_without_a_pin_is_not_judged() -> None:
    tries = PinTries()
    tries.asked(1, SOMEBODY, WRONG, TODAY)
    tries.none_asked(1)

    assert tries.answered(1, "00", TODAY) == ""
