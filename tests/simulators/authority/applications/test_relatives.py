from datetime import date

from sqlalchemy import Connection, insert

from simulators.authority.applications.relatives import add_relative, relatives_of
from simulators.authority.tables.applications import Kinship
from simulators.authority.tables.people import guardianships


def test_kinship_counts_both_ways(connection: Connection) -> None:
    assert relatives_of(connection, 1) == frozenset()
    add_relative(connection, 1, 2, Kinship.SPOUSE)

    assert relatives_of(connection, 1) == {2}
    assert relatives_of(connection, 2) == {1}


def test_a_guardian_is_as_near_as_a_relative(connection: Connection) -> None:
    connection.execute(insert(guardianships).values(person_id=1, guardian_id=2, valid_from=date(2026, 1, 1)))

    assert relatives_of(connection, 1) == {2}
    assert relatives_of(connection, 2) == {1}
