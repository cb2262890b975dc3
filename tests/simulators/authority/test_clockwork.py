"""What happens by the clock, and that one failing chore stops no other."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, select

from simulators.authority import clockwork
from simulators.authority.clockwork import ChoresFailed, Works, tick
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.clearing import statement
from simulators.authority.ledger.exceptions import open_exceptions
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.supervision.cases import all_cases
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.ledger import CreditKind, ExceptionKind, fund_parts
from simulators.authority.tables.supervision import CaseKind, case_events
from tests.simulators.authority.ledger.books import AT, TODAY, approve, key, open_books, pay

WORKS = Works(SoftHsm(b"M" * 32, bytes), our_policies())


@pytest.fixture
def database() -> Database:
    """Person 1 has drawn in another region, and another of the terminal's advices has not come."""
    database = Database()
    with database.transaction() as connection:
        open_books(connection)
        pay(connection, key(1), 50_000)
        approve(connection, key(2), 10_000)
    return database


@pytest.mark.req("S2-42", "S1-05")
def test_a_day_later_regions_are_cleared_and_the_silent_hold_has_a_name_and_is_still_held(database: Database) -> None:
    for _ in range(2):
        tick(database.transaction, WORKS, AT + timedelta(days=1))

    with database.transaction() as connection:
        assert [each.net_fen for each in statement(connection, TODAY)] == [50_000]
        assert [(each.kind, each.amount_fen) for each in open_exceptions(connection)] == [
            (ExceptionKind.OPEN_HOLD, 10_000)
        ]


def test_interest_is_credited_once_also_by_a_clock_that_stood_still_on_its_day(database: Database) -> None:
    """950,000 fen of 1,000,000 were left since 20 May; for 42 days that is 382.6 at 0.35 %."""
    for days in (41, 45, 45, 46):
        tick(database.transaction, WORKS, AT + timedelta(days=days))

    with database.transaction() as connection:
        found = select(fund_parts.c.vintage, fund_parts.c.amount_fen)
        credited = connection.execute(found.where(fund_parts.c.kind == CreditKind.INTEREST)).all()
    assert credited == [(date(2026, 7, 1), 382)]


@pytest.mark.req("S1-47", "S2-41")
def test_a_day_with_too_many_incidents_is_an_alarm_the_next_day_and_told_once(database: Database) -> None:
    with database.transaction() as connection:
        for _ in range(21):
            note_incident(connection, AT, "wrong MAC", "message type 0200")
    for hours in (0, 24, 25, 26):
        tick(database.transaction, WORKS, AT + timedelta(hours=hours))

    with database.transaction() as connection:
        [alarm] = [case for case in all_cases(connection) if case.kind is CaseKind.ALARM]
        assert (alarm.region, alarm.text) == ("000000", "2026-05-20: 21, threshold 20")
        told = select(case_events.c.event).where(case_events.c.case_id == alarm.id)
        assert connection.scalars(told).all() == ["opened"]


def test_a_chore_that_fails_is_told_and_the_others_are_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_connection: Connection, _works: Works, _at: object) -> object:
        raise ValueError("a name that nobody may read")

    monkeypatch.setattr(clockwork, "CHORES", (("first", fails), *clockwork.CHORES))
    with pytest.raises(ChoresFailed, match=r"^first: ValueError$"):
        tick(database.transaction, WORKS, AT + timedelta(days=1))

    with database.transaction() as connection:
        assert statement(connection, TODAY)
