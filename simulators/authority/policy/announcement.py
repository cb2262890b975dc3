"""Tells holders of open applications that a new version of a policy was published."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from simulators.authority.applications.notifications import Notice, notify, was_told
from simulators.authority.applications.states import OPEN
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.tables.applications import applications


def holders(connection: Connection, policy: RegionPolicy) -> tuple[int, ...]:
    """People with an application that is not over, whose home or destination the region is."""
    pool = pooling_region(policy.region)
    query = select(applications.c.person_id).where(
        or_(applications.c.home == pool, applications.c.place == pool), applications.c.state.in_(OPEN)
    )
    return tuple(sorted(set(connection.scalars(query).all())))


def announce(connection: Connection, policy: RegionPolicy, before: str | None, at: datetime) -> int:
    """Tell every holder once; how many were told. `before` is the version that it follows."""
    subject = f"policy:{policy.region}:{policy.version}"
    gaps = {"region": policy.region, "from": before or "", "to": policy.version}
    told = 0
    for person_id in holders(connection, policy):
        if not was_told(connection, person_id, Notice.POLICY_CHANGED, subject):
            told += notify(connection, person_id, Notice.POLICY_CHANGED, subject, at, gaps)
    return told
