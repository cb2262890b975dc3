"""What persons share: a phone number, an account to pay to. Kept as keyed one-way values, never in clear."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, distinct, func, insert, select

from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.supervision import LinkKind, links

_KNOWN = select(links.c.since).where(
    links.c.person_id == bindparam("person_id"),
    links.c.kind == bindparam("kind"),
    links.c.value_index == bindparam("value_index"),
)
_LINK = insert(links)
_own, _others = links.alias("own"), links.alias("others")
_SHARED = (
    select(_others.c.kind, func.count(distinct(_others.c.person_id)))
    .select_from(_own.join(_others, (_own.c.kind == _others.c.kind) & (_own.c.value_index == _others.c.value_index)))
    .where(_own.c.person_id == bindparam("person"))
    .group_by(_others.c.kind, _others.c.value_index)
)
_LATEST = (
    select(func.max(links.c.since), func.count()).where(links.c.person_id == bindparam("person")).group_by(links.c.kind)
)
_HOUSEHOLD = (
    select(_others.c.person_id)
    .select_from(_own.join(_others, (_own.c.kind == _others.c.kind) & (_own.c.value_index == _others.c.value_index)))
    .where(_own.c.person_id == bindparam("person"), _own.c.kind == LinkKind.PHONE)
)


def link(connection: Connection, person_id: int, kind: LinkKind, value_index: str, at: datetime) -> None:
    """This person uses this phone or account; `value_index` is the security module's index of it."""
    row = {"person_id": person_id, "kind": kind, "value_index": value_index}
    if connection.scalar(_KNOWN, row) is None:
        connection.execute(_LINK, row | {"since": at.isoformat()})


def link_contacts(
    connection: Connection, hsm: SoftHsm, person_id: int, at: datetime, phone: str | None, payee_account_id: int | None
) -> None:
    """What an application names: a phone number, and the account to pay to."""
    if phone is not None:
        link(connection, person_id, LinkKind.PHONE, hsm.index(f"phone/{phone}"), at)
    if payee_account_id is not None:
        link(connection, person_id, LinkKind.PAYEE, f"account/{payee_account_id}", at)


def persons_sharing(connection: Connection, person_id: int) -> dict[LinkKind, int]:
    """How many persons, this one included, use the phone or account that most share with this person."""
    shared: dict[LinkKind, int] = {}
    for kind, persons in connection.execute(_SHARED, {"person": person_id}):
        shared[LinkKind(kind)] = max(persons, shared.get(LinkKind(kind), 1))
    return shared


def household(connection: Connection, person_id: int) -> frozenset[int]:
    """Everybody with a phone of this person, this person included."""
    return frozenset(connection.scalars(_HOUSEHOLD, {"person": person_id}))


def changed_link_at(connection: Connection, person_id: int) -> datetime | None:
    """When this person last named a phone or account besides an earlier one."""
    rows = connection.execute(_LATEST, {"person": person_id})
    return max((datetime.fromisoformat(since) for since, number in rows if number > 1), default=None)
