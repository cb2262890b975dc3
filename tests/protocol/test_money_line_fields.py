"""Values inside the composite fields of the money line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.money_line_fields import (
    AmountType,
    BindingRule,
    Original,
    UnitResult,
    WorkingKeys,
    decode_amounts,
    decode_rules,
    decode_unit_results,
    encode_amounts,
    encode_rules,
    encode_unit_results,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError


def test_amounts_carry_type_currency_sign_and_twelve_digits() -> None:
    text = encode_amounts({AmountType.AVAILABLE: 319_999, AmountType.LEDGER: -5})

    assert text == "0002156C000000319999" + "0001156D000000000005"


@given(st.dictionaries(st.sampled_from(AmountType), st.integers(-(10**12) + 1, 10**12 - 1)))
def test_amounts_are_read_back(amounts: dict[AmountType, int]) -> None:
    assert decode_amounts(encode_amounts(amounts)) == amounts


@pytest.mark.parametrize(
    "text", ["0002156C00000031999", "0002840C000000319999", "0002156X000000319999", "0077156C000000319999"]
)
def test_bad_amounts_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="field 54"):
        decode_amounts(text)


def test_an_amount_that_does_not_fit_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="12 digits"):
        encode_amounts({AmountType.LEDGER: 10**12})


def test_unit_results_say_what_was_not_counted() -> None:
    results = (UnitResult(10_000, 20, 20, 0, 0), UnitResult(5_000, 2, None, None, 1))

    assert encode_unit_results(results) == "100x20/20/0/0;50x2/?/?/1"
    assert decode_unit_results("100x20/20/0/0;50x2/?/?/1") == results


@pytest.mark.parametrize("text", ["100", "100x1/2/3", "100x1/2/3/4/5", "yx1/2/3/4", "100x1/2/-3/4", ";"])
def test_bad_unit_results_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="field 48"):
        decode_unit_results(text)


def test_the_original_is_batch_trace_number_and_date() -> None:
    assert Original(7, 123, "0105").encode() == "0000070001230105"
    assert Original.decode("0000070001230105") == Original(7, 123, "0105")


def test_rules_are_read_back_and_half_a_rule_is_refused() -> None:
    rules = (BindingRule("single_limit", "371000", "3"), BindingRule("ratio", "440300", "1"))

    assert encode_rules(rules) == "single_limit:371000:3,ratio:440300:1"
    assert decode_rules(encode_rules(rules)) == rules
    with pytest.raises(RemoteProtocolError, match="field 63"):
        decode_rules("single_limit:371000")
    with pytest.raises(LocalProtocolError, match="field 63"):
        encode_rules([BindingRule("a:b", "371000", "3")])


def test_working_keys_have_forty_bytes_and_show_none_of_them() -> None:
    keys = WorkingKeys(b"P" * 16, b"p" * 4, b"M" * 16, b"m" * 4)

    assert WorkingKeys.decode(keys.encode()) == keys
    assert "P" not in repr(keys).removeprefix("WorkingKeys")
    with pytest.raises(RemoteProtocolError, match="24 bytes"):
        WorkingKeys.decode(bytes(24))
