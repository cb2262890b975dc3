from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from simulators.authority.actors import SYSTEM
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.supervision.audit import note
from simulators.authority.tables.base import APPEND_ONLY
from simulators.authority.tables.ledger import accounts, postings
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority
from tests.simulators.authority.rows import some_row


@pytest.fixture
def used_database() -> Database:
    """A database in which every append-only table has rows."""
    database = Database()
    kiosk = Kiosk(make_authority(Clock(), JIA, database=database))
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    kiosk.cash(10_000, merchant="999000000000001")
    with database.transaction() as connection:
        note(connection, datetime(2026, 3, 2, tzinfo=UTC), SYSTEM, "looked", "terminal:1")
        for table in APPEND_ONLY:
            some_row(connection, table)
    return database


def test_money_and_decisions_are_never_changed_or_deleted(used_database: Database) -> None:
    for table in APPEND_ONLY:
        for statement in (update(table).values({next(iter(table.c)).name: 999}), delete(table)):
            with (
                pytest.raises(IntegrityError, match=f"{table.name} is append-only"),
                used_database.transaction() as connection,
            ):
                connection.execute(statement)


@pytest.mark.req("S1-18")
@pytest.mark.parametrize(("kind", "fund"), [("personal", "310100"), ("pooled", None), ("personal", None)])
def test_there_is_no_account_of_the_pooled_fund(kind: str, fund: str | None) -> None:
    database = Database()
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(insert(accounts).values(kind=kind, owner="1", fund=fund))


def test_a_posting_has_one_side(used_database: Database) -> None:
    for sides in (
        {"debit_fen": 1, "credit_fen": 1},
        {"debit_fen": 0, "credit_fen": 0},
        {"debit_fen": -1, "credit_fen": 0},
    ):
        with pytest.raises(IntegrityError), used_database.transaction() as connection:
            connection.execute(insert(postings).values(entry_id=1, account_id=1, **sides))


def test_errors_do_not_tell_what_was_to_be_stored(authority: Authority) -> None:
    with pytest.raises(IntegrityError) as caught:
        authority.load_people([JIA])

    assert JIA.card_number not in str(caught.value)
    assert "hide_parameters" in str(caught.value)
