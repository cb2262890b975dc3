import pytest

from simulators.authority.ceilings import ceiling_use
from simulators.authority.database import Database
from simulators.authority.policy.policy_book import PolicyBook
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, Clock, Kiosk, make_authority
from tests.simulators.authority.policy.policies import policy


@pytest.mark.req("S2-20")
def test_what_a_region_has_used_of_its_ceilings_is_told(clock: Clock) -> None:
    """Jia of Weihai draws twice in Shenzhen; one draw is taken back."""
    pilot = {"first_day": "2026-05-01", "last_day": "2026-05-31"}
    home, place = policy(WEIHAI, pilot=pilot, ceilings={"day_fen": 90_000}), policy(SHENZHEN)
    database = Database()
    authority = make_authority(clock, JIA, policies=PolicyBook([home, place]), database=database)
    kiosk = Kiosk(authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(30_000), 30_000)
    request = kiosk.cash_request(20_000)
    assert kiosk.send(kiosk.sealed(request)) is not None
    kiosk.reverse(request)
    with database.transaction() as connection:
        insured, paid = (ceiling_use(connection, each, clock.now().date()) for each in (home, place))

    assert (insured.insured_today_fen, insured.insured_year_fen, insured.paid_today_fen) == (30_000, 30_000, 0)
    assert (paid.paid_today_fen, paid.insured_today_fen, paid.day_ceiling_fen) == (30_000, 0, None)
    assert insured.day_ceiling_fen == 90_000
    assert insured.pilot is not None
    assert (insured.pilot.persons, insured.pilot.draws, insured.pilot.fen) == (1, 1, 30_000)
