from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from simulators.authority.actors import SYSTEM
from simulators.authority.database import Database
from simulators.authority.supervision.audit import first_broken, note

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def database() -> Database:
    """Three links."""
    database = Database()
    with database.transaction() as connection:
        for number in range(3):
            note(connection, AT, SYSTEM, "expired", f"application:{number}", {"fen": 100 * number})
    return database


def test_an_untouched_chain_holds(database: Database) -> None:
    with database.transaction() as connection:
        assert first_broken(connection) is None


@pytest.mark.req("S2-08")
@pytest.mark.parametrize(
    "tampering",
    ["UPDATE audit_events SET detail = '{\"fen\": 1}' WHERE id = 2", "DELETE FROM audit_events WHERE id = 1"],
)
def test_a_changed_or_missing_link_shows(database: Database, tampering: str) -> None:
    """Somebody who can take the triggers away can still not hide what was done."""
    with database.transaction() as connection:
        for verb in ("update", "delete"):
            of_table = "" if connection.dialect.name == "sqlite" else " ON audit_events"
            connection.execute(text(f"DROP TRIGGER audit_events_no_{verb}{of_table}"))
        connection.execute(text(tampering))
        assert first_broken(connection) == 2
