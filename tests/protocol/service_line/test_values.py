"""How amounts, days and instants are written."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from protocol.service_line.values import LARGEST_FEN, CheckCode, Day, Fen, Instant, Yuan, fen, yuan


@given(st.integers(-LARGEST_FEN, LARGEST_FEN))
def test_the_platforms_amounts_lose_no_fen(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-70, "-0.70")])
def test_yuan_have_two_decimals(amount: int, text: str) -> None:
    assert yuan(amount) == text
    assert TypeAdapter(Yuan).validate_python(text) == text


@pytest.mark.parametrize("text", ["", "1", "1.0", "01.00", "1,00", "１.00", "1.00\n", "1e2", "+1.00"])
def test_other_ways_to_write_yuan_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        fen(text)


@pytest.mark.parametrize("wrong", [5.5, "500", True, -1, LARGEST_FEN + 1, None])
def test_fen_are_whole_numbers_and_nothing_else(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Fen).validate_python(wrong)


def test_instants_are_shanghai_time_to_the_second() -> None:
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    read = adapter.validate_python("2026-05-20 10:00:00")

    assert read == datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
    assert adapter.dump_python(datetime(2026, 5, 20, 2, 0, 0, 5, tzinfo=UTC), mode="json") == "2026-05-20 10:00:00"


@pytest.mark.parametrize("wrong", [1779242400, "2026-05-20", "2026-05-20T10:00:00", "2026-13-01 00:00:00"])
def test_other_instants_are_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(wrong)


@pytest.mark.parametrize(
    "wrong", [20260520, "20260520", "2026-05-20 00:00:00", "2026-02-30", datetime(2026, 5, 20, tzinfo=UTC)]
)
def test_days_are_text_of_one_form(wrong: Any) -> None:
    assert TypeAdapter(Day).validate_python("2026-05-20") == date(2026, 5, 20)
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(wrong)


@pytest.mark.parametrize("wrong", ["7K3M9QX", "7K3M9QX0", "7K3M9QXO", "7K3M9QX1", "7K3M9QXI", "7k3m9qxb"])
def test_check_codes_have_no_look_alikes(wrong: str) -> None:
    assert TypeAdapter(CheckCode).validate_python("7K3M9QXB") == "7K3M9QXB"
    with pytest.raises(ValidationError):
        TypeAdapter(CheckCode).validate_python(wrong)
