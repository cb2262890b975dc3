"""The form in itself: everything that is missing or wrong is named, at once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.service_line.applications import Declaration, Form
from simulators.authority.applications.form import (
    IDENTITY,
    OWN_CARD,
    REQUIRED,
    cleaned_form,
    fen_of,
    form_problems,
    is_icd10,
    merged,
)
from simulators.authority.applications.problems import Problem
from tests.simulators.authority.applications.forms import AGENT, FORM, form

TODAY = date(2026, 5, 20)


def problems(made: Form, *, known: bool = False) -> set[tuple[str, str]]:
    return {(each.field, each.key) for each in form_problems(cleaned_form(made), TODAY, known=known)}


def named(found: Iterable[tuple[str, str]]) -> set[str]:
    return {name for name, _ in found}


@pytest.mark.req("S1-23", "S2-52")
def test_a_full_form_has_no_problems() -> None:
    assert problems(FORM) == set()
    assert problems(form(agent=AGENT, payee_account=OWN_CARD, icd10="I21.0", ends=TODAY)) == set()


@pytest.mark.req("S1-20", "S1-23")
@given(missing=st.sets(st.sampled_from((*IDENTITY, *REQUIRED))), blank=st.booleans())
def test_any_missing_fields_are_named_exactly(missing: set[str], blank: bool) -> None:
    empty = {"name", "certno", "card_number", "phone", "place", "purpose", "detail", "reason", "payee_account"}
    changes = {name: "   " if blank and name in empty else None for name in missing}

    assert problems(form(**changes)) == {(name, "missing") for name in missing}


@pytest.mark.req("S1-23", "S2-48", "S2-64")
@given(wrong=st.data())
def test_any_wrong_fields_are_named_exactly(wrong: st.DataObject) -> None:
    names = wrong.draw(st.sets(st.sampled_from(sorted(WRONG))))
    changes = {name: wrong.draw(st.sampled_from([text for text, _ in WRONG[name]])) for name in names}
    expected = {(name, key) for name in names for text, key in WRONG[name] if text == changes[name]}

    assert problems(form(**changes)) == expected


WRONG: dict[str, list[tuple[Any, str]]] = {
    "name": [("测试1", "characters"), ("<b>", "characters")],
    "certno": [
        ("31010119800101001", "length"),
        ("310101198001010019", "check_digit"),
        ("310101198013010015", "birth_date"),
        ("31010119800101001A", "characters"),
        ("000101198001010015", "region"),
    ],
    "card_number": [("A12345675", "check_digit"), ("A1234567", "length"), ("A1234567?", "characters")],
    "phone": [("1380000567", "length"), ("23800005678", "characters")],
    "place": [("4403", "no_region"), ("深圳市深圳市", "no_region")],
    "purpose": [("HOLIDAY", "unknown")],
    "detail": [("WATCHES", "unknown")],
    "amount_fen": [(0, "not_positive"), (100_000_001, "too_large")],
    "payee_account": [("6217000000000000013", "check_digit"), ("621700000000", "length")],
    "payee_name": [("?", "characters")],
    "begins": [(date(2025, 5, 19), "too_long_ago")],
    "ends": [(date(2025, 5, 1), "before_begin")],
    "icd10": [("heart", "characters"), ("1I2", "characters")],
    "declaration": [
        (Declaration(version="1", accepted=False), "not_accepted"),
        (Declaration(version="0", accepted=True), "old_version"),
    ],
}


def test_everything_wrong_in_one_field_is_named() -> None:
    assert problems(form(certno="000101198013010013")) == {
        ("certno", "region"),
        ("certno", "birth_date"),
        ("certno", "check_digit"),
    }


def test_somebody_who_is_known_need_not_say_who_it_is() -> None:
    nameless = form(name=None, certno=None, card_number=None)

    assert problems(nameless, known=True) == set()
    assert named(problems(nameless)) == set(IDENTITY)


@pytest.mark.req("S1-25")
@pytest.mark.parametrize("number", ["990000198001010012", "810000199001010019", "830000199001010020"])
def test_numbers_of_foreigners_and_residence_permits_are_judged_by_their_check_digit_only(number: str) -> None:
    assert problems(form(name="MÜLLER ANNA-MARIA", certno=number)) == set()


@pytest.mark.req("S2-70")
@pytest.mark.parametrize("detail", ["INPATIENT", "SURGERY"])
def test_a_stay_in_hospital_needs_the_hospital_and_the_day_of_admission(detail: str) -> None:
    assert problems(form(detail=detail, hospital=None, begins=None)) == {("hospital", "missing"), ("begins", "missing")}
    assert problems(form(detail="DRUGS", hospital=None, begins=None)) == set()


@pytest.mark.req("S1-25")
def test_an_agent_is_a_whole_other_person() -> None:
    assert problems(form(agent=AGENT.model_copy(update={"name": None, "phone": " "}))) == {
        ("agent.name", "missing"),
        ("agent.phone", "missing"),
    }
    wrong = AGENT.model_copy(update={"certno": FORM.certno, "kinship": "employer"})
    assert problems(form(agent=wrong)) == {("agent.certno", "is_applicant"), ("agent.kinship", "unknown")}


def test_what_people_type_is_cleaned() -> None:
    typed = form(
        certno=" 310101 19800101 001８",
        card_number="ａ12345674",
        payee_account="6217-0000 0000 0000 012",
        icd10="i21.0",
    )
    cleaned = cleaned_form(typed)

    assert problems(typed) == set()
    assert (cleaned.certno, cleaned.card_number, cleaned.icd10) == ("310101198001010018", "A12345674", "I21.0")


def test_changes_leave_the_other_fields_as_they_were() -> None:
    assert merged(FORM, Form(phone="13900000000")) == form(phone="13900000000")
    assert merged(form(ends=TODAY), Form(ends=None)) == FORM


@pytest.mark.req("S2-52")
@pytest.mark.parametrize(
    ("typed", "fen"),
    [("3000", 300_000), ("1234.5", 123_450), ("0.01", 1), (" １２.３４ ", 1234), ("0", 0), ("1 000", 100_000)],
)
def test_an_amount_has_two_decimals_at_most(typed: str, fen: int) -> None:
    assert fen_of(typed) == fen


@pytest.mark.req("S2-52")
@pytest.mark.parametrize(
    ("typed", "key"),
    [("12.345", "decimals"), ("-5", "characters"), ("", "characters"), ("1e3", "characters"), ("12.", "characters"),
     ("1,5", "characters"), ("٣", "characters"), ("NaN", "characters")],
)  # fmt: skip
def test_what_is_no_amount_is_told_so(typed: str, key: str) -> None:
    told = fen_of(typed)

    assert isinstance(told, Problem)
    assert (told.field, told.key) == ("amount_fen", key)


@pytest.mark.parametrize(
    ("code", "good"), [("I21", True), ("S72.001", True), ("I2", False), ("I21.", False), ("I21.é", False)]
)
def test_icd10(code: str, good: bool) -> None:
    assert is_icd10(code) is good
