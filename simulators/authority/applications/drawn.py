"""What the ledger says about the money of an application, and how both rooms keep out of each other's way."""

from sqlalchemy import Connection, select

from simulators.authority.applications.store import Application, by_id
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.ledger.usage import application_used
from simulators.authority.tables.ledger import DrawState, draws


def held_still(connection: Connection, application_id: int) -> Application:
    """The application as it is once nobody else decides about its person; it stays so to the end of the transaction.

    Raises LookupError.
    """
    lock_person(connection, by_id(connection, application_id).person_id)
    return by_id(connection, application_id)


def drawn_fen(connection: Connection, application_id: int) -> int:
    """What is held or was paid of an application, less what was given back."""
    return application_used(connection, application_id)[0]


def is_paid_out(connection: Connection, application_id: int, approved_fen: int) -> bool:
    """Is all of it paid, with nothing on hold that might come back?"""
    open_hold = select(draws.c.id).where(draws.c.application_id == application_id, draws.c.state == DrawState.HELD)
    paid = drawn_fen(connection, application_id) >= approved_fen
    return paid and connection.scalar(open_hold.limit(1)) is None
