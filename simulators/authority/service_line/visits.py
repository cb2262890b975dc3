"""A person at a terminal is known by the money line: field 37 of the answer to the message that proved the PIN right.

So no number of a card or person goes over the service line from a terminal, and no second PIN is asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from simulators.authority.money_line.exchanges import EXCHANGES, reference_of
from simulators.authority.tables.money_line import exchanges
from simulators.authority.tables.people import cards

_FIND = (
    select(exchanges.c.id, exchanges.c.business_date, exchanges.c.at, cards.c.id.label("card_id"), cards.c.person_id)
    .select_from(exchanges.join(cards, exchanges.c.card_id == cards.c.id))
    .where(
        exchanges.c.terminal == bindparam("terminal"),
        exchanges.c.id % EXCHANGES == bindparam("number"),
        exchanges.c.at >= bindparam("since"),
    )
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A card in a terminal, and whose it is."""

    card_id: int
    person_id: int


def find_visit(
    connection: Connection, reference: str, terminal: str, at: datetime, lifetime: timedelta
) -> Visit | None:
    """Whose PIN that exchange proved right at this terminal, not longer ago than `lifetime`."""
    if len(reference) != 12 or not (reference.isascii() and reference.isdigit()):
        return None
    wanted = {"terminal": terminal, "number": int(reference[4:]), "since": (at - lifetime).isoformat()}
    for row in connection.execute(_FIND, wanted).mappings():
        if reference_of(row["business_date"], row["id"]) == reference:
            return Visit(row["card_id"], row["person_id"])
    return None
