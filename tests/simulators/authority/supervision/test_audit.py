import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from simulators.authority.actors import SYSTEM
from simulators.authority.database import Database
from simulators.authority.supervision.audit import (
    BEGINNING,
    chain,
    chain_state,
    check_lines,
    export_lines,
    first_broken,
    link_noted,
    note,
)

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def database() -> Database:
    """Three links."""
    database = Database()
    with database.transaction() as connection:
        for number in range(3):
            note(connection, AT, SYSTEM, "expired", f"application:{number}", {"fen": 100 * number})
    return database


def without_triggers(connection: Connection) -> None:
    """What somebody with the keys of the database can do."""
    for table in ("audit_events", "audit_links"):
        for verb in ("update", "delete"):
            of_table = "" if connection.dialect.name == "sqlite" else f" ON {table}"
            connection.execute(text(f"DROP TRIGGER {table}_no_{verb}{of_table}"))


@pytest.mark.req("S2-08")
def test_an_untouched_chain_holds_and_is_complete(database: Database) -> None:
    with database.transaction() as connection:
        state = chain_state(connection)
        assert (state.links, state.unlinked, state.broken) == (3, 0, None)
        assert [link.subject for link in chain(connection) if link] == [f"application:{n}" for n in range(3)]


@pytest.mark.req("S2-08")
@pytest.mark.parametrize("table", ["audit_events", "audit_links"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = 77 WHERE id = 3", "DELETE FROM {} WHERE id = 3"])
def test_nothing_in_the_chain_can_be_changed(database: Database, table: str, change: str) -> None:
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(text(change.format(table)))


@pytest.mark.req("S2-08")
@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (("UPDATE audit_events SET detail = '{\"fen\": 1}' WHERE id = 2",), 2),
        (("UPDATE audit_links SET digest = 'x' WHERE id = 2",), 2),
        (("DELETE FROM audit_links WHERE id = 1", "DELETE FROM audit_events WHERE id = 1"), 2),
    ],
)
def test_a_changed_or_missing_link_shows(database: Database, tampering: tuple[str, ...], found: int) -> None:
    """Somebody who can take the triggers away can still not hide what was done."""
    with database.transaction() as connection:
        without_triggers(connection)
        for statement in tampering:
            connection.execute(text(statement))
        assert first_broken(connection) == found


@pytest.mark.req("S2-08")
def test_a_chain_that_was_cut_short_has_another_head(database: Database) -> None:
    with database.transaction() as connection:
        before = chain_state(connection).head
        without_triggers(connection)
        connection.execute(text("DELETE FROM audit_links WHERE id = 3"))
        connection.execute(text("DELETE FROM audit_events WHERE id = 3"))
        after = chain_state(connection)
    assert after.broken is None
    assert after.head != before


def test_what_another_way_of_writing_left_is_linked_later(database: Database) -> None:
    with database.engine.begin() as connection:
        note(connection, AT, SYSTEM, "left", "case:1")
        assert chain_state(connection).unlinked == 1
    with database.transaction() as connection:
        note(connection, AT, SYSTEM, "next", "case:2")
    with database.transaction() as connection:
        assert chain_state(connection).unlinked == 0
        assert [link.event for link in chain(connection) if link][-2:] == ["left", "next"]


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def fails() -> None:
        with database.transaction() as connection:
            note(connection, AT, SYSTEM, "never", "case:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with database.transaction() as connection:
        assert chain_state(connection).links == 3
        link_noted(connection)
        assert chain_state(connection).broken is None


@pytest.mark.real_time
def test_many_writers_at_once_make_one_chain(database: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    at: Path | str = database.engine.url.render_as_string(hide_password=False)
    is_file = database.engine.dialect.name == "sqlite"
    if is_file:  # in memory it has one user too
        at = tmp_path_factory.mktemp("chain") / "authority.db"
        Database(at).close()

    def write(number: int) -> None:
        own = Database(at)
        for turn in range(10):
            with own.transaction() as connection:
                note(connection, AT, SYSTEM, "written", f"writer:{number}", {"turn": turn})
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    shared = Database(at)
    with shared.transaction() as connection:
        state = chain_state(connection)
    shared.close()
    noted_before = 0 if is_file else 3
    assert (state.links, state.unlinked, state.broken) == (noted_before + 40, 0, None)


@pytest.mark.req("S2-08")
def test_an_export_is_checked_without_the_database(database: Database) -> None:
    with database.transaction() as connection:
        lines = list(export_lines(connection))
        state = chain_state(connection)
    assert check_lines(lines) == state
    changed = json.loads(lines[1]) | {"actor": "somebody else"}
    assert check_lines([lines[0], json.dumps(changed), lines[2]]).broken == 2
    assert check_lines([lines[0], lines[2]]).broken == 3
    assert check_lines(["nothing"]).broken == 0
    assert check_lines([]).head == BEGINNING
