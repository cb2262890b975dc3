"""What is published tells of nobody, and a period's report is proven by invoices."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.authority.database import Database
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from simulators.authority.policy.sections import Ceilings
from simulators.authority.supervision import statistics
from simulators.authority.supervision.statistics import ceiling_use, period_report, published, uptake
from tests.simulators.authority.kiosk import CHENGDU, JIA, SHENZHEN, WEIHAI, Clock, Kiosk, make_authority

TODAY = date(2026, 5, 20)
PEOPLE = tuple(
    replace(
        JIA,
        id_number=f"99000019800101{n:04d}",
        card_number=f"T{n:08d}",
        pan=f"621700000000000{n:04d}",
        region=(WEIHAI, SHENZHEN, CHENGDU)[0 if n < 12 else 1 if n < 24 else 2],
    )
    for n in range(27)
)


@pytest.fixture
def drawn(clock: Clock) -> Database:
    """Twelve people from Weihai, twelve from Shenzhen, three from Chengdu draw 100 yuan each."""
    database = Database()
    kiosk = Kiosk(make_authority(clock, *PEOPLE, database=database))
    kiosk.sign_on()
    for person in PEOPLE:
        kiosk.send(kiosk.sealed(kiosk.confirm_of(kiosk.cash(10_000, person), 10_000, person)))
    return database


@pytest.mark.req("S2-12")
def test_a_small_group_is_left_out_and_the_total_does_not_tell_it(drawn: Database) -> None:
    with drawn.transaction() as connection:
        figures = published(connection, TODAY, TODAY)
    assert {group.name: group.persons for group in figures.groups} == {WEIHAI: None, SHENZHEN: 12, CHENGDU: None}
    assert (figures.total.persons, figures.total.paid_fen) == (27, 270_000)


@pytest.mark.req("S2-12")
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_no_hidden_group_can_be_worked_out(sizes: list[int]) -> None:
    """Total minus what is shown is no single small group."""
    hidden = statistics._hidden({str(place): size for place, size in enumerate(sizes)}, 10)
    assert all(size >= 10 for place, size in enumerate(sizes) if str(place) not in hidden)
    assert len(hidden) != 1 or len(sizes) == 1


@pytest.mark.req("S2-36")
def test_a_period_is_reported(drawn: Database) -> None:
    with drawn.transaction() as connection:
        report = period_report(connection, TODAY, TODAY)
        assert (report.persons, report.draws, report.paid_fen, report.proven_percent) == (27, 27, 270_000, 0)
        assert period_report(connection, TODAY, TODAY, home="510104").persons == 3
        assert period_report(connection, date(2026, 1, 1), date(2026, 1, 31)).persons == 0
        with pytest.raises(ValueError, match="ends before it begins"):
            period_report(connection, TODAY, date(2026, 1, 1))
        with pytest.raises(ValueError, match="not by name"):
            published(connection, TODAY, TODAY, by="name")


@pytest.mark.req("S1-55")
def test_the_use_of_a_policy_is_told_for_each_version(drawn: Database) -> None:
    with drawn.transaction() as connection:
        rows = {(row.region, row.version): (row.draws, row.paid_fen) for row in uptake(connection)}
    assert rows == {
        ("371000", "2026.1"): (12, 120_000),
        ("440300", "2026.2"): (12, 120_000),
        ("510100", "2026.1"): (3, 30_000),
    }


@pytest.mark.req("S2-20")
def test_the_use_of_every_ceiling_is_reported(drawn: Database) -> None:
    ceilings = our_policies().in_force(WEIHAI, TODAY)
    assert ceilings is not None
    capped = ceilings.model_copy(update={"ceilings": Ceilings(day_fen=200_000)})
    with drawn.transaction() as connection:
        [row] = ceiling_use(connection, PolicyBook([capped]), TODAY)
        assert ceiling_use(connection, PolicyBook([capped]), date(2020, 1, 1)) == ()
    assert (row.region, row.today_fen, row.day_ceiling_fen) == (WEIHAI, 120_000, 200_000)
    assert (row.year_fen, row.year_ceiling_fen) == (120_000, None)
