"""Supervisors see every withdrawal by person, region, provider, terminal and day, and each hop of it."""

from datetime import date

import pytest

from simulators.authority.database import Database
from simulators.authority.supervision.register import Withdrawal, hops, withdrawals
from simulators.authority.tables.ledger import DrawState
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, Clock, Kiosk

JIA_ID = 1
TODAY = date(2026, 5, 20)


@pytest.fixture
def far_kiosk(kiosk: Kiosk) -> Kiosk:
    kiosk = Kiosk(kiosk.authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    kiosk.sign_on()
    return kiosk


@pytest.fixture
def drawn(kiosk: Kiosk, far_kiosk: Kiosk, clock: Clock) -> None:
    """At home, then elsewhere the next day, and too much there."""
    kiosk.quote()
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    clock.pass_(hours=20)
    far_kiosk.confirm(far_kiosk.cash(20_000), 20_000)
    far_kiosk.cash(10_000_000)


@pytest.mark.req("S1-04")
@pytest.mark.usefixtures("drawn")
def test_withdrawals_are_seen_by_person_region_provider_terminal_and_day(database: Database) -> None:
    def seen(**wanted: object) -> list[int | None]:
        with database.transaction() as connection:
            return [each.amount_fen for each in withdrawals(connection, **wanted)]  # type: ignore[arg-type]

    assert seen() == [10_000_000, 20_000, 10_000]
    assert seen(person_id=JIA_ID) == seen()
    assert seen(person_id=2) == []
    assert seen(region="440305") == [10_000_000, 20_000]
    assert seen(region=WEIHAI) == seen()
    assert seen(provider="371000000000001") == [10_000]
    assert seen(terminal="K4403001") == [10_000_000, 20_000]
    assert seen(first=TODAY, last=TODAY) == [10_000]
    assert seen(cross_city=True) == [10_000_000, 20_000]


@pytest.mark.req("S1-31")
@pytest.mark.usefixtures("drawn")
def test_a_payout_tells_purpose_place_and_period(database: Database) -> None:
    with database.transaction() as connection:
        refused, paid, _ = withdrawals(connection)
    assert (paid.purpose, paid.place, paid.paid_fen, paid.state) == (
        "TREATMENT_AWAY",
        SHENZHEN,
        20_000,
        DrawState.CONFIRMED,
    )
    assert paid.period == (date(2026, 5, 21), None)  # no settlement case has been asked for yet
    assert refused.period is None
    assert isinstance(refused, Withdrawal)
    assert refused.matter


@pytest.mark.req("S1-41")
@pytest.mark.usefixtures("drawn")
def test_every_hop_is_under_one_trace(database: Database) -> None:
    with database.transaction() as connection:
        _, paid, _ = withdrawals(connection)
        found = hops(connection, paid.trace)
        assert hops(connection, "nobody's") == ()
    assert [hop.party for hop in found] == ["terminal", "bank", "authority", "ledger"]
    assert [hop.id for hop in found][:3] == ["K4403001", "440300000000001", WEIHAI]
    assert "risk pass" in found[2].checks
    assert all(hop.at for hop in found)


def test_the_register_holds_no_number_of_a_card(kiosk: Kiosk, database: Database) -> None:
    kiosk.cash(10_000)
    with database.transaction() as connection:
        row = connection.exec_driver_sql("SELECT * FROM payout_requests").one()
    assert JIA.pan not in str(row)
