"""Indicators of terminals and providers by day, their ranking, and the board with one indicator for each class of risk.

The figures of a terminal's own visits count where it sends them; else the time from request to posting is taken.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Any, Final

from sqlalchemy import Connection, func, select

from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import SYSTEM
from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.cases import open_case
from simulators.authority.tables.ledger import DrawState, EntryKind, draws, entries
from simulators.authority.tables.money_line import terminals
from simulators.authority.tables.service_line import ratings
from simulators.authority.tables.supervision import (
    Asked,
    CaseKind,
    CaseState,
    Matter,
    TerminalEventKind,
    cases,
    incidents,
    payout_requests,
    terminal_events,
)

EVERYWHERE: Final = "000000"
"""The region of a case that is about all of them."""

THRESHOLDS: Final = Path(__file__).with_name("kpi.toml")


@dataclass(frozen=True, slots=True)
class Indicators:
    """One terminal or provider on one day (or in a span); None where nothing happened that could tell.

    `success_percent` is paid of approved; `retained_percent` is retracts and captures of what was paid.
    """

    name: str
    availability_percent: float | None
    requests: int
    approved: int
    paid: int
    success_percent: float | None
    mean_seconds: float | None
    median_seconds: float | None
    retained_percent: float | None
    complaints: int
    rating: float | None

    @property
    def below(self) -> tuple[str, ...]:
        """The floors and ceilings that it breaks."""
        limits = thresholds()
        under = [
            name
            for name, floor in limits["floors"].items()
            if getattr(self, name) is not None and getattr(self, name) < floor
        ]
        over = [
            name
            for name, ceiling in limits["ceilings"].items()
            if getattr(self, name) is not None and getattr(self, name) > ceiling
        ]
        return (*under, *over)


@dataclass(frozen=True, slots=True)
class BoardIndicator:
    """One class of risk: its figure, its threshold, and whether that is an alarm."""

    matter: Matter
    value: float
    threshold: float

    @property
    def alarm(self) -> bool:
        """Is it past its threshold?"""
        return self.value > self.threshold


def by_terminal(connection: Connection, first: date, last: date, region: str | None = None) -> tuple[Indicators, ...]:
    """Every terminal, or those that stand in the pooling region of `region`, best first."""
    names = [terminal for terminal, _ in _terminals(connection, region)]
    return ranked(_indicators(connection, name, (name,), first, last) for name in names)


def by_provider(connection: Connection, first: date, last: date, region: str | None = None) -> tuple[Indicators, ...]:
    """Every provider over all its terminals, or those in the pooling region of `region`, best first."""
    owned: dict[str, list[str]] = {}
    for terminal, merchant in _terminals(connection, region):
        owned.setdefault(merchant, []).append(terminal)
    return ranked(_indicators(connection, name, tuple(own), first, last) for name, own in owned.items())


def ranked(rows: Iterable[Indicators]) -> tuple[Indicators, ...]:
    """By broken floors, then availability, success, speed and complaints; who tells nothing comes last."""

    def place(row: Indicators) -> tuple[bool, int, float, float, float, int, str]:
        silent = row.availability_percent is None and not row.requests
        up, success = row.availability_percent or 0.0, row.success_percent or 0.0
        return silent, len(row.below), -up, -success, row.median_seconds or 0.0, row.complaints, row.name

    return tuple(sorted(rows, key=place))


def board(connection: Connection, day: date) -> tuple[BoardIndicator, ...]:
    """One indicator for each class of risk."""
    span = {"first": day.isoformat(), "last": (day + timedelta(days=1)).isoformat()}
    r = payout_requests.c
    asked = select(r.matter, func.count()).where(r.asked != Asked.QUOTE, r.at >= span["first"], r.at < span["last"])
    counted: dict[str | None, int] = {}
    for matter, number in connection.execute(asked.group_by(r.matter)):
        counted[matter] = number
    every = sum(counted.values())
    security = connection.scalar(
        select(func.count())
        .select_from(incidents)
        .where(
            incidents.c.matter == Matter.INFORMATION_SECURITY,
            incidents.c.at >= span["first"],
            incidents.c.at < span["last"],
        )
    )
    late = connection.scalar(
        select(func.count()).select_from(cases).where(cases.c.state != CaseState.CLOSED, cases.c.due < span["last"])
    )
    below = sum(bool(row.below) for row in by_terminal(connection, day, day))
    values = {
        Matter.COMPLIANCE: counted.get(Matter.COMPLIANCE, 0) * 100 / every if every else 0.0,
        Matter.INFORMATION_SECURITY: float(security or 0),
        Matter.LEGAL: float(late or 0),
        Matter.SERVICE: float(below),
    }
    limits = thresholds()["indicators"]
    return tuple(BoardIndicator(matter, value, limits[matter]) for matter, value in values.items())


def raise_alarms(connection: Connection, at: datetime, day: date) -> int:
    """A case for every indicator that is past its threshold, for supervisors of all regions; how many."""
    alarms = [indicator for indicator in board(connection, day) if indicator.alarm]
    for indicator in alarms:
        text = f"{day}: {indicator.value:g}, threshold {indicator.threshold:g}"
        open_case(connection, SYSTEM, at, CaseKind.ALARM, f"indicator:{indicator.matter}", EVERYWHERE, text)
    return len(alarms)


@cache
def thresholds() -> Mapping[str, Mapping[str, float]]:
    """Floors, ceilings and the thresholds of the board."""
    return tomllib.loads(THRESHOLDS.read_text(encoding="utf-8"))


def _terminals(connection: Connection, region: str | None) -> list[tuple[str, str]]:
    """Terminal and provider."""
    pool = None if region is None else pooling_region(region)
    rows = connection.execute(select(terminals.c.id, terminals.c.merchant, terminals.c.region).order_by(terminals.c.id))
    return [(row.id, row.merchant) for row in rows if pool in (None, pooling_region(row.region))]


def _indicators(connection: Connection, name: str, own: tuple[str, ...], first: date, last: date) -> Indicators:
    since, until = first.isoformat(), (last + timedelta(days=1)).isoformat()
    r = payout_requests.c
    asked = (
        select(r.at, r.code, draws.c.state, draws.c.confirmed_fen, draws.c.id)
        .select_from(payout_requests.outerjoin(draws, draws.c.id == r.draw_id))
        .where(r.terminal.in_(own), r.asked != Asked.QUOTE, r.at >= since, r.at < until)
    )
    rows = connection.execute(asked).all()
    approved = [row for row in rows if row.code == Code.APPROVED]
    paid = [row for row in approved if row.state == DrawState.CONFIRMED and row.confirmed_fen]
    events = connection.execute(
        select(terminal_events.c.terminal, terminal_events.c.at, terminal_events.c.kind, terminal_events.c.seconds)
        .where(terminal_events.c.terminal.in_(own), terminal_events.c.at < until)
        .order_by(terminal_events.c.id)
    ).all()
    here = [event for event in events if event.at >= since]
    seconds = [event.seconds for event in here if event.kind == TerminalEventKind.VISIT and event.seconds is not None]
    if not seconds:
        posted = _posted(connection, {row.id for row in paid})
        seconds = [
            (posted[row.id] - datetime.fromisoformat(row.at)).total_seconds() for row in paid if row.id in posted
        ]
    retained = sum(event.kind in (TerminalEventKind.RETRACTED, TerminalEventKind.CAPTURED) for event in here)
    ups = [_up_percent([event for event in events if event.terminal == each], first, last) for each in own]
    known = [up for up in ups if up is not None]
    return Indicators(
        name=name,
        availability_percent=mean(known) if known else None,
        requests=len(rows),
        approved=len(approved),
        paid=len(paid),
        success_percent=len(paid) * 100 / len(approved) if approved else None,
        mean_seconds=mean(seconds) if seconds else None,
        median_seconds=median(seconds) if seconds else None,
        retained_percent=retained * 100 / max(1, len(paid)) if retained or paid else None,
        complaints=_complaints(connection, own, since, until),
        rating=_rating(connection, own, first, last),
    )


def _up_percent(events: list[Any], first: date, last: date) -> float | None:
    """The share of the days in which a terminal was up; before its first event nothing is known of it."""
    begins = datetime.combine(first, time(), SHANGHAI)
    ends = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    telling = [event for event in events if event.kind in (TerminalEventKind.UP, TerminalEventKind.DOWN)]
    if not telling:
        return None
    up, known_since, since, seconds = False, None, begins, 0.0
    for event in telling:
        at = max(begins, datetime.fromisoformat(event.at))
        known_since = known_since or at
        if up:
            seconds += (at - since).total_seconds()
        up, since = event.kind == TerminalEventKind.UP, at
    if up:
        seconds += (ends - since).total_seconds()
    span = (ends - (known_since or begins)).total_seconds()
    return seconds * 100 / span if span else None


def _posted(connection: Connection, draw_ids: set[int]) -> dict[int, datetime]:
    query = select(entries.c.draw_id, entries.c.posted_at).where(
        entries.c.draw_id.in_(draw_ids), entries.c.kind == EntryKind.DRAW
    )
    return {row.draw_id: datetime.fromisoformat(row.posted_at) for row in connection.execute(query)}


def _complaints(connection: Connection, own: tuple[str, ...], since: str, until: str) -> int:
    subjects = [f"terminal:{name}" for name in own]
    query = (
        select(func.count())
        .select_from(cases)
        .where(
            cases.c.kind == CaseKind.COMPLAINT,
            cases.c.subject.in_(subjects),
            cases.c.opened_at >= since,
            cases.c.opened_at < until,
        )
    )
    return int(connection.scalar(query) or 0)


def _rating(connection: Connection, own: tuple[str, ...], first: date, last: date) -> float | None:
    query = select(func.avg(ratings.c.stars)).where(
        ratings.c.channel.in_(own), ratings.c.day >= first, ratings.c.day <= last
    )
    stars = connection.scalar(query)
    return None if stars is None else float(stars)
