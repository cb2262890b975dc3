"""What went wrong on the line or in the books, for supervision; texts hold no number of a card or person."""

from datetime import datetime

from sqlalchemy import Connection, insert

from simulators.authority.tables.supervision import incidents


def note_incident(
    connection: Connection, at: datetime, kind: str, text: str, terminal: str | None = None, draw_id: int | None = None
) -> None:
    """Keep an incident."""
    connection.execute(
        insert(incidents).values(at=at.isoformat(), kind=kind, terminal=terminal, draw_id=draw_id, text=text[:200])
    )
