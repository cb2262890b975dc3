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


TABLE = """
00 01 02 03 04 05 06 07 09 10 11 12 13 14 15 22 25 30 33 34 35 36 37 38 40 41 42 43 51 53 54 55 56 57 58 59 61 62 63 64
65 67 68 75 77 79 90 91 92 94 95 96 97 98 99 A0
"""
"""Every code that public tables of field 39 agree on; A1 to A7 mean one thing here and another there."""


def test_the_table_has_every_code_that_tables_agree_on_and_no_other() -> None:
    assert [str(code) for code in ResponseCode] == TABLE.split()


@pytest.mark.parametrize("code", ["04", "07", "33", "34", "35", "36", "37", "38", "41", "43", "67"])
def test_a_code_that_says_so_captures_the_card(code: str) -> None:
    assert treatment_of(code) is Treatment.CAPTURE


@pytest.mark.parametrize("code", ["63", "77", "99"])
def test_a_code_about_keys_or_batch_asks_for_a_sign_on(code: str) -> None:
    assert treatment_of(code) is Treatment.SIGN_ON


@pytest.mark.parametrize("code", ["03", "97"])
def test_a_terminal_that_the_host_does_not_know_goes_out_of_service(code: str) -> None:
    assert treatment_of(code) is Treatment.OUT_OF_SERVICE
