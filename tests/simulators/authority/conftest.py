"""An authority in memory with two insured people, and a kiosk in each of two regions."""

import pytest

from simulators.authority.authority import Authority
from tests.simulators.authority.kiosk import JIA, SHENZHEN, YI, Clock, Kiosk, make_authority


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(clock: Clock) -> Authority:
    return make_authority(clock, JIA, YI)


@pytest.fixture
def kiosk(authority: Authority) -> Kiosk:
    """A kiosk in JIA's own region, signed on."""
    kiosk = Kiosk(authority)
    kiosk.sign_on()
    return kiosk


@pytest.fixture
def far_kiosk(authority: Authority) -> Kiosk:
    """A kiosk in another region, signed on."""
    kiosk = Kiosk(authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    kiosk.sign_on()
    return kiosk
