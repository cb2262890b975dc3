"""The audit chain: every act with its actor, in a chain of digests that shows when a link is changed or missing.

`note` only writes the act down; the transaction that wrote it links it to the chain as its last deed (`link_noted`), so
that many processes wait for each other for that moment only. No digest can have two successors: the chain can't fork.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, RowMapping, func, insert, select
from sqlalchemy.exc import IntegrityError

from simulators.authority.actors import Actor
from simulators.authority.tables.supervision import audit_events, audit_links

BEGINNING: Final = "0" * 64
"""What the first link follows."""

_UNLINKED = "unlinked audit events"
_TRIES: Final = 50
_LINKED = ("id", "at", "role", "actor", "event", "subject", "detail")
_NOTE = insert(audit_events)
_LINK = insert(audit_links)
_LAST = select(audit_links.c.digest).order_by(audit_links.c.id.desc()).limit(1)
_UNLINKED_EVENTS = select(audit_events).where(
    ~select(audit_links.c.id).where(audit_links.c.event_id == audit_events.c.id).exists()
)
_OVERTAKING: Final = 1000
"""Numbers are given before transactions end: so far behind the highest, an act may still wait for its link."""
_WAITING = _UNLINKED_EVENTS.where(
    audit_events.c.id > select(func.coalesce(func.max(audit_links.c.event_id), 0)).scalar_subquery() - _OVERTAKING
).order_by(audit_events.c.id)
_LINKS = (
    select(audit_links.c.event_id, audit_links.c.before, audit_links.c.digest, *(audit_events.c[n] for n in _LINKED))
    .select_from(audit_links.outerjoin(audit_events, audit_links.c.event_id == audit_events.c.id))
    .order_by(audit_links.c.id)
)


@dataclass(frozen=True, slots=True)
class AuditLink:
    """One act in the chain, with what it follows and its own digest."""

    id: int
    at: str
    role: str
    actor: str
    event: str
    subject: str
    detail: str
    before: str
    digest: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """`broken` is the first act that does not follow; `head` is to be kept elsewhere: it shows a chain cut short."""

    links: int
    unlinked: int
    head: str
    broken: int | None


def note(
    connection: Connection,
    at: datetime,
    actor: Actor,
    event: str,
    subject: str,
    detail: Mapping[str, str | int | None] | None = None,
) -> None:
    """Write an act down. `subject` is table and id, as in "application:17"; `detail` names no person and no card."""
    row = {
        "at": at.isoformat(),
        "role": str(actor.role),
        "actor": actor.id,
        "event": event,
        "subject": subject,
        "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
    }
    connection.execute(_NOTE, row)
    connection.info[_UNLINKED] = True


def link_noted(connection: Connection) -> None:
    """Link what this transaction noted, and what another left; to be called last before it is committed."""
    if not connection.info.pop(_UNLINKED, False):
        return
    for attempt in range(_TRIES):
        try:
            with connection.begin_nested():
                _link_waiting(connection)
        except IntegrityError:  # another process was faster: the chain has grown
            if attempt == _TRIES - 1:
                raise
        else:
            return


def _link_waiting(connection: Connection) -> None:
    before = connection.scalar(_LAST) or BEGINNING
    rows = []
    for event in connection.execute(_WAITING).mappings():
        digest = _digest(before, event)
        rows.append({"event_id": event["id"], "before": before, "digest": digest})
        before = digest
    if rows:
        connection.execute(_LINK, rows)


def chain(connection: Connection) -> Iterator[AuditLink | None]:
    """Every link in order; None where its act is gone."""
    for row in connection.execute(_LINKS).mappings():
        if row["id"] is None:
            yield None
        else:
            yield AuditLink(**{name: row[name] for name in (*_LINKED, "before", "digest")})


def acts(
    connection: Connection,
    *,
    after: int = 0,
    subject: str | None = None,
    actor: str | None = None,
    event: str | None = None,
    first: date | None = None,
    last: date | None = None,
    limit: int = 200,
) -> tuple[AuditLink, ...]:
    """Acts with a number above `after`, oldest first."""
    query = _LINKS.where(audit_events.c.id > after).order_by(None).order_by(audit_events.c.id).limit(limit)
    for column, wanted in (("subject", subject), ("actor", actor), ("event", event)):
        if wanted is not None:
            query = query.where(audit_events.c[column] == wanted)
    if first is not None:
        query = query.where(audit_events.c.at >= first.isoformat())
    if last is not None and last < date.max:
        query = query.where(audit_events.c.at < (last + timedelta(days=1)).isoformat())
    rows = connection.execute(query).mappings()
    return tuple(AuditLink(**{name: row[name] for name in (*_LINKED, "before", "digest")}) for row in rows)


def has_link(connection: Connection, digest: str) -> bool:
    """Is a link that was noted elsewhere still in the chain?"""
    return connection.scalar(select(audit_links.c.id).where(audit_links.c.digest == digest)) is not None


def chain_state(connection: Connection) -> ChainState:
    """Walk the whole chain."""
    links, broken, before = 0, None, BEGINNING
    for row in connection.execute(_LINKS).mappings():
        links += 1
        right = row["id"] is not None and row["before"] == before and row["digest"] == _digest(before, row)
        if broken is None and not right:
            broken = int(row["event_id"])
        before = row["digest"]
    waiting = connection.scalar(select(func.count()).select_from(_UNLINKED_EVENTS.subquery())) or 0
    return ChainState(links, waiting, before, broken)


def first_broken(connection: Connection) -> int | None:
    """The id of the first act that does not follow from the one before, or is gone; None when the chain holds."""
    return chain_state(connection).broken


def export_lines(connection: Connection) -> Iterator[str]:
    """The chain as JSON lines, one link each."""
    for link in chain(connection):
        if link is not None:
            yield json.dumps(asdict(link), ensure_ascii=False, sort_keys=True)


def check_lines(lines: Iterable[str]) -> ChainState:
    """Walk an export; a line that is no link breaks the chain at 0."""
    links, broken, before = 0, None, BEGINNING
    for line in lines:
        links += 1
        try:
            row = json.loads(line)
            right = row["before"] == before and row["digest"] == _digest(before, row)
            event_id, before = int(row["id"]), str(row["digest"])
        except (ValueError, TypeError, KeyError):
            right, event_id = False, 0
        if broken is None and not right:
            broken = event_id
    return ChainState(links, 0, before, broken)


def _digest(before: str, row: Mapping[str, str] | RowMapping) -> str:
    linked = json.dumps([before, *(row[name] for name in _LINKED)], ensure_ascii=False)
    return sha256(linked.encode()).hexdigest()
