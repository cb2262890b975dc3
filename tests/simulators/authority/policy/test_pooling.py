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
