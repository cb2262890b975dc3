import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.social_card import (
    AID,
    CARD_NUMBER,
    FIELDS,
    ID_NUMBER,
    NAME,
    BasicData,
    Field,
    card_check_character,
    id_check_character,
    is_card_number,
    is_id_number,
    is_pan,
    luhn_digit,
    region_of,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import load, vector

RECORDS = {found.name: found for found in load("social_card") if found.name != "AID"}


def test_the_application_is_named_in_ascii_and_gbk() -> None:
    assert vector("social_card", "AID") == AID


@pytest.mark.parametrize("each", FIELDS, ids=lambda each: each.name)
def test_every_field_is_read_and_written_like_its_golden_record(each: Field) -> None:
    golden = RECORDS[each.name]
    assert each.decode(golden.data) == golden.fields["value"]
    assert each.encode(golden.fields["value"]) == golden.data


@pytest.mark.parametrize("each", FIELDS, ids=lambda each: each.name)
def test_an_empty_record_reads_as_nothing(each: Field) -> None:
    assert each.decode(each.empty()) == ""


@pytest.mark.parametrize("record", [b"", b"\x07", b"\x08\x01X", b"\x07\x09X0000001"])
def test_a_record_of_another_form_is_the_cards_fault(record: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        CARD_NUMBER.decode(record)


def test_letters_that_are_none_are_the_cards_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        NAME.decode(b"\x09\x02\xff\xff")
    with pytest.raises(RemoteProtocolError):
        ID_NUMBER.decode(b"\x08\x02\xb2\xe2")


def test_a_value_too_long_for_its_field_is_never_written() -> None:
    with pytest.raises(LocalProtocolError):
        CARD_NUMBER.encode("X000000190")


@pytest.mark.parametrize(
    "number",
    ["310101198001010018", "320508195612310022", "11010519491231002X", "440301200002290031", "34052419800101001X"],
)
def test_published_and_recomputed_id_numbers_are_right(number: str) -> None:
    assert is_id_number(number)


@pytest.mark.parametrize(
    "number",
    ["A12345674", "S00000012", "S00000020", "S00000039", "T76543213", "500000007", "X00000019"],
)
def test_published_and_recomputed_card_numbers_are_right(number: str) -> None:
    assert is_card_number(number)


def test_the_check_character_x_occurs_for_cards_too() -> None:
    assert card_check_character("S0000008") == "X"


@pytest.mark.parametrize("number", ["6217000000000000012", "6230660000000000008", "6299991234567890122"])
def test_test_pans_pass_luhn(number: str) -> None:
    assert is_pan(number)


@pytest.mark.parametrize(
    "number", ["", "6217000000000000013", "62170000000000000l2", "621700000001", "٦٢١٧٠٠٠٠٠٠٠٠٠٠٠٠٠١٢"]
)
def test_other_strings_are_no_pan(number: str) -> None:
    assert not is_pan(number)


@given(st.text(alphabet="0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_id_number_is_always_noticed(body: str, at: int, by: int) -> None:
    number = body + id_check_character(body)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert is_id_number(number)
    assert not is_id_number(wrong)


@given(st.text(alphabet="0123456789", min_size=12, max_size=18), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_of_a_pan_is_always_noticed(body: str, at: int, by: int) -> None:
    number = body + luhn_digit(body)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert is_pan(number)
    assert not is_pan(wrong)


@pytest.mark.parametrize("number", ["", "X0000001", "x00000019", "X00000018", "X0000-019", "X000000199"])
def test_other_strings_are_no_card_number(number: str) -> None:
    assert not is_card_number(number)


def test_the_region_begins_the_card_identifier() -> None:
    assert region_of("371000D1560000050000000000000000") == "371000"
    assert region_of("") == ""
    assert region_of("37A000D156") == ""


def test_basic_data_come_in_the_order_of_the_card_libraries_and_stay_out_of_reprs() -> None:
    data = BasicData(
        "990000", "990000190001010016", "X00000019", "990000D156", "测试", "0102", "3.00", "20240101", "20340101"
    )
    assert data.line() == "990000|990000190001010016|X00000019|990000D156|测试|0102|3.00|20240101|20340101|||"
    assert "X00000019" not in repr(data)
    assert "测试" not in repr(data)
