"""What terminals tell of themselves, and the host sees of them: the raw material of the indicators."""

from datetime import datetime

from sqlalchemy import Connection, insert

from simulators.authority.tables.supervision import TerminalEventKind, terminal_events

_NOTE = insert(terminal_events)


def note_terminal_event(
    connection: Connection, at: datetime, terminal: str, kind: TerminalEventKind, seconds: int | None = None
) -> None:
    """Keep an event; `seconds` of a visit, from card in to card out."""
    connection.execute(_NOTE, {"at": at.isoformat(), "terminal": terminal, "kind": kind, "seconds": seconds})
