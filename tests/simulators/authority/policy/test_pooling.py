from datetime import date

import pytest

from simulators.authority.policy.pooling import pooling_region


@pytest.mark.parametrize(
    ("code", "pool"),
    [
        ("440300", "440300"),
        ("440305", "440300"),
        ("371082", "371000"),
        ("310101", "310000"),
        ("310000", "310000"),
        ("500112", "500000"),
        ("439900", "439900"),
    ],
)
@pytest.mark.req("S1-16")
def test_districts_belong_to_their_city_and_municipalities_are_one(code: str, pool: str) -> None:
    assert pooling_region(code) == pool


@pytest.mark.parametrize(
    ("code", "on", "pool"),
    [
        ("371202", None, "370100"),
        ("371200", date(2018, 12, 31), "371200"),
        ("371200", date(2019, 1, 9), "370100"),
        ("320584", None, "320500"),
        ("341402", date(2026, 1, 1), "340100"),
    ],
)
@pytest.mark.req("S1-16")
def test_a_code_that_was_given_up_stands_for_what_it_became_from_that_day_on(
    code: str, on: date | None, pool: str
) -> None:
    assert pooling_region(code, on) == pool


@pytest.mark.parametrize("code", ["", "9", "999999", "ABCDEF", "测试"])
def test_no_code_is_too_strange(code: str) -> None:
    assert len(pooling_region(code)) == 6
