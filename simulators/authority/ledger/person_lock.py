"""One decision about a person at a time: two terminals, two channels and one application never pay twice.

On SQLite a transaction has the only write lock from its beginning; on PostgreSQL the person's row is locked. Whoever
reads balances, limits or a remainder in order to hold or to post calls this first, and before it locks no row but that
of the draw it ends.
"""

from sqlalchemy import Connection, bindparam, select

from simulators.authority.tables.people import persons

_LOCK = select(persons.c.id).where(persons.c.id == bindparam("person")).with_for_update()


def lock_person(connection: Connection, person_id: int) -> None:
    """Wait until nobody else decides about this person; it holds to the end of the transaction."""
    connection.execute(_LOCK, {"person": person_id})
