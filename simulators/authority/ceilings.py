"""How much of its ceilings and of its pilot's quota a region has used, for supervision."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from simulators.authority.facts import PolicyYear
from simulators.authority.ledger.usage import PilotUse, pilot_use, region_use
from simulators.authority.policy.region_policy import RegionPolicy

_NOBODY = 0


@dataclass(frozen=True, slots=True)
class CeilingUse:
    """What the people insured in a region drew, and what was paid there, beside what the policy allows; fen."""

    region: str
    version: str
    insured_today_fen: int
    insured_year_fen: int
    paid_today_fen: int
    paid_year_fen: int
    day_ceiling_fen: int | None
    year_ceiling_fen: int | None
    pilot: PilotUse | None


def ceiling_use(connection: Connection, policy: RegionPolicy, today: date) -> CeilingUse:
    """The use of a day and of the year of limits that it lies in."""
    days = region_use(connection, policy.region, today, PolicyYear.around(today, policy.limits.year_start).first)
    pilot = None
    if policy.pilot is not None:
        pilot = pilot_use(connection, policy.region, policy.pilot.first_day, policy.pilot.last_day, _NOBODY)
    return CeilingUse(
        policy.region,
        policy.version,
        days.insured_today_fen,
        days.insured_year_fen,
        days.paid_today_fen,
        days.paid_year_fen,
        policy.ceilings.day_fen,
        policy.ceilings.year_fen,
        pilot,
    )
