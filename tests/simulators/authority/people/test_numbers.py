import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.social_card import id_check_character
from simulators.authority.people.numbers import (
    IdKind,
    NumberProblem,
    card_number_problems,
    cleaned,
    id_number_problems,
    pan_problems,
    phone_problems,
    read_id_number,
)
from tests import vectors

GOLDEN = tomllib.loads((Path(vectors.__file__).parent / "numbers.toml").read_text(encoding="utf-8"))
TODAY = date(2026, 5, 20)


def numbered(tables: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(table, id=table["number"] or "empty") for table in tables]


@pytest.mark.req("S2-48")
@pytest.mark.parametrize("golden", numbered(GOLDEN["id_number"]))
def test_a_right_id_number_tells_birth_date_sex_and_kind(golden: dict[str, Any]) -> None:
    read = read_id_number(golden["number"])

    assert id_number_problems(golden["number"], TODAY) == ()
    assert (read.birth_date, read.is_male, read.kind) == (golden["birth_date"], golden["male"], IdKind(golden["kind"]))
    assert golden["number"] not in repr(read)


@pytest.mark.req("S2-48")
@pytest.mark.parametrize("golden", numbered(GOLDEN["wrong_id_number"]))
def test_everything_wrong_with_an_id_number_is_named_at_once(golden: dict[str, Any]) -> None:
    assert id_number_problems(golden["number"], TODAY) == tuple(NumberProblem(name) for name in golden["problems"])


@pytest.mark.req("S2-48")
def test_nobody_is_born_after_today() -> None:
    number = "310101198001010018"

    assert id_number_problems(number, date(1980, 1, 1)) == ()
    assert id_number_problems(number, date(1979, 12, 31)) == (NumberProblem.BIRTH_DATE,)


@pytest.mark.req("S2-48")
@given(
    st.sampled_from(["9", "81", "82", "83"]),
    st.text(alphabet="0123456789", min_size=16, max_size=16),
)
def test_foreign_forms_need_no_region_and_no_birth_date(prefix: str, rest: str) -> None:
    body = (prefix + rest)[:17]
    number = body + id_check_character(body)

    assert id_number_problems(number, TODAY) == ()
    assert read_id_number(number).kind is not IdKind.RESIDENT


@given(st.text(max_size=24))
def test_any_text_is_judged_without_a_crash(text: str) -> None:
    for problems in (id_number_problems(text, TODAY), card_number_problems(text), pan_problems(text)):
        assert isinstance(problems, tuple)
    assert phone_problems(cleaned(text)) is not None


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_every_birth_date_of_the_calendar_is_read_back(born: date, sequence: int) -> None:
    body = f"310101{born:%Y%m%d}{sequence:03d}"
    number = body + id_check_character(body)

    assert id_number_problems(number, TODAY) == ()
    assert read_id_number(number).birth_date == born
    assert id_number_problems(number, born - timedelta(days=1)) == (NumberProblem.BIRTH_DATE,)


@pytest.mark.parametrize("typed", ["11010519491231002x", "11010519491231002X ", "110105 1949 1231 002x"])
def test_what_people_type_is_cleaned(typed: str) -> None:
    assert cleaned(typed) == "11010519491231002X"


def test_the_golden_numbers_of_cards_are_right() -> None:
    assert [table["number"] for table in GOLDEN["card_number"] if card_number_problems(table["number"])] == []
    assert [table["number"] for table in GOLDEN["pan"] if pan_problems(table["number"])] == []


@pytest.mark.parametrize("golden", numbered(GOLDEN["wrong_card_number"]))
def test_what_is_wrong_with_a_card_number_is_named(golden: dict[str, Any]) -> None:
    assert card_number_problems(golden["number"]) == tuple(NumberProblem(name) for name in golden["problems"])


@pytest.mark.parametrize("golden", numbered(GOLDEN["wrong_pan"]))
def test_what_is_wrong_with_a_pan_is_named(golden: dict[str, Any]) -> None:
    assert pan_problems(golden["number"]) == tuple(NumberProblem(name) for name in golden["problems"])


def test_a_phone_is_a_mobile_number_of_the_mainland() -> None:
    assert phone_problems("13800005678") == ()
    assert phone_problems("1380000567") == (NumberProblem.LENGTH,)
    assert phone_problems("12800005678") == (NumberProblem.CHARACTERS,)
