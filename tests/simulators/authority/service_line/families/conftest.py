"""The service line of an authority that has people, terminals, and the regions of the applications' tests."""

import random

import pytest

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from tests.simulators.authority.kiosk import JIA, YI, Clock, make_authority
from tests.simulators.authority.service_line.line import Line


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, YI, database=database)


@pytest.fixture
def line(clock: Clock, database: Database, authority: Authority) -> Line:
    assert authority.ledger_balanced()
    return Line(clock, database, SoftHsm(b"M" * 32, random.Random(2).randbytes))
