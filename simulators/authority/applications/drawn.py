"""What the ledger says about the money of an application."""

from sqlalchemy import Connection, select

from simulators.authority.ledger.usage import application_used
from simulators.authority.tables.ledger import DrawState, draws


def drawn_fen(connection: Connection, application_id: int) -> int:
    """What is held or was paid of an application, less what was given back."""
    return application_used(connection, application_id)[0]


def is_paid_out(connection: Connection, application_id: int, approved_fen: int) -> bool:
    """Is all of it paid, with nothing on hold that might come back?"""
    open_hold = select(draws.c.id).where(draws.c.application_id == application_id, draws.c.state == DrawState.HELD)
    paid = drawn_fen(connection, application_id) >= approved_fen
    return paid and connection.scalar(open_hold.limit(1)) is None
