"""Regions with which applications are tested; every figure is invented."""

from datetime import date
from typing import Any

from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.region_policy import RegionPolicy
from tests.simulators.authority.kiosk import CHENGDU, SHENZHEN, WEIHAI

HOME: dict[str, Any] = {
    "region": WEIHAI,
    "name": "威海",
    "version": "h1",
    "valid_from": date(2026, 1, 1),
    "legal_basis": "test H-1",
    "enabled": True,
    "review": {
        "instant": True,
        "instant_up_to_fen": 50_000,
        "four_eyes_from_fen": 300_000,
        "step_up_from_fen": 400_000,
    },
    "purposes": {
        "TREATMENT_AWAY": {},
        "EMERGENCY": {"documents": ["EMERGENCY_PROOF"]},
        "TREATMENT": {"documents": ["ID_CARD", "ADMISSION"]},
        "UNUSUAL": {"documents": ["STATEMENT"]},
    },
}
PLACE: dict[str, Any] = {
    "region": SHENZHEN,
    "name": "深圳",
    "version": "p1",
    "valid_from": date(2026, 1, 1),
    "legal_basis": "test P-1",
    "enabled": True,
    "review": {"instant": True, "instant_up_to_fen": 80_000, "four_eyes_from_fen": 500_000},
    "purposes": {"TREATMENT": {"documents": ["ID_CARD", "REFERRAL"]}},
    "approval": {"validity_days": 60},
}
ROOMY: dict[str, Any] = {
    "limits": {
        "single_fen": {"CASH": 500_000, "TRANSFER": 500_000},
        "day_fen": 1_000_000,
        "year_fen": 5_000_000,
        "draws_per_month": "unlimited",
    }
}
"""Limits under which the approved sum is what binds."""

OFF: dict[str, Any] = {**PLACE, "region": CHENGDU, "name": "成都", "version": "c1", "enabled": False}


def book(home: dict[str, Any] | None = None, place: dict[str, Any] | None = None, *more: dict[str, Any]) -> PolicyBook:
    """Home, destination, and one city where the service is off; `home` and `place` change whole tables."""
    made = [{**HOME, **(home or {})}, {**PLACE, **(place or {})}, OFF, *more]
    return PolicyBook(RegionPolicy.model_validate(values) for values in made)
