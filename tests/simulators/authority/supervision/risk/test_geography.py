from pathlib import Path

import pytest

from simulators.authority.supervision.risk.geography import PLACES, distance_km, journey_hours

WEIHAI, SHENZHEN, CHENGDU, SUZHOU, SHANGHAI = "371000", "440300", "510100", "320500", "310000"


@pytest.mark.parametrize(
    ("first", "second", "km"), [(WEIHAI, SHENZHEN, 1830), (SHANGHAI, SUZHOU, 86), (CHENGDU, SHENZHEN, 1340)]
)
def test_distances_are_those_of_the_map(first: str, second: str, km: int) -> None:
    assert distance_km(first, second) == pytest.approx(km, rel=0.05)


def test_within_one_pooling_region_no_time_is_needed() -> None:
    """Counties of a city, and districts of a municipality, are one place."""
    assert journey_hours("371082", "371002") == 0
    assert journey_hours("310101", "310115") == 0


def test_a_journey_takes_the_faster_of_train_and_plane() -> None:
    assert 0.4 < journey_hours(SHANGHAI, SUZHOU) < 0.7
    assert 3.5 < journey_hours(CHENGDU, SHENZHEN) < 4


def test_a_place_that_is_not_in_the_table_is_taken_for_near() -> None:
    assert Path(PLACES).exists()
    assert journey_hours("371500", "371600") < journey_hours("371500", "541500") < 2
