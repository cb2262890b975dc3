from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from simulators.authority.policy.announcement import announce, holders
from tests.simulators.authority.kiosk import JIA, YI
from tests.simulators.authority.policy.policies import CHENGDU, NOON, SHENZHEN, policy


@pytest.fixture
def connection() -> Iterator[Connection]:
    """Jia of Weihai has an application for Shenzhen, Yi of Suzhou has none."""
    with Database().transaction() as connection:
        load_people(connection, SoftHsm(b"M" * 32, bytes), [JIA, YI], NOON)
        grant(connection, 1, Granted(SHENZHEN, 100_000), NOON)
        yield connection


@pytest.mark.req("S2-66")
@pytest.mark.parametrize("region", ["371000", "371082", SHENZHEN])
def test_holders_of_open_applications_are_told_once_that_a_policy_changes(connection: Connection, region: str) -> None:
    new = policy(region, "2026.9", valid_from="2026-09-01")

    assert announce(connection, new, "2026.1", NOON) == 1
    assert announce(connection, new, "2026.1", NOON + timedelta(hours=1)) == 0
    (told,) = [notice for notice in notices_of(connection, 1) if notice.kind is Notice.POLICY_CHANGED]
    assert told.gaps == {"region": region, "from": "2026.1", "to": "2026.9"}
    assert notices_of(connection, 2) == ()


def test_other_regions_are_nobodys_business(connection: Connection) -> None:
    assert holders(connection, policy(CHENGDU, "2026.9")) == ()
