from datetime import datetime

import pytest

from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority


def alarms(authority: Authority) -> list[str]:
    return [incident.text for incident in authority.incidents() if incident.kind == "calendar provisional"]


@pytest.mark.req("S1-71")
def test_a_year_without_a_table_of_working_days_raises_one_alarm(clock: Clock) -> None:
    authority = make_authority(clock, JIA)
    kiosk = Kiosk(authority)
    kiosk.sign_on()
    assert alarms(authority) == []

    clock.time = datetime(2031, 1, 2, 10, 0, tzinfo=SHANGHAI)
    for _ in range(2):
        kiosk.sign_on()
    assert alarms(authority) == ["no table of working days for 2031: add it to working_days.toml"]
