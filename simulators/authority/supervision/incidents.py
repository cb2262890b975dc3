"""What went wrong on the line or in the books, for supervision; texts hold no number of a card or person."""

from datetime import datetime

from sqlalchemy import Connection, insert

from simulators.authority.supervision.matters import matter_of_incident
from simulators.authority.tables.supervision import incidents

_NOTE = insert(incidents)


def note_incident(
    connection: Connection, at: datetime, kind: str, text: str, terminal: str | None = None, draw_id: int | None = None
) -> None:
    """Keep an incident, with its class."""
    row = {"at": at.isoformat(), "kind": kind, "matter": matter_of_incident(kind), "terminal": terminal}
    connection.execute(_NOTE, row | {"draw_id": draw_id, "text": text[:200]})
