"""A database with JIA (Weihai, 10,000 yuan) and YI (Suzhou, 5,000 yuan), enrolled as persons 1 and 2."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.office import Office
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.kiosk import JIA, YI, Clock

NOW = Clock().now()


@pytest.fixture
def hsm() -> SoftHsm:
    return SoftHsm(b"M" * 32, bytes)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def connection(database: Database, hsm: SoftHsm) -> Iterator[Connection]:
    with database.transaction() as connection:
        load_people(connection, hsm, [JIA, YI], NOW)
        yield connection


@pytest.fixture
def office(hsm: SoftHsm) -> Office:
    return Office(hsm, book())
