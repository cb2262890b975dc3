"""The audit chain: every act with its actor, in a chain of digests that shows when a link is changed or missing."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, insert, select

from simulators.authority.actors import Actor
from simulators.authority.tables.supervision import audit_events

_BEGINNING = "0" * 64
_NOTE = insert(audit_events)
_LAST = select(audit_events.c.digest).order_by(audit_events.c.id.desc()).limit(1)
_LINKED = ("at", "role", "actor", "event", "subject", "detail")


def note(
    connection: Connection,
    at: datetime,
    actor: Actor,
    event: str,
    subject: str,
    detail: Mapping[str, str | int | None] | None = None,
) -> None:
    """Add a link. `subject` is table and id, as in "application:17"; `detail` names no person and no card."""
    row = {
        "at": at.isoformat(),
        "role": str(actor.role),
        "actor": actor.id,
        "event": event,
        "subject": subject,
        "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
    }
    before = connection.scalar(_LAST) or _BEGINNING
    connection.execute(_NOTE, {**row, "digest": _digest(before, row)})


def first_broken(connection: Connection) -> int | None:
    """The id of the first link that does not follow from the one before; None when the chain holds."""
    before = _BEGINNING
    for row in connection.execute(select(audit_events).order_by(audit_events.c.id)).mappings():
        if row["digest"] != _digest(before, row):
            return int(row["id"])
        before = row["digest"]
    return None


def _digest(before: str, row: Mapping[str, str] | RowMapping) -> str:
    linked = json.dumps([before, *(row[name] for name in _LINKED)], ensure_ascii=False)
    return sha256(linked.encode()).hexdigest()
