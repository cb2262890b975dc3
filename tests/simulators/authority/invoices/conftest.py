"""A kiosk that paid, and the office where invoices are handed in and settled."""

import pytest

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from tests.simulators.authority.invoices.office import BING, Office
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, BING, database=database)


@pytest.fixture
def office(authority: Authority, database: Database, clock: Clock, kiosk: Kiosk) -> Office:
    return Office(authority, database, clock, kiosk)
