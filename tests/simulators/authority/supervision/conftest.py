"""A kiosk in front of an authority whose database the supervisors can reach."""

import pytest

from simulators.authority.actors import Actor, Role
from simulators.authority.database import Database
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority

SUPERVISOR = Actor(Role.SUPERVISOR, "s1")


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def kiosk(clock: Clock, database: Database) -> Kiosk:
    """In JIA's own region, signed on."""
    kiosk = Kiosk(make_authority(clock, JIA, YI, database=database))
    kiosk.sign_on()
    return kiosk
