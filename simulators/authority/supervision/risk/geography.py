"""How long a journey between two regions takes at least, for the rule that one card can't be in two cities at once."""

import tomllib
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final

from simulators.authority.policy.pooling import pooling_region

PLACES: Final = Path(__file__).with_name("places.toml")

EARTH_KM: Final = 6371.0

NEIGHBOURS_KM: Final = 60.0
FAR_PROVINCES_KM: Final = 400.0
"""Taken for two cities of one province, and of two, where a place is not in the table: rather near than far."""

WAYS: Final = ((280.0, 0.25), (850.0, 2.0))
"""The fastest train and plane from door to door: km/h, and the hours that are added."""


def journey_hours(first: str, second: str) -> float:
    """The least time from one region to another, hours; 0 within one pooling region."""
    if pooling_region(first) == pooling_region(second):
        return 0.0
    far = distance_km(first, second)
    return min(hours + far / speed for speed, hours in WAYS)


def distance_km(first: str, second: str) -> float:
    """Between the centres of two regions, as the crow flies."""
    here, there = _centre(first), _centre(second)
    if here is None or there is None:
        return NEIGHBOURS_KM if first[:2] == second[:2] else FAR_PROVINCES_KM
    (north, east), (other_north, other_east) = here, there
    half_north, half_east = radians(other_north - north) / 2, radians(other_east - east) / 2
    chord = sin(half_north) ** 2 + cos(radians(north)) * cos(radians(other_north)) * sin(half_east) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))


def _centre(region: str) -> tuple[float, float] | None:
    return _places().get(pooling_region(region))


@cache
def _places() -> dict[str, tuple[float, float]]:
    rows = tomllib.loads(PLACES.read_text(encoding="utf-8"))["places"]
    return {code: (float(place["north"]), float(place["east"])) for code, place in rows.items()}
