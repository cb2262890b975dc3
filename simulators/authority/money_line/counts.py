"""What a terminal says of the notes of a payout that did not go as it should (field 48), for who looks into it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from protocol.money_line import UnitResult
from simulators.authority.ledger.draws import ExchangeKey, find_draw
from simulators.authority.policy.words import yuan
from simulators.authority.supervision.incidents import note_incident


def note_counts(
    connection: Connection, key: ExchangeKey, paid_fen: int, units: Iterable[UnitResult], at: datetime
) -> None:
    """Keep the counts of each cassette beside the draw."""
    draw = find_draw(connection, key)
    counts = [
        f"{unit.denomination_fen // 100} yuan: presented {_count(unit.presented)}, taken {_count(unit.taken)}, "
        f"retracted {_count(unit.retracted)}, rejected {_count(unit.rejected)}"
        for unit in units
    ]
    text = "; ".join((f"{yuan(paid_fen)} yuan paid", *counts))
    note_incident(connection, at, "notes counted", text, key.terminal, None if draw is None else draw.id)


def _count(notes: int | None) -> str:
    return "not counted" if notes is None else str(notes)
