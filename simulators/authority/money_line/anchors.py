"""How far each terminal's journal has got, as it says itself under a MAC: the witness against a disk that was set back.

Kept is the highest anchor; it is told at sign-on, where the terminal compares. A request for cash that knows less than
was known before is refused: whoever set a disk back would have the terminal forget what it has paid.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from protocol.money_line import JournalAnchor
from simulators.authority.tables.money_line import anchors

# A statement that is made once is compiled once.
_FIND = select(anchors.c.seq, anchors.c.digest).where(anchors.c.terminal == bindparam("name"))
_INSERT = insert(anchors)
_RAISE = update(anchors).where(anchors.c.terminal == bindparam("name"))


def known_anchor(connection: Connection, terminal: str) -> JournalAnchor | None:
    """The highest that a terminal has told."""
    row = connection.execute(_FIND, {"name": terminal}).first()
    return None if row is None else JournalAnchor(row[0], row[1])


def heard(connection: Connection, terminal: str, anchor: JournalAnchor | None, at: datetime) -> bool:
    """Take an authenticated anchor; False where the terminal has told a higher one before, or another of this number.

    A message that comes late or twice carries an old one, so False alone proves nothing.
    """
    if anchor is None:
        return True
    known = known_anchor(connection, terminal)
    values = {"seq": anchor.seq, "digest": anchor.digest, "at": at.isoformat()}
    if known is None:
        connection.execute(_INSERT, {"terminal": terminal, **values})
        return True
    if anchor.seq > known.seq:
        connection.execute(_RAISE, {"name": terminal, **values})
        return True
    return anchor == known


def forget_anchor(connection: Connection, terminal: str) -> None:
    """People have settled with a terminal whose journal was lost: believe the one it has now."""
    connection.execute(delete(anchors).where(anchors.c.terminal == terminal))
