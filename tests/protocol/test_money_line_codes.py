"""The table of reply codes."""

import pytest

from protocol.money_line_codes import ResponseCode, Treatment, response_code, treatment_of


def test_only_a_plain_00_is_an_approval() -> None:
    assert [code for code in ResponseCode if code.treatment is Treatment.APPROVE] == [ResponseCode.APPROVED]


@pytest.mark.parametrize("code", ["09", "10", "11", "68", "91", "92", "96", "98", "A0", "A1", "A7", "ZZ", ""])
def test_a_code_that_may_have_moved_money_is_reversed(code: str) -> None:
    assert treatment_of(code) is Treatment.REVERSE


def test_a_repeated_request_is_not_reversed_because_the_original_may_be_somebody_elses() -> None:
    assert treatment_of("94") is Treatment.DECLINE


@pytest.mark.parametrize("code", ResponseCode)
def test_every_code_has_words_in_both_languages(code: ResponseCode) -> None:
    assert code.zh
    assert code.en
    assert response_code(str(code)) is code
