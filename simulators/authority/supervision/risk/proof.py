"""Which payouts invoices have come for: what the risk rules know of settlement."""

from sqlalchemy import Connection, bindparam, func, select

from simulators.authority.tables.invoices import invoice_shares, settlement_cases

_PROVEN = (
    select(settlement_cases.c.draw_id)
    .select_from(settlement_cases.join(invoice_shares, invoice_shares.c.case_id == settlement_cases.c.id))
    .where(settlement_cases.c.person_id == bindparam("person"))
    .group_by(settlement_cases.c.draw_id)
    .having(func.sum(invoice_shares.c.fen) > 0)
)


def proven_draws(connection: Connection, person_id: int) -> frozenset[int]:
    """The payouts of a person that an accepted invoice proves at least a part of."""
    return frozenset(connection.scalars(_PROVEN, {"person": person_id}))
