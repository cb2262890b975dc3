"""What people are told without asking: approved, returned, policy changed, reminders. Texts are in `texts/`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import Connection, func, insert, select, update

from simulators.authority.tables.applications import notifications


class Notice(StrEnum):
    """Kinds of notices; each has a text."""

    SUBMITTED = auto()
    APPROVED = auto()
    RETURNED = auto()
    REJECTED = auto()
    EXPIRING = auto()
    EXPIRED = auto()
    FILING_DUE = auto()
    SUSPENDED = auto()
    RESUMED = auto()
    CANCELLED = auto()
    POLICY_CHANGED = auto()
    REVIEW_AGAIN = auto()
    APPEAL_FILED = auto()
    APPEAL_UPHELD = auto()
    APPEAL_DISMISSED = auto()
    APPEAL_DECIDED = auto()  # as it was told before these two
    LOW_BALANCE = auto()  # below what the person set for it
    DRAW = auto()  # for who wants to hear of each payout
    SETTLED = auto()
    SETTLEMENT_REMINDED = auto()
    SETTLEMENT_MARKED = auto()
    SETTLEMENT_RECOVERING = auto()
    CARD_FROZEN = auto()
    CARD_RELEASED = auto()
    PIN_BLOCKED = auto()
    ACCOUNT_CHANGED = auto()


@dataclass(frozen=True, slots=True)
class Notification:
    """One notice to one person."""

    id: int
    at: datetime
    kind: Notice
    subject: str
    gaps: Mapping[str, str | int]
    read_at: datetime | None


def notify(
    connection: Connection, person_id: int, kind: Notice, subject: str, at: datetime, gaps: Mapping[str, str | int]
) -> bool:
    """Tell a person; `gaps` name no person and no card. False when exactly this was told already."""
    told = select(notifications.c.id).where(
        notifications.c.person_id == person_id,
        notifications.c.kind == kind,
        notifications.c.subject == subject,
        notifications.c.at == at.isoformat(),
    )
    if connection.scalar(told) is not None:
        return False
    connection.execute(
        insert(notifications).values(
            person_id=person_id,
            at=at.isoformat(),
            kind=kind,
            subject=subject,
            gaps=json.dumps(dict(gaps), ensure_ascii=False, sort_keys=True),
        )
    )
    return True


def was_told(connection: Connection, person_id: int, kind: Notice, subject: str) -> bool:
    """Was a person told this at any time?"""
    told = select(notifications.c.id).where(
        notifications.c.person_id == person_id, notifications.c.kind == kind, notifications.c.subject == subject
    )
    return connection.scalar(told.limit(1)) is not None


def notices_of(
    connection: Connection, person_id: int, *, unread: bool = False, limit: int | None = None
) -> tuple[Notification, ...]:
    """A person's notices, the newest first; no more than `limit`."""
    found = select(notifications).where(notifications.c.person_id == person_id)
    if unread:
        found = found.where(notifications.c.read_at.is_(None))
    return tuple(
        Notification(
            row.id,
            datetime.fromisoformat(row.at),
            Notice(row.kind),
            row.subject,
            json.loads(row.gaps),
            None if row.read_at is None else datetime.fromisoformat(row.read_at),
        )
        for row in connection.execute(found.order_by(notifications.c.id.desc()).limit(limit))
    )


def unread_count(connection: Connection, person_id: int) -> int:
    """How many notices a person has not read."""
    unread = (notifications.c.person_id == person_id) & notifications.c.read_at.is_(None)
    return connection.scalar(select(func.count()).select_from(notifications).where(unread)) or 0


def mark_read(connection: Connection, person_id: int, seen: Collection[int], at: datetime) -> None:
    """The person has seen these; what was read keeps its time. Raises LookupError when one is not the person's."""
    own = (notifications.c.person_id == person_id) & notifications.c.id.in_(set(seen))
    if connection.scalar(select(func.count()).select_from(notifications).where(own)) != len(set(seen)):
        raise LookupError
    unread = own & notifications.c.read_at.is_(None)
    connection.execute(update(notifications).where(unread).values(read_at=at.isoformat()))
