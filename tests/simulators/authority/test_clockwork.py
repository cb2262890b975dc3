"""What happens by the clock, and that one failing chore stops no other."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority import clockwork
from simulators.authority.clockwork import ChoresFailed, Works, tick
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.clearing import statement
from simulators.authority.ledger.exceptions import open_exceptions
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.tables.ledger import ExceptionKind
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
