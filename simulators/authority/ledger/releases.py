"""What came free again unpaid because its end had come: the rest of an approval, or a hold.

A hold and an approval are no postings, and neither is their end: it is a row of its own, posted once and never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from simulators.authority.tables.ledger import releases

_POST = insert(releases)


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a person: of the application, or of the draw. `at` is ISO 8601."""

    at: str
    person_id: int
    application_id: int | None
    draw_id: int | None
    fen: int


def post_release(
    connection: Connection,
    at: datetime,
    person_id: int,
    fen: int,
    *,
    application_id: int | None = None,
    draw_id: int | None = None,
) -> None:
    """`fen` (more than 0) of an application or of a draw are nobody's any more."""
    row = {
        "at": at.isoformat(),
        "person_id": person_id,
        "application_id": application_id,
        "draw_id": draw_id,
        "fen": fen,
    }
    connection.execute(_POST, row)


def all_releases(connection: Connection, person_id: int | None = None) -> Sequence[Release]:
    """All of them or those of a person, oldest first."""
    query = select(releases).order_by(releases.c.id)
    if person_id is not None:
        query = query.where(releases.c.person_id == person_id)
    return [
        Release(row.at, row.person_id, row.application_id, row.draw_id, row.fen) for row in connection.execute(query)
    ]
