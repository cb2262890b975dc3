"""The register of providers: banks and third parties that may run terminals, from a day to a day."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.refusal import Problem, Refused
from simulators.authority.tables.supervision import ProviderState, providers


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider; `id` is the merchant of field 42, `authorised_to` the last day (None: until withdrawn)."""

    id: str
    name: str
    region: str
    authorised_from: date
    authorised_to: date | None = None
    state: ProviderState = ProviderState.AUTHORISED


def authorise_provider(connection: Connection, actor: Actor, at: datetime, provider: Provider) -> None:
    """Enter a provider, or change what is entered. Raises Refused."""
    problems = list(_may_change(actor))
    if not 1 <= len(provider.id) <= 15 or not provider.id.isascii():
        problems.append(Problem("id", "supervision.provider.id_is_field_42"))
    if not provider.name.strip():
        problems.append(Problem("name", "supervision.provider.name_missing"))
    if not (len(provider.region) == 6 and provider.region.isdecimal()):
        problems.append(Problem("region", "supervision.region.six_digits"))
    if provider.authorised_to is not None and provider.authorised_to < provider.authorised_from:
        problems.append(Problem("authorised_to", "supervision.provider.ends_before_it_begins"))
    if problems:
        raise Refused(problems)
    values = {
        "name": provider.name.strip()[:100],
        "region": provider.region,
        "authorised_from": provider.authorised_from,
        "authorised_to": provider.authorised_to,
        "state": provider.state,
    }
    changed = connection.execute(update(providers).where(providers.c.id == provider.id).values(values)).rowcount
    if not changed:
        connection.execute(insert(providers).values(id=provider.id, **values))
    until = None if provider.authorised_to is None else provider.authorised_to.isoformat()
    detail = {"state": str(provider.state), "from": provider.authorised_from.isoformat(), "to": until}
    note(
        connection, at, actor, "provider_changed" if changed else "provider_entered", f"provider:{provider.id}", detail
    )


def find_provider(connection: Connection, merchant: str) -> Provider | None:
    """The provider of this merchant number."""
    row = connection.execute(select(providers).where(providers.c.id == merchant)).mappings().first()
    return None if row is None else _provider(row)


def _may_change(actor: Actor) -> tuple[Problem, ...]:
    if actor.role in (Role.SUPERVISOR, Role.SYSTEM):
        return ()
    return (Problem("actor", "supervision.only_supervisors"),)


def _provider(row: RowMapping) -> Provider:
    return Provider(
        row["id"],
        row["name"],
        row["region"],
        row["authorised_from"],
        row["authorised_to"],
        ProviderState(row["state"]),
    )
