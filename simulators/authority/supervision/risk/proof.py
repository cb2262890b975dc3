"""Which payouts a good invoice has come for: what the risk rules know of settlement."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from simulators.authority.tables.supervision import proofs

_PROVE = insert(proofs)
_PROVEN = select(proofs.c.draw_id).where(proofs.c.person_id == bindparam("person"))
_KNOWN = select(proofs.c.draw_id).where(proofs.c.draw_id == bindparam("draw_id"))


def note_proof(connection: Connection, person_id: int, draw_id: int, at: datetime) -> None:
    """A good invoice has come for a payout; told again, it changes nothing."""
    row = {"draw_id": draw_id, "person_id": person_id, "at": at.isoformat()}
    if connection.scalar(_KNOWN, row) is None:
        connection.execute(_PROVE, row)


def proven_draws(connection: Connection, person_id: int) -> frozenset[int]:
    """The payouts of a person that at least one good invoice has come for."""
    return frozenset(connection.scalars(_PROVEN, {"person": person_id}))
