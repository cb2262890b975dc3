"""Figures for the public and for reports: aggregated, and no group so small that it tells of somebody.

A group below the least size is left out; where only one is, the smallest of the others goes too, since the total would
give it away.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, distinct, func, select

from simulators.authority.facts import PolicyYear
from simulators.authority.ledger.usage import region_use
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.risk.proof import proven_draws
from simulators.authority.tables.applications import applications
from simulators.authority.tables.decisions import decisions
from simulators.authority.tables.ledger import DrawState, draws

LEAST_GROUP: Final = 10


@dataclass(frozen=True, slots=True)
class Group:
    """One line. All figures are None where the group is too small to be shown."""

    name: str
    persons: int | None
    draws: int | None
    paid_fen: int | None


@dataclass(frozen=True, slots=True)
class Published:
    """What may be seen; the total is None where it is too small itself."""

    groups: tuple[Group, ...]
    total: Group


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """What the service did in a period. `proven_draws` are those that invoices have come for."""

    persons: int
    draws: int
    paid_fen: int
    proven_draws: int

    @property
    def proven_percent(self) -> int:
        """Of all draws, rounded down; 0 when there are none."""
        return self.proven_draws * 100 // self.draws if self.draws else 0


@dataclass(frozen=True, slots=True)
class Uptake:
    """How much one version of a policy was used."""

    region: str
    version: str
    applications: int
    draws: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class CeilingUse:
    """What a region has paid of its ceilings on a day; None where the policy sets none."""

    region: str
    version: str
    today_fen: int
    day_ceiling_fen: int | None
    year_fen: int
    year_ceiling_fen: int | None


@dataclass(frozen=True, slots=True)
class _Paid:
    draw_id: int
    person_id: int
    home: str
    place: str
    purpose: str
    fen: int


def published(connection: Connection, first: date, last: date, by: str = "home", least: int = LEAST_GROUP) -> Published:
    """Payouts from `first` to `last` in groups by home, place or purpose, as they may be shown. Raises ValueError."""
    keys: dict[str, Callable[[_Paid], str]] = {
        "home": lambda paid: pooling_region(paid.home),
        "place": lambda paid: pooling_region(paid.place),
        "purpose": lambda paid: paid.purpose,
    }
    if by not in keys:
        raise ValueError(f"groups are made by {', '.join(keys)}; not by {by}")
    rows = _paid(connection, first, last)
    groups: dict[str, list[_Paid]] = {}
    for row in rows:
        groups.setdefault(keys[by](row), []).append(row)
    sizes = {name: len({row.person_id for row in members}) for name, members in groups.items()}
    hidden = _hidden(sizes, least)
    shown = tuple(_group(name, groups[name], hidden=name in hidden) for name in sorted(groups))
    total = len({row.person_id for row in rows})
    return Published(shown, _group("total", rows, hidden=total < least))


def period_report(connection: Connection, first: date, last: date, home: str | None = None) -> PeriodReport:
    """Persons, draws, sums, and what invoices prove; of one home region, or of all."""
    rows = _paid(connection, first, last)
    if home is not None:
        rows = [row for row in rows if pooling_region(row.home) == pooling_region(home)]
    persons = {row.person_id for row in rows}
    proven = {draw for person in persons for draw in proven_draws(connection, person)}
    return PeriodReport(
        len(persons), len(rows), sum(row.fen for row in rows), sum(row.draw_id in proven for row in rows)
    )


def uptake(connection: Connection) -> tuple[Uptake, ...]:
    """Applications, draws and sums for every version of every home policy."""
    asked = select(applications.c.home, applications.c.home_version, func.count())
    found: dict[tuple[str, str], list[int]] = {}
    for home, version, number in connection.execute(asked.group_by(applications.c.home, applications.c.home_version)):
        found.setdefault((home, version), [0, 0, 0])[0] += number
    taken = func.coalesce(func.sum(draws.c.confirmed_fen - draws.c.given_back_fen), 0)
    drawn = (
        select(decisions.c.home, decisions.c.home_version, func.count(distinct(draws.c.id)), taken)
        .select_from(draws.join(decisions, draws.c.decision_id == decisions.c.id))
        .where(draws.c.state == DrawState.CONFIRMED, draws.c.confirmed_fen > draws.c.given_back_fen)
        .group_by(decisions.c.home, decisions.c.home_version)
    )
    for home, version, number, fen in connection.execute(drawn):
        row = found.setdefault((home, version), [0, 0, 0])
        row[1] += number
        row[2] += int(fen)
    return tuple(Uptake(home, version, *figures) for (home, version), figures in sorted(found.items()))


def ceiling_use(connection: Connection, policies: PolicyBook, day: date) -> tuple[CeilingUse, ...]:
    """How much of every region's ceilings is used by the people insured there, in the policy's year."""
    found = []
    for region in policies.regions:
        policy = policies.in_force(region, day)
        if policy is None:
            continue
        use = region_use(connection, region, day, PolicyYear.around(day, policy.limits.year_start).first)
        found.append(
            CeilingUse(
                region,
                policy.version,
                use.insured_today_fen,
                policy.ceilings.day_fen,
                use.insured_year_fen,
                policy.ceilings.year_fen,
            )
        )
    return tuple(found)


def _hidden(sizes: Mapping[str, int], least: int) -> set[str]:
    """The groups that are not shown: the small ones, and one more where the total would tell the only small one."""
    hidden = {name for name, persons in sizes.items() if persons < least}
    if len(hidden) == 1 and (others := sizes.keys() - hidden):
        hidden.add(min(others, key=lambda name: (sizes[name], name)))
    return hidden


def _paid(connection: Connection, first: date, last: date) -> list[_Paid]:
    if last < first:
        raise ValueError("the period ends before it begins")
    query = select(draws).where(
        draws.c.state == DrawState.CONFIRMED,
        draws.c.confirmed_fen > draws.c.given_back_fen,
        draws.c.business_date >= first,
        draws.c.business_date < last + timedelta(days=1),
    )
    return [
        _Paid(
            row["id"],
            row["person_id"],
            row["home"],
            row["place"],
            row["purpose"] or "",
            row["confirmed_fen"] - row["given_back_fen"],
        )
        for row in connection.execute(query.order_by(draws.c.id)).mappings()
    ]


def _group(name: str, rows: Iterable[_Paid], *, hidden: bool) -> Group:
    if hidden:
        return Group(name, None, None, None)
    rows = list(rows)
    return Group(name, len({row.person_id for row in rows}), len(rows), sum(row.fen for row in rows))
