"""An authority whose database a counter can reach, with JIA and YI enrolled."""

import pytest

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from tests.simulators.authority.kiosk import JIA, YI, Clock, make_authority
from tests.simulators.authority.people.counter import Counter


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, YI, database=database)


@pytest.fixture
def counter(authority: Authority, database: Database, clock: Clock) -> Counter:
    return Counter(authority, database, clock)
