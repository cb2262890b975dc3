from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import Align, PrintItem, PrintQr, PrintText
from terminal.receipts import ReceiptData, ReceiptKind, receipt, width, wrap
from terminal.texts import code_words
from terminal.view import Words

PAID = ReceiptData(
    kind=ReceiptKind.PAID,
    time=datetime(2026, 11, 20, 9, 30, 5, tzinfo=timezone(timedelta(hours=8))),
    terminal_id="T0000001",
    masked_pan="621700*********0012",
    masked_card_number="A****5674",
    check_code="7F3A90C1",
    reference="260000000017",
    stan="000017",
    amount_asked=50000,
    amount_paid=50000,
    balance=269999,
    hotline="12393",
)


def lines(items: tuple[PrintItem, ...]) -> list[str]:
    return [item.text for item in items if isinstance(item, PrintText)]


def test_paid_receipt_in_chinese_on_narrow_paper() -> None:
    items = receipt(PAID, 32)
    assert lines(items) == [
        "医保个人账户跨市取现",
        "取现成功",
        "时间         2026-11-20 09:30:05",
        "终端编号                T0000001",
        "银行卡号     621700*********0012",
        "社保卡号               A****5674",
        "流水号                    000017",
        "参考号              260000000017",
        "要求金额(元)              500.00",
        "实付金额(元)              500.00",
        "账户余额(元)            2,699.99",
        "校验码                  7F3A90C1",
        "服务热线                   12393",
        "账户扣除金额与实付金额相同。",
        "请妥善保管,可凭参考号和校验码查",
        "询。",
    ]
    assert items[1] == PrintText("取现成功", Align.CENTER, emphasized=True, double_size=True)


@pytest.mark.parametrize("kind", ReceiptKind)
def test_every_end_has_a_receipt_with_reference_and_check_code(kind: ReceiptKind) -> None:
    items = receipt(replace(PAID, kind=kind, languages=("zh_CN", "en")), 48)
    text = "\n".join(lines(items))
    assert text.count("260000000017") == 2
    assert text.count("7F3A90C1") == 2
    assert items[-1] == PrintQr("260000000017 7F3A90C1")
    assert "[receipt." not in text


def test_without_a_check_code_the_reference_stands_alone() -> None:
    items = receipt(replace(PAID, check_code=""), 32)
    assert items[-1] == PrintQr("260000000017")
    assert "校验码  " not in "\n".join(lines(items))


def test_partial_payment_shows_both_amounts_and_the_reason() -> None:
    data = replace(PAID, kind=ReceiptKind.PARTLY_PAID, amount_paid=30000, reason=Words("out_of_service.cash_dispenser"))
    text = lines(receipt(replace(data, languages=("en",)), 42))
    assert "Asked (yuan)                        500.00" in text
    assert "Paid (yuan)                         300.00" in text
    assert "Reason: Cash dispenser fault." in text


def test_refusal_gives_reason_in_words_and_hotline() -> None:
    data = replace(PAID, kind=ReceiptKind.NOT_PAID, amount_paid=0, balance=None, reason=code_words("61"))
    text = "".join(lines(receipt(data, 42)))
    assert "金额超出限额" in text
    assert "12393" in text
    assert "账户余额" not in text


def test_card_slip_without_any_transaction_has_no_amounts_and_no_qr() -> None:
    data = ReceiptData(
        ReceiptKind.CARD_RETAINED, PAID.time, "T0000001", "621700*********0012", "7F3A90C1", hotline="12393"
    )
    items = receipt(data, 32)
    assert not any(isinstance(item, PrintQr) for item in items)
    assert "元" not in "".join(lines(items))
    assert "本凭条领取" in "".join(lines(items))


@pytest.mark.parametrize("number", ["6217000000000000012", "62170000*0012", "A12345674", "621700*** ******0012"])
def test_a_number_that_is_not_masked_is_refused_and_not_repeated(number: str) -> None:
    with pytest.raises(ValueError, match=r"^masked_pan is not masked$"):
        replace(PAID, masked_pan=number)
    with pytest.raises(ValueError, match=r"^masked_card_number is not masked$"):
        replace(PAID, masked_card_number=number)


@pytest.mark.parametrize("number", ["6217000000000000012", "6217 0000 0000 0000 012", "310101198001010018"])
def test_no_full_number_gets_out_through_any_other_field(number: str) -> None:
    reason = Words("code.other", {"code": number})
    for data in (
        replace(PAID, reason=reason),
        replace(PAID, reference=number),
        replace(PAID, check_code=number, terminal_id=number, stan=number, hotline=number),
    ):
        said = [item.text if isinstance(item, PrintText) else item.data for item in receipt(data, 48)]
        assert not any(number in text for text in said)
        assert any("****" in text for text in said if "621700*" not in text)


@given(
    st.sampled_from(ReceiptKind), st.sampled_from([32, 42, 48]), st.sampled_from([("zh_CN",), ("en",), ("zh_CN", "en")])
)
def test_every_line_fits_the_paper(kind: ReceiptKind, columns: int, languages: tuple[str, ...]) -> None:
    for item in receipt(replace(PAID, kind=kind, languages=languages, reason=code_words("57")), columns):
        if isinstance(item, PrintText):
            assert width(item.text) * (2 if item.double_size else 1) <= columns


@given(st.text(st.sampled_from("abc 取现,。")), st.integers(2, 12))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    wrapped = wrap(text, columns)
    assert "".join("".join(wrapped).split()) == "".join(text.split())
    assert all(width(line) <= columns for line in wrapped)


def test_words_stay_whole_and_a_line_does_not_begin_with_a_full_stop() -> None:
    assert wrap("keep this receipt", 9) == ["keep this", "receipt"]
    assert wrap("请妥善保管。好", 10) == ["请妥善保", "管。好"]
