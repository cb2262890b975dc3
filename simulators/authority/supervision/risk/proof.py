"""Which payouts invoices have come for, and which invoices were another's: what the risk rules know of settlement."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from simulators.authority.tables.invoices import invoice_shares, invoices, refused_invoices, settlement_cases

_first = settlement_cases.alias("first")
_PROVEN = (
    select(settlement_cases.c.draw_id)
    .select_from(settlement_cases.join(invoice_shares, invoice_shares.c.case_id == settlement_cases.c.id))
    .where(settlement_cases.c.person_id == bindparam("person"))
    .group_by(settlement_cases.c.draw_id)
    .having(func.sum(invoice_shares.c.fen) > 0)
)

_USED_BY_ANOTHER = (
    select(refused_invoices.c.at)
    .select_from(
        refused_invoices.join(settlement_cases, settlement_cases.c.id == refused_invoices.c.case_id)
        .join(invoices, invoices.c.number_index == refused_invoices.c.number_index)
        .join(_first, _first.c.id == invoices.c.case_id)
    )
    .where(settlement_cases.c.person_id == bindparam("person"), _first.c.person_id != bindparam("person"))
)


def proven_draws(connection: Connection, person_id: int) -> frozenset[int]:
    """The payouts of a person that an accepted invoice proves at least a part of."""
    return frozenset(connection.scalars(_PROVEN, {"person": person_id}))


def doubtful_invoices(connection: Connection, person_id: int) -> tuple[datetime, ...]:
    """When this person handed in invoices that another had handed in before."""
    return tuple(datetime.fromisoformat(at) for at in connection.scalars(_USED_BY_ANOTHER, {"person": person_id}))
