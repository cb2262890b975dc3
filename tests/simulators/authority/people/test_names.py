import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.authority.people.names import (
    comparable,
    is_name,
    masked_account,
    masked_card_number,
    masked_id_number,
    masked_name,
    masked_phone,
    same_name,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("测试甲·买提", "测试甲•买提", id="bullet"),
        pytest.param("测试甲·买提", "测试甲・买提", id="katakana dot"),
        pytest.param("测试甲·买提", "测试甲・买提", id="half-width katakana dot"),
        pytest.param("测试甲·买提", "测试甲.买提", id="full-width stop"),
        pytest.param("测试甲·买提", "测试甲 · 买提", id="spaces beside the dot"),
        pytest.param("测试 甲", "测试甲", id="space within a Chinese name"),
        pytest.param("测试　甲", "测试甲", id="ideographic space"),
        pytest.param("TEST ALPHA", "Test  Alpha", id="case and spaces"),
        pytest.param("TEST ALPHA", "test alpha", id="full-width letters"),
        pytest.param("测试\ue81e", "测试\u9fb4", id="rare character of GB 18030-2000"),
        pytest.param("测试\ue816", "测试\U00020087", id="rare character beyond the basic plane"),
        pytest.param("测试\uf9b2", "测试零", id="compatibility ideograph"),
        pytest.param("测试辻\U000e0100", "测试辻", id="variation selector"),
    ],
)
@pytest.mark.req("S1-38")
def test_two_spellings_are_one_name(one: str, other: str) -> None:
    assert same_name(one, other)
    assert comparable(one) == comparable(other)


@pytest.mark.req("S1-38")
@pytest.mark.parametrize(("one", "other"), [("测试甲", "测试乙"), ("测试甲", "测试"), ("", ""), ("TEST A", "TESTA")])
def test_other_names_stay_others(one: str, other: str) -> None:
    assert not same_name(one, other)


def test_a_rare_character_read_from_a_chip_is_the_registers() -> None:
    assert same_name(bytes.fromhex("FE59").decode("gb18030") + "试", "\u9fb4试")


@given(st.text(alphabet="测试甲〇AbéÀＺ·•.．・ 　\ue81e\ue816\uf9b2\ufe00'-", max_size=20))
def test_the_comparable_form_of_a_comparable_form_is_itself(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)


@pytest.mark.parametrize("name", ["测试甲", "测试甲·买提", "TEST ALPHA", "O'TEST-BETA", "㐀", "〇试"])
def test_names_of_all_kinds_are_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", " ", "·", "测试1", "测试\u0000", "<b>", "测" * 51])
def test_other_texts_are_no_names(name: str) -> None:
    assert not is_name(name)


@pytest.mark.req("S1-08")
def test_others_see_masked_data() -> None:
    assert [masked_name(name) for name in ("王五测", "王五", "王", "", "测试甲·买提")] == [
        "王**",
        "王*",
        "*",
        "",
        "测**",
    ]
    assert masked_id_number("310101198001010018") == "3101**********0018"
    assert masked_card_number("A12345674") == "A****5674"
    assert masked_phone("13800005678") == "138****5678"
    assert masked_account("6217000000000000012") == "621700*********0012"
    assert masked_account("12345678") == "****5678"


@pytest.mark.req("S1-08")
@given(st.text(alphabet="0123456789X", max_size=20))
def test_a_mask_hides_at_least_four_characters_or_all(text: str) -> None:
    for mask in (masked_id_number, masked_card_number, masked_phone, masked_account):
        shown = mask(text)
        assert len(shown) == len(text)
        assert shown.count("*") >= min(4, len(text))
