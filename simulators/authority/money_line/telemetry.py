"""What a terminal's messages tell of cards, notes and visits: the events that supervision's indicators are made of."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from protocol.money_line import Confirm, Reversal
from simulators.authority.ledger.draws import Draw
from simulators.authority.supervision.terminal_events import note_terminal_event
from simulators.authority.tables.ledger import DrawState
from simulators.authority.tables.supervision import TerminalEventKind, payout_requests

_LONGEST_VISIT = timedelta(minutes=15)
"""An advice that comes later was stored for a while, and says nothing of the visit."""

_REQUESTS = (
    select(payout_requests.c.at, payout_requests.c.card_index, payout_requests.c.draw_id)
    .where(payout_requests.c.terminal == bindparam("terminal"), payout_requests.c.at >= bindparam("since"))
    .order_by(payout_requests.c.id.desc())
)


def hear_advice(
    connection: Connection, terminal: str, advice: Confirm | Reversal, draw: Draw | None, at: datetime
) -> None:
    """An advice has come; `draw` is what it found. One that comes again tells nothing new."""
    if draw is None or draw.state is not DrawState.HELD:
        return
    if any(unit.retracted for unit in advice.units):
        note_terminal_event(connection, at, terminal, TerminalEventKind.RETRACTED)
    if isinstance(advice, Confirm) and (began := _began(connection, terminal, draw.id, at)) is not None:
        seconds = round((at - began).total_seconds())
        note_terminal_event(connection, at, terminal, TerminalEventKind.VISIT, seconds)


def _began(connection: Connection, terminal: str, draw_id: int, at: datetime) -> datetime | None:
    """When the card was first heard of in the visit of this draw: since then the terminal asked for nobody else."""
    since = {"terminal": terminal, "since": (at - _LONGEST_VISIT).isoformat()}
    began, card = None, None
    for row in connection.execute(_REQUESTS, since):
        if card is None:
            if row.draw_id != draw_id:
                continue
            card = row.card_index
        elif row.card_index != card or row.draw_id is not None:
            break
        began = row.at
    return None if began is None else datetime.fromisoformat(began)
