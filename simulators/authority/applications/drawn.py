"""What the ledger says about the money of an application."""

from sqlalchemy import Column, Connection, case, func, select

from simulators.authority.tables.ledger import DrawState, draws

_TAKEN = case(
    (draws.c.state == DrawState.HELD, draws.c.amount_fen), else_=draws.c.confirmed_fen - draws.c.given_back_fen
)


def drawn_fen(connection: Connection, application_id: int) -> int:
    """What is held or was paid of an application, less what was given back."""
    of: Column[int] | None = draws.c.get("application_id")
    if of is None:
        return 0
    return int(connection.scalar(select(func.coalesce(func.sum(_TAKEN), 0)).where(of == application_id)) or 0)


def is_paid_out(connection: Connection, application_id: int, approved_fen: int) -> bool:
    """Is all of it paid, with nothing on hold that might come back?"""
    of: Column[int] | None = draws.c.get("application_id")
    if of is None:
        return False
    held = select(draws.c.id).where(of == application_id, draws.c.state == DrawState.HELD).limit(1)
    return drawn_fen(connection, application_id) >= approved_fen and connection.scalar(held) is None
