"""A service line in memory."""

import random

import pytest

from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from tests.simulators.authority.kiosk import Clock
from tests.simulators.authority.service_line.line import Line


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def line(clock: Clock, database: Database) -> Line:
    return Line(clock, database, SoftHsm(b"M" * 32, random.Random(1).randbytes))
