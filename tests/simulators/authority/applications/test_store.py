from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import IntegrityError

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import NotPossible, by_id, by_number, history, move, of_person
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.applications import ApplicationState, application_events
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Clock

NOW = Clock().now()
GRANTED = Granted(SHENZHEN, 200_000)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        load_people(connection, SoftHsm(b"M" * 32, bytes), [JIA], NOW)
        yield connection


def test_an_application_is_found_by_id_number_and_person(connection: Connection) -> None:
    made = grant(connection, 1, GRANTED, NOW)

    assert by_id(connection, made.id) == by_number(connection, made.number) == made
    assert of_person(connection, 1) == (made,)
    assert by_number(connection, "1" * 20) is None
    with pytest.raises(LookupError, match="no application 99"):
        by_id(connection, 99)


def test_every_move_is_in_the_history_and_in_the_audit_chain(connection: Connection) -> None:
    made = grant(connection, 1, GRANTED, NOW)
    move(connection, made, Event.SUSPEND, SYSTEM, NOW, {"cause": "death"})
    told = history(connection, made.id)

    assert [(entry.event, entry.state, entry.role) for entry in told] == [
        (Event.SUBMIT, ApplicationState.SUBMITTED, "person"),
        (Event.APPROVE, ApplicationState.APPROVED, "system"),
        (Event.SUSPEND, ApplicationState.SUSPENDED, "system"),
    ]
    assert told[-1].detail == {"cause": "death"}
    assert told[-1].at == NOW
    assert first_broken(connection) is None


def test_history_can_not_be_rewritten(connection: Connection) -> None:
    grant(connection, 1, GRANTED, NOW)

    for statement in (update(application_events).values(actor="nobody"), delete(application_events)):
        with pytest.raises(IntegrityError, match="application_events is append-only"), connection.begin_nested():
            connection.execute(statement)


def test_what_was_suspended_goes_on_where_it_was(connection: Connection) -> None:
    made = grant(connection, 1, GRANTED, NOW)
    frozen = move(connection, made, Event.SUSPEND, SYSTEM, NOW)

    assert (frozen.state, frozen.suspended_from) == (ApplicationState.SUSPENDED, ApplicationState.APPROVED)
    assert move(connection, frozen, Event.RESUME, SYSTEM, NOW) == made


def test_a_move_that_is_not_in_the_table_changes_nothing(connection: Connection) -> None:
    made = grant(connection, 1, GRANTED, NOW)
    bank = Actor(Role.TELLER, "bank:1")

    with pytest.raises(NotPossible, match="is approved: no approve by a teller"):
        move(connection, made, Event.APPROVE, bank, NOW)
    assert by_id(connection, made.id) == made
