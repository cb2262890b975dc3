"""What limits look at."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.ledger.credits import credit_person
from simulators.authority.ledger.draws import confirm, give_back, reverse
from simulators.authority.ledger.usage import (
    PersonUse,
    PilotUse,
    RegionDays,
    application_used,
    applications_used,
    available_fen,
    person_use,
    pilot_use,
    region_use,
    unheld_vintage_fen,
)
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import CreditKind
from tests.simulators.authority.kiosk import CHENGDU, SHENZHEN, SUZHOU, WEIHAI
from tests.simulators.authority.ledger.books import AT, TODAY, application, approve, found, key, own_account, pay

NEW_YEAR = date(2026, 1, 1)


def use(connection: Connection, on: date = TODAY, year_began: date = NEW_YEAR) -> PersonUse:
    return person_use(connection, 1, on, year_began, PayoutMode.CASH)


def test_an_account_that_was_never_used(connection: Connection) -> None:
    assert use(connection) == PersonUse(1_000_000, 0, 0, 0, 0, 0, 0, 0, 0, None)


@pytest.mark.req("S2-26", "S1-54")
def test_days_months_years_counts_and_modes_are_told_apart(connection: Connection) -> None:
    """Wherever it was drawn: there is one ledger, and limits are shared."""
    pay(connection, key(1, TODAY), 10_000)
    approve(connection, key(2, TODAY), 20_000, AT + timedelta(hours=1), place=CHENGDU)
    pay(connection, key(3, TODAY), 1_000, mode=PayoutMode.TRANSFER, payee_account_id=own_account(connection))
    pay(connection, key(4, date(2026, 5, 2)), 40_000)
    pay(connection, key(5, date(2026, 2, 1)), 80_000)
    pay(connection, key(6, date(2025, 12, 31)), 160_000)

    assert use(connection) == PersonUse(
        1_000_000 - 291_000, 20_000, 31_000, 151_000, 30_000, 150_000, 3, 4, 5, AT + timedelta(hours=1)
    )
    assert use(connection, year_began=date(2025, 7, 1)).year_fen == 311_000


@pytest.mark.req("S1-76", "S2-26")
def test_what_was_reversed_or_wholly_given_back_uses_up_nothing(connection: Connection) -> None:
    approve(connection, key(1), 10_000)
    reverse(connection, key(1), SHENZHEN, AT)
    approve(connection, key(2), 10_000)
    confirm(connection, key(2), 0, SHENZHEN, AT)
    give_back(connection, "count", pay(connection, key(3), 10_000), 10_000, AT)

    assert use(connection) == PersonUse(1_000_000, 0, 0, 0, 0, 0, 0, 0, 0, None)
    assert region_use(connection, WEIHAI, TODAY, NEW_YEAR) == RegionDays(0, 0, 0, 0)


@pytest.mark.req("S1-40", "S2-17")
def test_an_application_is_used_by_holds_and_by_what_was_kept(connection: Connection) -> None:
    one, other, unused = (application(connection, 100_000) for _ in range(3))
    pay(connection, key(1), 10_000, application_id=one)
    approve(connection, key(2, date(2026, 6, 1)), 20_000, application_id=one)
    draw = pay(connection, key(3), 5_000, application_id=one)
    give_back(connection, "count", draw, 1_000, AT)
    pay(connection, key(4), 40_000, application_id=other)

    assert application_used(connection, one) == (34_000, 3)
    assert applications_used(connection, [one, other, unused]) == {one: 34_000, other: 40_000}
    assert application_used(connection, unused) == (0, 0)


@pytest.mark.req("S2-20")
def test_regions_count_what_their_people_draw_and_what_is_paid_there(connection: Connection) -> None:
    pay(connection, key(1), 10_000)
    pay(connection, key(2, date(2026, 5, 1)), 20_000)
    pay(connection, key(3), 40_000, person_id=2, home=SUZHOU, place=SUZHOU)

    assert region_use(connection, WEIHAI, TODAY, NEW_YEAR) == RegionDays(10_000, 30_000, 0, 0)
    assert region_use(connection, "440305", TODAY, NEW_YEAR) == RegionDays(0, 0, 10_000, 30_000)
    assert region_use(connection, SUZHOU, TODAY, NEW_YEAR) == RegionDays(40_000, 40_000, 40_000, 40_000)


def test_a_pilot_counts_its_people_once(connection: Connection) -> None:
    for stan in (1, 2):
        pay(connection, key(stan), 10_000)
    pay(connection, key(3), 40_000, person_id=2, home="371082", place=SUZHOU)

    assert pilot_use(connection, WEIHAI, NEW_YEAR, TODAY, 1) == PilotUse(2, 3, 60_000, True)
    assert pilot_use(connection, SHENZHEN, NEW_YEAR, TODAY, 2, insured=False) == PilotUse(1, 2, 20_000, False)
    assert pilot_use(connection, CHENGDU, NEW_YEAR, TODAY, 1) == PilotUse(0, 0, 0, False)


@pytest.mark.req("S2-11")
def test_available_is_balance_less_holds_less_minimum_remainder(connection: Connection) -> None:
    approve(connection, key(1), 300_000)

    assert available_fen(connection, 1, 10_000) == 690_000
    assert available_fen(connection, 1, 2_000_000) == 0


def test_only_old_credits_are_for_drawing_where_a_vintage_date_says_so(connection: Connection) -> None:
    credit_person(connection, "old", 1, WEIHAI, 50_000, AT, CreditKind.CONTRIBUTION, date(2022, 8, 31))
    assert unheld_vintage_fen(connection, 1, date(2022, 9, 1)) == 50_000
    approve(connection, key(1), 20_000)

    assert unheld_vintage_fen(connection, 1, date(2022, 9, 1)) == 30_000
    assert found(connection, key(1)).amount_fen == 20_000
